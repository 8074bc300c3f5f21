/**
 * What is measured: each work with those who can do it.
 *
 * @module
 */

import { freshPort } from "../../tests/support/ports.ts";

/** One row of measurements: a pattern over a transport. */
export interface Work {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it is called in a table. */
  readonly title: string;
  /** What its figures are: messages per second, or the time (µs) of a round trip, of which less is better. */
  readonly figure: "rate" | "time";
  /** The sizes of messages (bytes). */
  readonly sizes: readonly number[];
  readonly alone: boolean;
  readonly pinned: boolean;
  /** What it is called by the program of each contestant; those that are not here cannot do it. */
  readonly as: Readonly<Record<string, string>>;
  /** A new endpoint, of one that is in a folder. */
  endpoint(folder: string): string;
}

const KIB = 1024;
const MIB = KIB * KIB;

const SIZES = [10, 64, 256, KIB, 64 * KIB, MIB];
const SMALL = [10, 64, KIB];

let serial = 0;
const ipc = (folder: string) => `ipc://${folder}/${++serial}`;
const tcp = () => `tcp://127.0.0.1:${freshPort()}`;
const inproc = () => "inproc://work";

const rate = { figure: "rate", alone: false, pinned: false } as const;
const alone = { ...rate, alone: true, endpoint: inproc };
const everybody = (work: string) => ({ denomq: work, libzmq: work, "zeromq.js": work });

/** All works. */
export const works: readonly Work[] = [
  {
    ...rate,
    name: "ipc",
    title: "ipc PUSH/PULL",
    sizes: SIZES,
    endpoint: ipc,
    as: { ...everybody("pipeline"), "denomq, drained": "pipeline-drained" },
  },
  { ...rate, name: "tcp", title: "tcp PUSH/PULL", sizes: SIZES, endpoint: tcp, as: everybody("pipeline") },
  { ...rate, name: "fanout", title: "ipc PUB to 8 SUB", sizes: SMALL, endpoint: ipc, as: everybody("fanout") },
  {
    ...rate,
    name: "echo",
    title: "ipc DEALER/ROUTER, 500 in flight",
    sizes: SMALL,
    endpoint: ipc,
    as: everybody("echo"),
  },
  {
    name: "trip",
    title: "ipc REQ/REP on one processor, p50",
    figure: "time",
    sizes: [1, KIB],
    alone: false,
    pinned: true,
    endpoint: ipc,
    as: everybody("trip"),
  },
  {
    ...alone,
    name: "isolate",
    title: "inproc PUSH/PULL within an isolate",
    sizes: SMALL,
    // A program in C has nothing like it: two threads are the nearest.
    as: { ...everybody("isolate"), "denomq, drained": "isolate-drained", libzmq: "threads" },
  },
  {
    ...alone,
    name: "workers",
    title: "inproc PUSH/PULL between threads",
    sizes: SMALL,
    as: { ...everybody("workers"), "denomq, drained": "workers-drained", libzmq: "threads" },
  },
];

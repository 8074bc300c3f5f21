/**
 * The transports that the behaviour of sockets is tested over.
 *
 * @module
 */

import { useLibc } from "../../ffi/libc.ts";
import { Pull } from "../../mod.ts";
import { within } from "./deadline.ts";
import { spread } from "./placement.ts";
import { inGuest, onLinux } from "./platform.ts";
import { freshPort } from "./ports.ts";
import { TempDirectory } from "./temp.ts";

/** One way for sockets to reach each other. */
export interface TransportCase {
  /** What the tests say in their names. */
  readonly name: string;
  /** An endpoint that nothing is bound to, and that can be bound again and again. */
  endpoint(directory: TempDirectory): string;
  /** Whether there is a wire between sockets: something to shake hands over, and to report events of. */
  readonly wire: boolean;
  /** How many bindings a test can expect a connected socket to find one after the other: in memory none is looked for again. */
  readonly lives: number;
  /** Whether a receiver gets frames of its own, not the sender's. */
  readonly copies: boolean;
  /** How many Workers hold sockets beside the test's own isolate. */
  readonly workers: number;
}

let serial = 0;

const wire = { wire: true, lives: 2, copies: true };
const ipc = { ...wire, endpoint: (directory: TempDirectory) => `ipc://${directory.at(`socket-${serial++}`)}` };
// These names are the whole machine's or the whole process', and tests run side by side.
const abstract = { ...wire, endpoint: () => `ipc://@denomq-${crypto.randomUUID()}` };
const tcp = { ...wire, endpoint: () => `tcp://127.0.0.1:${freshPort()}` };
const inproc = { wire: false, lives: 1, endpoint: () => `inproc://denomq-${crypto.randomUUID()}` };

// The ports are the whole machine's, too, and tests that run side by side are processes of their own.
const vmci = { ...wire, endpoint: () => `vmci://1:${100_000 + Deno.pid * 1000 + serial++}` };

const cases: TransportCase[] = [];
if (inGuest) {
  // It is slow, and the others are tested elsewhere. This spares every test the opening of libc.
  useLibc();
  cases.push({ name: "vmci", ...vmci, workers: 0 });
} else {
  cases.push({ name: "ipc", ...ipc, workers: 0 });
  if (onLinux) cases.push({ name: "ipc @", ...abstract, workers: 0 });
  cases.push({ name: "tcp", ...tcp, workers: 0 });
  cases.push({ name: "inproc", ...inproc, copies: false, workers: 0 });
  cases.push({ name: "inproc between Workers", ...inproc, copies: true, workers: 2 });
}

/** All of them, or vmci in a virtual machine. To test another transport, add it here. */
export const transports: readonly TransportCase[] = cases;

/** A test; `fresh()` gives endpoints that nothing is bound to. */
export type TransportTest = (fresh: () => string, transport: TransportCase) => Promise<void>;

/**
 * Registers a test for every transport.
 *
 * @param name What is tested.
 * @param test The test, whose sockets are those of `./sockets.ts`.
 * @param which Tells the transports that it makes sense for.
 */
export function overTransports(
  name: string,
  test: TransportTest,
  which: (transport: TransportCase) => boolean = () => true,
): void {
  for (const transport of transports.filter(which)) {
    Deno.test(`${name} (${transport.name})`, async () => {
      using directory = new TempDirectory();
      const used: string[] = [];
      const fresh = () => {
        const endpoint = transport.endpoint(directory);
        used.push(endpoint);
        return endpoint;
      };
      await spread(transport.workers, () => within(test(fresh, transport), name));
      if (!transport.wire) await collect(used);
    });
  }
}

/**
 * Binds to names of inproc, once: what was sent to one that nobody was bound to waits for whoever binds to it, when its
 * sender has long been closed.
 */
async function collect(endpoints: readonly string[]): Promise<void> {
  await using pull = new Pull();
  for (const endpoint of endpoints) await pull.bind(endpoint);
}

/** Registers a test for every transport that has a wire. */
export function overWires(name: string, test: TransportTest): void {
  overTransports(name, test, ({ wire }) => wire);
}

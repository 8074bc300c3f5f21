/**
 * What a victim is told to do, and what it leaves behind when it is killed.
 *
 * @module
 */

import type { Random } from "../random.ts";
import { compose, type Label } from "../checker.ts";

/** Types of sockets that victims have. */
export type TaskType = "PUSH" | "PULL" | "DEALER" | "ROUTER" | "PAIR" | "PUB" | "SUB" | "REP";

/** The sizes of messages. */
export interface Load {
  /** The most frames of a message. */
  readonly frames: number;
  /** The bytes of the body of a frame. */
  readonly least: number;
  readonly most: number;
}

/** What a victim does until it is killed. */
export interface Task {
  /** Whose sockets it uses. */
  readonly player: "denomq" | "libzmq";
  readonly type: TaskType;
  readonly endpoint: string;
  readonly binds: boolean;
  /** To send as fast as it can, to receive as fast as it can, both, or to send back what comes. */
  readonly act: "pour" | "drain" | "both" | "echo";
  /** What its messages say. Of each topic it is another sender: this number and the topic's. */
  readonly sender: number;
  readonly incarnation: number;
  /** What a SUB subscribes to, and what the messages of others begin with, in turn. */
  readonly topics: readonly number[];
  readonly load: Load;
  /** Both high water marks. */
  readonly mark: number;
  readonly seed: number;
  /** Where it writes what it has done: see {@linkcode sentFile} and {@linkcode receivedFile}. */
  readonly log: string;
}

/** A file with a byte for each message that a socket has taken. */
export function sentFile(log: string): string {
  return `${log}.sent`;
}

/** A file with a label of 16 bytes for each message that was received and was whole. */
export function receivedFile(log: string): string {
  return `${log}.received`;
}

const ENTRY = 16;

/** A label as it stands in a log. */
export function writeLabel({ topic, sender, incarnation, sequence }: Label): Uint8Array {
  return new Uint8Array(Uint32Array.of(topic, sender, incarnation, sequence).buffer);
}

/** The labels of a log. What was being written when its writer was killed does not count. */
export function readLabels(bytes: Uint8Array): Label[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labels: Label[] = [];
  for (let at = 0; at + ENTRY <= bytes.length; at += ENTRY) {
    const [topic, sender, incarnation, sequence] = [0, 4, 8, 12].map((each) => view.getUint32(at + each, true));
    labels.push({ topic: topic!, sender: sender!, incarnation: incarnation!, sequence: sequence! });
  }
  return labels;
}

/** How many labels a log of this size has. */
export function labelsIn(size: number): number {
  return Math.floor(size / ENTRY);
}

/** Messages of random sizes, one after the other, of each topic in turn. */
export class Source {
  readonly #who: Pick<Task, "sender" | "incarnation" | "topics" | "load">;
  readonly #random: Random;
  #count = 0;

  constructor(who: Pick<Task, "sender" | "incarnation" | "topics" | "load">, random: Random) {
    this.#who = who;
    this.#random = random;
  }

  /** The next message. */
  next(): Uint8Array[] {
    const { sender, incarnation, topics, load } = this.#who;
    const each = this.#count % topics.length;
    const topic = topics[each]!;
    const sequence = Math.floor(this.#count++ / topics.length);
    const sizes = Array.from(
      { length: this.#random.between(1, load.frames) },
      () => this.#random.between(load.least, load.most),
    );
    return compose({ topic, sender: sender + topic, incarnation, sequence }, sizes);
  }
}

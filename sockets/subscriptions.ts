/**
 * Who subscribed to what: the publishing side's table.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Trie } from "./trie.ts";

/** One topic and the peers that want it: a single one does without a set, for there may be a million such topics. */
interface Topic {
  bytes: Uint8Array;
  pipes: Pipe | Set<Pipe> | null;
}

/** What a peer has subscribed to. */
interface Wishes {
  readonly topics: Set<Topic>;
  /** The length of all its topics. */
  bytes: number;
}

/** The peers by topic, and the topics by peer. */
export class Subscriptions {
  #trie = new Trie<Topic>();
  #byPipe = new Map<Pipe, Wishes>();
  #admitted = new Set<Pipe>();
  #targets: Pipe[] = [];
  #stamp = 0;

  /** A peer that may subscribe: one with no subscription gets what matches none, where matching is inverted. */
  admit(pipe: Pipe): void {
    this.#admitted.add(pipe);
  }

  /** How many topics are subscribed to. */
  get topics(): number {
    return this.#trie.size;
  }

  /** The peers that have a subscription. */
  get pipes(): Iterable<Pipe> {
    return this.#byPipe.keys();
  }

  /** Adds a subscription; `true` when the topic had none. */
  add(pipe: Pipe, bytes: Uint8Array): boolean {
    let topic = this.#trie.get(bytes);
    const first = topic === undefined;
    if (topic === undefined) {
      topic = { bytes, pipes: null };
      topic.bytes = this.#trie.set(bytes, topic);
    }
    enter(topic, pipe);
    let own = this.#byPipe.get(pipe);
    if (own === undefined) this.#byPipe.set(pipe, own = { topics: new Set(), bytes: 0 });
    const { size } = own.topics;
    if (own.topics.add(topic).size > size) own.bytes += bytes.length;
    return first;
  }

  /** How many topics a peer has subscribed to, and how long (bytes) they are together. */
  held(pipe: Pipe): { readonly count: number; readonly bytes: number } {
    const own = this.#byPipe.get(pipe);
    return own === undefined ? { count: 0, bytes: 0 } : { count: own.topics.size, bytes: own.bytes };
  }

  /** Ends a subscription; `true` when the topic has none any more. */
  remove(pipe: Pipe, bytes: Uint8Array): boolean {
    const topic = this.#trie.get(bytes);
    if (topic === undefined || !leave(topic, pipe)) return false;
    const own = this.#byPipe.get(pipe)!;
    own.topics.delete(topic);
    own.bytes -= bytes.length;
    if (own.topics.size === 0) this.#byPipe.delete(pipe);
    if (topic.pipes !== null) return false;
    this.#trie.delete(bytes);
    return true;
  }

  /** Ends all subscriptions of a peer; `ended` is called with each topic, and whether it has none any more. */
  drop(pipe: Pipe, ended: (topic: Uint8Array, last: boolean) => void): void {
    this.#admitted.delete(pipe);
    const own = this.#byPipe.get(pipe);
    if (own === undefined) return;
    this.#byPipe.delete(pipe);
    for (const topic of own.topics) {
      leave(topic, pipe);
      const last = topic.pipes === null;
      if (last) this.#trie.delete(topic.bytes);
      ended(topic.bytes, last);
    }
  }

  /**
   * The peers whose subscriptions match the beginning of a frame, or with `invert` all others. The array is used again
   * for the next match.
   */
  match(frame: Uint8Array, invert: boolean): readonly Pipe[] {
    const targets = this.#targets;
    targets.length = 0;
    const stamp = ++this.#stamp;
    const target = (pipe: Pipe) => {
      if (pipe.stamp === stamp) return;
      pipe.stamp = stamp;
      targets.push(pipe);
    };
    this.#trie.walk(frame, ({ pipes }) => {
      if (pipes instanceof Set) { for (const pipe of pipes) target(pipe); }
      else if (pipes !== null) target(pipes);
    });
    if (!invert) return targets;
    targets.length = 0;
    for (const pipe of this.#admitted) if (pipe.stamp !== stamp) targets.push(pipe);
    return targets;
  }
}

function enter(topic: Topic, pipe: Pipe): void {
  const { pipes } = topic;
  if (pipes === null) topic.pipes = pipe;
  else if (pipes instanceof Set) pipes.add(pipe);
  else if (pipes !== pipe) topic.pipes = new Set([pipes, pipe]);
}

/** Takes a peer out; `false` where it is not among them. */
function leave(topic: Topic, pipe: Pipe): boolean {
  const { pipes } = topic;
  if (!(pipes instanceof Set)) {
    if (pipes !== pipe) return false;
    topic.pipes = null;
    return true;
  }
  if (!pipes.delete(pipe)) return false;
  if (pipes.size === 0) topic.pipes = null;
  return true;
}

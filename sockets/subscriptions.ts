/**
 * Who subscribed to what: the publishing side's table.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Trie } from "./trie.ts";

/** One topic and the peers that want it. */
interface Topic {
  readonly bytes: Uint8Array;
  readonly pipes: Set<Pipe>;
}

/** The peers by topic, and the topics by peer. */
export class Subscriptions {
  #trie = new Trie<Topic>();
  #byPipe = new Map<Pipe, Set<Topic>>();
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
      topic = { bytes: bytes.slice(), pipes: new Set() };
      this.#trie.set(topic.bytes, topic);
    }
    topic.pipes.add(pipe);
    const own = this.#byPipe.get(pipe);
    if (own === undefined) this.#byPipe.set(pipe, new Set([topic]));
    else own.add(topic);
    return first;
  }

  /** Ends a subscription; `true` when the topic has none any more. */
  remove(pipe: Pipe, bytes: Uint8Array): boolean {
    const topic = this.#trie.get(bytes);
    if (topic === undefined || !topic.pipes.delete(pipe)) return false;
    const own = this.#byPipe.get(pipe)!;
    own.delete(topic);
    if (own.size === 0) this.#byPipe.delete(pipe);
    if (topic.pipes.size > 0) return false;
    this.#trie.delete(bytes);
    return true;
  }

  /** Ends all subscriptions of a peer; `ended` is called with each topic, and whether it has none any more. */
  drop(pipe: Pipe, ended: (topic: Uint8Array, last: boolean) => void): void {
    this.#admitted.delete(pipe);
    const own = this.#byPipe.get(pipe);
    if (own === undefined) return;
    this.#byPipe.delete(pipe);
    for (const topic of own) {
      topic.pipes.delete(pipe);
      const last = topic.pipes.size === 0;
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
    this.#trie.walk(frame, (topic) => {
      for (const pipe of topic.pipes) {
        if (pipe.stamp === stamp) continue;
        pipe.stamp = stamp;
        targets.push(pipe);
      }
    });
    if (!invert) return targets;
    targets.length = 0;
    for (const pipe of this.#admitted) if (pipe.stamp !== stamp) targets.push(pipe);
    return targets;
  }
}

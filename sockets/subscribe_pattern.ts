/**
 * SUB and XSUB: what matches the subscriptions, from all peers in turn (RFC 29).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Pattern } from "./pattern.ts";
import { Trie } from "./trie.ts";

/** Subscribes on behalf of its user, who sends subscriptions as messages. */
export class XSubscribePattern extends Pattern {
  override readonly type: "SUB" | "XSUB" = "XSUB";
  /** How often each topic was subscribed to. */
  protected readonly counts: Trie<number> = new Trie();
  #pipes = new Set<Pipe>();

  override attach(pipe: Pipe): boolean {
    this.#pipes.add(pipe);
    return true;
  }

  override ready(pipe: Pipe): void {
    for (const [topic] of this.counts.entries()) pipe.subscribe(topic, true);
  }

  override lost(pipe: Pipe): void {
    // The next connection begins with all subscriptions; what was meant for this one is void.
    pipe.discard();
  }

  override ended(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  override send(frames: Uint8Array[]): boolean {
    const whole = !this.host.options.onlyFirstSubscribe;
    const rest: Uint8Array[] = [];
    for (const [i, frame] of frames.entries()) {
      const subscription = frame.length > 0 && frame[0]! <= 1 && (i === 0 || whole && rest.length === 0);
      if (subscription) this.subscribe(frame.subarray(1), frame[0] === 1);
      else rest.push(frame);
    }
    if (rest.length > 0) {
      for (const pipe of this.#pipes) if (pipe.connected && pipe.open && !pipe.full) pipe.write(rest.slice());
    }
    return true;
  }

  override get sendable(): boolean {
    return true;
  }

  /** Adds or takes away one subscription to a topic. */
  subscribe(topic: Uint8Array, subscribe: boolean): void {
    const count = this.counts.get(topic) ?? 0;
    if (subscribe) {
      this.counts.set(topic, count + 1);
    } else {
      if (count > 1) this.counts.set(topic, count - 1);
      else this.counts.delete(topic);
      // Peers do not count: only the last end of a subscription is an end to them.
      if (count !== 1 && !this.host.options.verboseUnsubscribe) return;
    }
    for (const pipe of this.#pipes) if (pipe.open) pipe.subscribe(topic, subscribe);
  }

  /** How many different topics are subscribed to. */
  get topics(): number {
    return this.counts.size;
  }
}

/** Receives what matches its subscriptions. */
export class SubscribePattern extends XSubscribePattern {
  override readonly type = "SUB";

  override receive(): Uint8Array[] | undefined {
    const invert = this.host.options.invertMatching;
    for (let frames = this.in.read(); frames !== undefined; frames = this.in.read()) {
      if (this.counts.matches(frames[0]!) !== invert) return frames;
    }
    return undefined;
  }
}

/**
 * The channel between two pipes of one isolate: messages are handed over by reference.
 *
 * @module
 */

import { capacityOf, type Channel } from "./channel.ts";
import type { InprocPipe } from "./inproc_pipe.ts";
import { lowWaterMark } from "./pipe.ts";

/** One end of a channel within the isolate. */
export class LocalChannel implements Channel {
  #near: InprocPipe;
  #far: InprocPipe;
  #twin: LocalChannel | null = null;
  #capacity = Infinity;

  private constructor(near: InprocPipe, far: InprocPipe) {
    this.#near = near;
    this.#far = far;
    this.#measure();
  }

  /** The ends of a channel between two pipes. */
  static between(one: InprocPipe, other: InprocPipe): [LocalChannel, LocalChannel] {
    const ends: [LocalChannel, LocalChannel] = [new LocalChannel(one, other), new LocalChannel(other, one)];
    ends[0].#twin = ends[1];
    ends[1].#twin = ends[0];
    return ends;
  }

  send(frames: Uint8Array[]): boolean {
    // Empty frames are often one and the same, which nobody may take away from others.
    for (let i = 0; i < frames.length; i++) if (frames[i]!.length === 0) frames[i] = new Uint8Array(0);
    const far = this.#far;
    far.arrive(frames);
    return far.unread >= this.#capacity;
  }

  subscribe(topic: Uint8Array, subscribe: boolean): void {
    this.#far.subscription(topic, subscribe);
  }

  get full(): boolean {
    return this.#far.unread >= this.#capacity;
  }

  get relaxed(): boolean {
    return this.#capacity === Infinity || this.#far.unread <= lowWaterMark(this.#capacity);
  }

  taken(): void {
    if (this.#far.full) this.#far.drained();
  }

  relimit(): void {
    this.#measure();
    this.#twin!.#measure();
    this.#far.recheck();
  }

  /** Everything is delivered as it is sent. */
  drain(): void {}

  close(): void {
    this.#far.left();
  }

  #measure(): void {
    this.#capacity = capacityOf(this.#near.limits.sendHighWaterMark, this.#far.limits.receiveHighWaterMark);
  }
}

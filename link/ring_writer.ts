/**
 * The writing half of a channel between Workers: from the outbox into a ring, as far as there is room.
 *
 * @module
 */

import { BrokenRingError, type SharedRing } from "../transports/shared_ring.ts";
import { Outbox } from "./outbox.ts";
import type { Part } from "./part.ts";

/** Writes messages to one ring. */
export class RingWriter {
  readonly outbox: Outbox = new Outbox(true);
  #ring: SharedRing;
  /** What is being written, and how much of it is. */
  #part: Part | undefined;
  #written = 0;
  /** Whether the other side knows that it has to read before more can be written. */
  #blocked = false;

  constructor(ring: SharedRing) {
    this.#ring = ring;
  }

  /** Whether everything is written. */
  get empty(): boolean {
    return this.#part === undefined && this.outbox.empty;
  }

  /** Whether there was no room, and there is some now. */
  get unblocked(): boolean {
    return this.#blocked && this.#ring.writable > 0;
  }

  /** Writes what waits, as far as there is room for it. */
  write(): void {
    let wrote = false;
    for (;;) {
      const part = this.#part ?? this.outbox.take();
      if (part === undefined) break;
      if (part !== this.#part) this.#written = 0;
      this.#part = part;
      if (part.bytes.length < part.end) throw new BrokenRingError("The memory of a sent frame was transferred");
      const count = this.#put(part);
      if (count === 0) break;
      wrote = true;
      this.#written += count;
      if (part.start + this.#written < part.end) continue;
      this.#part = undefined;
      this.outbox.written(part);
    }
    if (wrote) this.#ring.wake();
  }

  /** Drops what waits. */
  clear(): void {
    this.outbox.clear();
    this.#part = undefined;
    this.#blocked = false;
  }

  /** Writes as much of a part as there is room for; 0 when the other side has to read first. */
  #put(part: Part): number {
    const ring = this.#ring;
    const start = part.start + this.#written;
    const count = ring.write(part.bytes, start, part.end);
    if (count > 0) {
      if (this.#blocked) ring.wantSpace(this.#blocked = false);
      return count;
    }
    this.#blocked = true;
    ring.wantSpace(true);
    ring.wake();
    // The other side tells only those who wait, and may have read just before this one said so: try once more.
    return ring.write(part.bytes, start, part.end);
  }
}

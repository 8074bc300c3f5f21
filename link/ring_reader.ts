/**
 * The reading half of a channel between Workers: from a ring to messages, as many at a time as suits who reads them.
 *
 * @module
 */

import { BrokenRingError, type SharedRing } from "../transports/shared_ring.ts";
import { Decoder, type DecoderSink } from "../zmtp/decoder.ts";

/** So many messages are decoded at a time for a reader that keeps up: it finds them in the processor's cache then. */
const SIP = 64;

/** Where messages go. */
export interface RingSink extends DecoderSink {
  /** A command has come. */
  command(body: Uint8Array): void;
  /** Whether messages wait to be read. */
  readonly stocked: boolean;
}

/** Reads messages from one ring. */
export class RingReader {
  #ring: SharedRing;
  #sink: RingSink;
  #decoder = new Decoder(-1);
  /** Bytes that have been seen in the ring, and not read. */
  #left = 0;
  /** Whether bytes have been read, and not decoded. */
  #undecoded = false;
  readonly #control = (body: Uint8Array): void => this.#sink.command(body);

  constructor(ring: SharedRing, sink: RingSink) {
    this.#ring = ring;
    this.#sink = sink;
  }

  /** Whether {@linkcode more} would find something. */
  get midway(): boolean {
    return this.#undecoded;
  }

  /** Takes all that is there, or just some of it, for a reader that keeps up; `false` when that is nothing. */
  take(all: boolean): boolean {
    this.#left = this.#ring.readable;
    if (!this.#undecoded && this.#left === 0) return false;
    this.#decode(all ? Infinity : SIP);
    return true;
  }

  /** Takes some more of what was there. */
  more(): void {
    this.#decode(SIP);
  }

  #decode(limit: number): void {
    const ring = this.#ring;
    const decoder = this.#decoder;
    while (this.#undecoded || this.#left > 0) {
      if (decoder.lost) throw new BrokenRingError("The memory of received frames was transferred");
      if (!this.#undecoded) {
        const count = ring.read(decoder.space(ring.place));
        this.#left -= count;
        decoder.filled(count);
      }
      this.#undecoded = decoder.traffic(limit, this.#sink, this.#control);
      // A sink may keep nothing of all that.
      if (this.#undecoded && this.#sink.stocked) return;
    }
  }
}

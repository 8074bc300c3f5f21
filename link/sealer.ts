/**
 * Between an outbox and a stream whose mechanism protects the traffic: frames are sealed when they are written, for a queue
 * outlives its connection, and each has a cipher of its own.
 *
 * The outbox counts the bytes of its own frames. A sealer knows what has been written of them: a frame counts when all of
 * its sealed form has gone out.
 *
 * @module
 */

import { concat } from "../zmtp/concat.ts";
import type { Cipher } from "../zmtp/mechanism.ts";
import { sealFrame } from "../zmtp/sealing.ts";
import { frameLength, type Part } from "./part.ts";

/** So many sealed bytes are gathered for a write, and a frame more at most. */
const BATCH = 64 * 1024;

/** A frame that has been sealed and is on its way. */
interface Sealed {
  /** Its bytes in the outbox. */
  readonly plain: number;
  /** Where its sealed form ends in the batch. */
  readonly end: number;
}

/** Seals for one connection. */
export class Sealer {
  readonly #cipher: Cipher;
  #batch: Uint8Array | null = null;
  #written = 0;
  #frames: Sealed[] = [];
  /** How many of the frames have been written. */
  #gone = 0;

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /**
   * What to write next.
   *
   * @param part The part of the outbox that is being written.
   * @param at Where its first unwritten frame begins, if nothing is on its way.
   * @param next The part after it.
   * @returns Sealed frames; `null` where the memory of a body is gone.
   */
  bytes(part: Part, at: number, next: Part | undefined): Uint8Array | null {
    if (this.#batch === null && !this.#seal(part, at, next)) return null;
    return this.#batch!.subarray(this.#written);
  }

  /**
   * Takes note of sealed bytes that have been written.
   *
   * @param count How many.
   * @returns How many bytes of the outbox have gone with them.
   */
  sent(count: number): number {
    this.#written += count;
    let plain = 0;
    while (this.#gone < this.#frames.length && this.#frames[this.#gone]!.end <= this.#written) {
      plain += this.#frames[this.#gone++]!.plain;
    }
    if (this.#gone === this.#frames.length) this.#batch = null;
    return plain;
  }

  #seal(part: Part, start: number, next: Part | undefined): boolean {
    const pieces: Uint8Array[] = [];
    const frames: Sealed[] = [];
    let size = 0;
    for (let at = start; at < part.end && size < BATCH;) {
      const length = frameLength(part.bytes, at);
      const end = at + length;
      let body: Uint8Array | undefined;
      if (end > part.end) {
        // A header: its body is the next part, and fills a batch by itself.
        if (size > 0) break;
        const { bytes, start, end } = next!;
        if (bytes.length < end) return false;
        body = bytes.subarray(start, end);
      }
      let sealed: Uint8Array;
      try {
        sealed = sealFrame(this.#cipher, part.bytes, at, end, body);
      } catch (error) {
        // What could be sealed goes out first.
        if (size > 0) break;
        throw error;
      }
      pieces.push(sealed);
      size += sealed.length;
      frames.push({ plain: length, end: size });
      at = end;
    }
    this.#batch = pieces.length === 1 ? pieces[0]! : concat(pieces);
    this.#frames = frames;
    this.#written = this.#gone = 0;
    return true;
  }
}

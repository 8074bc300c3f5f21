/**
 * A body too large for a chunk: it is read straight into a buffer of its own.
 *
 * A peer may declare any length, so the buffer begins at what the connection has shown itself good for and doubles as bytes
 * really come. The last buffer is exactly as large as the body.
 *
 * @module
 */

import { ProtocolError } from "./error.ts";

/** One body that is being read. */
export class LargeBody {
  /** The flags of its frame. */
  readonly flags: number;
  /** The declared length. */
  readonly length: number;
  #bytes: Uint8Array;
  #count: number;

  /**
   * Begins a body.
   *
   * @param flags The flags of its frame.
   * @param length The declared length.
   * @param credit How much may be allocated before it has come.
   * @param begin The bytes that have come already, fewer than the length.
   */
  constructor(flags: number, length: number, credit: number, begin: Uint8Array) {
    this.flags = flags;
    this.length = length;
    this.#bytes = allocate(Math.min(length, Math.max(credit, begin.length + 1)));
    this.#bytes.set(begin);
    this.#count = begin.length;
  }

  /** Where the next bytes go: never beyond the end of the body. */
  space(): Uint8Array {
    return this.#bytes.subarray(this.#count);
  }

  /**
   * Takes note of bytes that have been put into the space.
   *
   * @param count How many.
   */
  filled(count: number): void {
    this.#count += count;
  }

  /**
   * Makes room where the buffer is full.
   *
   * @returns The body once it is complete, else `null`.
   */
  finish(): Uint8Array | null {
    const size = this.#bytes.length;
    if (this.#count < size) return null;
    if (size === this.length) return this.#bytes;
    const grown = allocate(Math.min(this.length, size * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    return null;
  }
}

/** Allocates, and blames the peer where the platform cannot hold an array that large. */
function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new ProtocolError("message-too-large", `Frame is too large for this platform: ${size} bytes`, { cause });
  }
}

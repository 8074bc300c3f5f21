/**
 * The memory that the bytes of a raw peer are read into.
 *
 * @module
 */

const SMALLEST = 1024;
const LARGEST = 16 * 1024;

/** Blocks of memory, larger ones for a peer that fills them. Messages are views of them, and no longer than one of them. */
export class RawIntake {
  #block = new Uint8Array(0);
  #at = 0;
  #size = SMALLEST;

  /** Where to read to. */
  space(): Uint8Array {
    if (this.#block.length - this.#at < this.#size / 4) {
      this.#block = new Uint8Array(this.#size);
      this.#at = 0;
    }
    return this.#block.subarray(this.#at);
  }

  /** The bytes that were read; `undefined` when somebody has transferred their memory. */
  take(count: number): Uint8Array | undefined {
    const end = this.#at + count;
    if (end > this.#block.length) return undefined;
    const bytes = this.#block.subarray(this.#at, end);
    this.#at = end;
    if (end === this.#block.length && this.#size < LARGEST) this.#size *= 4;
    return bytes;
  }
}

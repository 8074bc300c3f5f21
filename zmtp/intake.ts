/**
 * The chunks that a connection's bytes are read into.
 *
 * Frames are handed out as views of the chunk that they arrived in, which costs far less than to copy them; so bytes that
 * were handed out are never written again, and a chunk is followed by a fresh one once it is nearly full. A connection
 * begins with a small chunk, so that thousands of quiet ones stay cheap; chunks grow when reads fill them, and shrink again
 * when reads have become small.
 *
 * @module
 */

const SMALLEST = 2 * 1024;
/** The largest chunk, and with it the most that is allocated before a peer has sent anything near as much. */
export const LARGEST_CHUNK = 256 * 1024;

/** The bytes of one connection that have come and are not decoded yet: those from `pos` to `end`. */
export class Intake {
  /** The chunk. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(SMALLEST);
  /** Where the first undecoded byte is. Whoever decodes moves it. */
  pos = 0;
  /** Where the next byte goes. */
  end = 0;
  /** Whether views of the chunk have been handed out. Whoever does so sets it. */
  shared = false;
  /** How large the next chunk is to be. */
  #next = SMALLEST;
  /** The largest read into this chunk so far. */
  #most = 0;

  /** Whether somebody who was handed a view has transferred the memory of the chunk away, and with it what came since. */
  get lost(): boolean {
    return this.bytes.buffer.detached;
  }

  /**
   * Makes room.
   *
   * @param need How many bytes from `pos` on must fit, those that have come included.
   * @param place The place of the next byte where it comes from. It is put at one that is the same modulo 8, for shared
   * memory is copied far faster then. Without it any will do.
   * @returns Where the next bytes go.
   */
  space(need: number, place?: number): Uint8Array {
    const size = this.bytes.length;
    if (this.pos === this.end) {
      const start = this.shared ? this.end : 0;
      const shift = place === undefined ? 0 : (place - start) & 7;
      this.pos = this.end = Math.min(start + shift, size);
    }
    const room = size - this.end;
    // A chunk that was never handed out can be used again, but must still give way to a larger one when reads fill it.
    const outgrown = this.pos === this.end && this.end < 8 && size < this.#next;
    if (outgrown || room < size >> 2 || this.pos + need > size) this.#renew(need, place);
    return this.bytes.subarray(this.end);
  }

  /**
   * Takes note of bytes that have been put into the space.
   *
   * @param count How many.
   */
  filled(count: number): void {
    this.end += count;
    if (count > this.#most) this.#most = count;
    if (this.end === this.bytes.length) {
      this.#next = Math.min(Math.max(this.#next, this.bytes.length) * 4, LARGEST_CHUNK);
    }
  }

  /** Moves the undecoded bytes to the start of a chunk with room for what is to come. */
  #renew(need: number, place: number | undefined): void {
    const tail = this.end - this.pos;
    const start = place === undefined ? 0 : (place - tail) & 7;
    if (this.#most < this.bytes.length >> 4) this.#next = Math.max(this.#next >> 2, SMALLEST);
    let size = this.#next;
    while (size < need + start || size - tail - start < size >> 2) size *= 4;
    if (!this.shared && size <= this.bytes.length) {
      this.bytes.copyWithin(start, this.pos, this.end);
    } else {
      const fresh = new Uint8Array(size);
      fresh.set(this.bytes.subarray(this.pos, this.end), start);
      this.bytes = fresh;
      this.shared = false;
    }
    this.#most = 0;
    this.pos = start;
    this.end = start + tail;
  }
}

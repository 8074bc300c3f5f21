/**
 * The outgoing half of a pipe: messages, encoded as they are sent.
 *
 * Encoding at once has three merits: the sender may reuse its buffer, a queue of small messages is a few large
 * buffers instead of thousands of objects, and a whole batch goes to the system in one write. Frames describe their
 * own length, so that the queue can be cut between two messages when a connection is lost.
 *
 * @module
 */

import { COMMAND, MORE, writeHeader } from "../zmtp/framing.ts";
import { frameLength, type Part } from "./part.ts";
import { LARGEST_SEGMENT, releaseSegment, SMALLEST_SEGMENT, takeSegment } from "./segment.ts";
import { Ring } from "./ring.ts";

/** From this size on (bytes) a body is written from the sender's own memory instead of being copied. */
export const BY_REFERENCE = 64 * 1024;
/** Up to this size (bytes) a loop copies faster than a call of `set`. */
const BY_LOOP = 48;
/** No header is longer. */
const LONGEST_HEADER = 9;
const WORD = 8;
const LONGEST_PADDING = WORD + 1;

const NOTHING = new Uint8Array(0);

/** Outgoing messages of one pipe, in order. */
export class Outbox {
  /** Messages that wait. Those of a part that was taken do not count. */
  messages = 0;
  #parts = new Ring<Part>();
  /** The buffer being filled. The stretch from `#start` to `#end` waits. */
  #segment: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** Where in the stretch the first message begins; negative while none does. */
  #first = 0;
  /** Messages that end in the stretch. */
  #ending = 0;
  /** Whether the message being added has begun. */
  #begun = false;
  /** The size of the next buffer. */
  #size = SMALLEST_SEGMENT;
  /** Bytes that were added, up to the buffer being filled, or `null` where nobody has to know. */
  #total: number | null;

  /**
   * Makes an outbox.
   *
   * @param aligned Whether a byte's place in memory is to be, modulo 8, the number of bytes before it: a copy to shared
   * memory is eight times as fast then.
   */
  constructor(aligned: boolean = false) {
    this.#total = aligned ? 0 : null;
  }

  /** Bytes that wait. */
  get bytes(): number {
    let bytes = this.#end - this.#start;
    for (const part of this.#parts) bytes += part.end - part.start;
    return bytes;
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#start === this.#end && this.#parts.length === 0;
  }

  /** Whether a full buffer or a large body waits, so that further messages gain nothing. */
  get ripe(): boolean {
    return this.#parts.length > 0;
  }

  /** Adds a message. */
  push(frames: readonly Uint8Array[]): void {
    const last = frames.length - 1;
    if (last > 0) {
      for (let i = 0; i < last; i++) {
        this.#frame(frames[i]!, MORE);
        this.#begun = true;
      }
    }
    const body = frames[last]!;
    if (body.length >= BY_REFERENCE) {
      this.#reference(body, 0);
    } else {
      this.#frame(body, 0);
      this.#ending++;
      if (this.#first < 0) this.#first = this.#end;
    }
    this.#begun = false;
    this.messages++;
  }

  /** Adds a frame that is made already and is no message: a command. It is exempt from high water marks. */
  pushEncoded(frame: Uint8Array): void {
    const at = this.#room(frame.length);
    this.#segment.set(frame, at);
    this.#end = at + frame.length;
  }

  /** Takes what to write next. Give it back with {@linkcode written} or {@linkcode restore}. */
  take(): Part | undefined {
    let part = this.#parts.shift();
    if (part === undefined) {
      part = this.#seal(this.#segment.length - this.#end < this.#segment.length / 2);
      if (part === undefined) return undefined;
      // A batch that fills little of its buffer says that a smaller one does.
      if (part.end - part.start < this.#size / 16 && this.#size > SMALLEST_SEGMENT) this.#size /= 4;
    }
    this.messages -= part.messages;
    return part;
  }

  /** What the next {@linkcode take} takes, where that is settled: a full buffer, or the body that follows a header. */
  peek(): Part | undefined {
    return this.#parts.peek();
  }

  /** Says that all of a part has been written. */
  written(part: Part): void {
    if (part.last) {
      releaseSegment(part.bytes);
    } else if (part.bytes === this.#segment && this.empty) {
      // An idle connection keeps no buffer.
      releaseSegment(this.#segment);
      this.#drop();
    }
  }

  /**
   * Makes the queue fit for another connection when one is lost: what was taken and not wholly written is put back from
   * the first message on that the peer cannot have received. A message whose beginning has gone with an earlier part is
   * dropped.
   */
  restore(part: Part | undefined, written: number): void {
    if (part !== undefined) {
      let keep = part.first;
      let messages = part.messages - (part.start < part.first && part.messages > 0 ? 1 : 0);
      const sent = part.start + written;
      for (let at = keep; at < part.end;) {
        const flags = part.bytes[at]!;
        at += frameLength(part.bytes, at);
        if (at > sent) break;
        if ((flags & MORE) === 0) {
          keep = at;
          if ((flags & COMMAND) === 0) messages--;
        }
      }
      if (keep < part.end) {
        this.#parts.unshift({ ...part, start: keep, first: keep, messages });
        this.messages += messages;
        return;
      }
      if (part.start < part.first && part.messages > 0) return;
    }
    this.#dropTail();
  }

  /** Drops every message that waits, but not the rest of one whose beginning was taken: that would tear it. */
  supersede(): void {
    const tail: Part[] = [];
    let whole = false;
    for (let part = this.#parts.shift(); part !== undefined && !whole; part = this.#parts.shift()) {
      if (part.start < part.first) tail.push({ ...part, end: part.first, messages: Math.min(part.messages, 1) });
      whole = part.start === part.first || part.messages > 0;
    }
    this.#parts.clear();
    // The rest may reach into the buffer being filled, which is then filled on behind it.
    if (whole) this.#drop();
    else this.#end = this.#first;
    const ends = this.#start < this.#end;
    this.#ending = ends ? 1 : 0;
    this.messages = this.#ending;
    for (const [i, part] of tail.entries()) {
      const midway = i < tail.length - 1 || ends;
      this.#parts.push({ ...part, midway });
      this.messages += part.messages;
    }
  }

  /** Drops everything that waits. */
  clear(): void {
    this.#parts.clear();
    this.#drop();
    this.messages = 0;
  }

  /** Drops the rest of a message whose beginning is lost. */
  #dropTail(): void {
    for (let part = this.#parts.peek(); part !== undefined; part = this.#parts.peek()) {
      if (part.start === part.first) return;
      const ends = part.messages > 0;
      if (ends) {
        part.messages--;
        this.messages--;
      }
      part.start = part.first;
      if (part.start === part.end) this.#parts.shift();
      if (ends) return;
    }
    if (this.#start < this.#first) {
      this.#start = this.#first;
      this.#ending--;
      this.messages--;
    }
  }

  #frame(body: Uint8Array, flags: number): void {
    const length = body.length;
    if (length >= BY_REFERENCE) return this.#reference(body, flags);
    let at = this.#end;
    if (at + length + LONGEST_HEADER > this.#segment.length) at = this.#room(length + LONGEST_HEADER);
    const segment = this.#segment;
    if (length < 256) {
      segment[at] = flags;
      segment[at + 1] = length;
      at += 2;
    } else {
      at = writeHeader(segment, at, flags, length);
    }
    if (length <= BY_LOOP) {
      for (let i = 0; i < length; i++) segment[at + i] = body[i]!;
    } else {
      segment.set(body, at);
    }
    at += length;
    this.#end = at;
  }

  /** Adds a large frame: its header to the buffer, its body as it lies in the sender's memory. */
  #reference(body: Uint8Array, flags: number): void {
    let at = this.#room(LONGEST_PADDING + LONGEST_HEADER);
    if (this.#total !== null) at = this.#pad(at);
    this.#end = writeHeader(this.#segment, at, flags, body.length);
    const header = this.#seal(false);
    if (header !== undefined) {
      header.midway = true;
      this.#parts.push(header);
    }
    const ends = (flags & MORE) === 0;
    const end = body.length;
    if (this.#total !== null) {
      this.#total += end;
      const gap = (this.#total - this.#end) & (WORD - 1);
      this.#start = this.#end = Math.min(this.#end + gap, this.#segment.length);
    }
    this.#parts.push({ bytes: body, start: 0, end, first: end, messages: ends ? 1 : 0, midway: !ends, last: false });
    this.#first = ends ? this.#end : -1;
  }

  /** Makes room in the buffer, in a new one if need be, and says where. */
  #room(size: number): number {
    if (this.#end + size <= this.#segment.length) return this.#end;
    const part = this.#seal(true);
    if (part !== undefined) {
      this.#parts.push(part);
      if (this.#size < LARGEST_SEGMENT) this.#size *= 4;
    }
    while (this.#size < size + WORD) this.#size *= 4;
    this.#segment = takeSegment(this.#size);
    const start = this.#total === null ? 0 : this.#total & (WORD - 1);
    this.#start = this.#end = start;
    this.#first = this.#begun ? -1 : start;
    return start;
  }

  /** Adds a command that says nothing, so that what follows the next header begins at a word's boundary. */
  #pad(at: number): number {
    const over = (at - this.#start + this.#total! + LONGEST_HEADER) & (WORD - 1);
    if (over === 0) return at;
    // A frame has two bytes at least.
    const size = over === WORD - 1 ? WORD + 1 : WORD - over;
    const end = writeHeader(this.#segment, at, COMMAND, size - 2) + size - 2;
    this.#segment.fill(0, at + 2, end);
    return end;
  }

  /** Ends the stretch; with `last` the buffer is given up with it. */
  #seal(last: boolean): Part | undefined {
    const start = this.#start;
    const end = this.#end;
    if (start === end) {
      // An earlier part may still be on its way out of this buffer: leave it to the garbage collector.
      if (last) this.#drop();
      return undefined;
    }
    const first = this.#first < 0 ? end : this.#first;
    if (this.#total !== null) this.#total += end - start;
    const part = { bytes: this.#segment, start, end, first, messages: this.#ending, midway: this.#begun, last };
    this.#ending = 0;
    if (last) this.#drop();
    else this.#start = this.#first = end;
    return part;
  }

  /** Lets go of the buffer being filled. */
  #drop(): void {
    this.#segment = NOTHING;
    this.#start = this.#end = 0;
    this.#first = this.#ending = 0;
  }
}

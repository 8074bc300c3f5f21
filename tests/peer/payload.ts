// What the test messages contain. Every byte follows from (seed, sequence, part), so the receiver needs nothing but the
// plan to know what it should get, whichever process generated it. Shared by tests and by the libzmq peer.

/** A stream of messages that both ends can work out for themselves. */
export interface Plan {
  /** How many messages there are. */
  readonly count: number;
  /** Frame sizes, used in turn: part `p` of message `m` has `sizes[(m + p) % sizes.length]` bytes. */
  readonly sizes: readonly number[];
  /** Frames per message, 1 by default. */
  readonly frames?: number;
  /** Decides the contents, 1 by default. */
  readonly seed?: number;
}

/** What a received frame amounts to, for comparing large frames without moving them between processes. */
export interface Digest {
  readonly size: number;
  readonly checksum: number;
}

/** A stable 32-bit start value that is never 0, because xorshift would stay at 0. */
function start(seed: number, sequence: number, part: number): number {
  let x = Math.imul(seed, 0x9e3779b1) ^ Math.imul(sequence + 1, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35);
  x ^= x >>> 15;
  x = Math.imul(x, 0x2c1b3c6d);
  x ^= x >>> 13;
  return x === 0 ? 1 : x;
}

/** Fill `target` with the contents of a part; its first four bytes (if there are as many) are the sequence number. */
export function fill(target: Uint8Array, seed: number, sequence: number, part = 0): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  const size = target.length;
  let x = start(seed, sequence, part);
  let at = 0;
  if (size >= 4) {
    view.setUint32(0, sequence, true);
    at = 4;
  }
  for (; at + 4 <= size; at += 4) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    view.setInt32(at, x, true);
  }
  for (; at < size; at++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    target[at] = x;
  }
}

/** A new buffer with the contents of a part. */
export function body(size: number, seed: number, sequence: number, part = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  fill(bytes, seed, sequence, part);
  return bytes;
}

/** A 32-bit checksum that depends on every byte and its place. */
export function checksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length;
  let sum = 0x811c9dc5 ^ size;
  let at = 0;
  for (; at + 4 <= size; at += 4) {
    sum = Math.imul(sum ^ view.getInt32(at, true), 0x01000193);
    sum ^= sum >>> 15;
  }
  for (; at < size; at++) sum = Math.imul(sum ^ view.getUint8(at), 0x01000193);
  return sum >>> 0;
}

/** Size and checksum of a frame. */
export function digest(bytes: Uint8Array): Digest {
  return { size: bytes.length, checksum: checksum(bytes) };
}

/** The size of one part of one message of `plan`. */
export function sizeOf(plan: Plan, sequence: number, part: number): number {
  const size = plan.sizes[(sequence + part) % plan.sizes.length];
  if (size === undefined) throw new RangeError("A plan needs at least one size");
  return size;
}

/** All the frames of one message of `plan`. */
export function message(plan: Plan, sequence: number): Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let part = 0; part < (plan.frames ?? 1); part++) {
    frames.push(body(sizeOf(plan, sequence, part), plan.seed ?? 1, sequence, part));
  }
  return frames;
}

/** Checks received messages against a plan, in order. Throws at the first one that is not what it should be. */
export class Verifier {
  readonly #plan: Plan;
  #expected = new Uint8Array(0);
  #next = 0;
  #bytes = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Messages that were right so far. */
  get count(): number {
    return this.#next;
  }

  /** Bytes in them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether all of the plan has been seen. */
  get done(): boolean {
    return this.#next >= this.#plan.count;
  }

  /** Take the next message: its frames without any envelope. */
  accept(frames: readonly Uint8Array[]): void {
    const sequence = this.#next;
    const parts = this.#plan.frames ?? 1;
    if (frames.length !== parts) {
      throw new Error(`Message ${sequence}: expected ${parts} frames, received ${frames.length}`);
    }
    for (let part = 0; part < parts; part++) this.#compare(frames[part] as Uint8Array, sequence, part);
    this.#next = sequence + 1;
  }

  #compare(frame: Uint8Array, sequence: number, part: number): void {
    const size = sizeOf(this.#plan, sequence, part);
    if (frame.length !== size) {
      throw new Error(
        `Message ${sequence} part ${part}: expected ${size} bytes, received ${frame.length}${numbered(frame)}`,
      );
    }
    if (this.#expected.length < size) this.#expected = new Uint8Array(Math.max(size, 1024));
    const expected = this.#expected.subarray(0, size);
    fill(expected, this.#plan.seed ?? 1, sequence, part);
    const at = difference(frame, expected);
    if (at >= 0) {
      throw new Error(`Message ${sequence} part ${part} (${size} bytes) is wrong at byte ${at}${numbered(frame)}`);
    }
    this.#bytes += size;
  }
}

function numbered(frame: Uint8Array): string {
  if (frame.length < 4) return "";
  const sequence = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0, true);
  return `; it says it is message ${sequence}`;
}

/** Where two arrays of the same length first differ, -1 if nowhere. */
function difference(a: Uint8Array, b: Uint8Array): number {
  const size = a.length;
  let at = 0;
  if (size >= 64) {
    const left = new DataView(a.buffer, a.byteOffset, size);
    const right = new DataView(b.buffer, b.byteOffset, size);
    while (at + 4 <= size && left.getInt32(at) === right.getInt32(at)) at += 4;
  }
  for (; at < size; at++) if (a[at] !== b[at]) return at;
  return -1;
}

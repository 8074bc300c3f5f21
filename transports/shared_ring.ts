/**
 * Shared memory between two sides in one process: a ring of bytes each way, and a bell for each side.
 *
 * One side writes a ring and moves its tail; the other reads it and moves its head. Positions count bytes and wrap at 2³².
 * Bytes are in the ring before the tail moves, so that a Worker that is terminated leaves nothing half-written that could
 * be read.
 *
 * A side that has nothing to do arms its bell, looks once more whether there is something, and sleeps. Whoever has changed
 * something that a sleeper waits for rings. All of these are sequentially consistent: of two sides that pass each other,
 * one sees the other.
 *
 * @module
 */

/** Where in the header is what. Fields of different writers lie on different cache lines. */
const STATE = 0;
const CONFLATE = 1;
const SIZE = 2;
/** The first field of each side's line. */
const LINE = [16, 48] as const;
const TAIL = 0;
const FINISHED = 1;
const SEND_LIMIT = 2;
const RECEIVE_LIMIT = 3;
/** On a second line, which its side writes while the other side writes. */
const HEAD = 16;
const READ = 17;
const CLOSED = 18;
/** Written by both sides. */
const BELL = [80, 96] as const;
const WANTS_SPACE = 1;
const WANTS_CREDIT = 2;
const CREDIT = 3;
const HEADER_BYTES = 448;
/** What a side says of itself. */
const INTRODUCTION_BYTES = 2048;
const FIXED_BYTES = HEADER_BYTES + 2 * INTRODUCTION_BYTES;

const OFFERED = 0;
const CLAIMED = 1;
const ACCEPTED = 2;
const WITHDRAWN = 3;
const REFUSED = 4;

const AWAKE = 0;
const ASLEEP = 1;

/** The bytes that each ring holds. */
const RING_BYTES = 256 * 1024;

/** The memory holds what no side of ours would write. */
export class BrokenRingError extends Error {
  override readonly name = "BrokenRingError";
}

/** One side's view. */
export class SharedRing {
  /** The memory. */
  readonly buffer: SharedArrayBuffer;
  /** As many bytes that V8 knows of: it does not see how much shared memory hangs on an object, and would let it pile up. */
  readonly weight: ArrayBuffer;
  #words: Int32Array<SharedArrayBuffer>;
  #out: Uint8Array<SharedArrayBuffer>;
  #in: Uint8Array<SharedArrayBuffer>;
  #size: number;
  #side: 0 | 1;
  /** This side's line and the other's. */
  #mine: number;
  #theirs: number;
  #myBell: number;
  #theirBell: number;
  #tail = 0;
  #head = 0;

  private constructor(buffer: SharedArrayBuffer, side: 0 | 1) {
    const other = side === 0 ? 1 : 0;
    this.buffer = buffer;
    this.weight = new ArrayBuffer(buffer.byteLength);
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.#size = this.#words[SIZE]!;
    this.#side = side;
    this.#mine = LINE[side];
    this.#theirs = LINE[other];
    this.#myBell = BELL[side];
    this.#theirBell = BELL[other];
    this.#out = new Uint8Array(buffer, FIXED_BYTES + side * this.#size, this.#size);
    this.#in = new Uint8Array(buffer, FIXED_BYTES + other * this.#size, this.#size);
  }

  /** Makes the memory, and the view of the side that offers it. */
  static offer(size: number = RING_BYTES): SharedRing {
    const buffer = new SharedArrayBuffer(FIXED_BYTES + 2 * size);
    new Int32Array(buffer)[SIZE] = size;
    return new SharedRing(buffer, 0);
  }

  /**
   * The view of the side that the memory was offered to.
   *
   * @throws BrokenRingError when it is no such memory.
   */
  static from(buffer: SharedArrayBuffer): SharedRing {
    const is = buffer instanceof SharedArrayBuffer && buffer.byteLength >= FIXED_BYTES;
    const size = is ? new Int32Array(buffer, 0, SIZE + 1)[SIZE]! : 0;
    if (size <= 0 || (size & (size - 1)) !== 0 || buffer.byteLength !== FIXED_BYTES + 2 * size) {
      throw new BrokenRingError("The memory holds no ring");
    }
    return new SharedRing(buffer, 1);
  }

  // How the sides come together

  /** Takes the offer, to say {@linkcode accept} once the memory says all it has to; `false` when it was taken before. */
  claim(): boolean {
    return Atomics.compareExchange(this.#words, STATE, OFFERED, CLAIMED) === OFFERED;
  }

  /** Tells the side that has made the offer that it was taken. */
  accept(): void {
    Atomics.store(this.#words, STATE, ACCEPTED);
    this.wake();
  }

  /** Tells the side that has made the offer that it was taken, and that nothing comes of it. */
  refuse(): void {
    Atomics.store(this.#words, STATE, REFUSED);
    this.wake();
  }

  /** Whether nothing comes of the offer. */
  get refused(): boolean {
    return Atomics.load(this.#words, STATE) === REFUSED;
  }

  /** Takes the offer back; `false` when it was taken before. */
  withdraw(): boolean {
    const state = Atomics.compareExchange(this.#words, STATE, OFFERED, WITHDRAWN);
    return state === OFFERED || state === WITHDRAWN;
  }

  /** Whether the offer was accepted. */
  get accepted(): boolean {
    return Atomics.load(this.#words, STATE) === ACCEPTED;
  }

  /** Whether only the newest message counts. The side that offers the memory decides. */
  get conflate(): boolean {
    return this.#words[CONFLATE] === 1;
  }
  set conflate(value: boolean) {
    this.#words[CONFLATE] = value ? 1 : 0;
  }

  /** Says something of this side that the other reads once it is connected. */
  introduce(bytes: Uint8Array): void {
    const at = HEADER_BYTES + this.#side * INTRODUCTION_BYTES;
    new DataView(this.buffer).setUint32(at, bytes.length);
    new Uint8Array(this.buffer).set(bytes, at + 4);
  }

  /** What the other side has said of itself. */
  get introduction(): Uint8Array<ArrayBuffer> {
    const at = HEADER_BYTES + (1 - this.#side) * INTRODUCTION_BYTES;
    const length = Math.min(new DataView(this.buffer).getUint32(at), INTRODUCTION_BYTES - 4);
    return new Uint8Array(new Uint8Array(this.buffer, at + 4, length));
  }

  // Bytes

  /** Writes as many of the bytes from `start` to `end` as there is room for, and says how many. */
  write(bytes: Uint8Array, start: number, end: number): number {
    const head = Atomics.load(this.#words, this.#theirs + HEAD);
    const count = Math.min(end - start, this.#size - this.#distance(head, this.#tail));
    if (count === 0) return 0;
    copy(bytes, start, this.#out, this.#tail & (this.#size - 1), count);
    this.#tail = (this.#tail + count) | 0;
    Atomics.store(this.#words, this.#mine + TAIL, this.#tail);
    return count;
  }

  /** How many bytes can be read. */
  get readable(): number {
    return this.#distance(this.#head, Atomics.load(this.#words, this.#theirs + TAIL));
  }

  /** The place of the next byte to be read, see {@linkcode read}. */
  get place(): number {
    return this.#head;
  }

  /** How many bytes can be written. */
  get writable(): number {
    return this.#size - this.#distance(Atomics.load(this.#words, this.#theirs + HEAD), this.#tail);
  }

  /**
   * Reads as many bytes as there are and fit, and says how many. That is eight times as fast to a place in memory that is
   * {@linkcode place} modulo 8: the engine copies shared memory word by word then, else byte by byte.
   */
  read(into: Uint8Array): number {
    const count = Math.min(into.length, this.readable);
    if (count === 0) return 0;
    const at = this.#head & (this.#size - 1);
    const first = Math.min(count, this.#size - at);
    into.set(this.#in.subarray(at, at + first));
    if (first < count) into.set(this.#in.subarray(0, count - first), first);
    this.#head = (this.#head + count) | 0;
    Atomics.store(this.#words, this.#mine + HEAD, this.#head);
    if (Atomics.load(this.#words, this.#theirBell + WANTS_SPACE) === 1) this.wake();
    return count;
  }

  // Messages

  /** Sets this side's high water marks, which the other reckons with. */
  limit(send: number, receive: number): void {
    Atomics.store(this.#words, this.#mine + SEND_LIMIT, send);
    Atomics.store(this.#words, this.#mine + RECEIVE_LIMIT, receive);
  }

  /** The other side's high water mark for sending. */
  get sendLimit(): number {
    return Atomics.load(this.#words, this.#theirs + SEND_LIMIT);
  }

  /** The other side's high water mark for receiving. */
  get receiveLimit(): number {
    return Atomics.load(this.#words, this.#theirs + RECEIVE_LIMIT);
  }

  /** Says how many messages the socket at this side has read. */
  acknowledge(messages: number): void {
    Atomics.store(this.#words, this.#mine + READ, messages);
    if (Atomics.load(this.#words, this.#theirBell + WANTS_CREDIT) === 0) return;
    if (((messages - Atomics.load(this.#words, this.#theirBell + CREDIT)) | 0) >= 0) this.wake();
  }

  /** How many messages the other side waits for to be read, see {@linkcode wantCredit}; `null` when it does not wait. */
  get awaited(): number | null {
    if (Atomics.load(this.#words, this.#theirBell + WANTS_CREDIT) === 0) return null;
    return Atomics.load(this.#words, this.#theirBell + CREDIT);
  }

  /** How many messages the socket at the other side has read. */
  get acknowledged(): number {
    return Atomics.load(this.#words, this.#theirs + READ);
  }

  // The end

  /** Nothing more will be written. */
  finish(): void {
    Atomics.store(this.#words, this.#mine + FINISHED, 1);
    this.wake();
  }

  /** Whether the other side writes nothing more. */
  get finished(): boolean {
    return Atomics.load(this.#words, this.#theirs + FINISHED) === 1;
  }

  /** Nothing more will be read. */
  close(): void {
    Atomics.store(this.#words, this.#mine + CLOSED, 1);
    this.wake();
  }

  /** Whether the other side reads nothing more. */
  get closed(): boolean {
    return Atomics.load(this.#words, this.#theirs + CLOSED) === 1;
  }

  // The bell

  /** Rings the other side's bell if it sleeps. */
  wake(): void {
    const words = this.#words;
    const bell = this.#theirBell;
    if (Atomics.load(words, bell) !== ASLEEP) return;
    if (Atomics.compareExchange(words, bell, ASLEEP, AWAKE) === ASLEEP) Atomics.notify(words, bell);
  }

  /** Says what to ring for besides bytes to read and the end: for room in the ring. */
  wantSpace(want: boolean): void {
    Atomics.store(this.#words, this.#myBell + WANTS_SPACE, want ? 1 : 0);
  }

  /** Says to ring when so many messages have been read, or that nobody waits for that. */
  wantCredit(messages: number | null): void {
    if (messages !== null) Atomics.store(this.#words, this.#myBell + CREDIT, messages);
    Atomics.store(this.#words, this.#myBell + WANTS_CREDIT, messages === null ? 0 : 1);
  }

  /** Arms the bell. Whoever does so has to look once more whether there is something to do before {@linkcode sleep}. */
  arm(): void {
    Atomics.store(this.#words, this.#myBell, ASLEEP);
  }

  /** Disarms the bell. A promise of {@linkcode sleep} is kept nevertheless. */
  disarm(): void {
    Atomics.store(this.#words, this.#myBell, AWAKE);
    Atomics.notify(this.#words, this.#myBell);
  }

  /** Waits until the armed bell rings; `null` when it has rung already. Does not hold the process alive. */
  sleep(): Promise<unknown> | null {
    const { async, value } = Atomics.waitAsync(this.#words, this.#myBell, ASLEEP);
    return async ? value : null;
  }

  #distance(head: number, tail: number): number {
    const distance = (tail - head) >>> 0;
    if (distance > this.#size) throw new BrokenRingError("A position in the ring is impossible");
    return distance;
  }
}

/** Copies into a ring, which may take two pieces. */
function copy(from: Uint8Array, start: number, into: Uint8Array, at: number, count: number): void {
  const first = Math.min(count, into.length - at);
  into.set(from.subarray(start, start + first), at);
  if (first < count) into.set(from.subarray(start + first, start + count), 0);
}

/**
 * A checker of delivery: messages that say what they are, and whoever looks at each that comes.
 *
 * Every frame of a message carries the label of the whole and a checksum, so that no two messages can be mixed up
 * unnoticed. A stream is what one life of a sender sends to one life of a receiver: it must come in order, with no
 * message twice and none torn. What is missing of what was sent is counted, and held against what may be missing.
 *
 * @module
 */

/** Bytes of a frame before its body. */
export const HEADER = 28;
const CHECKSUM_AT = 24;

/** What a message says of itself. */
export interface Label {
  /** The first byte of the message, and so what it can be subscribed to by. */
  readonly topic: number;
  /** Who sends. */
  readonly sender: number;
  /** Which life of the sender it is. */
  readonly incarnation: number;
  /** Which message of that life: they begin with 0. */
  readonly sequence: number;
}

/**
 * Makes a message.
 *
 * @param label What it says of itself.
 * @param sizes The bytes of the body of each frame.
 */
export function compose(label: Label, sizes: readonly number[]): Uint8Array<ArrayBuffer>[] {
  return sizes.map((size, index) => {
    const frame = new Uint8Array(HEADER + size + 3 & ~3).subarray(0, HEADER + size);
    const words = new Uint32Array(frame.buffer);
    for (let i = HEADER >> 2; i < words.length; i++) words[i] = Math.imul(label.sequence ^ i << 8 ^ index, 0x9e3779b1);
    const view = new DataView(frame.buffer);
    frame[0] = label.topic;
    view.setUint16(2, index);
    view.setUint32(4, label.sender);
    view.setUint32(8, label.incarnation);
    view.setUint32(12, label.sequence);
    view.setUint16(16, sizes.length);
    view.setUint32(20, size);
    view.setUint32(CHECKSUM_AT, checksum(frame));
    return frame;
  });
}

/** A sum that changes with every byte and its place; the four bytes of the sum itself do not count. */
function checksum(frame: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < frame.length; i++) {
    if (i === CHECKSUM_AT) i += 4;
    if (i < frame.length) sum = Math.imul(sum ^ frame[i]!, 0x01000193);
  }
  return sum >>> 0;
}

/** A message that is not one that was sent. */
export class TornError extends Error {
  override readonly name = "TornError";
}

/**
 * Reads the label of a message.
 *
 * @throws {TornError} When a frame is damaged, is missing, is one too many or belongs to another message.
 */
export function inspect(frames: readonly Uint8Array[]): Label {
  let first: Label | undefined;
  for (const [at, frame] of frames.entries()) {
    if (frame.length < HEADER) throw new TornError(`frame ${at} has ${frame.length} bytes, which is no header`);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const label = {
      topic: frame[0]!,
      sender: view.getUint32(4),
      incarnation: view.getUint32(8),
      sequence: view.getUint32(12),
    };
    const what = `frame ${at} of ${nameOf(first ?? label)}`;
    if (view.getUint32(CHECKSUM_AT) !== checksum(frame)) throw new TornError(`${what} has a wrong checksum`);
    if (view.getUint32(20) !== frame.length - HEADER) throw new TornError(`${what} has ${frame.length} bytes`);
    first ??= label;
    if (nameOf(first) !== nameOf(label)) throw new TornError(`${what} is one of ${nameOf(label)}`);
    if (view.getUint16(2) !== at) throw new TornError(`${what} is its frame ${view.getUint16(2)}`);
    if (view.getUint16(16) !== frames.length) {
      throw new TornError(`${what} came with ${frames.length} frames, not ${view.getUint16(16)}`);
    }
  }
  if (first === undefined) throw new TornError("a message without frames");
  return first;
}

function nameOf({ topic, sender, incarnation, sequence }: Label): string {
  return `message ${sequence} of sender ${sender}, life ${incarnation}, topic ${topic}`;
}

/** Which messages of one life of a sender have come. */
class Ledger {
  count = 0;
  first = Infinity;
  last = -1;
  #come: Uint8Array = new Uint8Array(64);

  /** Takes note of one; `false` when it had come before. */
  add(sequence: number): boolean {
    if (this.#come[sequence] === 1) return false;
    if (sequence >= this.#come.length) {
      const larger = new Uint8Array(Math.max(sequence + 1, this.#come.length * 2));
      larger.set(this.#come);
      this.#come = larger;
    }
    this.#come[sequence] = 1;
    this.count++;
    this.first = Math.min(this.first, sequence);
    this.last = Math.max(this.last, sequence);
    return true;
  }

  /** The first of `from` to `to` (not including it) that has not come. */
  hole(from: number, to: number): number {
    for (let i = from; i < to; i++) if (this.#come[i] !== 1) return i;
    return -1;
  }
}

/** How messages are dealt out. */
export type Dealing = "one of them" | "all of them";

/** Looks at what comes to any number of receivers. */
export class Checker {
  /** What went wrong, one line each. */
  readonly failures: string[] = [];
  /** Messages that were looked at. */
  checked = 0;
  /** Messages that are missing and may be. */
  allowed = 0;
  readonly #dealing: Dealing;
  readonly #ledgers = new Map<string, Ledger>();
  /** The last sequence number of each stream. */
  readonly #last = new Map<string, number>();
  readonly #topics = new Map<string, ReadonlySet<number>>();

  /**
   * Makes a checker.
   *
   * @param dealing Whether a message is for one of the receivers, or for all of them.
   */
  constructor(dealing: Dealing = "one of them") {
    this.#dealing = dealing;
  }

  /** Says which topics a receiver has subscribed to; nothing else may come to it. */
  subscribed(receiver: string, topics: readonly number[]): void {
    this.#topics.set(receiver, new Set(topics));
  }

  /** Looks at a message. Returns its label, or `null` for one that is torn. */
  take(receiver: string, frames: readonly Uint8Array[]): Label | null {
    let label: Label;
    try {
      label = inspect(frames);
    } catch (error) {
      if (!(error instanceof TornError)) throw error;
      this.checked++;
      this.#fail(`torn at ${receiver}: ${error.message}`);
      return null;
    }
    this.note(receiver, label);
    return label;
  }

  /** Takes note of a message that was looked at elsewhere and was whole. */
  note(receiver: string, label: Label): void {
    this.checked++;
    const topics = this.#topics.get(receiver);
    if (topics !== undefined && !topics.has(label.topic)) this.#fail(`unwanted at ${receiver}: ${nameOf(label)}`);
    const stream = `${receiver}<${label.sender}.${label.incarnation}`;
    const last = this.#last.get(stream) ?? -1;
    const fresh = this.#ledger(label.sender, label.incarnation, receiver).add(label.sequence);
    if (!fresh) this.#fail(`duplicate at ${receiver}: ${nameOf(label)}`);
    else if (label.sequence < last) this.#fail(`reordered at ${receiver}: ${nameOf(label)} came after ${last}`);
    this.#last.set(stream, Math.max(last, label.sequence));
  }

  /** How many messages of one life of a sender have come. The receiver matters where all get all. */
  received(sender: number, incarnation: number, receiver = ""): number {
    return this.#ledger(sender, incarnation, receiver).count;
  }

  /** Expects that all of the first `sent` messages have come. */
  expectAll(sender: number, incarnation: number, sent: number, receiver = ""): void {
    const hole = this.#ledger(sender, incarnation, receiver).hole(0, sent);
    if (hole >= 0) this.#lost(sender, incarnation, receiver, hole, sent);
  }

  /**
   * Expects that nothing is missing between the first and the last message that came: the receiver was connected all that
   * time. With `begin` the first has to be that one.
   */
  expectWhole(sender: number, incarnation: number, receiver = "", begin?: number): void {
    const ledger = this.#ledger(sender, incarnation, receiver);
    const hole = ledger.hole(begin ?? ledger.first, ledger.last);
    if (hole >= 0) this.#lost(sender, incarnation, receiver, hole, ledger.last);
  }

  /** Expects that no more than so many of the first `sent` messages are missing, and counts them as allowed. */
  expectLossWithin(sender: number, incarnation: number, sent: number, most: number, receiver = ""): void {
    const { count } = this.#ledger(sender, incarnation, receiver);
    const missing = Math.max(0, sent - count);
    if (missing <= most) this.allowed += missing;
    else {
      this.#fail(
        `lost on the way from sender ${sender}, life ${incarnation}: ${missing} of ${sent}, where ${most} may be`,
      );
    }
  }

  /** Expects that a receiver has heard of a sender's life: its subscriptions were there again. */
  expectHeard(sender: number, incarnation: number, receiver = ""): void {
    if (this.received(sender, incarnation, receiver) > 0) return;
    this.#fail(`not restored: ${receiver} has heard nothing of sender ${sender}, life ${incarnation}`);
  }

  #ledger(sender: number, incarnation: number, receiver: string): Ledger {
    const key = `${sender}.${incarnation}${this.#dealing === "all of them" ? `>${receiver}` : ""}`;
    let ledger = this.#ledgers.get(key);
    if (ledger === undefined) this.#ledgers.set(key, ledger = new Ledger());
    return ledger;
  }

  #lost(sender: number, incarnation: number, receiver: string, hole: number, to: number): void {
    const where = receiver === "" ? "" : ` at ${receiver}`;
    this.#fail(`lost${where}: message ${hole} of sender ${sender}, life ${incarnation}, of those before ${to}`);
  }

  #fail(failure: string): void {
    // A stream that has gone wrong goes on doing so.
    if (this.failures.length < 20) this.failures.push(failure);
  }
}

/** Looks at the replies to a REQ that may ask again before it was answered. */
export class Replies {
  /** What went wrong, one line each. */
  readonly failures: string[] = [];
  /** Replies that were looked at. */
  checked = 0;
  #open: string | null = null;

  /** A question was asked; one that was open is given up. */
  asked(label: Label): void {
    this.#open = nameOf(label);
  }

  /** A reply came: the question itself, sent back. */
  answered(frames: readonly Uint8Array[]): void {
    this.checked++;
    let name: string;
    try {
      name = nameOf(inspect(frames));
    } catch (error) {
      if (!(error instanceof TornError)) throw error;
      this.failures.push(`torn reply: ${error.message}`);
      return;
    }
    if (this.#open === null) this.failures.push(`crossed: a reply to ${name}, where no question is open`);
    else if (this.#open !== name) this.failures.push(`crossed: a reply to ${name}, where ${this.#open} is open`);
    else this.#open = null;
  }
}

/**
 * How many messages may be on their way between two Workers: each side reckons for what it sends, and tells the other how
 * many of those that it has received its socket has read.
 *
 * @module
 */

import type { SharedRing } from "../transports/shared_ring.ts";
import { capacityOf } from "./channel.ts";
import type { InprocPipe } from "./inproc_pipe.ts";
import { lowWaterMark } from "./pipe.ts";

/** So many messages are read before the other side is told, and before it is seen whether it waits for that. */
const ACKNOWLEDGE = 16;
/** With less than this capacity it is told of each. */
const NARROW = 64;

/** What one side sends and reads, in messages. All counts are modulo 2³². */
export class Credit {
  #ring: SharedRing;
  #pipe: InprocPipe;
  #capacity = Infinity;
  /** The same for what comes. */
  #inbound = Infinity;
  /** Messages that were sent, and how many of them the other side is known to have read. */
  #sent = 0;
  #read = 0;
  /** Whether the other side knows that this one waits for messages to be read. */
  #wanting = false;
  /** Messages that were received, and how many of them the other side was told to be read. */
  #received = 0;
  #acknowledged = 0;
  /** How many messages are read before {@linkcode taken} looks whether the other side has to know. */
  #leeway = ACKNOWLEDGE;

  constructor(ring: SharedRing, pipe: InprocPipe) {
    this.#ring = ring;
    this.#pipe = pipe;
    this.publish();
  }

  /** A message is sent. */
  sent(): void {
    this.#sent = (this.#sent + 1) | 0;
  }

  /** A message has come. */
  received(): void {
    this.#received = (this.#received + 1) | 0;
  }

  /** Tells the other side this one's high water marks. */
  publish(): void {
    const { sendHighWaterMark, receiveHighWaterMark } = this.#pipe.limits;
    this.#ring.limit(sendHighWaterMark, receiveHighWaterMark);
    this.measure();
  }

  /** Reckons with the high water marks of both sides; `true` when they have changed. */
  measure(): boolean {
    this.#inbound = capacityOf(this.#ring.sendLimit, this.#pipe.limits.receiveHighWaterMark);
    const capacity = this.#reckon();
    if (capacity === this.#capacity) return false;
    this.#capacity = capacity;
    return true;
  }

  /** Whether as many messages are unread as may be. Then the other side rings when half of them are read. */
  get full(): boolean {
    if (this.#free) return false;
    this.#read = this.#ring.acknowledged;
    if (this.#free) return false;
    // The other side tells only those who wait, and may have looked just before this one said so: look once more.
    this.want();
    this.#read = this.#ring.acknowledged;
    return !this.#free;
  }

  /** Whether no more than half as many are unread. */
  get relaxed(): boolean {
    return this.#capacity === Infinity || ((this.#sent - this.#read) | 0) <= lowWaterMark(this.#capacity);
  }

  /** Has the other side ring when the queue is half empty. */
  want(): void {
    this.#wanting = true;
    // A pipe may have been full before there was a channel, with less than half of what there is room for now.
    const mark = this.relaxed ? this.#read + 1 : this.#sent - lowWaterMark(this.#capacity);
    this.#ring.wantCredit(mark | 0);
    // It may have read all there is, and kept that to itself.
    this.#ring.wake();
  }

  /** Nobody waits any more. */
  content(): void {
    if (!this.#wanting) return;
    this.#wanting = false;
    this.#ring.wantCredit(null);
  }

  /** Takes note of what the other side has read; `true` when that is more than before. */
  settle(): boolean {
    const read = this.#ring.acknowledged;
    if (read === this.#read) return false;
    this.#read = read;
    return true;
  }

  /** Whether something has changed since the last look. */
  get pressing(): boolean {
    return this.#ring.acknowledged !== this.#read || this.#reckon() !== this.#capacity || this.#due <= 0;
  }

  /** This side's socket has read a message. */
  taken(): void {
    if (--this.#leeway <= 0) this.acknowledge();
  }

  /** Tells the other side how many messages this one's socket has read, if it has to know. */
  acknowledge(): void {
    let due = this.#due;
    if (due <= 0) {
      this.#acknowledged = this.#consumed;
      this.#ring.acknowledge(this.#acknowledged);
      due = this.#due;
    }
    this.#leeway = due;
  }

  /** How many messages may be read before the other side has to know; 0 or less when it has to know now. */
  get #due(): number {
    const consumed = this.#consumed;
    const news = (consumed - this.#acknowledged) | 0;
    const step = this.#inbound > NARROW ? ACKNOWLEDGE : 1;
    const awaited = this.#ring.awaited;
    // Once it was told of as many as it waits for, it has to know of others as if it did not wait.
    if (awaited === null || ((this.#acknowledged - awaited) | 0) >= 0) return step - news;
    return Math.min(step - news, (awaited - consumed) | 0);
  }

  /** How many messages this side's socket has read. */
  get #consumed(): number {
    return (this.#received - this.#pipe.unread) | 0;
  }

  get #free(): boolean {
    return ((this.#sent - this.#read) | 0) < this.#capacity;
  }

  #reckon(): number {
    return capacityOf(this.#pipe.limits.sendHighWaterMark, this.#ring.receiveLimit);
  }
}

/**
 * A pipe with a raw connection beneath: its messages are stretches of the bytes that come and go, with nothing around them.
 *
 * @module
 */

import { concat } from "../zmtp/concat.ts";
import { BY_REFERENCE } from "./outbox.ts";
import { lowWaterMark, Pipe } from "./pipe.ts";
import { Ring } from "./ring.ts";

/** What a raw pipe asks of the connection beneath. */
export interface RawPipeLink {
  /** Bytes wait to be written. */
  flush(): void;
  /** There is room for more incoming bytes. */
  resume(): void;
  /** Closes the connection at once. */
  abort(): void;
}

/** A pipe whose messages have one frame each. It outlives its connections. */
export class RawPipe extends Pipe {
  #outbox = new Ring<Uint8Array>();
  #link: RawPipeLink | null = null;
  #stalled = false;
  #moved = true;
  #known = false;

  override write(frames: Uint8Array[]): void {
    const bytes = frames[0]!;
    this.#outbox.push(bytes.length < BY_REFERENCE ? bytes.slice() : bytes);
    const limit = this.limits.sendHighWaterMark;
    if (limit > 0 && this.#outbox.length >= limit) this.full = true;
    this.#link?.flush();
  }

  /** A raw peer knows of no subscriptions. */
  override subscribe(): void {}

  override read(): Uint8Array[] | undefined {
    const frames = this.take();
    if (this.#stalled && this.inbox.length <= this.limits.receiveHighWaterMark >> 1) this.#refill();
    return frames;
  }

  override get moving(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  override relimit(): void {
    this.#refill();
    const limit = this.limits.sendHighWaterMark;
    const over = limit > 0 && this.#outbox.length >= limit;
    if (this.full === over) return;
    this.full = over;
    if (!over) this.owner.writable(this);
  }

  override reset(): void {
    this.#link?.abort();
  }

  override discard(): void {
    this.#outbox.clear();
    this.#drained();
  }

  override deafen(): void {
    super.deafen();
    this.#refill();
  }

  override end(): void {
    if (!this.open) return;
    super.end();
    this.#refill();
  }

  // What follows is the link's side.

  /** How many messages wait to be written. */
  get queued(): number {
    return this.#outbox.length;
  }

  /** Whether no more bytes may be received now. */
  get brimming(): boolean {
    const limit = this.limits.receiveHighWaterMark;
    return limit > 0 && !this.deaf && this.inbox.length >= limit;
  }

  /** Takes what to write next: a long message, or as many short ones as make one. */
  next(): Uint8Array | undefined {
    const first = this.#outbox.shift();
    if (first === undefined) return undefined;
    const batch = [first];
    let length = first.length;
    for (let more = this.#outbox.peek(); more !== undefined; more = this.#outbox.peek()) {
      if (length + more.length > BY_REFERENCE) break;
      length += more.length;
      batch.push(more);
      this.#outbox.shift();
    }
    this.#drained();
    return batch.length === 1 ? first : concat(batch);
  }

  /** Bytes have come; `stalled` when no more are read until there is room. */
  delivered(stalled: boolean): void {
    this.#stalled = stalled;
    if (this.inbox.length > 0) this.owner.readable(this);
  }

  /** A connection is made. */
  attach(link: RawPipeLink, address: string): void {
    const again = this.#known;
    this.#known = true;
    this.#link = link;
    this.connected = true;
    this.meet({ peer: null, address });
    this.owner.ready(this, again);
    if (this.#outbox.length > 0) link.flush();
  }

  /** The connection has gone; another may come. */
  detach(): void {
    this.#link = null;
    this.#stalled = false;
    this.connected = false;
    this.owner.lost(this);
    if (this.inbox.length > 0) this.owner.readable(this);
  }

  #drained(): void {
    this.#moved = true;
    if (!this.full) return;
    const limit = this.limits.sendHighWaterMark;
    if (limit > 0 && this.#outbox.length > lowWaterMark(limit)) return;
    this.full = false;
    this.owner.writable(this);
  }

  /** Goes on receiving if there is room again. */
  #refill(): void {
    if (!this.#stalled || this.brimming) return;
    this.#stalled = false;
    this.#link?.resume();
  }
}

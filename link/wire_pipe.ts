/**
 * A pipe with a connection beneath: outgoing messages are encoded in the {@linkcode Outbox}, incoming ones wait as they
 * were decoded.
 *
 * @module
 */

import type { Peer } from "../zmtp/machine.ts";
import { Outbox } from "./outbox.ts";
import type { Part } from "./part.ts";
import { lowWaterMark, Pipe } from "./pipe.ts";

/** What a pipe asks of the connection beneath. */
export interface PipeLink {
  /** Messages wait to be written. */
  flush(): void;
  /** There is room for more incoming messages. */
  resume(): void;
  /** The bytes of a subscription or its end for this peer. */
  subscription(topic: Uint8Array, subscribe: boolean): Uint8Array;
  /** Closes the connection for what the peer did. */
  reset(): void;
}

/** A pipe that outlives its connections. */
export class WirePipe extends Pipe {
  readonly outbox: Outbox = new Outbox();
  #link: PipeLink | null = null;
  #stalled = false;
  #moved = true;

  override write(frames: Uint8Array[]): void {
    const outbox = this.outbox;
    if (this.conflate) outbox.supersede();
    outbox.push(frames);
    const limit = this.limits.sendHighWaterMark;
    if (outbox.messages >= limit && limit > 0 && !this.conflate) this.full = true;
    if (this.#link !== null) this.#link.flush();
  }

  override subscribe(topic: Uint8Array, subscribe: boolean): void {
    if (this.#link === null) return;
    this.outbox.pushEncoded(this.#link.subscription(topic, subscribe));
    this.#link.flush();
  }

  override read(): Uint8Array[] | undefined {
    const frames = this.take();
    if (this.#stalled && this.inbox.length - this.notices <= this.limits.receiveHighWaterMark >> 1) this.#refill();
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
    const over = limit > 0 && this.outbox.messages >= limit && !this.conflate;
    if (this.full === over) return;
    this.full = over;
    if (!over) this.owner.writable(this);
  }

  override reset(): void {
    this.#link?.reset();
  }

  override discard(): void {
    this.outbox.clear();
    this.drained();
  }

  override deafen(): void {
    super.deafen();
    this.#refill();
  }

  /** Goes on receiving if there is room again. */
  #refill(): void {
    if (!this.#stalled || this.room() === 0) return;
    this.#stalled = false;
    this.#link?.resume();
  }

  // What follows is the link's side.

  /** How many more messages may be received now. */
  room(): number {
    const limit = this.limits.receiveHighWaterMark;
    if (limit === 0 || this.conflate || this.deaf) return Infinity;
    return Math.max(0, limit - this.inbox.length + this.notices);
  }

  /** A batch of messages has come; `stalled` when more wait for room. */
  delivered(stalled: boolean): void {
    this.#stalled = stalled;
    if (this.inbox.length > 0) this.owner.readable(this);
  }

  /** What goes out after the part that was taken last, if that is settled: a newer message may supersede it otherwise. */
  following(): Part | undefined {
    return this.conflate ? undefined : this.outbox.peek();
  }

  /** A part of the outbox was taken: there may be room for more. */
  drained(): void {
    this.#moved = true;
    if (!this.full) return;
    const limit = this.limits.sendHighWaterMark;
    if (limit > 0 && this.outbox.messages > lowWaterMark(limit)) return;
    this.full = false;
    this.owner.writable(this);
  }

  /** Makes the outbox fit for another connection, see {@linkcode Outbox.restore}. */
  takeBack(part: Part | undefined, written: number): void {
    // Where only the newest message counts, one that waits replaces the one that did not get through.
    const superseded = this.conflate && this.outbox.messages > 0;
    this.outbox.restore(superseded ? undefined : part, written);
  }

  /** A connection is ready. */
  attach(link: PipeLink, peer: Peer, address: string): void {
    const again = this.peer !== null;
    // Before the new connection is met: what this brings to read is of the former one.
    if (again) this.owner.returning(this);
    this.#link = link;
    this.peer = peer;
    this.connected = true;
    this.meet({ peer, address });
    this.owner.ready(this, again);
    if (!this.outbox.empty) link.flush();
  }

  /** The connection has gone; another may come. */
  detach(): void {
    if (!this.connected) return;
    this.#link = null;
    this.#stalled = false;
    this.connected = false;
    this.owner.lost(this);
    if (this.inbox.length > 0) this.owner.readable(this);
  }

  override end(): void {
    if (!this.open) return;
    super.end();
    this.#refill();
  }
}

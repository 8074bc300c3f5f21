/**
 * A pipe with a connection beneath, one after the other: what all such pipes do, whatever their connections carry.
 *
 * @module
 */

import { lowWaterMark, type Origin, Pipe } from "./pipe.ts";

/** What every such pipe asks of the connection beneath. */
export interface LinkBeneath {
  /** Something waits to be written. */
  flush(): void;
  /** There is room for more that comes in. */
  resume(): void;
}

/** A pipe that outlives its connections. */
export abstract class LinkedPipe<L extends LinkBeneath> extends Pipe {
  /** The connection, while there is one. */
  protected link: L | null = null;
  #stalled = false;

  /** How many messages wait to be written. */
  abstract get queued(): number;

  override read(): Uint8Array[] | undefined {
    const frames = this.take();
    if (this.#stalled && this.inbox.length - this.notices <= this.limits.receiveHighWaterMark >> 1) this.#refill();
    return frames;
  }

  override relimit(): void {
    this.#refill();
    const { over } = this;
    if (this.full === over) return;
    this.full = over;
    if (!over) this.owner.writable(this);
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

  /** Whether as many messages wait to be written as may. */
  protected get over(): boolean {
    const limit = this.limits.sendHighWaterMark;
    return limit > 0 && this.queued >= limit && !this.conflate;
  }

  /** Goes on receiving if there is room again. */
  #refill(): void {
    if (!this.#stalled || this.room() === 0) return;
    this.#stalled = false;
    this.link?.resume();
  }

  // What follows is the link's side.

  /** How many more messages may be received now. */
  room(): number {
    const limit = this.limits.receiveHighWaterMark;
    if (limit === 0 || this.conflate || this.deaf) return Infinity;
    return Math.max(0, limit - this.inbox.length + this.notices);
  }

  /** Something has come; `stalled` when more waits for room. */
  delivered(stalled: boolean): void {
    this.#stalled = stalled;
    if (this.inbox.length > 0) this.owner.readable(this);
  }

  /** Some of what waited was taken: there may be room for more. */
  drained(): void {
    this.moved = true;
    if (!this.full) return;
    const limit = this.limits.sendHighWaterMark;
    if (limit > 0 && this.queued > lowWaterMark(limit)) return;
    this.full = false;
    this.owner.writable(this);
  }

  /** A connection is there; `again` after another was lost. */
  protected join(link: L, origin: Origin, again: boolean): void {
    this.link = link;
    this.connected = true;
    this.meet(origin);
    this.owner.ready(this, again);
  }

  /** The connection has gone; another may come. */
  detach(): void {
    if (!this.connected) return;
    this.link = null;
    this.#stalled = false;
    this.connected = false;
    this.owner.lost(this);
    if (this.inbox.length > 0) this.owner.readable(this);
  }
}

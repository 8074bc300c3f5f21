/**
 * The pipe: what lies between a socket and one peer. A bounded queue each way.
 *
 * Outgoing messages are encoded in the {@linkcode Outbox}; incoming ones wait as they were decoded. The high water marks
 * count whole messages. A pipe that was full takes messages again only when half of it has gone, as ZeroMQ does, so that
 * sender and receiver do not wake each other for every message.
 *
 * @module
 */

import type { Peer } from "../zmtp/machine.ts";
import { Outbox, type Part } from "./outbox.ts";
import { Ring } from "./ring.ts";

/** What a pipe tells its socket. */
export interface PipeOwner {
  /** Whether {@linkcode intercept} is to be asked. */
  readonly intercepts: boolean;
  /** A peer is connected to the pipe and ready: the first time, or `again` after a connection was lost. */
  ready(pipe: Pipe, again: boolean): void;
  /** Messages wait in a pipe where none did. */
  readable(pipe: Pipe): void;
  /** A full pipe takes messages again. */
  writable(pipe: Pipe): void;
  /** A subscription or its end came from the peer. */
  subscription(pipe: Pipe, topic: Uint8Array, subscribe: boolean): void;
  /** A message came. The socket may take it before it is queued by returning `true`. */
  intercept(pipe: Pipe, frames: Uint8Array[]): boolean;
  /** The peer is disconnected; the pipe waits for another connection. */
  lost(pipe: Pipe): void;
  /** The pipe takes no more messages. What it has received can still be read. */
  ended(pipe: Pipe): void;
}

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

/** Ends a pipe from the socket's side. `linger` in ms, -1 without limit: how long queued messages may take. */
export type Terminate = (linger: number) => void;

/** What bounds a pipe. */
export interface PipeLimits {
  /** Outgoing messages, 0 for no limit. */
  sendHighWaterMark: number;
  /** Incoming messages, 0 for no limit. */
  receiveHighWaterMark: number;
}

/** What a pipe is made with. */
export interface PipeOptions {
  /** The high water marks; the socket may change them while the pipe lives. */
  readonly limits: PipeLimits;
  /** Whether only the newest message is kept, each way. */
  readonly conflate: boolean;
  /** The endpoint that led to the peer. */
  readonly endpoint: string;
  /** The routing id that `connect()` chose for the peer. */
  readonly routingId?: Uint8Array | undefined;
}

/** Two bounded queues of messages between a socket and a peer. */
export class Pipe {
  /** A mark of the fair queue: the pipe stands in line to be read. */
  readLine = false;
  /** A mark of the load balancer: the pipe stands in line to be written. */
  writeLine = false;
  /** A mark of the fan-out: the last message that was sent here. */
  stamp = 0;
  /** What the peer said of itself, once it has been connected. */
  peer: Peer | null = null;
  /** The endpoint that led here. */
  readonly endpoint: string;
  /** The routing id given by `connect()`, for this peer. */
  readonly routingId: Uint8Array | undefined;
  /** Whether messages can be queued: from `connect()` or the handshake on, to the end. */
  open = true;
  /** Whether the pipe was full and is not yet half empty. */
  full = false;
  /** Whether a peer is connected and ready. */
  connected = false;
  /** Received items that do not count as messages. */
  notices = 0;

  readonly outbox: Outbox = new Outbox();
  readonly limits: PipeLimits;
  readonly #conflate: boolean;
  #owner: PipeOwner;
  #inbox = new Ring<Uint8Array[]>();
  #link: PipeLink | null = null;
  #stalled = false;
  #moved = true;
  #deaf = false;
  /** Messages are queued as they come. */
  #plain: boolean;
  #terminate: Terminate;

  constructor(owner: PipeOwner, options: PipeOptions, terminate: Terminate) {
    this.#owner = owner;
    this.#terminate = terminate;
    this.limits = options.limits;
    this.endpoint = options.endpoint;
    this.routingId = options.routingId;
    this.#conflate = options.conflate;
    this.#plain = !owner.intercepts && !options.conflate;
  }

  /** Queues a message. The pipe must be open and not full. */
  write(frames: readonly Uint8Array[]): void {
    const outbox = this.outbox;
    if (this.#conflate) outbox.supersede();
    outbox.push(frames);
    const limit = this.limits.sendHighWaterMark;
    if (outbox.messages >= limit && limit > 0 && !this.#conflate) this.full = true;
    if (this.#link !== null) this.#link.flush();
  }

  /** Sends a subscription or its end; where no peer is connected there is nothing to do. */
  subscribe(topic: Uint8Array, subscribe: boolean): void {
    if (this.#link === null) return;
    this.outbox.pushEncoded(this.#link.subscription(topic, subscribe));
    this.#link.flush();
  }

  /** Whether a received message waits. */
  get readable(): boolean {
    return this.#inbox.length > 0;
  }

  /** Takes the next received message. */
  read(): Uint8Array[] | undefined {
    const frames = this.#inbox.shift();
    if (this.#stalled && this.#inbox.length - this.notices <= this.limits.receiveHighWaterMark >> 1) this.refill();
    return frames;
  }

  /** Queues a message for the socket to read, as if the peer had sent it. */
  receive(frames: Uint8Array[]): void {
    if (this.#deaf) return;
    if (this.#conflate && this.#inbox.length > 0) this.#inbox.shift();
    this.#inbox.push(frames);
  }

  /** Goes on receiving if there is room again. */
  refill(): void {
    if (!this.#stalled || this.room() === 0) return;
    this.#stalled = false;
    this.#link?.resume();
  }

  /** Ends the pipe. Further calls do nothing. */
  close(linger: number): void {
    if (this.open) this.#terminate(linger);
  }

  /** Drops what was received and all that is still to come. */
  deafen(): void {
    this.#deaf = true;
    this.#plain = false;
    this.#inbox.clear();
    this.notices = 0;
    this.refill();
  }

  /** Drops the connection of a peer that broke the rules of the pattern. */
  reset(): void {
    this.#link?.reset();
  }

  // What follows is the link's side.

  /** How many more messages may be received now. */
  room(): number {
    const limit = this.limits.receiveHighWaterMark;
    if (limit === 0 || this.#conflate || this.#deaf) return Infinity;
    return Math.max(0, limit - this.#inbox.length + this.notices);
  }

  /** A message came from the peer. */
  deliver(frames: Uint8Array[]): void {
    if (this.#plain) this.#inbox.push(frames);
    else if (!this.#deaf && !this.#owner.intercept(this, frames)) this.receive(frames);
  }

  /** A batch of messages has come; `stalled` when more wait for room. */
  delivered(stalled: boolean): void {
    this.#stalled = stalled;
    if (this.#inbox.length > 0) this.#owner.readable(this);
  }

  /** A subscription came from the peer. */
  subscription(topic: Uint8Array, subscribe: boolean): void {
    if (!this.#deaf) this.#owner.subscription(this, topic, subscribe);
  }

  /** A part of the outbox was taken: there may be room for more. */
  drained(): void {
    this.#moved = true;
    if (!this.full) return;
    const limit = this.limits.sendHighWaterMark;
    if (limit > 0 && this.outbox.messages > limit - ((limit + 1) >> 1)) return;
    this.full = false;
    this.#owner.writable(this);
  }

  /** Makes the outbox fit for another connection, see {@linkcode Outbox.restore}. */
  takeBack(part: Part | undefined, written: number): void {
    // Where only the newest message counts, one that waits replaces the one that did not get through.
    const superseded = this.#conflate && this.outbox.messages > 0;
    this.outbox.restore(superseded ? undefined : part, written);
  }

  /** Whether the peer has taken something since the last time this was asked: one that is stuck is not worth a pause. */
  get moving(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** The high water mark for sending has changed, which acts at once. */
  relimit(): void {
    const limit = this.limits.sendHighWaterMark;
    const over = limit > 0 && this.outbox.messages >= limit && !this.#conflate;
    if (this.full === over) return;
    this.full = over;
    if (!over) this.#owner.writable(this);
  }

  /** A connection is ready. */
  attach(link: PipeLink, peer: Peer): void {
    const again = this.peer !== null;
    this.#link = link;
    this.peer = peer;
    this.connected = true;
    this.#owner.ready(this, again);
    if (!this.outbox.empty) link.flush();
  }

  /** The connection has gone; another may come. */
  detach(): void {
    if (!this.connected) return;
    this.#link = null;
    this.#stalled = false;
    this.connected = false;
    this.#owner.lost(this);
    if (this.#inbox.length > 0) this.#owner.readable(this);
  }

  /** No further message can be queued, and none comes any more; those that have come can still be read. */
  end(): void {
    if (!this.open) return;
    this.open = false;
    this.#owner.ended(this);
    this.#deaf = true;
    this.#plain = false;
    this.refill();
  }
}

/**
 * The pipe: what lies between a socket and one peer. A bounded queue each way.
 *
 * This is what every pipe is to its socket. How messages get to the other side is for the two kinds to know: a
 * {@linkcode WirePipe} has a connection beneath, an {@linkcode InprocPipe} another pipe.
 *
 * The high water marks count whole messages. A pipe that was full takes messages again only when half of it has gone, as
 * ZeroMQ does, so that sender and receiver do not wake each other for every message.
 *
 * @module
 */

import type { ProtocolError } from "../zmtp/error.ts";
import type { Peer } from "../zmtp/machine.ts";
import { Queue } from "./queue.ts";

/** What a pipe tells its socket. */
export interface PipeOwner {
  /** Whether {@linkcode intercept} is to be asked. */
  readonly intercepts: boolean;
  /** A peer is about to be connected again: what the former connection has said is over. Then {@linkcode ready} follows. */
  returning(pipe: Pipe): void;
  /** A peer is connected to the pipe and ready: the first time, or `again` after a connection was lost. */
  ready(pipe: Pipe, again: boolean): void;
  /** Messages wait in a pipe where none did. */
  readable(pipe: Pipe): void;
  /** As {@linkcode readable}, but more messages may follow at once: whoever waits for one can wait for them to gather. */
  filling(pipe: Pipe): void;
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

/** Ends a pipe from the socket's side. `linger` in ms, -1 without limit: how long queued messages may take. */
export type Terminate = (linger: number) => void;

/** One of the connections that a pipe has had. */
export interface Origin {
  /** What the peer has said of itself; `null` where there was no handshake. */
  readonly peer: Peer | null;
  /** The peer's address, see {@linkcode ByteStream.peerAddress}; empty within a process. */
  readonly address: string;
}

const NOWHERE: Origin = { peer: null, address: "" };

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

/** Something for a socket's user to read that no peer has sent as a message. */
export class Notice extends Array<Uint8Array> {
  /** Whether the high water marks do not count it. */
  exempt = false;
}

/** What a notice tells of the connection beneath a pipe. */
export type News = "came" | "went" | "hiccup";

/** Two bounded queues of messages between a socket and a peer. */
export abstract class Pipe {
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
  /** Notices among the messages to be read that do not count as such. */
  notices = 0;
  /** The connection that the message came by which was read last. */
  origin: Origin = NOWHERE;

  readonly limits: PipeLimits;
  protected readonly owner: PipeOwner;
  protected readonly conflate: boolean;
  /** Messages to be read. */
  protected readonly inbox: Queue<Uint8Array[]> = new Queue();
  /** Messages are queued as they come. */
  protected plain: boolean;
  /** What comes is dropped. */
  protected deaf = false;
  /** The peer has taken something that nobody has asked about yet. */
  protected moved = true;
  /** Connections whose messages are still to be read, and how many others are to be read before, after those of the last. */
  #following: { readonly origin: Origin; before: number }[] = [];
  /** The last notice of a connection, read or not. */
  #latest: { readonly news: News; readonly frames: Uint8Array[] } | null = null;
  #terminate: Terminate;

  constructor(owner: PipeOwner, options: PipeOptions, terminate: Terminate) {
    this.owner = owner;
    this.#terminate = terminate;
    this.limits = options.limits;
    this.endpoint = options.endpoint;
    this.routingId = options.routingId;
    this.conflate = options.conflate;
    this.plain = !owner.intercepts && !options.conflate;
  }

  /** Queues a message. The pipe must be open and not full. The array is the pipe's from now on. */
  abstract write(frames: Uint8Array[]): void;

  /** Sends a subscription or its end; where no peer is connected there is nothing to do. */
  abstract subscribe(topic: Uint8Array, subscribe: boolean): void;

  /** Takes the next received message. */
  abstract read(): Uint8Array[] | undefined;

  /** A high water mark has changed, which acts at once. */
  abstract relimit(): void;

  /** Drops a peer that broke the rules of the pattern; `reason` is what its disconnection gives as its error. */
  abstract reset(reason?: ProtocolError): void;

  /** Drops what waits to be sent. */
  abstract discard(): void;

  /** Whether the peer has taken something since the last time this was asked: one that is stuck is not worth a pause. */
  get moving(): boolean {
    const { moved } = this;
    this.moved = false;
    return moved;
  }

  /** Whether a received message waits. */
  get readable(): boolean {
    return this.inbox.length > 0;
  }

  /** Queues a message for the socket to read, as if the peer had sent it. */
  receive(frames: Uint8Array[]): void {
    if (this.deaf) return;
    if (this.conflate && this.inbox.length > 0) this.take();
    if (frames instanceof Notice && frames.exempt) this.notices++;
    this.inbox.push(frames);
  }

  /**
   * Queues a notice of a connection for the socket to read. A pipe outlives its connections, so that nobody may read while
   * they come and go for days: at the high water mark a notice that says the same as the last one that waits is left out.
   */
  inform(news: News, frames: Uint8Array[]): void {
    if (this.#brimming && this.#awaits(news)) return;
    this.receive(frames);
    this.#latest = { news, frames };
  }

  /**
   * Takes a notice back that another would undo, if it is the last that waits, and the pipe is at its high water mark.
   *
   * @returns Whether it was taken back.
   */
  withdraw(news: News): boolean {
    if (!this.#brimming || !this.#awaits(news)) return false;
    this.inbox.pop();
    this.#latest = null;
    return true;
  }

  /** Whether as many messages wait to be read as may. */
  get #brimming(): boolean {
    const limit = this.limits.receiveHighWaterMark;
    return limit > 0 && this.inbox.length - this.notices >= limit;
  }

  /** Whether the last that waits to be read is a notice with such news. */
  #awaits(news: News): boolean {
    return this.#latest?.news === news && this.inbox.last === this.#latest.frames;
  }

  /** Takes the next message or notice to be read. */
  protected take(): Uint8Array[] | undefined {
    const frames = this.inbox.shift();
    if (this.#following.length > 0 && frames !== undefined) this.#proceed();
    if (this.notices > 0 && frames instanceof Notice && frames.exempt) this.notices--;
    return frames;
  }

  /** Ends the pipe. Further calls do nothing. */
  close(linger: number): void {
    if (this.open) this.#terminate(linger);
  }

  /** Drops what was received and all that is still to come. */
  deafen(): void {
    this.#stopListening();
    this.inbox.clear();
    this.notices = 0;
    this.#following.length = 0;
  }

  // What follows is the link's side.

  /** What comes from now on comes by another connection. */
  protected meet(origin: Origin): void {
    const following = this.#following;
    let before = this.inbox.length;
    if (before === 0) {
      this.origin = origin;
      following.length = 0;
      return;
    }
    for (const earlier of following) before -= earlier.before;
    // A connection that brought nothing is forgotten.
    if (before === 0 && following.length > 0) before = following.pop()!.before;
    following.push({ origin, before });
  }

  /** A message was taken: it may be the first of a connection. */
  #proceed(): void {
    const following = this.#following;
    if (following[0]!.before === 0) this.origin = following.shift()!.origin;
    if (following.length > 0) following[0]!.before--;
  }

  /** A message came from the peer. */
  deliver(frames: Uint8Array[]): void {
    if (this.plain) this.inbox.push(frames);
    else if (!this.deaf && !this.owner.intercept(this, frames)) this.receive(frames);
  }

  /** A subscription came from the peer. */
  subscription(topic: Uint8Array, subscribe: boolean): void {
    if (!this.deaf) this.owner.subscription(this, topic, subscribe);
  }

  /** No further message can be queued, and none comes any more; those that have come can still be read. */
  end(): void {
    if (!this.open) return;
    this.open = false;
    this.owner.ended(this);
    this.#stopListening();
  }

  #stopListening(): void {
    this.deaf = true;
    this.plain = false;
  }
}

/** With so many messages left, or fewer, a queue of this size that was full takes messages again. */
export function lowWaterMark(limit: number): number {
  return limit - ((limit + 1) >> 1);
}

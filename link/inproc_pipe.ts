/**
 * A pipe with another pipe at its other end, and a channel between the two.
 *
 * Until there is one, what is sent waits here: a socket may connect to a name that nobody is bound to yet.
 *
 * @module
 */

import type { Peer } from "../zmtp/machine.ts";
import type { Channel } from "./channel.ts";
import { Pipe, type PipeOptions, type PipeOwner, type Terminate } from "./pipe.ts";
import { Ring } from "./ring.ts";

/** A pipe within the process. */
export class InprocPipe extends Pipe {
  #channel: Channel | null = null;
  /** What was sent before there was a channel. */
  #pending: Ring<Uint8Array[]> = new Ring();
  /** A channel that somebody else may take up; it gets what waits, too. */
  #offer: Channel | null = null;
  #whenLeft: () => void;

  /**
   * Makes a pipe that is joined to nothing.
   *
   * @param terminate Is called when the socket ends the pipe.
   * @param whenLeft Is called when the other side has ended it, before the socket is told.
   */
  constructor(owner: PipeOwner, options: PipeOptions, terminate: Terminate, whenLeft: () => void) {
    super(owner, options, terminate);
    this.#whenLeft = whenLeft;
  }

  override write(frames: Uint8Array[]): void {
    const channel = this.#channel;
    if (channel === null) return this.#hold(frames);
    if (channel.send(frames) && !this.conflate) this.full = true;
  }

  override subscribe(topic: Uint8Array, subscribe: boolean): void {
    this.#channel?.subscribe(topic, subscribe);
  }

  override read(): Uint8Array[] | undefined {
    const frames = this.take();
    if (frames !== undefined && this.#channel !== null) this.#channel.taken();
    return frames;
  }

  override relimit(): void {
    this.#channel?.relimit();
    this.#offer?.relimit();
    this.recheck();
  }

  /** What breaks a pattern is dropped by the socket: there is no connection that it could cost. */
  override reset(): void {}

  override discard(): void {
    this.#pending.clear();
  }

  // What follows is the link's side.

  /** How many messages wait to be read. */
  get unread(): number {
    return this.inbox.length - this.notices;
  }

  /** How many messages wait for a channel. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Whether only the newest message is kept, each way. */
  get conflating(): boolean {
    return this.conflate;
  }

  /** Lets a channel carry what waits, should somebody take it up. */
  offer(channel: Channel): void {
    this.#offer = channel;
    for (const frames of this.#pending) channel.send(frames);
  }

  /** Is joined to another pipe. What waits is left to {@linkcode flush}. */
  join(channel: Channel, peer: Peer): void {
    if (channel === this.#offer) this.#pending.clear();
    this.#offer = null;
    this.#channel = channel;
    this.peer = peer;
    this.connected = true;
    this.meet({ peer, address: "" });
  }

  /** Sends what has waited for the channel. */
  flush(): void {
    const pending = this.#pending;
    for (let frames = pending.shift(); frames !== undefined; frames = pending.shift()) this.#channel!.send(frames);
  }

  /** Tells the socket that its peer is there. */
  begin(): void {
    if (!this.open || !this.connected) return;
    this.owner.ready(this, false);
    this.arrived();
  }

  /** A message has come; others may follow at once. */
  arrive(frames: Uint8Array[]): void {
    this.deliver(frames);
    if (this.inbox.length === 1) this.owner.filling(this);
  }

  /** Messages have come through {@linkcode deliver}. */
  arrived(): void {
    if (this.inbox.length > 0) this.owner.readable(this);
  }

  /** The socket at the other end has read something. */
  drained(): void {
    this.moved = true;
    if (!this.full || !this.#channel?.relaxed) return;
    this.full = false;
    this.owner.writable(this);
  }

  /** A high water mark at either end has changed. */
  recheck(): void {
    const over = !this.conflate && (this.#channel === null ? this.#brimming : this.#channel.full);
    if (this.full === over) return;
    this.full = over;
    if (!over) this.owner.writable(this);
  }

  /** Ends the pipe from this side: what was sent still arrives, and what has come can still be read. */
  leave(): void {
    if (!this.open) return;
    this.#channel?.drain();
    this.#part();
    this.#channel?.close();
    this.#offer?.close();
  }

  /** The other side has ended the pipe, and all that it sent has come. */
  left(): void {
    if (!this.open) return;
    this.#whenLeft();
    this.#part();
  }

  #part(): void {
    if (this.connected) {
      this.connected = false;
      this.owner.lost(this);
      if (this.inbox.length > 0) this.owner.readable(this);
    }
    this.end();
  }

  #hold(frames: Uint8Array[]): void {
    if (this.conflate) this.#pending.clear();
    this.#pending.push(frames);
    this.#offer?.send(frames);
    if (this.#brimming && !this.conflate) this.full = true;
  }

  /** Before there is a channel only this side's high water mark counts. */
  get #brimming(): boolean {
    const limit = this.limits.sendHighWaterMark;
    return limit > 0 && this.#pending.length >= limit;
  }
}

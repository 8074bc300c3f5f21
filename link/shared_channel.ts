/**
 * The channel between two pipes of different Workers: messages go through rings in shared memory.
 *
 * On their way they have the form that they have on a wire, encoded as they are sent and decoded in bulk. What does not fit
 * into the ring waits in the outbox, so that a message may be far larger than the ring. How many messages may be on their
 * way is up to the high water marks: each side tells the other how many its socket has read.
 *
 * ```
 * state     entered when                              leaves to
 * -------   ---------------------------------------   -----------------------------------------------
 * offered   made by the side that connects            joined (accepted) · over (withdrawn)
 * joined    made by the side that binds, or accepted  closing (close) · over (the other side is done)
 * closing   this side is done, but messages wait      over (all written, or nobody reads them)
 * over      nothing is left to do                     nothing
 * ```
 *
 * @module
 */

import { BrokenRingError, type SharedRing } from "../transports/shared_ring.ts";
import { decodeCommand, encodeCommand } from "../zmtp/command.ts";
import { ProtocolError } from "../zmtp/error.ts";
import { type Attended, Attention } from "./attention.ts";
import type { Channel } from "./channel.ts";
import { Credit } from "./credit.ts";
import { type Flushable, flushSoon } from "./flusher.ts";
import type { InprocPipe } from "./inproc_pipe.ts";
import { RingReader, type RingSink } from "./ring_reader.ts";
import { RingWriter } from "./ring_writer.ts";

/** What a channel tells its link. */
export interface ChannelOwner {
  /** The offer was accepted: the pipe can be joined. */
  accepted(): void;
  /** The channel is over. */
  over(): void;
}

/** So many messages, or pieces of messages, are gathered while a sender keeps sending. */
const BATCH = 128;
/** A piece is so many bytes, as a power of 2. */
const PIECE = 7;

/** One end of a channel between Workers. */
export class SharedChannel implements Channel, Attended, Flushable, RingSink {
  #ring: SharedRing;
  #pipe: InprocPipe;
  #owner: ChannelOwner;
  #state: "offered" | "joined" | "closing" | "over";
  /** Whether the state before `closing` was `joined`. */
  #joined: boolean;
  #reader: RingReader;
  #writer: RingWriter;
  #credit: Credit;
  #attention: Attention;
  /** Messages and pieces that were sent since the ring was last written. */
  #gathered = 0;
  /** Whether {@linkcode write} will be called without our doing. */
  #flushing = false;
  /** The other side reads nothing any more. */
  #unheard = false;
  /** Writes what waits, as far as there is room for it. */
  readonly #pump = (): void => {
    this.#gathered = 0;
    this.#writer.write();
  };
  readonly #more = (): void => this.#reader.more();

  /**
   * Makes an end.
   *
   * @param joined Whether the other end is there already.
   */
  constructor(ring: SharedRing, pipe: InprocPipe, owner: ChannelOwner, joined: boolean) {
    this.#ring = ring;
    this.#pipe = pipe;
    this.#owner = owner;
    this.#joined = joined;
    this.#state = joined ? "joined" : "offered";
    this.#reader = new RingReader(ring, this);
    this.#writer = new RingWriter(ring);
    this.#credit = new Credit(ring, pipe);
    this.#attention = new Attention(ring, this);
  }

  /** Begins to listen to the other side. */
  start(): void {
    // Senders may have waited for a peer, and filled the pipe before there was a channel.
    if (this.#joined && this.#pipe.full) this.#credit.want();
    this.#attention.look();
  }

  /** Whether something waits that the other side cannot see yet. */
  get unsent(): boolean {
    return !this.#writer.empty;
  }

  /** Takes the offer back, so that the pipe can be joined to another; `false` when it was accepted before. */
  withdraw(): boolean {
    if (!this.#ring.withdraw()) return false;
    this.#end();
    return true;
  }

  send(frames: Uint8Array[]): boolean {
    if (this.#state === "over" || this.#unheard) return this.#unheard;
    const { outbox } = this.#writer;
    if (this.#pipe.conflating) outbox.supersede();
    outbox.push(frames);
    if (!this.#pipe.conflating) this.#credit.sent();
    this.#gathered += 1 + (frames[frames.length - 1]!.length >> PIECE);
    // The first is written at once: its sender may be a Worker that ends with it.
    if (this.#gathered >= BATCH || !this.#flushing) this.#guard(this.#pump);
    this.#flush();
    return this.full;
  }

  subscribe(topic: Uint8Array, subscribe: boolean): void {
    if (this.#state === "over" || this.#unheard) return;
    this.#writer.outbox.pushEncoded(encodeCommand(subscribe ? "SUBSCRIBE" : "CANCEL", topic));
    this.#flush();
  }

  get full(): boolean {
    if (!this.#unheard && !this.#credit.full) return false;
    this.#guard(this.#pump);
    this.#attention.soon();
    return true;
  }

  get relaxed(): boolean {
    return !this.#unheard && this.#credit.relaxed;
  }

  taken(): void {
    this.#credit.taken();
    if (this.#reader.midway && !this.stocked) this.#guard(this.#more);
  }

  relimit(): void {
    if (this.#state === "over") return;
    this.#credit.publish();
    this.#ring.wake();
  }

  drain(): void {
    if (this.#state === "joined") this.#guard(() => this.#pull(true));
  }

  close(): void {
    if (this.#state === "closing" || this.#state === "over") return;
    this.#state = "closing";
    this.#ring.close();
    this.#attention.look();
  }

  /** The Worker at the other side has gone. What it has sent is still there. */
  died(): void {
    this.drain();
    this.#depart();
  }

  write(): void {
    this.#flushing = false;
    if (this.#state !== "over") this.#guard(this.#pump);
  }

  message(frames: Uint8Array[]): void {
    this.#credit.received();
    this.#pipe.deliver(frames);
  }

  get stocked(): boolean {
    return this.#pipe.readable;
  }

  command(body: Uint8Array): void {
    const command = decodeCommand(body);
    if (command === null) return;
    if (command.name === "SUBSCRIBE") this.#pipe.subscription(command.data.slice(), true);
    else if (command.name === "CANCEL") this.#pipe.subscription(command.data.slice(), false);
  }

  look(): boolean {
    let busy = false;
    this.#guard(() => busy = this.#round());
    this.#conclude();
    return busy;
  }

  get lively(): boolean {
    return this.#joined;
  }

  get pressing(): boolean {
    let pressing = true;
    this.#guard(() => pressing = this.#isPressing());
    return pressing;
  }

  #isPressing(): boolean {
    const ring = this.#ring;
    if (!this.#joined) return ring.accepted || ring.refused;
    if (!this.#unheard && ring.closed) return true;
    if (this.#state === "joined" && (ring.readable > 0 || ring.finished)) return true;
    return this.#writer.unblocked || this.#credit.pressing;
  }

  /** Looks at everything once; `true` when something had happened. */
  #round(): boolean {
    const ring = this.#ring;
    if (!this.#joined) {
      if (!ring.accepted) {
        if (ring.refused) this.#depart();
        else this.#pump();
        return false;
      }
      this.#join();
    }
    let busy = false;
    // Before the messages that it has read: who reads nothing more reads none that is sent for them.
    if (!this.#unheard && ring.closed) this.#mute();
    if (this.#credit.measure()) this.#pipe.recheck();
    if (this.#credit.settle()) {
      busy = true;
      this.#pipe.drained();
      if (!this.#pipe.full) this.#credit.content();
      else this.#credit.want();
    }
    // Before the bytes: those that the other side wrote before it finished are seen then.
    const finished = ring.finished;
    // Only who has read everything, and so keeps up, is served in sips.
    const all = finished || this.#pipe.conflating || this.stocked;
    if (this.#state === "joined" && this.#pull(all)) busy = true;
    this.#pump();
    this.#credit.acknowledge();
    if (finished && this.#state === "joined" && ring.readable === 0) this.#depart();
    return busy;
  }

  #join(): void {
    this.#joined = true;
    if (this.#state === "offered") this.#state = "joined";
    this.#credit.measure();
    this.#owner.accepted();
    this.#pipe.recheck();
  }

  /** Ends a channel that this side has closed once all is written that can be. */
  #conclude(): void {
    if (this.#state !== "closing" || this.unsent) return;
    this.#ring.finish();
    if (this.#joined) this.#end();
  }

  /** The other side reads nothing any more: nothing can be sent. */
  #mute(): void {
    this.#unheard = true;
    this.#writer.clear();
    this.#pipe.recheck();
  }

  /** Takes what is there, or some of it, as {@linkcode taken} goes on with the rest; `false` when that is nothing. */
  #pull(all: boolean): boolean {
    if (!this.#reader.take(all)) return false;
    this.#pipe.arrived();
    return true;
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    flushSoon(this);
  }

  /** Does something that fails only where somebody has spoilt the memory: that ends the channel. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof BrokenRingError || error instanceof ProtocolError)) throw error;
      this.#ring.close();
      this.#ring.finish();
      this.#depart();
    }
  }

  /** The other side is done, or cannot be talked to. */
  #depart(): void {
    if (this.#state === "over") return;
    this.#end();
    this.#pipe.left();
  }

  #end(): void {
    this.#state = "over";
    this.#writer.clear();
    this.#attention.end();
    this.#owner.over();
  }
}

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
 * A side that has seen something happen looks again every turn for a while before it sleeps: waking a Worker takes far
 * longer than such a look.
 *
 * @module
 */

import { BrokenRingError, type SharedRing } from "../transports/shared_ring.ts";
import { decodeCommand, encodeCommand } from "../zmtp/command.ts";
import { Decoder, type DecoderSink } from "../zmtp/decoder.ts";
import { ProtocolError } from "../zmtp/error.ts";
import { capacityOf, type Channel } from "./channel.ts";
import { type Flushable, flushSoon } from "./flusher.ts";
import type { InprocPipe } from "./inproc_pipe.ts";
import { Outbox, type Part } from "./outbox.ts";
import { lowWaterMark } from "./pipe.ts";

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
/** So many messages are read before the other side is told, unless it waits for that. */
const ACKNOWLEDGE = 16;
/** With less than this capacity it is told of each. */
const NARROW = 64;
/** So many turns without anything to do go by before a side sleeps. */
const PATIENCE = 32;

/** One end of a channel between Workers. */
export class SharedChannel implements Channel, Flushable, DecoderSink {
  #ring: SharedRing;
  #pipe: InprocPipe;
  #owner: ChannelOwner;
  #state: "offered" | "joined" | "closing" | "over";
  /** Whether the state before `closing` was `joined`. */
  #joined: boolean;
  #outbox = new Outbox(true);
  #decoder = new Decoder(-1);
  #capacity = Infinity;
  /** Messages that were sent, and how many of them the other side is known to have read; both modulo 2³². */
  #sent = 0;
  #read = 0;
  /** Whether the other side knows that this one waits for messages to be read. */
  #wanting = false;
  /** Messages that were received, and how many of them the other side was told to be read; both modulo 2³². */
  #received = 0;
  #acknowledged = 0;
  /** Messages and pieces that were sent since the ring was last written. */
  #gathered = 0;
  /** Whether {@linkcode write} will be called without our doing. */
  #flushing = false;
  /** What is being written, and how much of it is. */
  #part: Part | undefined;
  #written = 0;
  /** The other side has to read before more can be written. */
  #blocked = false;
  /** The other side reads nothing any more. */
  #unheard = false;
  #working = false;
  /** Whether this side looks again at the end of the turn, and for how many turns there was nothing. */
  #turning = false;
  #quiet = 0;
  #sleeping = false;
  readonly #whenRung = (): void => {
    this.#sleeping = false;
    this.#quiet = 0;
    this.#work();
  };
  readonly #whenTurned = (): void => {
    this.#turning = false;
    this.#work();
  };
  readonly #control = (body: Uint8Array): void => this.#command(body);

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
    const { sendHighWaterMark, receiveHighWaterMark } = pipe.limits;
    ring.limit(sendHighWaterMark, receiveHighWaterMark);
    this.#measure();
  }

  /** Begins to listen to the other side. */
  start(): void {
    this.#work();
  }

  /** Whether something waits that the other side cannot see yet. */
  get unsent(): boolean {
    return this.#part !== undefined || !this.#outbox.empty;
  }

  /** Takes the offer back, so that the pipe can be joined to another; `false` when it was accepted before. */
  withdraw(): boolean {
    if (!this.#ring.withdraw()) return false;
    this.#end();
    return true;
  }

  send(frames: Uint8Array[]): void {
    if (this.#state === "over" || this.#unheard) return;
    const outbox = this.#outbox;
    if (this.#pipe.conflating) outbox.supersede();
    outbox.push(frames);
    this.#sent = (this.#sent + 1) | 0;
    this.#gathered += 1 + (frames[frames.length - 1]!.length >> PIECE);
    if (this.#gathered >= BATCH) this.#pump();
    else this.#flush();
  }

  subscribe(topic: Uint8Array, subscribe: boolean): void {
    if (this.#state === "over" || this.#unheard) return;
    this.#outbox.pushEncoded(encodeCommand(subscribe ? "SUBSCRIBE" : "CANCEL", topic));
    this.#flush();
  }

  get full(): boolean {
    if (this.#unheard) return true;
    const capacity = this.#capacity;
    if (((this.#sent - this.#read) | 0) < capacity) return false;
    this.#read = this.#ring.acknowledged;
    if (((this.#sent - this.#read) | 0) < capacity) return false;
    // The other side tells only those who wait, and may have looked just before this one said so: look once more.
    this.#want();
    this.#read = this.#ring.acknowledged;
    if (((this.#sent - this.#read) | 0) < capacity) return false;
    this.#pump();
    this.#turn();
    return true;
  }

  get relaxed(): boolean {
    if (this.#unheard) return false;
    return this.#capacity === Infinity || ((this.#sent - this.#read) | 0) <= lowWaterMark(this.#capacity);
  }

  taken(): void {
    const read = (this.#received - this.#pipe.unread) | 0;
    const news = (read - this.#acknowledged) | 0;
    if (news <= 0) return;
    if (news < ACKNOWLEDGE && this.#capacity > NARROW && !this.#ring.awaited) return;
    this.#acknowledged = read;
    this.#ring.acknowledge(read);
  }

  relimit(): void {
    if (this.#state === "over") return;
    const { sendHighWaterMark, receiveHighWaterMark } = this.#pipe.limits;
    this.#ring.limit(sendHighWaterMark, receiveHighWaterMark);
    this.#ring.wake();
    this.#measure();
  }

  drain(): void {
    if (this.#state === "joined") this.#guard(() => this.#pull());
  }

  close(): void {
    if (this.#state === "closing" || this.#state === "over") return;
    this.#state = "closing";
    this.#ring.close();
    this.#work();
  }

  /** The Worker at the other side has gone. What it has sent is still there. */
  died(): void {
    this.drain();
    this.#depart();
  }

  write(): void {
    this.#flushing = false;
    if (this.#state !== "over") this.#guard(() => this.#pump());
  }

  message(frames: Uint8Array[]): void {
    this.#received = (this.#received + 1) | 0;
    this.#pipe.deliver(frames);
  }

  #command(body: Uint8Array): void {
    const command = decodeCommand(body);
    if (command === null) return;
    if (command.name === "SUBSCRIBE") this.#pipe.subscription(command.data.slice(), true);
    else if (command.name === "CANCEL") this.#pipe.subscription(command.data.slice(), false);
  }

  /** Does what there is to do, then sees to it that there will be another look. */
  #work(): void {
    if (this.#working || this.#state === "over") return;
    this.#working = true;
    try {
      this.#guard(() => {
        if (this.#round()) this.#quiet = 0;
      });
    } finally {
      this.#working = false;
    }
    if (this.#ended()) return;
    const patient = this.#joined && this.#quiet++ < PATIENCE;
    if (patient || !this.#sleep()) this.#turn();
  }

  /** Looks at everything once; `true` when something had happened. */
  #round(): boolean {
    const ring = this.#ring;
    if (!this.#joined) {
      if (!ring.accepted) {
        this.#pump();
        return false;
      }
      this.#join();
    }
    let busy = false;
    if (this.#measure()) this.#pipe.recheck();
    const read = ring.acknowledged;
    if (read !== this.#read) {
      busy = true;
      this.#read = read;
      this.#pipe.drained();
      if (this.#wanting && !this.#pipe.full) this.#unwant();
    }
    if (!this.#unheard && ring.closed) this.#mute();
    // Before the bytes: those that the other side wrote before it finished are seen then.
    const finished = ring.finished;
    if (this.#state === "joined" && this.#pull()) busy = true;
    this.#pump();
    if (finished && this.#state === "joined" && ring.readable === 0) this.#depart();
    return busy;
  }

  #join(): void {
    this.#joined = true;
    if (this.#state === "offered") this.#state = "joined";
    this.#measure();
    this.#owner.accepted();
    // A pipe that was full before there was a peer stays so until that one reads (libzmq).
    if (this.#pipe.full) this.#want();
  }

  /** Whether the channel is over, now that all is written that will be. */
  #ended(): boolean {
    if (this.#state === "closing" && !this.unsent) {
      this.#ring.finish();
      if (this.#joined) this.#end();
    }
    return (this.#state as string) === "over";
  }

  /** The other side reads nothing any more: nothing can be sent. */
  #mute(): void {
    this.#unheard = true;
    this.#outbox.clear();
    this.#part = undefined;
    this.#pipe.recheck();
  }

  /** Reads what was there when it began; `false` when that was nothing. */
  #pull(): boolean {
    const ring = this.#ring;
    const decoder = this.#decoder;
    let left = ring.readable;
    if (left === 0) return false;
    while (left > 0) {
      if (decoder.lost) throw new BrokenRingError("The memory of received frames was transferred");
      const count = ring.read(decoder.space(ring.place));
      left -= count;
      decoder.filled(count);
      decoder.traffic(Infinity, this, this.#control);
    }
    this.taken();
    this.#pipe.arrived();
    return true;
  }

  /** Writes what waits, as far as there is room for it. */
  #pump(): void {
    const ring = this.#ring;
    this.#gathered = 0;
    let wrote = false;
    for (;;) {
      const part = this.#part ?? this.#outbox.take();
      if (part === undefined) break;
      if (part !== this.#part) this.#written = 0;
      this.#part = part;
      if (part.bytes.length < part.end) throw new BrokenRingError("The memory of a sent frame was transferred");
      const count = this.#put(part);
      if (count === 0) break;
      wrote = true;
      this.#written += count;
      if (part.start + this.#written < part.end) continue;
      this.#part = undefined;
      this.#outbox.written(part);
    }
    if (wrote) ring.wake();
  }

  /** Writes as much of a part as there is room for; 0 when the other side has to read first. */
  #put(part: Part): number {
    const ring = this.#ring;
    const start = part.start + this.#written;
    const count = ring.write(part.bytes, start, part.end);
    if (count > 0) {
      if (this.#blocked) ring.wantSpace(this.#blocked = false);
      return count;
    }
    this.#blocked = true;
    ring.wantSpace(true);
    ring.wake();
    return ring.write(part.bytes, start, part.end);
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    flushSoon(this);
  }

  /** Has the other side ring when the queue is half empty. */
  #want(): void {
    this.#wanting = true;
    this.#ring.wantCredit((this.#sent - lowWaterMark(this.#capacity)) | 0);
  }

  #unwant(): void {
    this.#wanting = false;
    this.#ring.wantCredit(null);
  }

  /** Reckons with the high water marks of both sides; `true` when that makes a difference. */
  #measure(): boolean {
    const capacity = this.#reckon();
    if (capacity === this.#capacity) return false;
    this.#capacity = capacity;
    return true;
  }

  #reckon(): number {
    return capacityOf(this.#pipe.limits.sendHighWaterMark, this.#ring.receiveLimit);
  }

  /** Looks again at the end of the turn. */
  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#whenTurned);
  }

  /** Sleeps until the bell rings; `false` when there is something to do already. */
  #sleep(): boolean {
    if (this.#sleeping) return true;
    const ring = this.#ring;
    ring.arm();
    if (this.#pressing()) return false;
    const rung = ring.sleep();
    if (rung === null) return false;
    this.#sleeping = true;
    rung.then(this.#whenRung);
    return true;
  }

  /** Whether something has happened that the other side may have rung for before the bell was armed. */
  #pressing(): boolean {
    const ring = this.#ring;
    if (!this.#joined) return ring.accepted;
    if (!this.#unheard && ring.closed) return true;
    if (this.#state === "joined" && (ring.readable > 0 || ring.finished)) return true;
    if (this.#blocked && ring.writable > 0) return true;
    return ring.acknowledged !== this.#read || this.#reckon() !== this.#capacity;
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
    this.#outbox.clear();
    this.#part = undefined;
    if (this.#sleeping) this.#ring.disarm();
    this.#owner.over();
  }
}

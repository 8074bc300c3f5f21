/**
 * What goes through a socket: messages to send and to receive, and the calls that wait for their turn.
 *
 * Everything that happens per message is synchronous and makes no promise unless a call has to wait.
 *
 * @module
 */

import { now } from "../link/clock.ts";
import { countMessage, type Flushable, flushSoon } from "../link/flusher.ts";
import { type ErrorCode, ZmqError } from "../transports/error.ts";
import { remember } from "./message_metadata.ts";
import { type Message, own, type Sendable, toFrames } from "./message.ts";
import type { OptionValues } from "./option.ts";
import type { Pattern } from "./pattern.ts";
import { SendLines } from "./send_lines.ts";
import { type Call, DONE, timeoutOf, type Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

/** After so many messages, or pieces of 64 KiB, a sender that never has to wait lets the rest of the program run. */
const BURST = 1024;
/** After so many such bursts, if messages were dropped, sockets get their turn. */
const BURSTS = 8;
/** After so many messages a sender that never has to wait looks at the clock. */
const GLANCE = 16;
/** After so long (ms) in which no call had to wait sockets get their turn: the program may work on each message. */
const LONGEST_TURN = 20;

/** What a call is refused with. */
interface Refusal {
  readonly code: ErrorCode;
  readonly detail?: string;
}

/** Somebody who sends and receives in the place of a socket's user, by its pattern: a proxy. */
export interface Keeper {
  /** There may be a message. */
  readable(): void;
  /** There may be room for one. */
  writable(): void;
  /** The socket was closed, or its context terminated. */
  ended(error: ZmqError): void;
}

/** The messages of one socket; `M` is what those are that are received. */
export class Exchange<M = Message> implements Flushable {
  #pattern: Pattern;
  #options: OptionValues;
  #senders: SendLines;
  #receivers = new WaitLine<void, M>();
  #receiving = false;
  #waking = false;
  #keeper: Keeper | null = null;
  /** Why no call is let in. */
  #refusal: Refusal | null = null;
  #burst = 0;
  #bursts = 0;
  /** Messages until the next look at the clock. */
  #glance = GLANCE;
  /** When sockets had their turn last, as far as is known. */
  #turned = now();
  /** The pause of senders that do not have to wait. */
  #pausing: Promise<void> | undefined;
  /** Ends the pause. */
  #resume: (() => void) | undefined;

  constructor(pattern: Pattern, options: OptionValues) {
    this.#pattern = pattern;
    this.#options = options;
    this.#senders = new SendLines(pattern);
  }

  /** Sends a message, now or when it is possible. */
  send(message: Sendable, options?: WaitOptions): Promise<void> {
    try {
      this.#alive();
      const frames = toFrames(message);
      if (options?.signal?.aborted) throw options.signal.reason;
      if (!this.#senders.before(frames) && this.#send(frames)) {
        this.#burst += 1 + (frames[frames.length - 1]!.length >> 16);
        if (--this.#glance > 0 && this.#burst < BURST && !this.#pattern.pressed) return DONE;
        const late = this.#late();
        return late || this.#burst >= BURST || this.#pattern.pressed ? this.#pause(late) : DONE;
      }
      const timeout = timeoutOf(options, this.#options.sendTimeout);
      if (timeout === 0) throw new ZmqError(this.#pattern.sendRefusal);
      this.#burst = 0;
      this.#turned = now();
      return this.#senders.wait(
        own(frames),
        timeout,
        options?.signal,
        (address) => this.wakeSenders(address),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends a message if that is possible now. */
  trySend(message: Sendable): boolean {
    this.#alive();
    const frames = toFrames(message);
    if (!this.#senders.before(frames) && this.#send(frames)) return true;
    const refusal = this.#pattern.sendRefusal;
    if (refusal !== "EAGAIN") throw new ZmqError(refusal);
    return false;
  }

  /** Receives a message, now or when one comes. */
  receive(options?: WaitOptions): Promise<M> {
    try {
      this.#alive();
      if (options?.signal?.aborted) throw options.signal.reason;
      if (this.#receivers.length === 0) {
        const message = this.#receive();
        if (message !== undefined) return Promise.resolve(message);
      }
      const timeout = timeoutOf(options, this.#options.receiveTimeout);
      if (timeout === 0) throw new ZmqError(this.#pattern.receiveRefusal);
      this.#burst = 0;
      this.#turned = now();
      return this.#receivers.wait(
        undefined,
        timeout,
        options?.signal,
        () => this.wakeReceivers(),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode receive}, for one who has to have the message at once: it cannot get lost in between. */
  receiveInto(call: Call<M>, signal: AbortSignal): void {
    this.#alive();
    const message = this.#receivers.length === 0 ? this.#receive() : undefined;
    if (message !== undefined) return call.resolve(message);
    const timeout = timeoutOf(undefined, this.#options.receiveTimeout);
    if (timeout === 0) throw new ZmqError(this.#pattern.receiveRefusal);
    this.#receivers.join(undefined, timeout, signal, { ...call, cancelled: () => this.wakeReceivers() });
  }

  /** Receives a message if one waits. */
  tryReceive(): M | undefined {
    this.#alive();
    if (this.#receivers.length > 0) return undefined;
    return this.#receive();
  }

  /** Why nothing could be received. */
  checkReceivable(): void {
    const refusal = this.#pattern.receiveRefusal;
    if (refusal !== "EAGAIN") throw new ZmqError(refusal);
  }

  /** Messages can be sent that could not before; with an address only those to that peer. */
  wakeSenders(address?: string): void {
    this.#resume?.();
    this.#keeper?.writable();
    this.#senders.serve(this.#attempt, address);
  }

  /** As {@linkcode wakeSenders}, after a message was received: that makes no room for messages to a peer. */
  #wakeCommonSenders(): void {
    this.#resume?.();
    this.#keeper?.writable();
    this.#senders.serveCommon(this.#attempt);
  }

  /** Messages can be received that could not before. */
  wakeReceivers(): void {
    this.#keeper?.readable();
    if (this.#receiving || this.#receivers.length === 0) return;
    this.#receiving = true;
    const line = this.#receivers;
    try {
      for (let waiter = line.peek(); waiter !== undefined; waiter = line.peek()) {
        if (!this.#hand(waiter)) break;
        line.remove(waiter);
      }
    } finally {
      this.#receiving = false;
    }
  }

  /** Messages can be received that could not before, and more are likely to follow. */
  wakeReceiversSoon(): void {
    this.#keeper?.readable();
    if (this.#waking || this.#receivers.length === 0) return;
    this.#waking = true;
    flushSoon(this);
  }

  /** The messages that were to follow are there. */
  write(): void {
    this.#waking = false;
    this.wakeReceivers();
  }

  /** Whether calls are let in. */
  get open(): boolean {
    return this.#refusal === null;
  }

  /** Throws if the socket cannot be lent, see {@linkcode lend}. */
  checkIdle(): void {
    this.#alive();
    if (this.#senders.empty && this.#receivers.length === 0) return;
    throw new ZmqError("EFSM", { detail: "a send or receive waits for the socket" });
  }

  /** Gives the socket to a keeper until it is closed: calls of its user are refused. */
  lend(keeper: Keeper): void {
    this.#keeper = keeper;
    this.#refusal = { code: "EFSM", detail: "a proxy has the socket" };
  }

  /** Ends every call that waits, and those to come. */
  close(): void {
    this.#end({ code: "EBADF" }, { code: "EAGAIN", detail: "the socket was closed" });
  }

  /** Ends every call that waits, and those to come: the context was terminated. */
  terminate(): void {
    this.#end({ code: "ETERM" }, { code: "ETERM" });
  }

  #end(refusal: Refusal, ending: Refusal): void {
    this.#refusal = refusal;
    this.#senders.end(ending.code, ending.detail);
    this.#receivers.end(ending.code, ending.detail);
    this.#resume?.();
    const keeper = this.#keeper;
    this.#keeper = null;
    keeper?.ended(new ZmqError(refusal.code));
  }

  /** Does what a waiting call is about; `false` when it has to go on waiting. */
  readonly #attempt = (waiter: Waiter<Uint8Array[], void>): boolean => {
    try {
      if (!this.#send(waiter.request)) return false;
      waiter.resolve();
    } catch (error) {
      waiter.reject(error);
    }
    return true;
  };

  /** Gives a waiting call its message; `false` when it has to go on waiting. */
  #hand(waiter: Waiter<void, M>): boolean {
    try {
      const message = this.#receive();
      if (message === undefined) return false;
      waiter.resolve(message);
    } catch (error) {
      waiter.reject(error);
    }
    return true;
  }

  #send(frames: Uint8Array[]): boolean {
    if (!this.#pattern.send(frames)) return false;
    countMessage();
    // A request that is sent, a reply that is sent: the other direction may have become possible.
    this.wakeReceivers();
    return true;
  }

  #receive(): M | undefined {
    // What is received is never in shared memory.
    const message = this.#pattern.receive() as M | undefined;
    if (message === undefined) return undefined;
    if (this.#options.receiveMetadata) remember(message as object, this.#pattern.origin);
    this.#wakeCommonSenders();
    return message;
  }

  /** Looks at the clock: whether sockets have had no turn for long. */
  #late(): boolean {
    this.#glance = GLANCE;
    return now() - this.#turned > LONGEST_TURN;
  }

  /**
   * Resolves when the rest of the program has had its turn. Where a queue is full that is when it has room again, but at the
   * latest after a turn of the event loop in which sockets were looked at: the runtime does that before a timer, but only
   * before every sixtieth immediate or so.
   */
  #pause(late: boolean): Promise<void> {
    const pattern = this.#pattern;
    this.#bursts++;
    const long = late || pattern.pressed || pattern.dropping && this.#bursts >= BURSTS;
    this.#burst = 0;
    pattern.pressed = false;
    if (long) {
      this.#bursts = 0;
      pattern.dropping = false;
    }
    this.#pausing ??= new Promise((resolve) => {
      const resume = () => {
        if (this.#resume !== resume) return;
        clearTimeout(timer);
        if (long) this.#turned = now();
        this.#pausing = this.#resume = undefined;
        resolve();
      };
      this.#resume = resume;
      const timer = long ? setTimeout(resume, 0) : undefined;
      if (!long) setImmediate(resume);
    });
    return this.#pausing;
  }

  #alive(): void {
    const refusal = this.#refusal;
    if (refusal !== null) throw new ZmqError(refusal.code, { detail: refusal.detail });
  }
}

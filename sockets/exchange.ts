/**
 * What goes through a socket: messages to send and to receive, and the calls that wait for their turn.
 *
 * Everything that happens per message is synchronous and makes no promise unless a call has to wait.
 *
 * @module
 */

import { countMessage } from "../link/flusher.ts";
import { ZmqError } from "../transports/error.ts";
import { type Message, type Sendable, toFrames } from "./message.ts";
import type { OptionValues } from "./option.ts";
import type { Pattern } from "./pattern.ts";
import { DONE, timeoutOf, type Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

/** After so many messages (or KiB) a sender that never waits lets the rest of the program run. */
const BURST = 4096;

/** The messages of one socket. */
export class Exchange {
  #pattern: Pattern;
  #options: OptionValues;
  #senders = new WaitLine<Uint8Array[], void>();
  #receivers = new WaitLine<void, Message>();
  #sending = false;
  #receiving = false;
  #closed = false;
  #burst = 0;

  constructor(pattern: Pattern, options: OptionValues) {
    this.#pattern = pattern;
    this.#options = options;
  }

  /** Sends a message, now or when it is possible. */
  send(message: Sendable, options?: WaitOptions): Promise<void> {
    try {
      this.#alive();
      const frames = toFrames(message);
      if (options?.signal?.aborted) throw options.signal.reason;
      if (this.#senders.length === 0 && this.#send(frames)) {
        this.#burst += 1 + (frames[frames.length - 1]!.length >> 10);
        return this.#burst < BURST ? DONE : this.#pause();
      }
      const timeout = timeoutOf(options, this.#options.sendTimeout);
      if (timeout === 0) throw new ZmqError(this.#pattern.sendRefusal);
      return this.#senders.wait(
        frames,
        timeout,
        options?.signal,
        () => this.wakeSenders(),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends a message if that is possible now. */
  trySend(message: Sendable): boolean {
    this.#alive();
    const frames = toFrames(message);
    if (this.#senders.length === 0 && this.#send(frames)) return true;
    const refusal = this.#pattern.sendRefusal;
    if (refusal !== "EAGAIN") throw new ZmqError(refusal);
    return false;
  }

  /** Receives a message, now or when one comes. */
  receive(options?: WaitOptions): Promise<Message> {
    try {
      this.#alive();
      if (options?.signal?.aborted) throw options.signal.reason;
      if (this.#receivers.length === 0) {
        const message = this.#receive();
        if (message !== undefined) return Promise.resolve(message);
      }
      const timeout = timeoutOf(options, this.#options.receiveTimeout);
      if (timeout === 0) throw new ZmqError(this.#pattern.receiveRefusal);
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

  /** Receives a message if one waits. */
  tryReceive(): Message | undefined {
    this.#alive();
    if (this.#receivers.length > 0) return undefined;
    return this.#receive();
  }

  /** Why nothing could be received. */
  checkReceivable(): void {
    const refusal = this.#pattern.receiveRefusal;
    if (refusal !== "EAGAIN") throw new ZmqError(refusal);
  }

  /** Messages can be sent that could not before. */
  wakeSenders(): void {
    if (this.#sending || this.#senders.length === 0) return;
    this.#sending = true;
    const line = this.#senders;
    for (let waiter = line.peek(); waiter !== undefined; waiter = line.peek()) {
      let sent;
      try {
        sent = this.#send(waiter.request);
      } catch (error) {
        line.shift();
        waiter.reject(error);
        continue;
      }
      if (!sent) break;
      line.shift();
      waiter.resolve();
    }
    this.#sending = false;
  }

  /** Messages can be received that could not before. */
  wakeReceivers(): void {
    if (this.#receiving || this.#receivers.length === 0) return;
    this.#receiving = true;
    const line = this.#receivers;
    while (line.length > 0) {
      const message = this.#receive();
      if (message === undefined) break;
      (line.shift() as Waiter<void, Message>).resolve(message);
    }
    this.#receiving = false;
  }

  /** Ends every call that waits, and those to come. */
  close(): void {
    this.#closed = true;
    this.#senders.end();
    this.#receivers.end();
  }

  #send(frames: Uint8Array[]): boolean {
    if (!this.#pattern.send(frames)) return false;
    countMessage();
    // A request that is sent, a reply that is sent: the other direction may have become possible.
    this.wakeReceivers();
    return true;
  }

  #receive(): Message | undefined {
    const message = this.#pattern.receive();
    if (message !== undefined) this.wakeSenders();
    return message;
  }

  /** Resolves in the next turn of the event loop. */
  #pause(): Promise<void> {
    this.#burst = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  #alive(): void {
    if (this.#closed) throw new ZmqError("EBADF");
  }
}

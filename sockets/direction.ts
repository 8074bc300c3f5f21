/**
 * Sockets that send, sockets that receive, and those that do both.
 *
 * @module
 */

import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { Message, Sendable } from "./message.ts";
import { coreOf, Socket } from "./socket.ts";
import { readableStream, type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

/** A socket that messages can be sent to. */
export interface Writable<W = Sendable> {
  /**
   * Sends a message, as soon as that is possible. Several calls are served in their order; with types whose messages name
   * a peer, that is the order of the calls for each peer.
   *
   * Frames below 64 KiB are copied when they are queued. Larger ones are not: their bytes must not be changed any more. Over
   * inproc within an isolate no frame is copied: the receiver gets the very array that was sent.
   *
   * @param message A frame or an array of them: strings are sent as UTF-8.
   * @param options How long to wait: the default is {@linkcode sendTimeout}.
   * @returns When the message is queued, for this socket's peers to take.
   * @throws ZmqError `EAGAIN` when the time is over, or the socket is closed; `EBADF` when it was closed before; with a
   * timeout of 0 also `EFSM` or `EHOSTUNREACH`, when the state of the socket does not allow to send.
   * @throws TypeError for what is no message.
   */
  send(message: Sendable, options?: WaitOptions): Promise<void>;
  /**
   * Sends a message if that is possible now, without a promise.
   *
   * @param message A frame or an array of them.
   * @param options Whom it is for, with the types of sockets that have to know.
   * @returns Whether it was queued.
   * @throws ZmqError `EFSM` or `EHOSTUNREACH` when the state of the socket does not allow to send; `EBADF`.
   */
  trySend(message: Sendable, options?: object): boolean;
  /**
   * A stream that sends what is written to it, a message for each chunk. One waits for the other; the stream of a socket
   * that nothing can be sent to fills up, and so holds up what is piped into it.
   *
   * To end or to abort the stream leaves the socket open, unless told otherwise; an abort takes back the message that
   * waits. There may be several streams, and calls of `send()` beside them: they are served in their order.
   *
   * @param options What the stream does to the socket, and what ends it.
   * @example
   * ```ts
   * import { Pull, Push } from "@denomq/zmq";
   *
   * await using pull = new Pull();
   * const push = new Push();
   * await pull.bind("ipc://*");
   * push.connect(pull.lastEndpoint!);
   * await ReadableStream.from(["one", "two"]).pipeTo(push.writableStream({ close: true }));
   * await pull.receive();
   * ```
   */
  writableStream(options?: StreamOptions): WritableStream<W>;
  /** Whether a message can be sent without waiting. */
  readonly writable: boolean;
  /** How long (ms) `send()` waits: -1 without limit, 0 not at all. Default -1. */
  sendTimeout: number;
  /** How many messages are queued for each peer at most; 0 without limit. Takes effect at once. Default 1000. */
  sendHighWaterMark: number;
}

/** A socket that messages can be received from. */
export interface Readable<M = Message> extends AsyncIterable<M> {
  /**
   * Receives a message, as soon as there is one. Several calls are served in their order.
   *
   * A frame is a view of a larger buffer, which stays in memory as long as any frame of it: keep a copy (`frame.slice()`)
   * of a small frame that is to be kept for long.
   *
   * @param options How long to wait: the default is {@linkcode receiveTimeout}.
   * @returns The frames.
   * @throws ZmqError `EAGAIN` when the time is over, or the socket is closed; `EBADF` when it was closed before; with a
   * timeout of 0 also `EFSM`, when the state of the socket does not allow to receive.
   */
  receive(options?: WaitOptions): Promise<M>;
  /**
   * Receives a message if there is one, without a promise.
   *
   * @returns The frames, or `null`.
   * @throws ZmqError `EFSM` when the state of the socket does not allow to receive; `EBADF`.
   */
  tryReceive(): M | null;
  /**
   * Receives all messages that are there, without a promise.
   *
   * @param limit How many at most.
   * @throws RangeError for a negative limit.
   * @throws ZmqError as {@linkcode tryReceive}.
   */
  tryReceiveBatch(limit?: number): M[];
  /**
   * The messages as a stream. One is taken from the socket only when somebody reads, so that nothing is lost when the
   * stream is cancelled. It ends when the socket is closed, and fails as `receive()` does.
   *
   * To cancel the stream leaves the socket open, unless told otherwise. There may be several streams, and calls of
   * `receive()` beside them: they are served in their order.
   *
   * @param options What the stream does to the socket, and what ends it.
   * @example
   * ```ts
   * import { Pull, Push } from "@denomq/zmq";
   *
   * await using push = new Push();
   * await using pull = new Pull();
   * await push.bind("ipc://*");
   * pull.connect(push.lastEndpoint!);
   * await push.send("hello");
   * for await (const [frame] of pull.readableStream()) {
   *   console.log(new TextDecoder().decode(frame)); // hello
   *   break;
   * }
   * ```
   */
  readableStream(options?: StreamOptions): ReadableStream<M>;
  /** Whether there may be a message to receive: a subscriber may find that it matches nothing. */
  readonly readable: boolean;
  /** How long (ms) `receive()` waits: -1 without limit, 0 not at all. Default -1. */
  receiveTimeout: number;
  /** How many messages of each peer wait at most; 0 without limit. Takes effect at once. Default 1000. */
  receiveHighWaterMark: number;
  /**
   * Whether it is remembered of each message that is received which peer it came from, for {@linkcode metadataOf} to tell.
   * It takes effect at once, and takes some of the speed. Default `false`.
   */
  receiveMetadata: boolean;
}

/** The base of sockets that only send. */
export abstract class WritableSocket<W = Sendable> extends Socket implements Writable<W> {
  #core: Core = coreOf(this);
  #exchange: Exchange = this.#core.exchange;

  /** As {@linkcode Writable.send} says. */
  send(message: Sendable, options?: WaitOptions): Promise<void> {
    return this.#exchange.send(message, options);
  }

  /** As {@linkcode Writable.trySend} says. */
  trySend(message: Sendable, _options?: object): boolean {
    return this.#exchange.trySend(message);
  }

  /** As {@linkcode Writable.writableStream} says. */
  writableStream(options?: StreamOptions): WritableStream<W> {
    return writableStream(this.#core, (message: W) => message as Sendable, options);
  }

  /** Whether a message can be sent without waiting. */
  get writable(): boolean {
    return this.#exchange.open && this.#core.pattern.sendable;
  }

  /** How long (ms) `send()` waits: -1 without limit, 0 not at all. Default -1. */
  get sendTimeout(): number {
    return this.#core.get("sendTimeout");
  }
  set sendTimeout(value: number) {
    this.#core.set("sendTimeout", value);
  }

  /** How many messages are queued for each peer at most; 0 without limit. Takes effect at once. Default 1000. */
  get sendHighWaterMark(): number {
    return this.#core.get("sendHighWaterMark");
  }
  set sendHighWaterMark(value: number) {
    this.#core.set("sendHighWaterMark", value);
  }
}

/** The base of sockets that receive. */
export abstract class ReadableSocket<M = Message> extends Socket implements Readable<M> {
  #core: Core = coreOf(this);
  // What comes out of the pattern of a type is what the type says.
  #exchange: Exchange<M> = this.#core.exchange as Exchange<unknown> as Exchange<M>;

  /** As {@linkcode Readable.receive} says. */
  receive(options?: WaitOptions): Promise<M> {
    return this.#exchange.receive(options);
  }

  /** As {@linkcode Readable.tryReceive} says. */
  tryReceive(): M | null {
    const message = this.#exchange.tryReceive();
    if (message !== undefined) return message;
    this.#exchange.checkReceivable();
    return null;
  }

  /** As {@linkcode Readable.tryReceiveBatch} says. */
  tryReceiveBatch(limit: number = Infinity): M[] {
    this.#core.alive("EBADF");
    if (!(limit >= 0)) {
      throw new RangeError(`Cannot receive a batch: the limit must be 0 or more, current value is ${limit}`);
    }
    const batch: M[] = [];
    while (batch.length < limit) {
      const message = this.#exchange.tryReceive();
      if (message === undefined) break;
      batch.push(message);
    }
    if (batch.length === 0 && limit > 0) this.#exchange.checkReceivable();
    return batch;
  }

  /** The messages as they come, until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined> {
    return new Messages(this.#core, this.#exchange);
  }

  /** As {@linkcode Readable.readableStream} says. */
  readableStream(options?: StreamOptions): ReadableStream<M> {
    return readableStream(this.#core, this.#exchange, options);
  }

  /** Whether there may be a message to receive. */
  get readable(): boolean {
    return this.#exchange.open && this.#core.pattern.receivable;
  }

  /** How long (ms) `receive()` waits: -1 without limit, 0 not at all. Default -1. */
  get receiveTimeout(): number {
    return this.#core.get("receiveTimeout");
  }
  set receiveTimeout(value: number) {
    this.#core.set("receiveTimeout", value);
  }

  /** How many messages of each peer wait at most; 0 without limit. Takes effect at once. Default 1000. */
  get receiveHighWaterMark(): number {
    return this.#core.get("receiveHighWaterMark");
  }
  set receiveHighWaterMark(value: number) {
    this.#core.set("receiveHighWaterMark", value);
  }

  /**
   * Whether it is remembered of each message that is received which peer it came from, for {@linkcode metadataOf} to tell.
   * It takes effect at once, and takes some of the speed. Default `false`.
   */
  get receiveMetadata(): boolean {
    return this.#core.get("receiveMetadata");
  }
  set receiveMetadata(value: boolean) {
    this.#core.set("receiveMetadata", value);
  }
}

/** The base of sockets that send and receive. */
export abstract class DuplexSocket<M = Message, W = Sendable> extends ReadableSocket<M> implements Writable<W> {
  #core: Core = coreOf(this);
  #exchange: Exchange = this.#core.exchange;

  /** As {@linkcode Writable.send} says. */
  send(message: Sendable, options?: WaitOptions): Promise<void> {
    return this.#exchange.send(message, options);
  }

  /** As {@linkcode Writable.trySend} says. */
  trySend(message: Sendable, _options?: object): boolean {
    return this.#exchange.trySend(message);
  }

  /** As {@linkcode Writable.writableStream} says. */
  writableStream(options?: StreamOptions): WritableStream<W> {
    return writableStream(this.#core, (message: W) => message as Sendable, options);
  }

  /** Whether a message can be sent without waiting. */
  get writable(): boolean {
    return this.#exchange.open && this.#core.pattern.sendable;
  }

  /** How long (ms) `send()` waits: -1 without limit, 0 not at all. Default -1. */
  get sendTimeout(): number {
    return this.#core.get("sendTimeout");
  }
  set sendTimeout(value: number) {
    this.#core.set("sendTimeout", value);
  }

  /** How many messages are queued for each peer at most; 0 without limit. Takes effect at once. Default 1000. */
  get sendHighWaterMark(): number {
    return this.#core.get("sendHighWaterMark");
  }
  set sendHighWaterMark(value: number) {
    this.#core.set("sendHighWaterMark", value);
  }
}

/**
 * The iteration over a socket's messages. Written by hand: an async generator costs a third of the speed.
 */
class Messages<M> implements AsyncIterableIterator<M, undefined> {
  #core: Core;
  #exchange: Exchange<M>;

  constructor(core: Core, exchange: Exchange<M>) {
    this.#core = core;
    this.#exchange = exchange;
  }

  next(): Promise<IteratorResult<M, undefined>> {
    const core = this.#core;
    if (core.closed) return Promise.resolve(END);
    const value = this.#exchange.tryReceive();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return this.#exchange.receive().then((value) => ({ value, done: false }), (error) => {
      if (core.closed) return END;
      throw error;
    });
  }

  return(): Promise<IteratorResult<M, undefined>> {
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };

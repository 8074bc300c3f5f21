/**
 * What happens to the endpoints of a socket, for programs that want to know.
 *
 * @module
 */

import type { LinkEvent, LinkEventType } from "../link/link.ts";
import { ZmqError } from "../transports/error.ts";

/** The name of an event, as in zeromq.js: what happens to an endpoint, and `end`, which is the last. */
export type EventType = LinkEventType | "end";

/** What may be said of a {@linkcode SocketEvent} besides its type. */
export interface SocketEventDetails {
  /** The endpoint that it happened at. */
  address?: string | undefined;
  /** What went wrong. */
  error?: Error | undefined;
  /** The wait until the next attempt to connect, ms. */
  interval?: number | undefined;
}

/**
 * An event of a socket: an endpoint was bound, a peer was accepted, a handshake failed. See zmq_socket_monitor(3).
 */
export class SocketEvent extends Event {
  /** What happened. */
  declare readonly type: EventType;
  /** The endpoint that it happened at, as zeromq.js calls it: the resolved one that is bound, or the one connected to. */
  readonly address: string | undefined;
  /** What went wrong, with the events that report an error. */
  readonly error: Error | undefined;
  /** The wait until the next attempt to connect, ms (`connect:retry`). */
  readonly interval: number | undefined;

  /**
   * Makes an event.
   *
   * @param type What happened.
   * @param details The endpoint, the error and the interval.
   */
  constructor(type: EventType, details: SocketEventDetails = {}) {
    super(type);
    this.address = details.address;
    this.error = details.error;
    this.interval = details.interval;
  }

  /** The same as {@linkcode address}: what `unbind()` and `disconnect()` take. */
  get endpoint(): string | undefined {
    return this.address;
  }
}

/** What an error of an event says besides its text: its name, such as `"ECONNRESET"` or `"ERR_ZMTP_MECHANISM_MISMATCH"`. */
export type EventError = Error & { readonly code: string };

/** What is sure of the events of a type, besides the endpoint. */
export interface EventContents extends Record<EventType, object> {
  /** Why a peer was not accepted. */
  "accept:error": { readonly error: Error };
  /** Why the endpoint is not bound. */
  "bind:error": { readonly error: ZmqError };
  /** What could not be cleaned up. */
  "close:error": { readonly error: ZmqError };
  /** The wait until the next attempt, ms. */
  "connect:retry": { readonly interval: number };
  /** The status (300, 400 or 500) that the server answered. */
  "handshake:error:auth": { readonly error: EventError & { readonly status: number } };
  /** What ended the handshake. */
  "handshake:error:other": { readonly error: EventError };
  /** What is wrong with the protocol. */
  "handshake:error:protocol": { readonly error: EventError };
}

/** An event of a type, or of any: the type tells what else is there. */
export type EventOfType<T extends EventType = EventType> = T extends EventType
  ? SocketEvent & { readonly type: T } & EventContents[T] & (T extends "end" ? object : { readonly address: string })
  : never;

/** A function that is called with the events of one type. */
export type EventHandler<T extends EventType = EventType> = (event: EventOfType<T>) => void;

/** What `addEventListener()` takes: a function, or an object with a method. */
export type SocketEventListener<T extends EventType = EventType> = EventHandler<T> | {
  /** Is called with the event. */
  handleEvent(event: EventOfType<T>): void;
};

/** So many events wait for whoever reads them. */
const MOST_EVENTS = 1000;

/**
 * The events of one socket: with `on()` and `off()` and as an async iterable, as in zeromq.js, and as an `EventTarget`. They
 * are kept from the first time that {@linkcode Socket.events} is asked for.
 *
 * Every listener gets every event. Iterations and {@linkcode receive} take events from one queue, each event once, so that an
 * iteration goes on where another was left. The socket never waits for them: where 1000 events wait to be read, every further
 * one takes the place of the oldest, and {@linkcode dropped} says how many are lost. Where there are only listeners, none wait.
 *
 * A listener that throws is an uncaught error, as with every `EventTarget`; the socket and the other listeners go on.
 *
 * @example
 * ```ts
 * import { Pull } from "@denomq/zmq";
 *
 * using pull = new Pull();
 * pull.events.on("bind", (event) => console.log(`bound to ${event.address}`));
 * await pull.bind("ipc://*");
 * ```
 *
 * @example As an iteration
 * ```ts
 * import { Push } from "@denomq/zmq";
 *
 * using push = new Push({ linger: 0, reconnectInterval: 10 });
 * const events = push.events;
 * push.connect("ipc:///tmp/denomq-nobody");
 * for await (const event of events) {
 *   if (event.type === "connect:retry") break;
 *   console.log(event.type, event.error?.message); // close No such endpoint: ipc:///tmp/denomq-nobody
 * }
 * ```
 */
export class Observer extends EventTarget implements AsyncIterable<EventOfType, undefined> {
  #queue: SocketEvent[] = [];
  /** Events are kept: for somebody who reads, or until it is clear who wants them. */
  #keeping = false;
  #reading = false;
  #listening = false;
  #dropped = 0;
  /** Calls that wait for an event, while none waits for them. */
  #waiting: ((event: SocketEvent | undefined) => void)[] = [];
  #ended = false;
  #closed = false;

  /** Whether there is nothing more to come: the socket has closed and all events have been read, or {@linkcode close} was called. */
  get closed(): boolean {
    return this.#closed || (this.#ended && this.#queue.length === 0);
  }

  /** How many events were lost, the oldest first, because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Calls a function with every event of a type. */
  on<T extends EventType>(type: T, handler: EventHandler<T>): void {
    this.addEventListener(type, handler);
  }

  /** Ends what {@linkcode on} began. */
  off<T extends EventType>(type: T, handler: EventHandler<T>): void {
    this.removeEventListener(type, handler);
  }

  /** As of `EventTarget`. */
  override addEventListener<T extends EventType>(
    type: T,
    listener: SocketEventListener<T> | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener as EventListenerOrEventListenerObject | null, options);
    this.#listening = true;
    if (this.#reading) return;
    this.#keeping = false;
    for (const event of this.#queue.splice(0)) this.#dispatch(event);
  }

  /** As of `EventTarget`. */
  override removeEventListener<T extends EventType>(
    type: T,
    listener: SocketEventListener<T> | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListenerOrEventListenerObject | null, options);
  }

  /**
   * Waits for the next event. Several calls may wait: they are served in their order.
   *
   * @returns The event; `undefined` when there is none to come any more. The last event of a socket is `end`.
   * @throws ZmqError `EBADF` when the observer is {@linkcode closed} already.
   */
  async receive(): Promise<EventOfType | undefined> {
    if (this.closed) throw new ZmqError("EBADF");
    return await this.#next();
  }

  /** The events from now on, and those that wait. The iteration ends after `end`. */
  [Symbol.asyncIterator](): AsyncIterator<EventOfType, undefined> {
    this.#read();
    return {
      next: async () => {
        const value = await this.#next();
        return value === undefined ? { value, done: true } : { value, done: false };
      },
    };
  }

  /** Ends the observation: no further event is kept or reported, those that wait are forgotten, and iterations end. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#dismiss();
  }

  /** @internal Keeps events from now on, until it is clear who wants them. */
  open(): void {
    if (!this.#listening && !this.#ended) this.#keeping = true;
  }

  /** @internal Reports an event. */
  emit(event: LinkEvent): void {
    if (this.#wanted) this.#report(new SocketEvent(event.type, event));
  }

  /** @internal Reports the last event. */
  end(): void {
    if (this.#ended) return;
    if (this.#wanted) this.#report(new SocketEvent("end"));
    this.#ended = true;
    this.#dismiss();
  }

  get #wanted(): boolean {
    return !this.#closed && (this.#keeping || this.#listening);
  }

  #read(): void {
    this.#reading = true;
    this.#keeping = true;
  }

  async #next(): Promise<EventOfType | undefined> {
    this.#read();
    const event = this.#queue.length > 0 || this.closed
      ? this.#queue.shift()
      : await new Promise<SocketEvent | undefined>((resolve) => this.#waiting.push(resolve));
    return event as EventOfType | undefined;
  }

  /** Nothing comes any more. */
  #dismiss(): void {
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #report(event: SocketEvent): void {
    if (this.#keeping) this.#keep(event);
    if (this.#listening) this.#dispatch(event);
  }

  #keep(event: SocketEvent): void {
    const first = this.#waiting.shift();
    if (first !== undefined) return first(event);
    if (this.#queue.length === MOST_EVENTS) {
      this.#queue.shift();
      this.#dropped++;
    }
    this.#queue.push(event);
  }

  /** Calls the listeners later, for one may close the socket, which is in the midst of something now. */
  #dispatch(event: SocketEvent): void {
    queueMicrotask(() => {
      if (!this.#closed) this.dispatchEvent(event);
    });
  }
}

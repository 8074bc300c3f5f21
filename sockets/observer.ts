/**
 * What happens to the endpoints of a socket, for programs that want to know.
 *
 * @module
 */

import type { LinkEvent, LinkEventType } from "../link/link.ts";

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
  /** The endpoint that it happened at. */
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
}

/** A function that is called with the events of one type. */
export type EventHandler = (event: SocketEvent) => void;

/** So many events wait for an iteration that is slow; older ones are dropped, for the socket never waits. */
const MOST_EVENTS = 1000;

/**
 * The events of one socket, as an `EventTarget`, with `on()` and `off()`, and as an async iterable. Events before the
 * first use of any of them are not kept.
 *
 * @example
 * ```ts
 * import { Pull } from "@denomq/zmq";
 *
 * using pull = new Pull();
 * pull.events.on("bind", (event) => console.log(`bound to ${event.address}`));
 * await pull.bind("ipc://*");
 * ```
 */
export class Observer extends EventTarget implements AsyncIterable<SocketEvent> {
  #queue: SocketEvent[] = [];
  #iterating = false;
  #listening = false;
  /** Calls that wait for an event. */
  #waiting: (() => void)[] = [];
  #ended = false;

  /** Whether the socket has closed and all events have been reported. */
  get closed(): boolean {
    return this.#ended && this.#queue.length === 0;
  }

  /** Calls a function with every event of a type. */
  on(type: EventType, handler: EventHandler): void {
    this.addEventListener(type, handler as (event: Event) => void);
  }

  /** Ends what {@linkcode on} began. */
  off(type: EventType, handler: EventHandler): void {
    this.removeEventListener(type, handler as (event: Event) => void);
  }

  /** As of `EventTarget`. */
  override addEventListener(
    type: EventType,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    this.#listening = true;
    super.addEventListener(type, listener, options);
  }

  /** Waits for the next event; `undefined` after `end`, which is the last. */
  async receive(): Promise<SocketEvent | undefined> {
    this.#iterating = true;
    while (this.#queue.length === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#queue.shift();
  }

  /** The events from now on. The iteration ends after `end`. */
  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined> {
    this.#iterating = true;
    return {
      next: async () => {
        const value = await this.receive();
        return value === undefined ? { value, done: true } : { value, done: false };
      },
    };
  }

  /** @internal Reports an event. */
  emit(event: LinkEvent): void {
    if (this.#iterating || this.#listening) this.#report(new SocketEvent(event.type, event));
  }

  /** @internal Reports the last event. */
  end(): void {
    if (this.#ended) return;
    if (this.#iterating || this.#listening) this.#report(new SocketEvent("end"));
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #report(event: SocketEvent): void {
    if (this.#iterating) {
      if (this.#queue.length === MOST_EVENTS) this.#queue.shift();
      this.#queue.push(event);
      this.#wake();
    }
    // Later, for a handler may close the socket, which is in the midst of something now. One that throws is reported by
    // the runtime as uncaught and stops no other.
    if (this.#listening) queueMicrotask(() => this.dispatchEvent(event));
  }
}

/**
 * The inside of a socket: joins its endpoints, its pipes, its pattern and its messages.
 *
 * @module
 */

import type { Link, LinkEvent, LinkHost } from "../link/link.ts";
import type { Pipe } from "../link/pipe.ts";
import { type ErrorCode, ZmqError } from "../transports/error.ts";
import type { Context } from "./context.ts";
import { Endpoints } from "./endpoints.ts";
import { Exchange } from "./exchange.ts";
import { enter, hold, leave, release } from "./keep_alive.ts";
import { Observer } from "./observer.ts";
import { defaultOptions, type OptionValues, setOption } from "./option.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import { DONE, timeoutOf, WaitLine, type WaitOptions } from "./waiter.ts";

/** A socket without its public face. */
export class Core implements LinkHost, PatternHost {
  readonly options: OptionValues = defaultOptions();
  readonly context: Context;
  readonly pattern: Pattern;
  readonly exchange: Exchange;
  readonly events: Observer = new Observer();
  closed = false;
  #terminated = false;
  /** Connected peers whose handshake is done. */
  peers = 0;
  #endpoints: Endpoints;
  #pipes = new Set<Pipe>();
  #watchers = new WaitLine<() => boolean, void>();
  #ended = false;
  #whenFinished: (() => void)[] = [];

  constructor(context: Context, pattern: (host: PatternHost) => Pattern) {
    this.context = context;
    context.admit(this);
    enter();
    this.pattern = pattern(this);
    const { type } = this.pattern;
    this.options.ipv6 = context.ipv6;
    // Nothing of a subscriber is worth waiting for (zmq_setsockopt(3)).
    if (!context.blocky || type === "SUB" || type === "XSUB" || type === "DISH") this.options.linger = 0;
    this.exchange = new Exchange(this.pattern, this.options);
    this.#endpoints = new Endpoints(type, context, this.options, this);
  }

  /** The endpoints. */
  get endpoints(): Endpoints {
    this.alive("EBADF");
    return this.#endpoints;
  }

  /** The resolved form of the last endpoint. */
  get lastEndpoint(): string | null {
    return this.#endpoints.last;
  }

  /** Sets an option. High water marks act at once; most others at the next bind or connect. */
  set<K extends keyof OptionValues>(name: K, value: unknown): void {
    this.alive("ENOTSOCK");
    setOption(this.options, name, value);
    if (name === "sendHighWaterMark" || name === "receiveHighWaterMark") {
      for (const pipe of [...this.#pipes]) pipe.relimit();
    }
    // Some decide whether a message can be sent: noDrop, relaxed, mandatory.
    this.wakeSenders();
  }

  /** Reads an option. */
  get<K extends keyof OptionValues>(name: K): OptionValues[K] {
    this.alive("ENOTSOCK");
    return this.options[name];
  }

  /** Resolves when a condition holds that changes with peers and subscriptions. */
  until(condition: () => boolean, options?: WaitOptions): Promise<void> {
    try {
      this.alive("EBADF");
      if (options?.signal?.aborted) throw options.signal.reason;
      if (condition()) return DONE;
      const timeout = timeoutOf(options, -1);
      return this.#watchers.wait(condition, timeout, options?.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Looks at the conditions that are waited for. */
  changed(): void {
    if (this.#watchers.length === 0) return;
    for (const watcher of [...this.#watchers]) {
      if (!watcher.request()) continue;
      this.#watchers.remove(watcher);
      watcher.resolve();
    }
  }

  // PatternHost

  wakeSenders(address?: string): void {
    this.exchange.wakeSenders(address);
  }

  wakeReceivers(): void {
    this.exchange.wakeReceivers();
  }

  // LinkHost

  get intercepts(): boolean {
    return this.pattern.intercepts;
  }

  adopt(pipe: Pipe): boolean {
    if (this.closed || !this.pattern.attach(pipe)) return false;
    this.#pipes.add(pipe);
    return true;
  }

  emit(event: LinkEvent): void {
    this.events.emit(event);
  }

  released(link: Link): void {
    this.#endpoints.released(link);
    if (this.closed && this.#endpoints.empty) this.#finish();
  }

  returning(pipe: Pipe): void {
    this.pattern.returning(pipe);
  }

  ready(pipe: Pipe, again: boolean): void {
    this.peers++;
    this.pattern.ready(pipe, again);
    this.changed();
  }

  lost(pipe: Pipe): void {
    this.peers--;
    this.pattern.lost(pipe);
  }

  ended(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.pattern.ended(pipe);
  }

  readable(pipe: Pipe): void {
    this.pattern.readable(pipe);
    this.wakeReceivers();
  }

  filling(pipe: Pipe): void {
    this.pattern.readable(pipe);
    this.exchange.wakeReceiversSoon();
  }

  writable(pipe: Pipe): void {
    // It is empty because it has ended.
    if (!pipe.open) return;
    this.pattern.writable(pipe);
    this.wakeSenders(this.pattern.addressOfPipe(pipe));
  }

  subscription(pipe: Pipe, topic: Uint8Array, subscribe: boolean): void {
    this.pattern.subscription(pipe, topic, subscribe);
    this.changed();
  }

  intercept(pipe: Pipe, frames: Uint8Array[]): boolean {
    if (!this.pattern.intercept(pipe, frames)) return false;
    this.changed();
    return true;
  }

  // The end

  /** Whether messages wait that no peer has taken. */
  get unsent(): boolean {
    return this.#endpoints.unsent;
  }

  /** The context is terminated: nothing can be done with the socket but to close it. */
  terminate(): void {
    if (this.closed || this.#terminated) return;
    this.#terminated = true;
    this.exchange.terminate();
    this.#watchers.end("ETERM");
  }

  /** Closes the socket; what is queued goes out in the background as far as `linger` allows. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    hold();
    this.exchange.close();
    this.#watchers.end("EAGAIN", "the socket was closed");
    for (const pipe of [...this.#pipes]) pipe.deafen();
    this.#endpoints.close();
    // Pipes that no endpoint answers for: those of inproc.
    for (const pipe of [...this.#pipes]) pipe.close(0);
    if (this.#endpoints.empty) this.#finish();
  }

  /** Resolves when a closed socket holds nothing any more. */
  async finished(): Promise<void> {
    if (this.closed && this.#endpoints.empty) return;
    await new Promise<void>((resolve) => this.#whenFinished.push(resolve));
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.context.dismiss(this);
    this.events.end();
    release();
    leave();
    for (const resolve of this.#whenFinished.splice(0)) resolve();
  }

  /** Throws if the socket is closed or its context terminated. */
  alive(code: ErrorCode): void {
    if (this.closed) throw new ZmqError(code);
    if (this.#terminated) throw new ZmqError("ETERM");
  }
}

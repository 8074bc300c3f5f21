/**
 * The inside of a socket: its endpoints, its pipes, and the calls that wait.
 *
 * Everything that happens per message is synchronous and makes no promise unless a call has to wait.
 *
 * @module
 */

import { Acceptor } from "../link/acceptor.ts";
import { Dialer } from "../link/dialer.ts";
import { countMessage } from "../link/flusher.ts";
import type { Link, LinkEvent, LinkHost, LinkSettings } from "../link/link.ts";
import type { Pipe } from "../link/pipe.ts";

import { type ErrorCode, ZmqError } from "../transports/error.ts";
import { type Route, routeOf } from "../transports/registry.ts";
import type { Context } from "./context.ts";
import { enter, hold, leave, release } from "./keep_alive.ts";
import { EMPTY, type Message, type Sendable, toFrame, toFrames } from "./message.ts";
import { Observer } from "./observer.ts";
import { defaultOptions, integer, type OptionValues, routingIdBytes, setOption } from "./option.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import { type Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

/** The answer of a send that did not have to wait. */
const DONE: Promise<void> = Promise.resolve();
/** After so many messages (or KiB) a sender that never waits lets the rest of the program run. */
const BURST = 4096;
/** Types for which a second `connect()` to the same endpoint does nothing (zmq_connect(3)). */
const CONNECT_ONCE = new Set(["DEALER", "SUB", "PUB", "REQ"]);

/** A socket without its public face. */
export class Core implements LinkHost, PatternHost {
  readonly options: OptionValues = defaultOptions();
  readonly context: Context;
  readonly pattern: Pattern;
  readonly events: Observer = new Observer();
  closed = false;
  lastEndpoint: string | null = null;
  /** Connected peers whose handshake is done. */
  peers = 0;
  #links = new Map<string, Link[]>();
  /** Links that hold something of the system, ended ones among them. */
  #held = new Set<Link>();
  #pipes = new Set<Pipe>();
  #senders = new WaitLine<Uint8Array[], void>();
  #receivers = new WaitLine<void, Message>();
  #watchers = new WaitLine<() => boolean, void>();
  #sending = false;
  #receiving = false;
  #burst = 0;
  #ended = false;
  #whenFinished: (() => void)[] = [];

  constructor(context: Context, pattern: (host: PatternHost) => Pattern) {
    this.context = context;
    context.admit(this);
    enter();
    if (!context.blocky) this.options.linger = 0;
    this.pattern = pattern(this);
    // Nothing of a subscriber is worth waiting for (zmq_setsockopt(3)).
    if (this.pattern.type === "SUB" || this.pattern.type === "XSUB") this.options.linger = 0;
  }

  // Options

  /** Sets an option. High water marks act at once; most others at the next bind or connect. */
  set<K extends keyof OptionValues>(name: K, value: unknown): void {
    this.alive("ENOTSOCK");
    setOption(this.options, name, value);
    if (name === "sendHighWaterMark") { for (const pipe of [...this.#pipes]) pipe.relimit(); }
    if (name === "receiveHighWaterMark") { for (const pipe of [...this.#pipes]) pipe.refill(); }
  }

  /** Reads an option. */
  get<K extends keyof OptionValues>(name: K): OptionValues[K] {
    this.alive("ENOTSOCK");
    return this.options[name];
  }

  // Endpoints

  /** Binds and returns the resolved endpoint. */
  bind(endpoint: string): void {
    const { transport, address } = this.#locate(endpoint);
    let acceptor: Acceptor;
    try {
      transport.resolve(address, "bind");
      acceptor = new Acceptor(transport.bind(address, { backlog: this.options.backlog }), this.#settings(), this);
    } catch (error) {
      if (error instanceof ZmqError) this.emit({ type: "bind:error", address: endpoint, error });
      throw error;
    }
    this.#add(acceptor);
    this.lastEndpoint = acceptor.key;
    acceptor.start();
  }

  /** Connects; the peer may come later. */
  connect(endpoint: string, routingId?: unknown): void {
    const { transport, address } = this.#locate(endpoint);
    const printed = transport.resolve(address, "connect");
    transport.authorize(address);
    const id = routingId === undefined ? undefined : routingIdBytes("routingId", routingId);
    if (CONNECT_ONCE.has(this.pattern.type) && this.#links.get(endpoint)?.some((link) => link instanceof Dialer)) {
      this.lastEndpoint = printed;
      return;
    }
    const dialer = new Dialer({ transport, address, endpoint, routingId: id }, this.#settings(), this);
    this.#add(dialer);
    try {
      dialer.start();
    } catch (error) {
      dialer.close(0);
      throw error;
    }
    this.lastEndpoint = printed;
  }

  /** Ends everything that was bound or connected by this endpoint. What is wrong with it is thrown at once. */
  remove(endpoint: string): Promise<unknown> {
    const { transport, address } = this.#locate(endpoint);
    const links = this.#links.get(endpoint);
    if (links === undefined) {
      transport.resolve(address, "connect");
      throw new ZmqError("ENOENT", { address: endpoint });
    }
    this.#links.delete(endpoint);
    return Promise.all(links.map((link) => link.close(this.options.linger)));
  }

  #locate(endpoint: string): Route {
    this.alive("EBADF");
    const route = routeOf(endpoint, this.pattern.type);
    if (this.context.ioThreads === 0) throw new ZmqError("EMTHREAD", { address: endpoint });
    return route;
  }

  #add(link: Link): void {
    const same = this.#links.get(link.key);
    if (same === undefined) this.#links.set(link.key, [link]);
    else same.push(link);
    this.#held.add(link);
  }

  #settings(): LinkSettings {
    const values = this.options;
    return {
      machine: {
        socketType: this.pattern.type,
        routingId: values.routingId === null ? EMPTY : toFrame(values.routingId),
        maxMessageSize: values.maxMessageSize,
        handshakeInterval: values.handshakeInterval,
        heartbeatInterval: values.heartbeatInterval,
        heartbeatTimeToLive: values.heartbeatTimeToLive,
        heartbeatTimeout: values.heartbeatTimeout,
      },
      limits: values,
      conflate: values.conflate,
      immediate: values.immediate,
      reconnectInterval: values.reconnectInterval,
      reconnectMaxInterval: values.reconnectMaxInterval,
      disconnectMessage: values.disconnectMessage,
      hiccupMessage: values.hiccupMessage,
    };
  }

  // Messages

  /** Sends a message, now or when it is possible. */
  send(message: Sendable, options?: WaitOptions): Promise<void> {
    try {
      if (this.closed) this.alive("EBADF");
      const frames = toFrames(message);
      if (options?.signal?.aborted) throw options.signal.reason;
      if (this.#senders.length === 0 && this.#send(frames)) {
        this.#burst += 1 + (frames[frames.length - 1]!.length >> 10);
        return this.#burst < BURST ? DONE : this.#pause();
      }
      const timeout = this.#timeout(options, this.options.sendTimeout);
      if (timeout === 0) throw new ZmqError(this.pattern.sendRefusal);
      return this.#senders.wait(
        frames,
        timeout,
        options?.signal,
        () => new ZmqError("EAGAIN"),
        () => this.wakeSenders(),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends a message if that is possible now. */
  trySend(message: Sendable): boolean {
    this.alive("EBADF");
    const frames = toFrames(message);
    if (this.#senders.length === 0 && this.#send(frames)) return true;
    const refusal = this.pattern.sendRefusal;
    if (refusal !== "EAGAIN") throw new ZmqError(refusal);
    return false;
  }

  /** Receives a message, now or when one comes. */
  receive(options?: WaitOptions): Promise<Message> {
    try {
      if (this.closed) this.alive("EBADF");
      if (options?.signal?.aborted) throw options.signal.reason;
      if (this.#receivers.length === 0) {
        const message = this.#receive();
        if (message !== undefined) return Promise.resolve(message);
      }
      const timeout = this.#timeout(options, this.options.receiveTimeout);
      if (timeout === 0) throw new ZmqError(this.pattern.receiveRefusal);
      return this.#receivers.wait(
        undefined,
        timeout,
        options?.signal,
        () => new ZmqError("EAGAIN"),
        () => this.wakeReceivers(),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Receives a message if one waits. */
  tryReceive(): Message | undefined {
    if (this.closed) this.alive("EBADF");
    if (this.#receivers.length > 0) return undefined;
    return this.#receive();
  }

  /** Why nothing could be received. */
  checkReceivable(): void {
    const refusal = this.pattern.receiveRefusal;
    if (refusal !== "EAGAIN") throw new ZmqError(refusal);
  }

  /** Resolves when a condition holds that changes with peers and subscriptions. */
  until(condition: () => boolean, options?: WaitOptions): Promise<void> {
    try {
      this.alive("EBADF");
      if (options?.signal?.aborted) throw options.signal.reason;
      if (condition()) return DONE;
      const timeout = this.#timeout(options, -1);
      return this.#watchers.wait(condition, timeout, options?.signal, () => new ZmqError("EAGAIN"));
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

  #send(frames: Uint8Array[]): boolean {
    if (!this.pattern.send(frames)) return false;
    countMessage();
    // A request that is sent, a reply that is sent: the other direction may have become possible.
    if (this.#receivers.length > 0) this.wakeReceivers();
    return true;
  }

  #receive(): Message | undefined {
    const message = this.pattern.receive();
    if (message !== undefined && this.#senders.length > 0) this.wakeSenders();
    return message;
  }

  #timeout(options: WaitOptions | undefined, standard: number): number {
    const timeout = options?.timeout;
    return timeout === undefined ? standard : integer("timeout", timeout, -1);
  }

  /** Resolves in the next turn of the event loop. */
  #pause(): Promise<void> {
    this.#burst = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  // PatternHost

  wakeSenders(): void {
    if (this.#sending) return;
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

  wakeReceivers(): void {
    if (this.#receiving) return;
    this.#receiving = true;
    const line = this.#receivers;
    while (line.length > 0) {
      const message = this.#receive();
      if (message === undefined) break;
      (line.shift() as Waiter<void, Message>).resolve(message);
    }
    this.#receiving = false;
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
    this.#held.delete(link);
    const same = this.#links.get(link.key);
    if (same?.includes(link)) {
      if (same.length === 1) this.#links.delete(link.key);
      else same.splice(same.indexOf(link), 1);
    }
    if (this.closed && this.#held.size === 0) this.#finish();
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
    if (this.#receivers.length > 0) this.wakeReceivers();
  }

  writable(pipe: Pipe): void {
    this.pattern.writable(pipe);
    if (this.#senders.length > 0) this.wakeSenders();
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
    for (const link of this.#held) if (link.unsent) return true;
    return false;
  }

  /** Closes the socket; what is queued goes out in the background as far as `linger` allows. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    hold();
    const gone = () => new ZmqError("EAGAIN", { detail: "the socket was closed" });
    for (const line of [this.#senders, this.#receivers, this.#watchers]) {
      for (let waiter = line.shift(); waiter !== undefined; waiter = line.shift()) waiter.reject(gone());
    }
    for (const pipe of [...this.#pipes]) pipe.deafen();
    for (const link of [...this.#held]) link.close(this.options.linger);
    this.#links.clear();
    if (this.#held.size === 0) this.#finish();
  }

  /** Resolves when a closed socket holds nothing any more. */
  async finished(): Promise<void> {
    if (this.closed && this.#held.size === 0) return;
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

  /** Throws if the socket is closed. */
  alive(code: ErrorCode): void {
    if (this.closed) throw new ZmqError(code);
  }
}

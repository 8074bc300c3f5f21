/**
 * A proxy: hands on the messages of one socket to another, both ways.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import type { Core } from "./core.ts";
import { DuplexSocket, ReadableSocket, WritableSocket } from "./direction.ts";
import { hold, release } from "./keep_alive.ts";
import { Relay, Side, type SocketTraffic } from "./relay.ts";
import { coreOf, Socket } from "./socket.ts";
import { takeCommand } from "./steering.ts";

/** After so many messages the rest of the program has its turn. */
const BURST = 1024;

/** What a proxy may have besides its two ends. */
export interface ProxyOptions {
  /** Is sent a copy of every message that goes through, either way: a Publisher, Dealer, Push or Pair. */
  capture?: Socket | undefined;
  /**
   * Is listened to for the commands `PAUSE`, `RESUME`, `TERMINATE` and `STATISTICS`: a Reply or a Pair, or any other that
   * receives them as messages of one frame, as a Router does not. See zmq_proxy_steerable(3).
   */
  control?: Socket | undefined;
}

/** How to run a proxy. */
export interface ProxyRunOptions {
  /** Ends the proxy, as an error: {@linkcode Proxy.run} rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What has gone through a proxy, see {@linkcode Proxy.statistics}. */
export interface ProxyStatistics {
  /** What has gone through the front end. */
  readonly frontEnd: SocketTraffic;
  /** What has gone through the back end. */
  readonly backEnd: SocketTraffic;
}

/** Types whose messages are for a peer or a group, or from one. */
const ADDRESSED: ReadonlySet<string> = new Set(["SERVER", "PEER", "RADIO", "DISH"]);

type State = "ready" | "active" | "paused" | "ended";

/**
 * Hands on the messages of a front end to a back end and the other way round, as far as these send and receive: a broker
 * with a Router and a Dealer, a forwarder with an XSubscriber and an XPublisher, a streamer with a Pull and a Push. See
 * zmq_proxy(3).
 *
 * A message is taken from one end when the other has room for it, so that a slow receiver slows its senders down, and
 * nothing piles up here. What a type of socket drops by nature it drops here as well: a Publisher, for a peer whose queue
 * is full, unless `noDrop` is set. A message for a peer that is no longer there is dropped even with `mandatory`, and so is
 * one that the type of the other end cannot carry, such as one of several frames to a Scatter.
 *
 * While it runs the proxy has its sockets for itself, but they can be bound and connected. When it ends it closes them.
 *
 * The name hides JavaScript's own `Proxy` where it is imported; that is `globalThis.Proxy`.
 *
 * @example
 * ```ts
 * import { Dealer, Proxy, Reply, Request, Router } from "@denomq/zmq";
 *
 * const proxy = new Proxy(new Router(), new Dealer());
 * await proxy.frontEnd.bind("inproc://questions");
 * await proxy.backEnd.bind("inproc://workers");
 * const running = proxy.run();
 *
 * await using worker = new Reply();
 * await using client = new Request();
 * worker.connect("inproc://workers");
 * client.connect("inproc://questions");
 * await client.send("a question");
 * await worker.receive();
 * await worker.send("an answer");
 * await client.receive();
 *
 * proxy.terminate();
 * await running;
 * ```
 */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> implements Disposable, AsyncDisposable {
  #frontEnd: F;
  #backEnd: B;
  #front: Side;
  #back: Side;
  #control: Side | null;
  #sides: Side[];
  #relays: Relay[] = [];
  #controlSends: boolean;
  #state: State = "ready";
  #due = false;
  #burst = 0;
  #end: ((error?: unknown) => void) | null = null;

  /**
   * Makes a proxy.
   *
   * @param frontEnd One socket.
   * @param backEnd The other one. It may be the same one: then each message goes back to where such a socket sends it.
   * @param options A socket for copies, and one for commands; or just the former.
   * @throws TypeError for what is no socket, for sockets that do not fit, and for an unknown option.
   */
  constructor(frontEnd: F, backEnd: B, options: Socket | ProxyOptions = {}) {
    if (!(frontEnd instanceof Socket)) throw new TypeError("Front-end must be a socket object");
    if (!(backEnd instanceof Socket)) throw new TypeError("Back-end must be a socket object");
    const { capture, control } = optionsOf(options);
    if (capture !== undefined && !sends(capture)) throw new TypeError("Capture must be a socket that sends");
    if (control !== undefined && !receives(control)) throw new TypeError("Control must be a socket that receives");
    for (const socket of [frontEnd, backEnd, capture, control]) {
      if (socket === undefined || !ADDRESSED.has(coreOf(socket).pattern.type)) continue;
      throw new TypeError(`Cannot make a proxy: the messages of a ${socket.constructor.name} are more than frames`);
    }

    this.#frontEnd = frontEnd;
    this.#backEnd = backEnd;
    const sides = new Map<Socket, Side>();
    const side = (socket: Socket) => {
      if (sides.has(socket)) throw new TypeError("Cannot make a proxy: it needs different sockets");
      const made = new Side(coreOf(socket), () => this.#wake(), (error) => this.#end?.(error));
      sides.set(socket, made);
      return made;
    };
    const single: boolean = (frontEnd as Socket) === backEnd;
    this.#front = side(frontEnd);
    this.#back = single ? this.#front : side(backEnd);
    const copies = capture === undefined ? null : side(capture);
    this.#control = control === undefined ? null : side(control);
    this.#controlSends = control !== undefined && sends(control);
    this.#sides = [...sides.values()];
    if (receives(frontEnd) && sends(backEnd)) this.#relays.push(new Relay(this.#front, this.#back, copies));
    if (!single && receives(backEnd) && sends(frontEnd)) this.#relays.push(new Relay(this.#back, this.#front, copies));
    if (this.#relays.length === 0) {
      throw new TypeError("Cannot make a proxy: neither socket receives what the other sends");
    }
  }

  /** One end. */
  get frontEnd(): F {
    return this.#frontEnd;
  }

  /** The other end. */
  get backEnd(): B {
    return this.#backEnd;
  }

  /**
   * How much has gone through, up to now. A message counts as received when it was taken from the socket, and as sent when
   * the other one has it.
   */
  get statistics(): ProxyStatistics {
    return { frontEnd: structuredClone(this.#front.traffic), backEnd: structuredClone(this.#back.traffic) };
  }

  /**
   * Runs the proxy: takes the sockets over, hands messages on until the end, and closes them. The program runs until then.
   *
   * @param options What ends it besides {@linkcode terminate}.
   * @returns When the proxy was terminated.
   * @throws ZmqError `EINVAL` when the front end or the back end is neither bound nor connected; `EFSM` when calls wait for
   * a socket or another proxy has it; `EBADF` when a socket was closed; `ETERM` when a context was terminated.
   */
  async run(options: ProxyRunOptions = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    checkEndpoints(this.#front.core, "Front-end");
    checkEndpoints(this.#back.core, "Back-end");
    for (const { core } of this.#sides) core.exchange.checkIdle();
    for (const side of this.#sides) side.core.exchange.lend(side);

    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const aborted = () => this.#end?.(signal!.reason);
    this.#end = (...errors) => {
      this.#end = null;
      this.#state = "ended";
      signal?.removeEventListener("abort", aborted);
      for (const side of this.#sides) {
        side.close();
        side.core.close();
      }
      release();
      if (errors.length > 0) reject(errors[0]);
      else resolve();
    };
    signal?.addEventListener("abort", aborted);
    hold();
    this.#state = "active";
    this.#wake();
    await promise;
  }

  /**
   * Stops handing messages on.
   *
   * @throws ZmqError `EBADF` when the proxy does not run.
   */
  pause(): void {
    this.#running();
    this.#state = "paused";
  }

  /**
   * Hands messages on again.
   *
   * @throws ZmqError `EBADF` when the proxy does not run.
   */
  resume(): void {
    this.#running();
    this.#state = "active";
    this.#wake();
  }

  /**
   * Ends the proxy and closes its sockets. What it has handed on goes out, as their `linger` allows; what it has not is
   * lost.
   *
   * @throws ZmqError `EBADF` when the proxy does not run.
   */
  terminate(): void {
    this.#running()();
  }

  /** Ends the proxy and closes its sockets, also if it has never run. */
  [Symbol.dispose](): void {
    this.#end?.();
    for (const { core } of this.#sides) core.close();
  }

  /** Ends the proxy, closes its sockets and waits until they have sent what they have, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await Promise.all(this.#sides.map(({ core }) => core.finished()));
  }

  /** Throws unless the proxy runs. */
  #running(): () => void {
    if (this.#end === null) throw new ZmqError("EBADF");
    return this.#end;
  }

  /** Something has changed: looks at it as soon as what has caused it is through. */
  #wake(): void {
    if (this.#due || this.#end === null) return;
    this.#due = true;
    if (this.#burst < BURST) return queueMicrotask(this.#go);
    this.#burst = 0;
    setImmediate(this.#go);
  }

  #go = (): void => {
    this.#due = false;
    try {
      this.#obey();
      let more = false;
      for (const relay of this.#relays) {
        if (this.#state !== "active") return;
        const moved = relay.move(BURST);
        this.#burst += moved;
        if (moved === BURST) more = true;
      }
      if (more) this.#wake();
    } catch (error) {
      this.#end?.(error);
    }
  };

  /** Does what the control socket is told. */
  #obey(): void {
    const control = this.#control;
    while (control !== null && this.#end !== null) {
      const command = takeCommand(control, this.#controlSends, [this.#front.traffic, this.#back.traffic]);
      if (command === undefined) return;
      this.#burst++;
      if (command === "PAUSE") this.pause();
      if (command === "RESUME") this.resume();
      if (command === "TERMINATE") this.terminate();
    }
  }
}

/** Checks the options: a misspelt one would go unnoticed. */
function optionsOf(options: Socket | ProxyOptions): ProxyOptions {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("Cannot make a proxy: the options must be an object");
  }
  if (options instanceof Socket) return { capture: options };
  for (const name of Object.keys(options)) {
    if (name !== "capture" && name !== "control") throw new TypeError(`Cannot make a proxy: it has no option ${name}`);
  }
  return options;
}

function receives(socket: Socket): boolean {
  return socket instanceof ReadableSocket;
}

function sends(socket: Socket): boolean {
  return socket instanceof WritableSocket || socket instanceof DuplexSocket;
}

function checkEndpoints(core: Core, name: string): void {
  if (core.closed || !core.endpoints.any) {
    throw new ZmqError("EINVAL", { detail: `${name} socket must be bound or connected` });
  }
}

/**
 * Sockets of any type as those that kill and those that are killed use them: something to send by and to receive from.
 *
 * @module
 */

import * as zmq from "../../../mod.ts";
import { Context as LibzmqContext, type Socket as LibzmqSocket } from "../../peer/libzmq.ts";
import type { TaskType } from "./task.ts";

/** One socket. */
export interface Port {
  bind(endpoint: string): Promise<void> | void;
  connect(endpoint: string): void;
  /** Waits until the message is taken. */
  send(frames: Uint8Array[]): Promise<void>;
  /** Waits for a message; a ROUTER's without the routing id. */
  receive(): Promise<Uint8Array[]>;
}

/** What a port is made with. */
export interface PortOptions {
  readonly type: TaskType;
  /** Both high water marks. */
  readonly mark: number;
  /** What a SUB subscribes to. */
  readonly topics: readonly number[];
}

const TYPES = {
  PUSH: zmq.Push,
  PULL: zmq.Pull,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PAIR: zmq.Pair,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  REP: zmq.Reply,
};

/** A socket of this library. */
export class DenomqPort implements Port, AsyncDisposable {
  readonly socket: zmq.Socket;
  readonly #strips: boolean;

  constructor({ type, mark, topics }: PortOptions) {
    const socket = new TYPES[type]() as zmq.Dealer;
    socket.reconnectInterval = 5;
    socket.linger = 0;
    if (type !== "PULL" && type !== "SUB") socket.sendHighWaterMark = mark;
    if (type !== "PUSH" && type !== "PUB") socket.receiveHighWaterMark = mark;
    const other: zmq.Socket = socket;
    if (other instanceof zmq.Publisher) other.noDrop = true;
    if (other instanceof zmq.Subscriber) { for (const topic of topics) other.subscribe(Uint8Array.of(topic)); }
    this.socket = socket;
    this.#strips = type === "ROUTER";
  }

  bind(endpoint: string): Promise<void> {
    return this.socket.bind(endpoint);
  }

  connect(endpoint: string): void {
    this.socket.connect(endpoint);
  }

  send(frames: Uint8Array[], options?: zmq.WaitOptions): Promise<void> {
    return (this.socket as zmq.Dealer).send(frames, options);
  }

  async receive(options?: zmq.WaitOptions): Promise<Uint8Array[]> {
    const frames = await (this.socket as zmq.Dealer).receive(options);
    return this.#strips ? frames.slice(1) : frames;
  }

  /** What has come already. */
  tryReceive(): Uint8Array[] | null {
    const frames = (this.socket as zmq.Dealer).tryReceive();
    return frames !== null && this.#strips ? frames.slice(1) : frames;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
  }
}

/** How long (ms) to leave libzmq alone when it can do nothing. */
const PAUSE = 1;
/** After so many calls in a row others have their turn. */
const TURN = 64;

/** A socket of libzmq, in a program of its own that is killed. */
export class LibzmqPort implements Port {
  readonly #socket: LibzmqSocket;
  readonly #strips: boolean;
  #calls = 0;

  constructor({ type, mark, topics }: PortOptions) {
    this.#socket = new LibzmqContext().socket(type);
    this.#socket.set("SNDHWM", mark);
    this.#socket.set("RCVHWM", mark);
    this.#socket.set("RECONNECT_IVL", 5);
    if (type === "PUB") this.#socket.set("XPUB_NODROP", 1);
    if (type === "SUB") { for (const topic of topics) this.#socket.set("SUBSCRIBE", Uint8Array.of(topic)); }
    this.#strips = type === "ROUTER";
  }

  bind(endpoint: string): void {
    this.#socket.bind(endpoint);
  }

  connect(endpoint: string): void {
    this.#socket.connect(endpoint);
  }

  async send(frames: Uint8Array[]): Promise<void> {
    await this.#turn();
    while (!this.#socket.trySend(frames as Uint8Array<ArrayBuffer>[])) await pause();
  }

  async receive(): Promise<Uint8Array[]> {
    await this.#turn();
    for (;;) {
      const frames = this.#socket.tryReceive();
      if (frames !== null) return this.#strips ? frames.slice(1) : frames;
      await pause();
    }
  }

  async #turn(): Promise<void> {
    if (++this.#calls % TURN === 0) await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}

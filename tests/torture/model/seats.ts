/**
 * Who plays the sockets of a program: this library, here or in a Worker, or libzmq in a process of its own.
 *
 * @module
 */

import { ZmqError } from "../../../mod.ts";
import { bytesOf, labels, subscription } from "../../interop/side.ts";
import { type LibzmqPeer, PeerError, type PeerOptions, type PeerSocket, type Sendable } from "../../peer/peer.ts";
import * as types from "../../support/sockets.ts";
import { nameOf, type Outcome } from "./reference.ts";
import { type OptionName, type Options, receives, sends, type Type } from "./steps.ts";

/** A call that waits. */
export interface Pending {
  readonly outcome: Promise<Outcome>;
  abort(): void;
}

/** One socket, whoever plays it. Nothing throws but what is no error of ZeroMQ. */
export interface Seat {
  readonly type: Type;
  /** Whether libzmq plays it. */
  readonly foreign: boolean;
  endpoint(act: "bind" | "unbind" | "connect" | "disconnect", endpoint: string): Promise<Outcome>;
  set(name: OptionName, value: number | boolean): Promise<void>;
  subscribe(topic: string, on: boolean): Promise<Outcome>;
  send(frames: readonly Sendable[], timeout: number): Promise<Outcome>;
  trySend(frames: readonly Sendable[]): Promise<Outcome>;
  tryReceive(): Promise<Outcome>;
  receive(timeout: number): Promise<Outcome>;
  /** Begins to wait for a message. */
  pend(): Pending;
  /** Begins to wait to send a message. */
  hold(frames: readonly Sendable[]): Pending;
  /** How many peers are connected. */
  peers(): Promise<number>;
  /** Whether that many peers want what begins with a topic, for which they have so many subscriptions. */
  hasSubscribers(topic: string, peers: number, subscriptions: number): Promise<boolean>;
  close(): Promise<Outcome>;
  /** Closes the socket, and drops what it has. */
  end(): Promise<void>;
}

/** The outcome of a call: that of `action`, or the code that it fails with. */
async function outcomeOf(action: () => unknown): Promise<Outcome> {
  try {
    const result = await action();
    if (result === false) return "EAGAIN";
    if (result === null) return "nothing";
    return Array.isArray(result) ? labels(result as Uint8Array[]) : "ok";
  } catch (error) {
    if (error instanceof ZmqError || error instanceof PeerError) return error.code;
    throw error;
  }
}

/** A call that a signal can end. */
function abortable(call: (signal: AbortSignal) => Promise<unknown>): Pending {
  const controller = new AbortController();
  const { signal } = controller;
  const outcome = outcomeOf(() => call(signal)).catch((error): Outcome => {
    if (error === signal.reason) return "aborted";
    throw error;
  });
  return { outcome, abort: () => controller.abort() };
}

const CLASSES: Record<Type, keyof typeof types> = {
  PAIR: "Pair",
  PUSH: "Push",
  PULL: "Pull",
  PUB: "Publisher",
  SUB: "Subscriber",
  XPUB: "XPublisher",
  XSUB: "XSubscriber",
  REQ: "Request",
  REP: "Reply",
  DEALER: "Dealer",
  ROUTER: "Router",
};

/** Milliseconds until a lost connection is tried again. */
const AGAIN = 5;

const named = (type: Type) => type === "REQ" || type === "DEALER" || type === "ROUTER";

/** The calls of all types; steps see to it that a socket gets none that its own does not have. */
type Calls =
  & types.Dealer
  & Pick<types.Subscriber, "subscribe" | "unsubscribe">
  & Pick<types.Publisher, "waitForSubscribers">;

/** A socket of this library. */
export class DenomqSeat implements Seat {
  readonly foreign = false;
  readonly type: Type;
  readonly #socket: Calls;

  constructor(socket: number, type: Type, options: Options) {
    const { sendHighWaterMark, receiveHighWaterMark, ...rest } = options;
    this.type = type;
    const make = types[CLASSES[type]] as unknown as new (options: object) => Calls;
    this.#socket = new make({
      ...rest,
      reconnectInterval: AGAIN,
      ...(named(type) ? { routingId: nameOf(socket) } : {}),
      ...(sends(type) && sendHighWaterMark !== undefined ? { sendHighWaterMark } : {}),
      ...(receives(type) && receiveHighWaterMark !== undefined ? { receiveHighWaterMark } : {}),
    });
  }

  endpoint(act: "bind" | "unbind" | "connect" | "disconnect", endpoint: string): Promise<Outcome> {
    return outcomeOf(async () => void await this.#socket[act](endpoint));
  }

  set(name: OptionName, value: number | boolean): Promise<void> {
    Object.assign(this.#socket, { [name]: value });
    return Promise.resolve();
  }

  subscribe(topic: string, on: boolean): Promise<Outcome> {
    if (this.type === "XSUB") return outcomeOf(() => this.#socket.send(subscription(on ? 1 : 0, topic)));
    return outcomeOf(() => on ? this.#socket.subscribe(topic) : this.#socket.unsubscribe(topic));
  }

  send(frames: readonly Sendable[], timeout: number): Promise<Outcome> {
    return outcomeOf(() => this.#socket.send(frames.map(bytesOf), { timeout }));
  }

  trySend(frames: readonly Sendable[]): Promise<Outcome> {
    return outcomeOf(() => this.#socket.trySend(frames.map(bytesOf)));
  }

  tryReceive(): Promise<Outcome> {
    return outcomeOf(() => this.#socket.tryReceive());
  }

  receive(timeout: number): Promise<Outcome> {
    return outcomeOf(() => this.#socket.receive({ timeout }));
  }

  pend(): Pending {
    return abortable((signal) => this.#socket.receive({ signal, timeout: -1 }));
  }

  hold(frames: readonly Sendable[]): Pending {
    return abortable((signal) => this.#socket.send(frames.map(bytesOf), { signal, timeout: -1 }));
  }

  peers(): Promise<number> {
    return Promise.resolve(this.#socket.peerCount);
  }

  async hasSubscribers(topic: string, peers: number): Promise<boolean> {
    const has = (count: number) => outcomeOf(() => this.#socket.waitForSubscribers(count, { topic, timeout: 0 }));
    return await has(peers) === "ok" && await has(peers + 1) === "EAGAIN";
  }

  close(): Promise<Outcome> {
    return outcomeOf(() => this.#socket.close());
  }

  async end(): Promise<void> {
    if (!this.#socket.closed) this.#socket.linger = 0;
    await this.#socket[Symbol.asyncDispose]();
  }
}

/** libzmq's names of the options. */
const OPTIONS = {
  sendHighWaterMark: "SNDHWM",
  receiveHighWaterMark: "RCVHWM",
  linger: "LINGER",
  immediate: "IMMEDIATE",
  mandatory: "ROUTER_MANDATORY",
} as const;

/** A socket of libzmq. For a PUB plays an XPUB, which tells who has subscribed. */
export class LibzmqSeat implements Seat {
  readonly foreign = true;
  readonly type: Type;
  readonly #socket: PeerSocket;
  #peers = 0;
  /** PUB: what the peers have subscribed to, once for each. */
  readonly #topics: string[] = [];

  private constructor(type: Type, socket: PeerSocket) {
    this.type = type;
    this.#socket = socket;
  }

  static async open(peer: LibzmqPeer, socket: number, type: Type, options: Options): Promise<LibzmqSeat> {
    const given: Record<string, number | string> = { RECONNECT_IVL: AGAIN };
    for (const [name, value] of Object.entries(options)) given[OPTIONS[name as OptionName]] = Number(value);
    if (named(type)) given["ROUTING_ID"] = nameOf(socket);
    // Every subscription and every end of one, whoever else has it.
    if (type === "PUB") given["XPUB_VERBOSER"] = 1;
    return new LibzmqSeat(type, await peer.open(type === "PUB" ? "XPUB" : type, given as PeerOptions));
  }

  endpoint(act: "bind" | "unbind" | "connect" | "disconnect", endpoint: string): Promise<Outcome> {
    return outcomeOf(async () => void await this.#socket[act](endpoint));
  }

  set(name: OptionName, value: number | boolean): Promise<void> {
    return this.#socket.set(OPTIONS[name], Number(value));
  }

  subscribe(topic: string, on: boolean): Promise<Outcome> {
    if (this.type === "XSUB") return this.trySend([subscription(on ? 1 : 0, topic)]);
    return outcomeOf(() => on ? this.#socket.subscribe(topic) : this.#socket.unsubscribe(topic));
  }

  send(frames: readonly Sendable[], timeout: number): Promise<Outcome> {
    return outcomeOf(() => this.#socket.send(frames, timeout));
  }

  trySend(frames: readonly Sendable[]): Promise<Outcome> {
    return this.send(frames, 0);
  }

  async tryReceive(): Promise<Outcome> {
    const outcome = await this.receive(0);
    return outcome === "EAGAIN" ? "nothing" : outcome;
  }

  receive(timeout: number): Promise<Outcome> {
    return outcomeOf(async () => {
      const frames = await this.#socket.receiveReport(timeout);
      return frames.map((frame) => frame.base64 === undefined ? frame : Uint8Array.fromBase64(frame.base64));
    });
  }

  pend(): Pending {
    throw new Error("A call of libzmq cannot be aborted");
  }

  hold(): Pending {
    return this.pend();
  }

  async peers(): Promise<number> {
    for (;;) {
      try {
        const { event } = await this.#socket.waitEvent(["HANDSHAKE_SUCCEEDED", "DISCONNECTED"], 0);
        this.#peers += event === "DISCONNECTED" ? -1 : 1;
      } catch (error) {
        if (error instanceof PeerError && error.code === "EAGAIN") return this.#peers;
        throw error;
      }
    }
  }

  async hasSubscribers(topic: string, _peers: number, subscriptions: number): Promise<boolean> {
    for (;;) {
      const notice = await outcomeOf(() => this.#socket.receive(0));
      if (typeof notice === "string") break;
      const [verb, ...name] = JSON.parse(notice[0]!) as string;
      if (verb === "\x01") this.#topics.push(name.join(""));
      else this.#topics.splice(this.#topics.indexOf(name.join("")), 1);
    }
    return this.#topics.filter((each) => topic.startsWith(each)).length === subscriptions;
  }

  close(): Promise<Outcome> {
    return outcomeOf(() => this.#socket.close());
  }

  async end(): Promise<void> {
    const outcome = await outcomeOf(() => this.#socket.close(0));
    if (outcome !== "ok" && outcome !== "ENOTSOCK") throw new Error(`libzmq: ${outcome}`);
  }
}

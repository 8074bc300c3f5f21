/**
 * Moves messages between sockets: what a proxy does while it runs.
 *
 * Nothing here waits. Sockets say when there may be a message or room for one, and then as much is moved as there is, up to
 * a limit after which the rest of the program has its turn. A message is taken from a socket only when the other one has
 * room. Some types find out only when they see the message: then this one is kept, and no other is taken before it has
 * gone.
 *
 * @module
 */

import { countMessage } from "../link/flusher.ts";
import { Notice } from "../link/pipe.ts";
import { ZmqError } from "../transports/error.ts";
import type { Core } from "./core.ts";
import type { Keeper } from "./exchange.ts";

/** How much went one way. */
export interface Traffic {
  /** Whole messages. */
  messages: number;
  /** Their frames, which are what libzmq counts. */
  frames: number;
  /** Their bytes. */
  bytes: number;
}

/** What went through one socket. */
export interface SocketTraffic {
  /** What it has received. */
  readonly received: Traffic;
  /** What it has sent. */
  readonly sent: Traffic;
}

/** One of the sockets, in the hands of the proxy. */
export class Side implements Keeper {
  readonly core: Core;
  readonly traffic: SocketTraffic = { received: none(), sent: none() };
  /** A queue has become full whose next message would be dropped. */
  resting = false;
  #wake: () => void;
  #ended: (error: ZmqError) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(core: Core, wake: () => void, ended: (error: ZmqError) => void) {
    this.core = core;
    this.#wake = wake;
    this.#ended = ended;
  }

  readable(): void {
    this.#wake();
  }

  writable(): void {
    if (this.resting) this.close();
    this.#wake();
  }

  ended(error: ZmqError): void {
    this.close();
    this.#ended(error);
  }

  /** Sends nothing until there is room or a turn of the event loop has passed, if a queue has become full. */
  restIfPressed(): void {
    const { pattern } = this.core;
    if (!pattern.pressed) return;
    pattern.pressed = false;
    if (this.resting) return;
    this.resting = true;
    this.#timer = setTimeout(() => this.writable(), 0);
  }

  /** Ends the rest. */
  close(): void {
    this.resting = false;
    clearTimeout(this.#timer);
  }
}

/** The way from one socket to the other. */
export class Relay {
  #from: Side;
  #to: Side;
  #capture: Side | null;
  /** A message that was taken and has not gone yet. */
  #held: Uint8Array[] | null = null;
  #bytes = 0;
  #captured = false;

  /** Makes the way; `to` may be the same as `from`. */
  constructor(from: Side, to: Side, capture: Side | null) {
    this.#from = from;
    this.#to = to;
    this.#capture = capture;
  }

  /** Moves messages and says how many; as many as `limit` when there may be more. */
  move(limit: number): number {
    const from = this.#from.core.pattern;
    let moved = 0;
    while (moved < limit) {
      if (this.#held === null) {
        if (!this.#open) break;
        // A proxy takes no type whose messages are more than frames.
        const frames = from.receive() as Uint8Array[] | undefined;
        if (frames === undefined) break;
        let bytes = 0;
        for (let i = 0; i < frames.length; i++) bytes += frames[i]!.length;
        this.#bytes = bytes;
        count(this.#from.traffic.received, frames.length, bytes);
        this.#held = frames instanceof Notice ? [...frames] : frames;
        this.#captured = this.#capture === null || !fits(this.#capture, frames);
      }
      if (!this.#pass(this.#held)) break;
      this.#held = null;
      moved++;
    }
    return moved;
  }

  /** Whether a message could be sent on. */
  get #open(): boolean {
    const capture = this.#capture;
    if (capture !== null && (capture.resting || !capture.core.pattern.sendable)) return false;
    const { resting, core: { pattern } } = this.#to;
    if (resting) return false;
    // A socket that answers itself can do so once it has been asked.
    return pattern.sendable || this.#to === this.#from && pattern.sendRefusal === "EFSM";
  }

  /** Sends a message on; `false` when it has to wait. */
  #pass(frames: Uint8Array[]): boolean {
    if (!this.#captured) {
      if (send(this.#capture!, frames.slice()) === false) return false;
      this.#captured = true;
    }
    if (!fits(this.#to, frames)) return true;
    // The array is the other socket's once that has it.
    const parts = frames.length;
    const sent = send(this.#to, frames);
    if (sent === true) count(this.#to.traffic.sent, parts, this.#bytes);
    return sent !== false;
  }
}

/** Whether the type of a socket has messages of so many frames: what a peer sends cannot end a proxy. */
function fits({ core: { pattern } }: Side, frames: Uint8Array[]): boolean {
  return pattern.frames === 0 || pattern.frames === frames.length;
}

/** Sends a message; `undefined` when the peer that it is for has gone, which is no reason to stop. */
function send(side: Side, frames: Uint8Array[]): boolean | undefined {
  try {
    if (!side.core.pattern.send(frames)) return false;
  } catch (error) {
    if (error instanceof ZmqError && error.code === "EHOSTUNREACH") return undefined;
    throw error;
  }
  countMessage();
  side.restIfPressed();
  return true;
}

function none(): Traffic {
  return { messages: 0, frames: 0, bytes: 0 };
}

function count(traffic: Traffic, frames: number, bytes: number): void {
  traffic.messages++;
  traffic.frames += frames;
  traffic.bytes += bytes;
}

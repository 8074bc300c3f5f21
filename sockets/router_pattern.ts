/**
 * ROUTER: names every peer and sends to the one that is named (RFC 28).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import type { ErrorCode } from "../transports/error.ts";
import { ZmqError } from "../transports/error.ts";
import { EMPTY } from "./message.ts";
import { keyOf } from "./key.ts";
import { Pattern } from "./pattern.ts";

/** A notice is wanted when a peer connects. */
const NOTIFY_CONNECT = 1;
/** A notice is wanted when a peer disconnects. */
const NOTIFY_DISCONNECT = 2;

/** One peer by its routing id. */
interface Route {
  readonly pipe: Pipe;
  /** The id, which nobody else can change. */
  readonly id: Uint8Array;
  readonly key: string;
  /** The id as it is given out with received messages: one object for all of them. */
  frame: Uint8Array;
}

/** Adds the sender's id in front of what is received, and takes the receiver's off what is sent. */
export class RouterPattern extends Pattern {
  override readonly type = "ROUTER";
  #routes = new Map<Pipe, Route>();
  #byKey = new Map<string, Route>();
  #byFrame = new Map<Uint8Array, Route>();
  #last: Route | undefined;
  /** Peers under an id that another one has already: they are neither read nor written. */
  #mute = new Set<Pipe>();
  /** Peers that are back before it was told that they had gone, which now nobody has to know. */
  #back = new Set<Pipe>();
  #serial = (Math.random() * 2 ** 32) >>> 0;

  override attach(pipe: Pipe): boolean {
    const { helloMessage, probeRouter } = this.host.options;
    if (pipe.routingId !== undefined) {
      if (this.#byKey.has(keyOf(pipe.routingId))) {
        // Then it is not connect() that comes here but a connection, which can be refused and tried again.
        if (this.host.options.immediate) return false;
        throw new ZmqError("EINVAL", { address: pipe.endpoint, detail: "the routing id is in use" });
      }
      this.#name(pipe, pipe.routingId);
    }
    if (helloMessage !== null) pipe.write(helloMessage.map((frame) => frame.slice()));
    if (probeRouter) pipe.write([EMPTY]);
    if (pipe.routingId !== undefined) this.host.wakeSenders();
    return true;
  }

  override returning(pipe: Pipe): void {
    const both = this.host.options.notify === (NOTIFY_CONNECT | NOTIFY_DISCONNECT);
    if (both && pipe.withdraw("went")) this.#back.add(pipe);
  }

  override ready(pipe: Pipe, again: boolean): void {
    const { helloMessage, probeRouter, notify } = this.host.options;
    if (again && helloMessage !== null) pipe.write(helloMessage.map((frame) => frame.slice()));
    if (again && probeRouter) pipe.write([EMPTY]);
    this.#name(pipe, this.#idOf(pipe));
    const known = this.#back.delete(pipe);
    if ((notify & NOTIFY_CONNECT) !== 0 && !known && !this.#mute.has(pipe)) pipe.inform("came", [new Uint8Array(0)]);
    this.host.wakeSenders();
  }

  override lost(pipe: Pipe): void {
    if ((this.host.options.notify & NOTIFY_DISCONNECT) !== 0 && !this.#mute.has(pipe)) {
      pipe.inform("went", [new Uint8Array(0)]);
    }
  }

  override ended(pipe: Pipe): void {
    const address = this.addressOfPipe(pipe);
    this.#unname(pipe);
    // Whoever waits for room in its queue waits in vain.
    this.host.wakeSenders(address);
  }

  override readable(pipe: Pipe): void {
    if (!this.#mute.has(pipe)) this.in.activate(pipe);
  }

  override send(frames: Uint8Array[]): boolean {
    // An id without a message says nothing.
    if (frames.length === 1) return true;
    const route = this.#find(frames[0]!);
    const { mandatory } = this.host.options;
    if (route === undefined) {
      if (!mandatory) return true;
      if (this.#byKey.size === 0) return false;
      throw new ZmqError("EHOSTUNREACH");
    }
    const { pipe } = route;
    if (pipe.full) {
      this.dropping = !mandatory;
      return !mandatory;
    }
    pipe.write(frames.slice(1));
    if (pipe.full && !mandatory && pipe.moving) this.pressed = true;
    return true;
  }

  override addressOf(frames: Uint8Array[]): string {
    return keyOf(frames[0]!);
  }

  override addressOfPipe(pipe: Pipe): string | undefined {
    return this.#routes.get(pipe)?.key;
  }

  override receive(): Uint8Array[] | undefined {
    const frames = this.in.read();
    if (frames === undefined) return undefined;
    const pipe = this.in.from!;
    let route = this.#last;
    if (route === undefined || route.pipe !== pipe) {
      route = this.#routes.get(pipe)!;
      this.#last = route;
    }
    if (!equal(route.frame, route.id)) this.#renew(route);
    if (!pipe.open && !pipe.readable) this.#forget(pipe);
    return frames.length === 1 ? [route.frame, frames[0]!] : [route.frame, ...frames];
  }

  override get sendable(): boolean {
    if (!this.host.options.mandatory) return true;
    for (const { pipe } of this.#byKey.values()) if (!pipe.full) return true;
    return false;
  }

  override get sendRefusal(): ErrorCode {
    // With other peers, that this one is unknown has been thrown.
    return this.host.options.mandatory && this.#byKey.size === 0 ? "EHOSTUNREACH" : "EAGAIN";
  }

  /** Nothing can be sent to a peer any more. */
  #unname(pipe: Pipe): void {
    this.#mute.delete(pipe);
    const route = this.#routes.get(pipe);
    if (route === undefined) return;
    if (this.#byKey.get(route.key) === route) this.#byKey.delete(route.key);
    this.#byFrame.delete(route.frame);
    if (!pipe.readable) this.#forget(pipe);
  }

  /** A peer is gone and all that it sent has been read. */
  #forget(pipe: Pipe): void {
    this.#routes.delete(pipe);
    this.#last = undefined;
  }

  /** The id that a peer has given itself, or was given. */
  #idOf(pipe: Pipe): Uint8Array {
    if (pipe.routingId !== undefined) return pipe.routingId;
    const own = pipe.peer!.routingId;
    if (own.length > 0) return own;
    const before = this.#routes.get(pipe);
    if (before !== undefined && before.id[0] === 0) return before.id;
    // Ids that begin with a zero byte are the router's to give.
    const id = new Uint8Array(5);
    this.#serial = (this.#serial + 1) >>> 0;
    new DataView(id.buffer).setUint32(1, this.#serial);
    return id;
  }

  /** Gives a peer its name. */
  #name(pipe: Pipe, id: Uint8Array): void {
    const key = keyOf(id);
    const before = this.#routes.get(pipe);
    if (before?.key === key && this.#byKey.get(key) === before) return;
    const other = this.#byKey.get(key);
    if (other !== undefined && other.pipe !== pipe) {
      if (!this.host.options.handover) {
        this.#mute.add(pipe);
        return;
      }
    }
    if (before !== undefined) this.#unname(pipe);
    const route: Route = { pipe, id: id.slice(), key, frame: id.slice() };
    this.#routes.set(pipe, route);
    this.#byKey.set(key, route);
    this.#byFrame.set(route.frame, route);
    this.#last = undefined;
    this.#mute.delete(pipe);
    // Only now, so that who waits to send to this id finds its new owner.
    if (other !== undefined && other.pipe !== pipe) other.pipe.close(0);
  }

  /** The peer of an id. A program mostly sends back the very frame that it received. */
  #find(frame: Uint8Array): Route | undefined {
    const route = this.#byFrame.get(frame);
    if (route === undefined) return this.#byKey.get(keyOf(frame));
    if (equal(frame, route.id)) return route;
    this.#renew(route);
    return this.#byKey.get(keyOf(frame));
  }

  /** The program has written something else into the frame of an id: from now on it is the program's. */
  #renew(route: Route): void {
    const known = this.#byFrame.delete(route.frame);
    route.frame = route.id.slice();
    if (known) this.#byFrame.set(route.frame, route);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * DEALER and CLIENT: send to the peers in turn and receive from them in turn (RFC 28, RFC 41).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { LoadBalancer } from "./load_balancer.ts";
import { EMPTY } from "./message.ts";
import { Pattern, type PatternHost } from "./pattern.ts";

/** An asynchronous REQ. */
export class DealerPattern extends Pattern {
  override readonly type: "DEALER" | "CLIENT";
  override readonly frames: number;
  override readonly intercepts: boolean;
  #out = new LoadBalancer();

  constructor(host: PatternHost, type: "DEALER" | "CLIENT" = "DEALER") {
    super(host);
    this.type = type;
    this.frames = type === "CLIENT" ? 1 : 0;
    this.intercepts = type === "CLIENT";
  }

  override attach(pipe: Pipe): boolean {
    this.#greet(pipe);
    this.writable(pipe);
    this.host.wakeSenders();
    return true;
  }

  override ready(pipe: Pipe, again: boolean): void {
    if (again) this.#greet(pipe);
  }

  override writable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  /** To a CLIENT a message of several frames is none. */
  override intercept(_pipe: Pipe, frames: Uint8Array[]): boolean {
    return this.intercepts && frames.length !== 1;
  }

  override send(frames: Uint8Array[]): boolean {
    return this.#out.send(frames) !== undefined;
  }

  override get sendable(): boolean {
    return this.#out.next !== undefined;
  }

  /** What a new connection begins with. */
  #greet(pipe: Pipe): void {
    const { helloMessage, probeRouter } = this.host.options;
    if (helloMessage !== null) pipe.write(helloMessage.map((frame) => frame.slice()));
    if (probeRouter) pipe.write([EMPTY]);
  }
}

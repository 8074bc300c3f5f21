/**
 * PUSH and PULL, SCATTER and GATHER: a pipeline (RFC 30, RFC 49).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { LoadBalancer } from "./load_balancer.ts";
import { Pattern, type PatternHost } from "./pattern.ts";

/** Sends to the peers in turn. */
export class PushPattern extends Pattern {
  override readonly type: "PUSH" | "SCATTER";
  override readonly frames: number;
  override readonly intercepts = true;
  #out = new LoadBalancer();

  constructor(host: PatternHost, type: "PUSH" | "SCATTER" = "PUSH") {
    super(host);
    this.type = type;
    this.frames = type === "SCATTER" ? 1 : 0;
  }

  override attach(pipe: Pipe): boolean {
    this.writable(pipe);
    this.host.wakeSenders();
    return true;
  }

  override writable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  /** Nothing comes from the other side. */
  override intercept(): boolean {
    return true;
  }

  override send(frames: Uint8Array[]): boolean {
    return this.#out.send(frames) !== undefined;
  }

  override get sendable(): boolean {
    return this.#out.next !== undefined;
  }
}

/** Receives from the peers in turn. */
export class PullPattern extends Pattern {
  override readonly type: "PULL" | "GATHER";
  override readonly intercepts: boolean;

  constructor(host: PatternHost, type: "PULL" | "GATHER" = "PULL") {
    super(host);
    this.type = type;
    this.intercepts = type === "GATHER";
  }

  override attach(): boolean {
    return true;
  }

  /** To a GATHER a message of several frames is none. */
  override intercept(_pipe: Pipe, frames: Uint8Array[]): boolean {
    return this.intercepts && frames.length !== 1;
  }
}

/**
 * PAIR and CHANNEL: one peer, both ways (RFC 31, RFC 52).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { FairQueue } from "./fair_queue.ts";
import { Pattern, type PatternHost } from "./pattern.ts";

/** An exclusive pair. */
export class PairPattern extends Pattern {
  override readonly type: "PAIR" | "CHANNEL";
  override readonly frames: number;
  override readonly intercepts: boolean;
  #peer: Pipe | null = null;
  /** What a former peer sent is read before what the next one sends. */
  protected override readonly in: FairQueue = new FairQueue(false);

  constructor(host: PatternHost, type: "PAIR" | "CHANNEL" = "PAIR") {
    super(host);
    this.type = type;
    this.frames = type === "CHANNEL" ? 1 : 0;
    this.intercepts = type === "CHANNEL";
  }

  override attach(pipe: Pipe): boolean {
    if (this.#peer !== null) return false;
    this.#peer = pipe;
    this.host.wakeSenders();
    return true;
  }

  override ended(pipe: Pipe): void {
    if (this.#peer === pipe) this.#peer = null;
  }

  /** To a CHANNEL a message of several frames is none. */
  override intercept(_pipe: Pipe, frames: Uint8Array[]): boolean {
    return this.intercepts && frames.length !== 1;
  }

  override send(frames: Uint8Array[]): boolean {
    if (!this.sendable) return false;
    this.#peer!.write(frames);
    return true;
  }

  override get sendable(): boolean {
    return this.#peer !== null && !this.#peer.full;
  }
}

/**
 * PUSH and PULL: a pipeline (RFC 30).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { FairQueue } from "./fair_queue.ts";
import { LoadBalancer } from "./load_balancer.ts";
import { Pattern } from "./pattern.ts";

/** Sends to the peers in turn. */
export class PushPattern extends Pattern {
  override readonly type = "PUSH";
  override readonly intercepts = true;
  #out = new LoadBalancer();

  override attach(pipe: Pipe): boolean {
    this.writable(pipe);
    this.host.wakeSenders();
    return true;
  }

  override writable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  /** Nothing comes from a PULL. */
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
  override readonly type = "PULL";
  #in = new FairQueue();

  override attach(): boolean {
    return true;
  }

  override readable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  override receive(): Uint8Array[] | undefined {
    return this.#in.read();
  }

  override get receivable(): boolean {
    return this.#in.readable;
  }
}

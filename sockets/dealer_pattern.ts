/**
 * DEALER: sends to the peers in turn and receives from them in turn (RFC 28).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { FairQueue } from "./fair_queue.ts";
import { LoadBalancer } from "./load_balancer.ts";
import { EMPTY } from "./message.ts";
import { Pattern } from "./pattern.ts";

/** An asynchronous REQ. */
export class DealerPattern extends Pattern {
  override readonly type = "DEALER";
  #out = new LoadBalancer();
  #in = new FairQueue();

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

  override readable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  override send(frames: Uint8Array[]): boolean {
    return this.#out.send(frames) !== undefined;
  }

  override receive(): Uint8Array[] | undefined {
    return this.#in.read();
  }

  override get sendable(): boolean {
    return this.#out.next !== undefined;
  }

  override get receivable(): boolean {
    return this.#in.readable;
  }

  /** What a new connection begins with. */
  #greet(pipe: Pipe): void {
    const { helloMessage, probeRouter } = this.host.options;
    if (helloMessage !== null) pipe.write(helloMessage.map((frame) => frame.slice()));
    if (probeRouter) pipe.write([EMPTY]);
  }
}

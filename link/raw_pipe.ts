/**
 * A pipe with a raw connection beneath: its messages are stretches of the bytes that come and go, with nothing around them.
 *
 * @module
 */

import { concat } from "../zmtp/concat.ts";
import { type LinkBeneath, LinkedPipe } from "./linked_pipe.ts";
import { BY_REFERENCE } from "./outbox.ts";
import { Ring } from "./ring.ts";

/** What a raw pipe asks of the connection beneath. */
export interface RawPipeLink extends LinkBeneath {
  /** Closes the connection at once. */
  abort(): void;
}

/** A pipe whose messages have one frame each. */
export class RawPipe extends LinkedPipe<RawPipeLink> {
  #outbox = new Ring<Uint8Array>();
  #known = false;

  override get queued(): number {
    return this.#outbox.length;
  }

  override write(frames: Uint8Array[]): void {
    const bytes = frames[0]!;
    this.#outbox.push(bytes.length < BY_REFERENCE ? bytes.slice() : bytes);
    if (this.over) this.full = true;
    this.link?.flush();
  }

  /** A raw peer knows of no subscriptions. */
  override subscribe(): void {}

  override reset(): void {
    this.link?.abort();
  }

  override discard(): void {
    this.#outbox.clear();
    this.drained();
  }

  // What follows is the link's side.

  /** Takes what to write next: a long message, or as many short ones as make one. */
  next(): Uint8Array | undefined {
    const first = this.#outbox.shift();
    if (first === undefined) return undefined;
    const batch = [first];
    let length = first.length;
    for (let more = this.#outbox.peek(); more !== undefined; more = this.#outbox.peek()) {
      if (length + more.length > BY_REFERENCE) break;
      length += more.length;
      batch.push(more);
      this.#outbox.shift();
    }
    this.drained();
    return batch.length === 1 ? first : concat(batch);
  }

  /** A connection is made. */
  attach(link: RawPipeLink, address: string): void {
    const again = this.#known;
    this.#known = true;
    this.join(link, { peer: null, address }, again);
    if (this.queued > 0) link.flush();
  }
}

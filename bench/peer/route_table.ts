/**
 * A publisher's table of subscriptions, filled with topics as programs have them.
 *
 * @module
 */

import type { Pipe } from "../../link/pipe.ts";
import { Subscriptions } from "../../sockets/subscriptions.ts";

const encoder = new TextEncoder();

/** Each subscriber has a hundred topics. */
const TOPICS_EACH = 100;

/** A table of `count` subscriptions to different topics. */
export class RouteTable {
  readonly #table = new Subscriptions();
  readonly #topics: readonly Uint8Array[];
  readonly #other = encoder.encode("nobody/wants/this");

  constructor(count: number) {
    this.#topics = Array.from({ length: count }, (_, index) => encoder.encode(`market/${index % 97}/item/${index}.`));
    let pipe = stub();
    for (const [index, topic] of this.#topics.entries()) {
      if (index % TOPICS_EACH === 0) pipe = stub();
      this.#table.add(pipe, topic);
    }
  }

  /** Looks for who wants a message that begins with one of the topics. */
  match(index: number): number {
    return this.#found(this.#topics[index]!, 1);
  }

  /** Looks for who wants a message that nobody wants. */
  matchNobody(): number {
    return this.#found(this.#other, 0);
  }

  /** A subscription comes and goes. */
  comeAndGo(): void {
    const pipe = stub();
    this.#table.add(pipe, this.#other);
    this.#table.remove(pipe, this.#other);
  }

  #found(message: Uint8Array, expected: number): number {
    const { length } = this.#table.match(message, false);
    if (length !== expected) throw new Error(`Found ${length} subscribers instead of ${expected}`);
    return length;
  }
}

/** All that the table looks at in a pipe. */
function stub(): Pipe {
  return { stamp: 0 } as Pipe;
}

/**
 * Writes to many pipes in turn: one message to each that has room.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Ring } from "../link/ring.ts";

/** The pipes that take messages, in the order in which they are written. */
export class LoadBalancer {
  #line = new Ring<Pipe>();

  /** Puts a pipe in line if it takes messages. */
  activate(pipe: Pipe): void {
    if (pipe.writeLine || pipe.full || !pipe.open) return;
    pipe.writeLine = true;
    this.#line.push(pipe);
  }

  /** The pipe whose turn it is; `undefined` when none takes a message. */
  get next(): Pipe | undefined {
    const line = this.#line;
    for (let pipe = line.peek(); pipe !== undefined; pipe = line.peek()) {
      if (pipe.open && !pipe.full) return pipe;
      line.shift();
      pipe.writeLine = false;
    }
    return undefined;
  }

  /** Sends a message to the pipe whose turn it is, and says which; `undefined` when none takes it. */
  send(frames: Uint8Array[]): Pipe | undefined {
    const pipe = this.next;
    if (pipe === undefined) return undefined;
    if (this.#line.length > 1) {
      this.#line.shift();
      this.#line.push(pipe);
    }
    pipe.write(frames);
    return pipe;
  }
}

/**
 * Reads from many pipes in turn: one message from each that has one.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Ring } from "../link/ring.ts";

/** The pipes that have messages, in the order in which they are read. */
export class FairQueue {
  #line = new Ring<Pipe>();
  /** The pipe that the last message came from. */
  from: Pipe | null = null;

  /** Puts a pipe in line if it has messages. */
  activate(pipe: Pipe): void {
    if (pipe.readLine || !pipe.readable) return;
    pipe.readLine = true;
    this.#line.push(pipe);
  }

  /** Takes the next message. */
  read(): Uint8Array[] | undefined {
    const line = this.#line;
    for (let pipe = line.peek(); pipe !== undefined; pipe = line.peek()) {
      const frames = pipe.read();
      if (frames === undefined) {
        line.shift();
        pipe.readLine = false;
        continue;
      }
      if (line.length > 1) {
        line.shift();
        line.push(pipe);
      }
      this.from = pipe;
      return frames;
    }
    return undefined;
  }

  /** Whether a message waits. */
  get readable(): boolean {
    for (const pipe of this.#line) if (pipe.readable) return true;
    return false;
  }
}

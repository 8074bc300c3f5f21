/**
 * Reads from many pipes in turn: one message from each that has one.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Ring } from "../link/ring.ts";
import { ZmqError } from "../transports/error.ts";
import { isDetached } from "./message.ts";

/** The pipes that have messages, in the order in which they are read. */
export class FairQueue {
  #line = new Ring<Pipe>();
  #inTurn: boolean;
  /** The pipe that the last message came from. */
  from: Pipe | null = null;

  /** Makes a queue that reads from its pipes in turn, or all of one before the next. */
  constructor(inTurn: boolean = true) {
    this.#inTurn = inTurn;
  }

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
      if (line.length > 1 && this.#inTurn) {
        line.shift();
        line.push(pipe);
      }
      this.from = pipe;
      if (frames[frames.length - 1]!.length === 0) refuseDetached(frames, pipe);
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

/** A frame is a view of a buffer that others share: whoever transfers that takes the bytes of all of them. */
function refuseDetached(frames: readonly Uint8Array[], pipe: Pipe): void {
  if (!frames.some(isDetached)) return;
  const detail = "a message was lost when the buffer of another was transferred: transfer copies of received frames";
  throw new ZmqError("EFAULT", { address: pipe.endpoint, detail });
}

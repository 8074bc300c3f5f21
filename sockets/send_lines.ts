/**
 * Calls that wait to send.
 *
 * @module
 */

import type { ErrorCode } from "../transports/error.ts";
import type { Pattern } from "./pattern.ts";
import { type Waiter, WaitLine } from "./waiter.ts";

type Line = WaitLine<Uint8Array[], void>;

/** Does what a call waits for; `false` when it has to go on waiting. */
type Attempt = (waiter: Waiter<Uint8Array[], void>) => boolean;

/**
 * The line of calls that wait to send, or one line for each peer where messages name theirs: a peer that takes nothing
 * holds up those to others no longer than one that nobody sends to.
 */
export class SendLines {
  #pattern: Pattern;
  #common: Line = new WaitLine();
  #own = new Map<string, Line>();
  #serving = false;

  constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  /** Whether no call waits. */
  get empty(): boolean {
    if (this.#common.length > 0) return false;
    for (const line of this.#own.values()) if (line.length > 0) return false;
    return true;
  }

  /** Whether a call waits whose turn is before that of a call with this message. */
  before(frames: Uint8Array[]): boolean {
    if (this.#common.length > 0) return true;
    if (this.#own.size === 0) return false;
    const line = this.#own.get(this.#pattern.addressOf(frames) ?? "");
    return line !== undefined && line.length > 0;
  }

  /** Puts a call in its line, see {@linkcode WaitLine.wait}. */
  wait(
    frames: Uint8Array[],
    timeout: number,
    signal: AbortSignal | undefined,
    cancelled: () => void,
  ): Promise<void> {
    return this.#lineOf(frames).wait(frames, timeout, signal, cancelled);
  }

  /** Has calls do what they wait for, in the order of each line, until one has to go on waiting. */
  serve(attempt: Attempt): void {
    if (this.#own.size === 0) return this.serveCommon(attempt);
    if (this.#serving) return;
    this.#serving = true;
    try {
      serveLine(this.#common, attempt);
      for (const [address, line] of this.#own) {
        serveLine(line, attempt);
        if (line.length === 0) this.#own.delete(address);
      }
    } finally {
      this.#serving = false;
    }
  }

  /** As {@linkcode serve}, without the lines of peers. */
  serveCommon(attempt: Attempt): void {
    if (this.#serving || this.#common.length === 0) return;
    this.#serving = true;
    try {
      serveLine(this.#common, attempt);
    } finally {
      this.#serving = false;
    }
  }

  /** Ends every call with an error. */
  end(code: ErrorCode, detail?: string): void {
    this.#common.end(code, detail);
    for (const line of this.#own.values()) line.end(code, detail);
    this.#own.clear();
  }

  #lineOf(frames: Uint8Array[]): Line {
    const address = this.#pattern.addressOf(frames);
    if (address === undefined) return this.#common;
    let line = this.#own.get(address);
    if (line === undefined) this.#own.set(address, line = new WaitLine());
    return line;
  }
}

function serveLine(line: Line, attempt: Attempt): void {
  for (let waiter = line.peek(); waiter !== undefined; waiter = line.peek()) {
    if (!attempt(waiter)) break;
    line.remove(waiter);
  }
}

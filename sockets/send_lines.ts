/**
 * Calls that wait to send.
 *
 * @module
 */

import type { ErrorCode } from "../transports/error.ts";
import type { Pattern } from "./pattern.ts";
import { type Waiter, WaitLine } from "./waiter.ts";

/** Calls that wait for the same. */
class Line extends WaitLine<Uint8Array[], void> {
  /** Its calls have their turn: who finds out meanwhile that they may need not see to it. */
  serving = false;
}

/** Does what a call waits for; `false` when it has to go on waiting. */
type Attempt = (waiter: Waiter<Uint8Array[], void>) => boolean;

/**
 * The line of calls that wait to send, or one line for each peer where messages name theirs: a peer that takes nothing
 * holds up those to others no longer than one that nobody sends to.
 */
export class SendLines {
  #pattern: Pattern;
  #common = new Line();
  #own = new Map<string, Line>();

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

  /**
   * Puts a call in its line, see {@linkcode WaitLine.wait}. `cancelled` is told the peer that the call was for, so that the
   * next one for it can be served.
   */
  wait(
    frames: Uint8Array[],
    timeout: number,
    signal: AbortSignal | undefined,
    cancelled: (address: string | undefined) => void,
  ): Promise<void> {
    const address = this.#pattern.addressOf(frames);
    return this.#lineOf(address).wait(frames, timeout, signal, () => cancelled(address));
  }

  /**
   * Has calls do what they wait for, in the order of each line, until one has to go on waiting.
   *
   * @param address The peer that has room, or is gone, where it is only one: what is for others is left alone, for they may be
   * very many.
   */
  serve(attempt: Attempt, address?: string): void {
    this.serveCommon(attempt);
    if (this.#own.size === 0) return;
    if (address === undefined) { for (const each of this.#own.keys()) this.#serveOwn(each, attempt); }
    else this.#serveOwn(address, attempt);
  }

  /** As {@linkcode serve}, without the lines of peers. */
  serveCommon(attempt: Attempt): void {
    if (this.#common.length > 0) serveLine(this.#common, attempt);
  }

  /** Ends every call with an error. */
  end(code: ErrorCode, detail?: string): void {
    this.#common.end(code, detail);
    for (const line of this.#own.values()) line.end(code, detail);
    this.#own.clear();
  }

  #serveOwn(address: string, attempt: Attempt): void {
    const line = this.#own.get(address);
    if (line === undefined) return;
    serveLine(line, attempt);
    if (line.length === 0) this.#own.delete(address);
  }

  #lineOf(address: string | undefined): Line {
    if (address === undefined) return this.#common;
    let line = this.#own.get(address);
    if (line === undefined) this.#own.set(address, line = new Line());
    return line;
  }
}

function serveLine(line: Line, attempt: Attempt): void {
  if (line.serving) return;
  line.serving = true;
  try {
    for (let waiter = line.peek(); waiter !== undefined; waiter = line.peek()) {
      if (!attempt(waiter)) break;
      line.remove(waiter);
    }
  } finally {
    line.serving = false;
  }
}

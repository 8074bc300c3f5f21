/**
 * Operations that cannot be done yet, served first come first served.
 *
 * @module
 */

import { type ErrorCode, ZmqError } from "../transports/error.ts";
import { hold, release } from "./keep_alive.ts";
import { integer } from "./option.ts";

/** The answer of a call that did not have to wait. */
export const DONE: Promise<void> = Promise.resolve();

/** How long a call may wait, and what ends it early. */
export interface WaitOptions {
  /** Longest wait in ms: 0 tries once, -1 waits without limit. The default is the socket's option. */
  timeout?: number | undefined;
  /** Ends the wait: the call rejects with the signal's reason and has done nothing. */
  signal?: AbortSignal | undefined;
}

/** How long a call may wait, ms; -1 without limit. */
export function timeoutOf(options: WaitOptions | undefined, standard: number): number {
  const timeout = options?.timeout;
  return timeout === undefined ? standard : integer("timeout", timeout, -1);
}

/** One call that waits. */
export interface Waiter<Request, Result> {
  readonly request: Request;
  /** The operation was done. */
  resolve(result: Result): void;
  /** The operation has failed. */
  reject(error: unknown): void;
}

/** How a call that waits ends. */
export interface Call<Result> {
  /** The operation was done. */
  resolve(result: Result): void;
  /** The operation has failed. */
  reject(error: unknown): void;
  /** The signal or the time ended the wait; the call is rejected already. */
  cancelled?: (() => void) | undefined;
}

/** The line of calls that wait for the same thing. */
export class WaitLine<Request, Result> {
  /** A set keeps the order, and a call may leave from anywhere: its time may be over. */
  #line = new Set<Waiter<Request, Result>>();

  /** How many calls wait. */
  get length(): number {
    return this.#line.size;
  }

  /** The call whose turn it is. */
  peek(): Waiter<Request, Result> | undefined {
    if (this.#line.size === 0) return undefined;
    const [first] = this.#line;
    return first;
  }

  /** Takes a call out of the line wherever it stands. */
  remove(waiter: Waiter<Request, Result>): void {
    this.#line.delete(waiter);
  }

  /** The calls in their order. */
  [Symbol.iterator](): IterableIterator<Waiter<Request, Result>> {
    return this.#line[Symbol.iterator]();
  }

  /** Ends every call with an error. */
  end(code: ErrorCode, detail?: string): void {
    for (const waiter of this.#line) waiter.reject(new ZmqError(code, { detail }));
    this.#line.clear();
  }

  /**
   * Puts a call in the line.
   *
   * @param timeout Longest wait in ms, -1 without limit.
   * @param cancelled Is called when the signal or the time ended the wait.
   */
  wait(
    request: Request,
    timeout: number,
    signal: AbortSignal | undefined,
    cancelled?: () => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.join(request, timeout, signal, { resolve, reject, cancelled });
    });
  }

  /** As {@linkcode wait}, for one who has to know at once. */
  join(request: Request, timeout: number, signal: AbortSignal | undefined, call: Call<Result>): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      release();
    };
    const waiter: Waiter<Request, Result> = {
      request,
      resolve(result) {
        done();
        call.resolve(result);
      },
      reject(error) {
        done();
        call.reject(error);
      },
    };
    const cancel = (error: unknown) => {
      this.#line.delete(waiter);
      waiter.reject(error);
      call.cancelled?.();
    };
    const aborted = () => cancel(signal!.reason);
    hold();
    this.#line.add(waiter);
    signal?.addEventListener("abort", aborted);
    if (timeout >= 0) timer = setTimeout(() => cancel(new ZmqError("EAGAIN")), timeout);
  }
}

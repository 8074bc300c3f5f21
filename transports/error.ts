/**
 * The one error class of the library.
 *
 * @module
 */

import { errnoOf, type ErrorCode, messageOf } from "../ffi/errno.ts";

export type { ErrorCode };

/** What may be said of a {@linkcode ZmqError} besides its code. */
export interface ZmqErrorOptions {
  /** The endpoint that the failed operation was about. */
  address?: string | undefined;
  /** What went wrong beneath. */
  cause?: unknown;
  /** More words for the message, in front of the endpoint. */
  detail?: string | undefined;
}

/**
 * What fails in a ZeroMQ operation. Wrong arguments throw `TypeError` or `RangeError` instead, and an aborted operation
 * rejects with the reason of its signal.
 *
 * @example
 * ```ts
 * import { Pull, ZmqError } from "@denomq/zmq";
 *
 * using pull = new Pull();
 * try {
 *   await pull.bind("IPC:///tmp/feed");
 * } catch (error) {
 *   if (!(error instanceof ZmqError)) throw error;
 *   console.log(error.code); // EPROTONOSUPPORT: schemes are case-sensitive
 * }
 * ```
 */
export class ZmqError extends Error {
  /** The name of the class. */
  override readonly name = "ZmqError";
  /** The name of the error, such as `"EADDRINUSE"`. */
  readonly code: ErrorCode;
  /** The number of the error on this system. */
  readonly errno: number;
  /** The endpoint that the failed operation was about, where there is one. */
  readonly address: string | undefined;

  /**
   * Makes an error with the text of its code.
   *
   * @param code The name of the error.
   * @param options The endpoint, the cause and further words.
   */
  constructor(code: ErrorCode, options: ZmqErrorOptions = {}) {
    const { address, cause, detail } = options;
    let message: string = messageOf(code);
    if (detail !== undefined) message += `: ${detail}`;
    if (address !== undefined) message += `: ${address}`;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.errno = errnoOf(code);
    this.address = address;
  }
}

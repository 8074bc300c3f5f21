/**
 * Errors of calls into libc.
 *
 * @module
 */

import { codeOf, type ErrorCode, messageOf } from "./errno.ts";

/** What a function of libc has reported. */
export class CallError extends Error {
  /** The name of the class. */
  override readonly name = "CallError";
  /** The name of the error; `undefined` for one that denomq has no name for. */
  readonly code: ErrorCode | undefined;
  /** The number of the error. */
  readonly errno: number;

  /**
   * Makes an error.
   *
   * @param call The function.
   * @param errno The number that it left.
   */
  constructor(call: string, errno: number) {
    const code = codeOf(errno);
    super(`${call}: ${code === undefined ? `error ${errno}` : messageOf(code)}`);
    this.code = code;
    this.errno = errno;
  }
}

/** What this system, or this build of Deno, does not have. */
export class UnsupportedError extends Error {
  /** The name of the class. */
  override readonly name = "UnsupportedError";
  /** The name of the error, which libzmq has for a transport that was not built. */
  readonly code: ErrorCode = "EPROTONOSUPPORT";
}

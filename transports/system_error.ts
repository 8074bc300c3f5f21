/**
 * From what Deno throws to the error class of the library.
 *
 * @module
 */

import { isErrorCode } from "../ffi/errno.ts";
import { type ErrorCode, ZmqError } from "./error.ts";

/** Names that Deno's errors carry in `code` and the library says otherwise. */
const renamed: Readonly<Record<string, ErrorCode>> = {
  EEXIST: "EADDRINUSE",
  EDQUOT: "ENOSPC",
  EOPNOTSUPP: "ENOTSUP",
};

/** Deno sets no `code` on some errors; then the class says it. */
const classes: readonly (readonly [new (message?: string) => Error, ErrorCode])[] = [
  [Deno.errors.NotCapable, "EACCES"],
  [Deno.errors.PermissionDenied, "EACCES"],
  [Deno.errors.NotFound, "ENOENT"],
  [Deno.errors.NotADirectory, "ENOTDIR"],
  [Deno.errors.IsADirectory, "EISDIR"],
  [Deno.errors.FilesystemLoop, "ELOOP"],
  [Deno.errors.AlreadyExists, "EADDRINUSE"],
  [Deno.errors.AddrInUse, "EADDRINUSE"],
  [Deno.errors.AddrNotAvailable, "EADDRNOTAVAIL"],
  [Deno.errors.ConnectionRefused, "ECONNREFUSED"],
  [Deno.errors.ConnectionReset, "ECONNRESET"],
  [Deno.errors.ConnectionAborted, "ECONNABORTED"],
  [Deno.errors.NotConnected, "ENOTCONN"],
  [Deno.errors.BrokenPipe, "EPIPE"],
  [Deno.errors.TimedOut, "ETIMEDOUT"],
  [Deno.errors.Interrupted, "EINTR"],
  [Deno.errors.WouldBlock, "EAGAIN"],
  [Deno.errors.NotSupported, "ENOTSUP"],
  [Deno.errors.BadResource, "EBADF"],
];

/**
 * The name of the error that Deno reports.
 *
 * @param error What a call of Deno threw.
 * @returns The name; `"EIO"` where the library has none for it.
 */
export function codeOfSystemError(error: unknown): ErrorCode {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (isErrorCode(code)) return code;
  if (typeof code === "string" && Object.hasOwn(renamed, code)) return renamed[code] ?? "EIO";
  return classes.find(([constructor]) => error instanceof constructor)?.[1] ?? "EIO";
}

/**
 * Wraps what Deno threw, once: an error of the library passes as it is.
 *
 * @param cause What was thrown.
 * @param address The endpoint in question.
 * @param detail What was being done, for the message.
 * @returns An error with the name of the cause.
 */
export function systemError(cause: unknown, address: string, detail?: string): ZmqError {
  if (cause instanceof ZmqError) return cause;
  const code = codeOfSystemError(cause);
  const words = detail ?? (code === "EIO" && cause instanceof Error ? cause.message : undefined);
  return new ZmqError(code, { address, cause, detail: words });
}

/**
 * What goes wrong with vmci, in the words of those who can mend it.
 *
 * @module
 */

import { CallError, UnsupportedError } from "../ffi/call_error.ts";
import { type Libc, withLibc } from "../ffi/libc.ts";
import { ZmqError } from "./error.ts";
import { libcNeeds, missingPermission } from "./permission.ts";
import { systemError } from "./system_error.ts";

/** What a call that fails with an error most likely means. */
const reasons: Readonly<Record<string, string>> = {
  "socket EAFNOSUPPORT": "the kernel has no vsock, load its module for this kind of virtual machine",
  "socket EPERM": "something forbids vsock, perhaps the container",
  "open ENODEV": "this machine has no /dev/vsock",
  "bind EACCES": "ports below 1024 are for privileged programs",
  "bind EADDRNOTAVAIL": "this machine does not have that CID",
  "connect ENODEV": "no transport of the kernel leads to that CID",
  "connect ECONNRESET": "nobody listens there, or too many wait to be accepted",
};

/** Calls libc, with the library's errors. */
export function callLibc<T>(endpoint: string, calls: (libc: Libc) => T): T {
  try {
    return withLibc(calls);
  } catch (error) {
    throw vmciError(error, endpoint);
  }
}

/** The error of an operation; for a missing permission with the flags to add. */
export function vmciError(cause: unknown, endpoint: string): ZmqError {
  if (cause instanceof Deno.errors.NotCapable) return missingPermission(endpoint, libcNeeds(), cause);
  if (cause instanceof UnsupportedError) {
    return new ZmqError(cause.code, { address: endpoint, cause, detail: cause.message });
  }
  const detail = cause instanceof CallError ? reasons[`${cause.message.split(":")[0]} ${cause.code}`] : undefined;
  return systemError(cause, endpoint, detail);
}

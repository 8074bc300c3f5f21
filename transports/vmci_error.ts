/**
 * What goes wrong with vmci, in the words of those who can mend it.
 *
 * @module
 */

import { CallError, UnsupportedError } from "../ffi/call_error.ts";
import { type Libc, releaseLibc, useLibc } from "../ffi/libc.ts";
import { LIBC_PATHS } from "../ffi/libc_path.ts";
import { ZmqError } from "./error.ts";
import { isGranted, missingPermission, type Needs } from "./permission.ts";
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
    const libc = useLibc();
    try {
      return calls(libc);
    } finally {
      releaseLibc();
    }
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

/** What Deno has to be allowed: to open libc, wherever it is. */
export function libcNeeds(): Needs {
  if (LIBC_PATHS.some((path) => isGranted({ ffi: [path] }))) return {};
  return { ffi: [LIBC_PATHS.find(isThere) ?? LIBC_PATHS[0]!] };
}

/** Whether a file is known to be there. Nobody is asked for the permission to look. */
function isThere(path: string): boolean {
  if (!isGranted({ read: [path] })) return false;
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

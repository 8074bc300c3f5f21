/**
 * Error codes by name: the system's numbers and ZeroMQ's own.
 *
 * @module
 */

/** What ZeroMQ adds to the system's errors starts at this number (zmq.h, `ZMQ_HAUSNUMERO`). */
const ZMQ_HAUSNUMERO = 156384712;

/** The name of an error, such as `"EADDRINUSE"`. */
export type ErrorCode =
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EAFNOSUPPORT"
  | "EAGAIN"
  | "EBADF"
  | "ECONNABORTED"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "EFAULT"
  | "EFSM"
  | "EHOSTUNREACH"
  | "EINTR"
  | "EINVAL"
  | "EIO"
  | "EISDIR"
  | "ELOOP"
  | "EMFILE"
  | "EMSGSIZE"
  | "EMTHREAD"
  | "ENAMETOOLONG"
  | "ENETUNREACH"
  | "ENFILE"
  | "ENOBUFS"
  | "ENOCOMPATPROTO"
  | "ENODEV"
  | "ENOENT"
  | "ENOMEM"
  | "ENOSPC"
  | "ENOTCONN"
  | "ENOTDIR"
  | "ENOTSOCK"
  | "ENOTSUP"
  | "EPERM"
  | "EPIPE"
  | "EPROTO"
  | "EPROTONOSUPPORT"
  | "EROFS"
  | "ETERM"
  | "ETIMEDOUT";

/** The texts of errors, which do not depend on the system. */
const messages: Record<ErrorCode, string> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Address not available",
  EAFNOSUPPORT: "Address family not supported",
  EAGAIN: "Operation was not possible or timed out",
  EBADF: "Socket is closed",
  ECONNABORTED: "Connection aborted",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EFAULT: "Bad address",
  EFSM: "Operation cannot be accomplished in current state",
  EHOSTUNREACH: "Host unreachable",
  EINTR: "Interrupted system call",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open file descriptors",
  EMSGSIZE: "Message too large",
  EMTHREAD: "No I/O thread available",
  ENAMETOOLONG: "File name too long",
  ENETUNREACH: "Network unreachable",
  ENFILE: "Too many open files in system",
  ENOBUFS: "No buffer space available",
  ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
  ENODEV: "No such device",
  ENOENT: "No such endpoint",
  ENOMEM: "Out of memory",
  ENOSPC: "No space left on device",
  ENOTCONN: "Not connected",
  ENOTDIR: "Not a directory",
  ENOTSOCK: "Socket is closed",
  ENOTSUP: "Operation not supported",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  EPROTO: "Protocol error",
  EPROTONOSUPPORT: "Protocol not supported",
  EROFS: "Read-only file system",
  ETERM: "Context was terminated",
  ETIMEDOUT: "Operation timed out",
};

/** Numbers that are the same wherever denomq runs, and ZeroMQ's own. */
const common: Partial<Record<ErrorCode, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  EFSM: ZMQ_HAUSNUMERO + 51,
  ENOCOMPATPROTO: ZMQ_HAUSNUMERO + 52,
  ETERM: ZMQ_HAUSNUMERO + 53,
  EMTHREAD: ZMQ_HAUSNUMERO + 54,
};

/** asm-generic/errno.h */
const linux: Partial<Record<ErrorCode, number>> = {
  EAGAIN: 11,
  ENAMETOOLONG: 36,
  ELOOP: 40,
  EPROTO: 71,
  ENOTSOCK: 88,
  EMSGSIZE: 90,
  EPROTONOSUPPORT: 93,
  ENOTSUP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
};

/** sys/errno.h of the BSDs and macOS */
const bsd: Partial<Record<ErrorCode, number>> = {
  EAGAIN: 35,
  ENOTSOCK: 38,
  EMSGSIZE: 40,
  EPROTONOSUPPORT: 43,
  ENOTSUP: 45,
  EAFNOSUPPORT: 47,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ENETUNREACH: 51,
  ECONNABORTED: 53,
  ECONNRESET: 54,
  ENOBUFS: 55,
  ENOTCONN: 57,
  ETIMEDOUT: 60,
  ECONNREFUSED: 61,
  ELOOP: 62,
  ENAMETOOLONG: 63,
  EHOSTUNREACH: 65,
  EPROTO: 100,
};

/** errno.h of the Windows C runtime */
const windows: Partial<Record<ErrorCode, number>> = {
  EAGAIN: 11,
  ENAMETOOLONG: 38,
  EADDRINUSE: 100,
  EADDRNOTAVAIL: 101,
  EAFNOSUPPORT: 102,
  ECONNABORTED: 106,
  ECONNREFUSED: 107,
  ECONNRESET: 108,
  EHOSTUNREACH: 110,
  ELOOP: 114,
  EMSGSIZE: 115,
  ENETUNREACH: 118,
  ENOBUFS: 119,
  ENOTCONN: 126,
  ENOTSOCK: 128,
  ENOTSUP: 129,
  EPROTO: 134,
  EPROTONOSUPPORT: 135,
  ETIMEDOUT: 138,
};

function systemTable(): Partial<Record<ErrorCode, number>> {
  switch (Deno.build.os) {
    case "windows":
      return windows;
    case "darwin":
    case "freebsd":
    case "netbsd":
      return bsd;
    default:
      return linux;
  }
}

/** Whether this is the name of an error that {@linkcode errnoOf} knows. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(messages, code);
}

/** The number of an error on this system. */
export function errnoOf(code: ErrorCode): number {
  return common[code] ?? systemTable()[code] ?? 0;
}

/** The name of an error number on this system, or `undefined` for one that no transport meets. */
export function codeOf(errno: number): ErrorCode | undefined {
  for (const table of [common, systemTable()]) {
    for (const [code, number] of Object.entries(table)) {
      if (number === errno && isErrorCode(code)) return code;
    }
  }
  return undefined;
}

/** The text of an error, as users of ZeroMQ for JavaScript know it. */
export function messageOf(code: ErrorCode): string {
  return messages[code];
}

/**
 * Stream sockets of any family, call by call: not for programs that are started, and no call waits.
 *
 * @module
 */

import { check, type Libc } from "./libc.ts";

const SOCK_STREAM = 1;
/** SOCK_CLOEXEC | SOCK_NONBLOCK */
const FLAGS = 0o2000000 | 0o4000;

/** The level of the options that all sockets have (SOL_SOCKET). */
export const SOL_SOCKET = 1;
/** Options of that level. */
export const SO = { ERROR: 4, PEERCRED: 17 } as const;

/** Makes a socket. */
export function openSocket(libc: Libc, family: number): number {
  return check(libc, "socket", libc.socket(family, SOCK_STREAM | FLAGS, 0));
}

/** Binds a socket and listens. */
export function listenAt(libc: Libc, fd: number, address: Uint8Array<ArrayBuffer>, backlog: number): void {
  check(libc, "bind", libc.bind(fd, address, address.length));
  check(libc, "listen", libc.listen(fd, backlog));
}

/** Takes a connection that waits, and fills in the address that it is from, if that is of interest. */
export function acceptFrom(libc: Libc, fd: number, address: Uint8Array<ArrayBuffer> | null = null): number {
  return check(libc, "accept4", libc.accept4(fd, address, lengthBytes(address?.length ?? 0), FLAGS));
}

/** Fills in the value of an option. */
export function readOption(
  libc: Libc,
  fd: number,
  level: number,
  option: number,
  value: Uint8Array<ArrayBuffer>,
): void {
  check(libc, "getsockopt", libc.getsockopt(fd, level, option, value, lengthBytes(value.length)));
}

/** Runs the calls that follow the making of a descriptor, and closes it when one of them fails. */
export function orClose<T>(libc: Libc, fd: number, calls: () => T): T {
  try {
    return calls();
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** A length that the kernel reads and overwrites. */
export function lengthBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(length).buffer);
}

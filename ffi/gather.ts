/**
 * Several stretches of memory that go out with one call of sendmsg(2).
 *
 * @module
 */

import type { Libc } from "./libc.ts";

// struct iovec { void *base; size_t len; }, and of struct msghdr { void *name; socklen_t namelen; struct iovec *iov;
// size_t iovlen; void *control; size_t controllen; int flags; } what is not zero, in words of 64 bits: Deno runs on no
// system that has others.
const BASE = 0;
const LENGTH = 1;
const IOVEC_WORDS = 2;
const IOV = 2;
const IOVLEN = 3;
const MSGHDR_WORDS = 7;

const stretches = new BigUint64Array(2 * IOVEC_WORDS);
const message = new BigUint64Array(MSGHDR_WORDS);
const stretchBytes = new Uint8Array(stretches.buffer);
const messageBytes = new Uint8Array(message.buffer);

/**
 * Where the first byte is. Deno's own way to know it takes the permission for every library, a call of one does not: that
 * of a function that returns what it is given.
 */
function address(libc: Libc, bytes: Uint8Array): bigint {
  return libc.memset_address(bytes, 0, 0n);
}

function put(libc: Libc, index: number, bytes: Uint8Array, length: number): void {
  stretches[index * IOVEC_WORDS + BASE] = address(libc, bytes);
  stretches[index * IOVEC_WORDS + LENGTH] = BigInt(length);
}

/**
 * Sends two stretches of bytes, or the beginning of them.
 *
 * @param libc The functions of libc.
 * @param fd A connected socket.
 * @param first What goes first.
 * @param second What follows it.
 * @param most So many bytes of the second go at most.
 * @param flags Those of send(2).
 * @returns How many bytes of both have been taken; -1 for an error, which `errno` tells.
 */
export function sendBoth(
  libc: Libc,
  fd: number,
  first: Uint8Array,
  second: Uint8Array,
  most: number,
  flags: number,
): number {
  // Memory that was transferred away: what comes second must not go out in its place.
  if (first.length === 0) return 0;
  // The arrays are kept by whoever calls, and what they are views of lies outside the heap, so that nothing moves it.
  put(libc, 0, first, first.length);
  put(libc, 1, second, Math.min(second.length, most));
  message[IOV] = address(libc, stretchBytes);
  message[IOVLEN] = 2n;
  return libc.sendmsg(fd, messageBytes, flags);
}

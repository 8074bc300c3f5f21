/**
 * Addresses of AF_UNIX as the kernel has them (sys/un.h), and what it tells of a peer.
 *
 * @module
 */

import type { Libc } from "./libc.ts";
import { readOption, SO, SOL_SOCKET } from "./socket.ts";

/** The address family. */
export const AF_UNIX = 1;
/** sizeof(struct ucred) */
const UCRED_SIZE = 12;

const encoder = new TextEncoder();

/** Who has connected, as of then. */
export interface Credentials {
  /** The process; 0 for one in a namespace that this one cannot see into. */
  readonly pid: number;
  /** Its user. */
  readonly uid: number;
  /** Its group. */
  readonly gid: number;
}

/**
 * The bytes of an address. All systems that Deno runs on are little-endian.
 *
 * @param path A path, or a NUL and a name of the abstract namespace. The kernel takes the length for its end.
 */
export function encodeSockaddrUn(path: string): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(path);
  const bytes = new Uint8Array(2 + name.length);
  bytes[0] = AF_UNIX; // sun_family, 16 bits
  bytes.set(name, 2); // sun_path
  return bytes;
}

/** Who is at the other end of a connected socket. */
export function peerCredentials(libc: Libc, fd: number): Credentials {
  const bytes = new Uint8Array(UCRED_SIZE);
  readOption(libc, fd, SOL_SOCKET, SO.PEERCRED, bytes);
  const view = new DataView(bytes.buffer);
  return { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
}

/**
 * What two sockets tell each other over inproc, where there is no handshake, as bytes for those in different Workers.
 *
 * @module
 */

import type { Peer } from "../zmtp/machine.ts";

/** No routing id is longer (zmq_setsockopt(3)). */
const LONGEST_ID = 255;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes: the length of the type's name, the name, the routing id. */
export function encodePeer({ socketType, routingId }: Peer): Uint8Array {
  const name = encoder.encode(socketType);
  const bytes = new Uint8Array(1 + name.length + routingId.length);
  bytes[0] = name.length;
  bytes.set(name, 1);
  bytes.set(routingId, 1 + name.length);
  return bytes;
}

/** What the bytes say. */
export function decodePeer(bytes: Uint8Array): Peer {
  const end = 1 + (bytes[0] ?? 0);
  return {
    major: 3,
    minor: 1,
    socketType: decoder.decode(bytes.subarray(1, end)),
    routingId: bytes.slice(end, end + LONGEST_ID),
    userId: "",
    metadata: new Map(),
  };
}

/**
 * What the types have in common whose messages are single frames.
 *
 * @module
 */

import { type MessageLike, type Sendable, toFrame } from "./message.ts";

/** So many ids there are. */
const IDS = 2 ** 32;

/**
 * The frame of a message to send.
 *
 * @throws TypeError for a message of several frames.
 */
export function singleFrame(message: Sendable): MessageLike {
  if (!Array.isArray(message)) return message as MessageLike;
  if (message.length === 1) return message[0] as MessageLike;
  throw new TypeError(`Cannot send a message of ${message.length} frames: this type of socket has single ones`);
}

/** A peer's id as the frame that goes before a message within a socket. */
export function idFrame(routingId: unknown): Uint8Array {
  if (typeof routingId !== "number") throw new TypeError("Cannot send a message: the routingId must be a number");
  if (!Number.isInteger(routingId) || routingId < 0 || routingId >= IDS) {
    throw new RangeError(`Cannot send a message: the routingId must be an integer below 2^32, it is ${routingId}`);
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, routingId);
  return bytes;
}

/** The id in such a frame. */
export function idOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset, 4).getUint32(0);
}

/** The longest name of a group (RFC 37). */
const LONGEST_GROUP = 255;

/**
 * The name of a group.
 *
 * @throws TypeError for what is neither text nor bytes.
 * @throws RangeError for one that is longer than 255 bytes.
 */
export function groupName(group: unknown): Uint8Array {
  if (typeof group !== "string" && !(group instanceof Uint8Array)) {
    throw new TypeError("Cannot use a group that is neither a string nor a Uint8Array");
  }
  const name = toFrame(group);
  if (name.length > LONGEST_GROUP) {
    throw new RangeError(`Cannot use a group of ${name.length} bytes: it has up to ${LONGEST_GROUP}`);
  }
  return name.slice();
}

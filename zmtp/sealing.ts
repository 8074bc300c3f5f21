/**
 * Sealing: frames that are encoded already go through a cipher, at the moment when they are written. Whoever numbers what
 * it seals must see it in the order of the wire.
 *
 * @module
 */

import { LONG } from "./framing.ts";
import type { Cipher } from "./mechanism.ts";

const SHORT_HEADER = 2;
const LONG_HEADER = 9;

/**
 * Seals a frame.
 *
 * @param cipher What it goes through.
 * @param bytes Where the frame is.
 * @param at The offset of its header.
 * @param end The offset of its end.
 * @param body Its body, where that is elsewhere.
 * @returns The frame to send in its place.
 */
export function sealFrame(cipher: Cipher, bytes: Uint8Array, at: number, end: number, body?: Uint8Array): Uint8Array {
  const flags = bytes[at]!;
  const start = at + ((flags & LONG) === 0 ? SHORT_HEADER : LONG_HEADER);
  return cipher.seal(flags & ~LONG, body ?? bytes.subarray(start, end));
}

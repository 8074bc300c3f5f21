/**
 * A part of an outbox: encoded frames, as they are handed to whoever writes them.
 *
 * @module
 */

import { LONG } from "../zmtp/framing.ts";

/** The length of a long header. */
const LONG_HEADER = 9;

/** A stretch of encoded bytes. */
export interface Part {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
  /** Where the first message begins; `end` when none does. What is before it ends a message of an earlier part. */
  first: number;
  /** How many messages end in this part. */
  messages: number;
  /** Whether it ends within a message. */
  midway: boolean;
  /** Whether nothing else refers to `bytes` once this part is written. */
  readonly last: boolean;
}

/** The length of a frame with its header. */
export function frameLength(bytes: Uint8Array, at: number): number {
  if ((bytes[at]! & LONG) === 0) return 2 + bytes[at + 1]!;
  let length = 0;
  for (let i = 1; i <= 8; i++) length = length * 256 + bytes[at + i]!;
  return LONG_HEADER + length;
}

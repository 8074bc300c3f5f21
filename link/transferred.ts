/**
 * What becomes of a connection whose memory is given away.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";

/** The memory of a frame was given away with `postMessage()` or `structuredClone()` while it was in use. */
export function transferred(direction: "received" | "sent"): ZmqError {
  return new ZmqError("EFAULT", { detail: `the buffer of a ${direction} frame was transferred while it was in use` });
}

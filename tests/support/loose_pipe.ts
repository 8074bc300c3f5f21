/**
 * Pipes that no connection serves.
 *
 * @module
 */

import type { PipeOwner } from "../../link/pipe.ts";
import { WirePipe } from "../../link/wire_pipe.ts";

const nobody: PipeOwner = {
  intercepts: false,
  returning() {},
  ready() {},
  readable() {},
  filling() {},
  writable() {},
  subscription() {},
  intercept: () => false,
  lost() {},
  ended() {},
};

/** A pipe that takes this many messages each way, or any number, or keeps the newest only. */
export function loosePipe(limit = 0, conflate = false): WirePipe {
  const limits = { sendHighWaterMark: limit, receiveHighWaterMark: limit };
  return new WirePipe(nobody, { limits, conflate, endpoint: "" }, () => {});
}

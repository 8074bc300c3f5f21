/**
 * Pipes that no connection serves.
 *
 * @module
 */

import { Pipe, type PipeOwner } from "../../link/pipe.ts";

const nobody: PipeOwner = {
  intercepts: false,
  ready() {},
  readable() {},
  writable() {},
  subscription() {},
  intercept: () => false,
  lost() {},
  ended() {},
};

/** A pipe that takes this many messages each way, or any number, or keeps the newest only. */
export function loosePipe(limit = 0, conflate = false): Pipe {
  const limits = { sendHighWaterMark: limit, receiveHighWaterMark: limit };
  return new Pipe(nobody, { limits, conflate, endpoint: "" }, () => {});
}

/**
 * What the subscriptions of one peer may cost.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { ProtocolError } from "../zmtp/error.ts";

/** The options that bound it; 0 for no limit. */
export interface SubscriptionLimits {
  /** Different topics of one peer. */
  readonly maxSubscriptions: number;
  /** Bytes of all of them together. */
  readonly maxSubscriptionBytes: number;
}

/**
 * Drops a peer that holds more than it may.
 *
 * @param pipe The peer.
 * @param count How many different topics it has subscribed to.
 * @param bytes How long these are together.
 * @param limits What it may.
 */
export function limitSubscriptions(pipe: Pipe, count: number, bytes: number, limits: SubscriptionLimits): void {
  const { maxSubscriptions, maxSubscriptionBytes } = limits;
  if (maxSubscriptions > 0 && count > maxSubscriptions) {
    pipe.reset(excess(`more than ${maxSubscriptions} topics (maxSubscriptions)`));
  } else if (maxSubscriptionBytes > 0 && bytes > maxSubscriptionBytes) {
    pipe.reset(excess(`topics of more than ${maxSubscriptionBytes} bytes (maxSubscriptionBytes)`));
  }
}

function excess(what: string): ProtocolError {
  return new ProtocolError("too-many-subscriptions", `Peer subscribed to ${what}`);
}

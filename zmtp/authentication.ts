/**
 * How a mechanism asks a third party whether a peer may come in (ZAP, RFC 27), without knowing who that is.
 *
 * @module
 */

import type { ProtocolError } from "./error.ts";

/** What is known of a peer that wants to come in. */
export interface AuthenticationRequest {
  /** The name of the mechanism. */
  readonly mechanism: string;
  /** What the peer has shown: nothing for NULL, user name and password for PLAIN, the long-term public key for CURVE. */
  readonly credentials: readonly Uint8Array[];
}

/** What the third party says. */
export interface Verdict {
  /** 200: welcome; 300: not now; 400: refused; 500: the third party has failed. */
  readonly status: 200 | 300 | 400 | 500;
  /** Who the peer is, if it is welcome; may be empty. */
  readonly userId: string;
  /** Further properties of the peer that the third party knows of. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/**
 * Asks. The answer comes once, now or later, but never after the connection has gone.
 *
 * @param request What is known.
 * @param answer Takes the verdict, or why there will be none.
 */
export type Authenticate = (request: AuthenticationRequest, answer: (verdict: Verdict | ProtocolError) => void) => void;

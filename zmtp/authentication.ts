/**
 * How a mechanism asks a third party whether a peer may come in (ZAP, RFC 27), without knowing who that is.
 *
 * @module
 */

import { encodeReason } from "./command.ts";
import { ProtocolError } from "./error.ts";
import type { MechanismHost } from "./mechanism.ts";

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
  /** What the third party has to say to that. */
  readonly text?: string;
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

/**
 * Does with the peer what the third party has said.
 *
 * @param host The machine.
 * @param answer What was said.
 * @param welcome Goes on with a peer that may come in.
 */
export function obey(host: MechanismHost, answer: Verdict | ProtocolError, welcome: () => void): void {
  if (answer instanceof ProtocolError) return host.fail(answer);
  const { status } = answer;
  if (status === 200) return welcome();
  // The peer is told nothing: it is to try again, which it does when the time for the handshake is over (RFC 27).
  if (status === 300) return;
  host.send("ERROR", encodeReason(String(status)));
  host.fail(refused(answer));
}

/** The peer may not come in, or not now. */
export function refused({ status, text = "" }: Verdict): ProtocolError {
  const reason = String(status);
  return new ProtocolError("refused", `Peer was refused by the authenticator: ${reason} ${text}`.trimEnd(), { reason });
}

/** There is nobody who could say whether a peer may come in, or it cannot be known whether there is somebody. */
export function nobodyToAsk(why = "there is no authenticator to ask about it", cause?: unknown): ProtocolError {
  return new ProtocolError("no-authenticator", `Peer was refused: ${why}`, { cause });
}

/**
 * What the two sides of CURVE's handshake (RFC 26) have in common: where the parts of its commands are.
 *
 * ```text
 * client                                              server
 *   HELLO     C', proof that it knows S       ──────▶
 *             ◀──────  S' and a cookie, boxed for C'  WELCOME
 *   INITIATE  the cookie, boxed for S': C,    ──────▶
 *             a voucher of C for C' and S,
 *             the properties
 *                 ◀──────  the properties, boxed      READY
 * ```
 *
 * C and S are the long-term keys, C' and S' those of this connection. The small letters are the secret keys.
 *
 * @module
 */

import { BOX_OVERHEAD, type CurveCrypto, KEY_SIZE } from "./curve_crypto.ts";
import { LONG_NONCE, SHORT_NONCE } from "./curve_nonce.ts";
import { ProtocolError } from "./error.ts";

/** HELLO: a version, zeros so that it is longer than the answer, C', a number, and 64 zeros in a box. */
export const Hello = {
  VERSION: 0,
  KEY: 74,
  NONCE: 74 + KEY_SIZE,
  BOX: 74 + KEY_SIZE + SHORT_NONCE,
  PROOF: 64,
  SIZE: 74 + KEY_SIZE + SHORT_NONCE + BOX_OVERHEAD + 64,
} as const;

/** The cookie: a nonce, and in a box C' and s', which only the server can open. */
export const Cookie = {
  BOX: LONG_NONCE,
  SIZE: LONG_NONCE + BOX_OVERHEAD + 2 * KEY_SIZE,
} as const;

/** WELCOME: a nonce, and in a box S' and the cookie. */
export const Welcome = {
  BOX: LONG_NONCE,
  SIZE: LONG_NONCE + BOX_OVERHEAD + KEY_SIZE + Cookie.SIZE,
} as const;

/** INITIATE: the cookie, a number, and a box. */
export const Initiate = {
  NONCE: Cookie.SIZE,
  BOX: Cookie.SIZE + SHORT_NONCE,
  SHORTEST: Cookie.SIZE + SHORT_NONCE + BOX_OVERHEAD + 2 * KEY_SIZE + LONG_NONCE + BOX_OVERHEAD + KEY_SIZE,
} as const;

/** What the box of INITIATE holds: C, the voucher (a nonce, and in a box C' and S), the properties. */
export const Proof = {
  VOUCH_NONCE: KEY_SIZE,
  VOUCH: KEY_SIZE + LONG_NONCE,
  METADATA: KEY_SIZE + LONG_NONCE + BOX_OVERHEAD + 2 * KEY_SIZE,
} as const;

/** READY: a number, and the properties in a box. */
export const Ready = {
  BOX: SHORT_NONCE,
  SHORTEST: SHORT_NONCE + BOX_OVERHEAD,
} as const;

/** The names in the nonces. */
export const NonceName = {
  HELLO: "CurveZMQHELLO---",
  WELCOME: "WELCOME-",
  COOKIE: "COOKIE--",
  INITIATE: "CurveZMQINITIATE",
  VOUCH: "VOUCH---",
  READY: "CurveZMQREADY---",
} as const;

/** The key that two parties share. */
export function sharedKey(crypto: CurveCrypto, publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const key = crypto.shared(publicKey, secretKey);
  if (key === null) throw new ProtocolError("cryptographic", "Public key of the peer is none");
  return key;
}

/** Opens a box of the peer. */
export function unbox(
  crypto: CurveCrypto,
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
  what: string,
): Uint8Array {
  const plain = crypto.open(key, nonce, box);
  if (plain === null) throw new ProtocolError("cryptographic", `${what} of the peer is not genuine`);
  return plain;
}

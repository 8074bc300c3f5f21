/**
 * The keys of CURVE.
 *
 * @module
 */

import { type CurveKeyPair, KEY_SIZE } from "../zmtp/curve_crypto.ts";
import { z85Decode, z85Encode } from "../zmtp/z85.ts";
import { makeKeyPair, publicKeyOf } from "./x25519.ts";

/** The length of a key as Z85. */
const TEXT_LENGTH = 40;

/**
 * Makes a key pair for CURVE. See zmq_curve_keypair(3).
 *
 * @returns The keys as Z85, 40 characters each.
 *
 * @example
 * ```ts
 * import { curveKeyPair, Reply } from "@denomq/zmq";
 *
 * const { publicKey, secretKey } = curveKeyPair();
 * using reply = new Reply({ curveServer: true, curveSecretKey: secretKey });
 * console.log(publicKey.length); // 40
 * ```
 */
export function curveKeyPair(): CurveKeyPair<string> {
  const { publicKey, secretKey } = makeKeyPair();
  const pair = { publicKey: z85Encode(publicKey), secretKey: z85Encode(secretKey) };
  secretKey.fill(0);
  return pair;
}

/**
 * Computes the public key that belongs to a secret one. See zmq_curve_public(3).
 *
 * @param secretKey The secret key: 40 characters of Z85, or 32 bytes.
 * @returns The public key as Z85.
 * @throws TypeError for anything but a string or a Uint8Array.
 * @throws RangeError for a wrong length, and for text that is not Z85.
 *
 * @example
 * ```ts
 * import { curveKeyPair, curvePublicKey } from "@denomq/zmq";
 *
 * const { publicKey, secretKey } = curveKeyPair();
 * console.log(curvePublicKey(secretKey) === publicKey); // true
 * ```
 */
export function curvePublicKey(secretKey: string | Uint8Array): string {
  const bytes = keyBytes("secretKey", secretKey);
  const publicKey = z85Encode(publicKeyOf(bytes));
  bytes.fill(0);
  return publicKey;
}

/** Checks a key, and takes a copy of its 32 bytes. Errors show nothing of it, for it may be a secret one. */
export function keyBytes(name: string, value: unknown, verb = "set"): Uint8Array {
  const refusal = `Cannot ${verb} ${name}: the value must`;
  if (typeof value === "string") {
    if (value.length !== TEXT_LENGTH) {
      throw new RangeError(`${refusal} have ${TEXT_LENGTH} characters of Z85, it has ${value.length}`);
    }
    try {
      return z85Decode(value);
    } catch (cause) {
      throw new RangeError(`${refusal} be Z85`, { cause });
    }
  }
  if (!(value instanceof Uint8Array)) throw new TypeError(`${refusal} be a string or a Uint8Array`);
  if (value.length !== KEY_SIZE) throw new RangeError(`${refusal} be ${KEY_SIZE} bytes long, it has ${value.length}`);
  // Not slice(), which a Buffer has in a way of its own: it would be the caller's memory still.
  return Uint8Array.from(value);
}

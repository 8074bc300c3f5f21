/**
 * The nonces of CURVE: 24 bytes, a name for what they are used for and then a counter of 8 bytes or 16 random ones. No two
 * boxes with one key have the same.
 *
 * @module
 */

import { NONCE_SIZE } from "./curve_crypto.ts";
import { ProtocolError, ProtocolErrorValue } from "./error.ts";
import { readUint32, writeUint32 } from "./framing.ts";

/** The size of a counter on the wire, bytes. */
export const SHORT_NONCE = 8;
/** The size of the random part of a nonce on the wire, bytes. */
export const LONG_NONCE = 16;

const WORD = 0x1_0000_0000;

/**
 * Makes a nonce.
 *
 * @param name What it is for: 16 or 8 ASCII characters.
 * @param rest What it goes on with: 8 or 16 bytes.
 */
export function nonceOf(name: string, rest: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_SIZE);
  for (let i = 0; i < name.length; i++) nonce[i] = name.charCodeAt(i);
  nonce.set(rest, name.length);
  return nonce;
}

/** Counts what one side sends. */
export class OwnNonce {
  #last: number;

  /**
   * Makes a counter.
   *
   * @param last The last number that was used.
   */
  constructor(last: number = 0) {
    this.#last = last;
  }

  /**
   * Writes the next number.
   *
   * @param into Where to.
   * @param at The offset there.
   * @throws ProtocolError when the numbers are used up: none may come twice.
   */
  next(into: Uint8Array, at: number): void {
    // Long before 2⁶⁴, and in hundreds of years.
    if (this.#last >= Number.MAX_SAFE_INTEGER) {
      throw new ProtocolError("worn-out", "Connection has used up its nonces");
    }
    this.#last++;
    writeUint32(into, at, Math.floor(this.#last / WORD));
    writeUint32(into, at + 4, this.#last);
  }
}

/** Sees to it that what the peer sends comes once and in order. */
export class PeerNonce {
  #high = 0;
  #low = 0;

  /**
   * Looks at the next number, without believing it: anybody can write one.
   *
   * @param from Where it is.
   * @param at The offset there.
   * @throws ProtocolError when it is not above the last.
   */
  check(from: Uint8Array, at: number): void {
    const high = readUint32(from, at);
    if (high > this.#high || (high === this.#high && readUint32(from, at + 4) > this.#low)) return;
    throw new ProtocolError("cryptographic", "Peer has used a nonce again, or out of order", {
      value: ProtocolErrorValue.INVALID_SEQUENCE,
    });
  }

  /**
   * Takes note of a number whose box has turned out to be genuine.
   *
   * @param from Where it is.
   * @param at The offset there.
   */
  accept(from: Uint8Array, at: number): void {
    this.#high = readUint32(from, at);
    this.#low = readUint32(from, at + 4);
  }
}

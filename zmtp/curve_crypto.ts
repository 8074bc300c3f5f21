/**
 * The cryptography that CURVE is made of, without the library that has it.
 *
 * @module
 */

/** A key pair of X25519: 32 bytes each. */
export interface CurveKeyPair<T = Uint8Array> {
  /** The key that everybody may know. */
  readonly publicKey: T;
  /** The key that nobody else may know. */
  readonly secretKey: T;
}

/**
 * Boxes with one key, whose nonces all begin with the same 16 bytes, so that what follows from these is computed once. There
 * is as much room in front of the bytes as in NaCl's interface in C: 32 before the plain ones, of which the last 16 become part of
 * the box.
 */
export interface BoxSeries {
  /**
   * Does what {@linkcode CurveCrypto.seal} does.
   *
   * @param number The last 8 bytes of the nonce: none twice.
   * @param room 32 zeros, and the plain bytes. Then 16 zeros, and the box.
   */
  seal(number: Uint8Array, room: Uint8Array): void;
  /**
   * Does what {@linkcode CurveCrypto.open} does.
   *
   * @param number The last 8 bytes of the nonce.
   * @param room 16 bytes of any kind, and a box of at least 16. What is left there means nothing.
   * @returns The plain bytes, in memory of their own; `null` where the box is not genuine.
   */
  open(number: Uint8Array, room: Uint8Array): Uint8Array | null;
}

/** NaCl's `crypto_box`, in the two steps that it consists of. */
export interface CurveCrypto {
  /** Makes bytes that nobody can guess. */
  random(size: number): Uint8Array;
  /** Makes a key pair. */
  keyPair(): CurveKeyPair;
  /**
   * Computes the key that two parties share (`crypto_box_beforenm`).
   *
   * @param publicKey The key of the other one.
   * @param secretKey One's own.
   * @returns 32 bytes; `null` for a public key with which every secret key gives the same.
   */
  shared(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | null;
  /**
   * Encrypts and authenticates (`crypto_secretbox`, of which `crypto_box_afternm` is another name).
   *
   * @param key 32 bytes.
   * @param nonce 24 bytes: none twice with a key.
   * @param plain Any bytes.
   * @returns 16 bytes more.
   */
  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array;
  /**
   * Undoes {@linkcode seal}.
   *
   * @returns The plain bytes, in memory of their own; `null` where the box is not genuine.
   */
  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | null;
  /**
   * Begins a series of boxes.
   *
   * @param key 32 bytes.
   * @param name The first 16 bytes of all nonces.
   */
  series(key: Uint8Array, name: Uint8Array): BoxSeries;
}

/** The size of a key, bytes. */
export const KEY_SIZE = 32;
/** How much longer a box is than what it holds, bytes. */
export const BOX_OVERHEAD = 16;
/** How much room a {@linkcode BoxSeries} needs in front of the plain bytes. */
export const BOX_ROOM = 32;
/** The size of a nonce, bytes. */
export const NONCE_SIZE = 24;

/** Compares two secrets in a time that tells the length of the first, which is the peer's, and nothing of where they differ. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}

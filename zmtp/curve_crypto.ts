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
}

/** The size of a key, bytes. */
export const KEY_SIZE = 32;
/** How much longer a box is than what it holds, bytes. */
export const BOX_OVERHEAD = 16;
/** The size of a nonce, bytes. */
export const NONCE_SIZE = 24;

/** Compares two secrets in a time that does not tell where they differ. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

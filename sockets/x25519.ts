/**
 * X25519, which is in Deno: keys as the 32 bytes that CURVE knows.
 *
 * @module
 */

import type { CurveKeyPair } from "../zmtp/curve_crypto.ts";

/** A key as `node:crypto` holds it. */
interface KeyObject {
  export(options: { format: "der"; type: "pkcs8" | "spki" }): Uint8Array;
}

/** What is needed of `node:crypto`: Web Crypto has the same, but only with promises. */
interface NodeCrypto {
  generateKeyPairSync(type: "x25519"): { publicKey: KeyObject; privateKey: KeyObject };
  createPrivateKey(key: { key: Uint8Array; format: "der"; type: "pkcs8" }): KeyObject;
  createPublicKey(key: { key: Uint8Array; format: "der"; type: "spki" } | KeyObject): KeyObject;
  diffieHellman(keys: { privateKey: KeyObject; publicKey: KeyObject }): Uint8Array;
}

/** What is before the key in the forms that `node:crypto` takes (RFC 8410). */
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];
const SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00];

let loaded: NodeCrypto | undefined;

/** Loaded when it is needed, which takes some 10 ms: most programs never do. */
function load(): NodeCrypto {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): NodeCrypto } };
  return loaded ??= process.getBuiltinModule("node:crypto");
}

function wrap(prefix: number[], key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(prefix.length + key.length);
  bytes.set(prefix);
  bytes.set(key, prefix.length);
  return bytes;
}

function privateKey(secretKey: Uint8Array): KeyObject {
  const key = wrap(PKCS8, secretKey);
  try {
    return load().createPrivateKey({ key, format: "der", type: "pkcs8" });
  } finally {
    key.fill(0);
  }
}

function publicBytes(key: KeyObject): Uint8Array {
  return Uint8Array.from(key.export({ format: "der", type: "spki" }).subarray(SPKI.length));
}

/** Makes a key pair. */
export function makeKeyPair(): CurveKeyPair {
  const pair = load().generateKeyPairSync("x25519");
  const encoded = pair.privateKey.export({ format: "der", type: "pkcs8" });
  const secretKey = Uint8Array.from(encoded.subarray(PKCS8.length));
  encoded.fill(0);
  return { publicKey: publicBytes(pair.publicKey), secretKey };
}

/** The public key that belongs to a secret one. */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return publicBytes(load().createPublicKey(privateKey(secretKey)));
}

/** The point that two parties share; `null` where the public key makes it the same for everybody (RFC 7748, section 6.1). */
export function sharedPoint(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | null {
  const there = load().createPublicKey({ key: wrap(SPKI, publicKey), format: "der", type: "spki" });
  const here = privateKey(secretKey);
  let point: Uint8Array;
  try {
    point = load().diffieHellman({ privateKey: here, publicKey: there });
  } catch {
    // OpenSSL's way to say so. Nothing else can be wrong with two keys of the right size.
    return null;
  }
  const shared = Uint8Array.from(point);
  point.fill(0);
  return shared.some((byte) => byte !== 0) ? shared : null;
}

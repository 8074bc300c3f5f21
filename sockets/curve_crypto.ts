/**
 * The cryptography of CURVE: X25519 of Deno, Salsa20 and Poly1305 of a library that is loaded when it is needed.
 *
 * @module
 */

import type { CurveCrypto } from "../zmtp/curve_crypto.ts";
import { makeKeyPair, sharedPoint } from "./x25519.ts";

type Salsa = typeof import("@noble/ciphers/salsa.js");

/** "expand 32-byte k", the constant of Salsa20, and sixteen zeros. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
const ZEROS = new Uint32Array(4);

let loaded: CurveCrypto | null = null;
let loading: Promise<CurveCrypto> | null = null;

/** The cryptography, if {@linkcode loadCurveCrypto} has had its time. */
export function curveCrypto(): CurveCrypto | null {
  return loaded;
}

/** Loads the cryptography. A failure is not remembered: it may have been the network's. */
export function loadCurveCrypto(): Promise<CurveCrypto> {
  return loading ??= import("@noble/ciphers/salsa.js").then((salsa) => loaded = join(salsa), (error: unknown) => {
    loading = null;
    throw error;
  });
}

function join({ hsalsa, xsalsa20poly1305 }: Salsa): CurveCrypto {
  return {
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
    keyPair: makeKeyPair,
    shared(publicKey, secretKey) {
      const point = sharedPoint(publicKey, secretKey);
      if (point === null) return null;
      const key = new Uint32Array(8);
      hsalsa(SIGMA, new Uint32Array(point.buffer), ZEROS, key);
      point.fill(0);
      return new Uint8Array(key.buffer);
    },
    seal: (key, nonce, plain) => xsalsa20poly1305(key, nonce).encrypt(plain),
    open(key, nonce, box) {
      try {
        return xsalsa20poly1305(key, nonce).decrypt(box);
      } catch {
        // All that can be wrong with a box of 16 bytes or more is that it is not genuine.
        return null;
      }
    },
  };
}

/**
 * The cryptography of CURVE: X25519 of Deno, Salsa20 and Poly1305 of a library that is loaded when it is needed.
 *
 * @module
 */

import { BOX_OVERHEAD, BOX_ROOM, type BoxSeries, type CurveCrypto, sameSecret } from "../zmtp/curve_crypto.ts";
import { makeKeyPair, sharedPoint } from "./x25519.ts";

type Salsa = typeof import("@noble/ciphers/salsa.js");
type Poly = typeof import("@noble/ciphers/_poly1305.js");

/** "expand 32-byte k", the constant of Salsa20, and sixteen zeros. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
const ZEROS = new Uint8Array(16);

/** From this size on (bytes) it pays to copy a box to a word's boundary. */
const LONG = 4096;

let loaded: CurveCrypto | null = null;
let loading: Promise<CurveCrypto> | null = null;

/** The cryptography, if {@linkcode loadCurveCrypto} has had its time. */
export function curveCrypto(): CurveCrypto | null {
  return loaded;
}

/** Loads the cryptography. A failure is not remembered: it may have been the network's. */
export function loadCurveCrypto(): Promise<CurveCrypto> {
  return loading ??= Promise.all([import("@noble/ciphers/salsa.js"), import("@noble/ciphers/_poly1305.js")]).then(
    ([salsa, poly]) => loaded = join(salsa, poly),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
}

function join(salsa: Salsa, { poly1305 }: Poly): CurveCrypto {
  const { hsalsa, salsa20, xsalsa20poly1305 } = salsa;
  return {
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
    keyPair: makeKeyPair,
    shared(publicKey, secretKey) {
      const point = sharedPoint(publicKey, secretKey);
      if (point === null) return null;
      const key = derive(hsalsa, point, ZEROS);
      point.fill(0);
      return key;
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
    series: (key, name) => seriesOf(derive(hsalsa, key, name), salsa20, poly1305),
  };
}

/** HSalsa20: another key from a key and 16 bytes. */
function derive(hsalsa: Salsa["hsalsa"], key: Uint8Array, input: Uint8Array): Uint8Array {
  const words = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer);
  const [from, into] = [words(key), new Uint32Array(8)];
  hsalsa(SIGMA, from, words(input), into);
  from.fill(0);
  return new Uint8Array(into.buffer);
}

/**
 * `crypto_secretbox` from its parts: XSalsa20 is Salsa20 with the key that HSalsa20 makes of a key and the first 16 bytes of a
 * nonce, and the first 32 bytes of its stream are the key of Poly1305. The library's own makes that key with every box, and
 * twice to open one, which takes longer than to encrypt a short message.
 */
function seriesOf(key: Uint8Array, salsa20: Salsa["salsa20"], poly1305: Poly["poly1305"]): BoxSeries {
  return {
    seal(number, room) {
      salsa20(key, number, room, room);
      const tag = poly1305(room.subarray(BOX_ROOM), room.subarray(0, BOX_ROOM));
      room.fill(0, 0, BOX_ROOM - BOX_OVERHEAD);
      room.set(tag, BOX_ROOM - BOX_OVERHEAD);
    },
    open(number, room) {
      // A long box is copied to where the library can decrypt whole words.
      const box = room.length > LONG && room.byteOffset % 4 !== 0 ? room.slice() : room;
      const tag = box.slice(BOX_ROOM - BOX_OVERHEAD, BOX_ROOM);
      box.fill(0, 0, BOX_ROOM);
      const plain = salsa20(key, number, box);
      const genuine = sameSecret(tag, poly1305(box.subarray(BOX_ROOM), plain.subarray(0, BOX_ROOM)));
      plain.fill(0, 0, genuine ? BOX_ROOM : plain.length);
      return genuine ? plain.subarray(BOX_ROOM) : null;
    },
  };
}

// The cryptography beneath CURVE: the series of boxes against the library's own, and public keys that are none.

import { assert, assertEquals } from "@std/assert";
import { loadCurveCrypto } from "../../sockets/curve_crypto.ts";
import type { BoxSeries } from "../../zmtp/curve_crypto.ts";
import { randomness } from "../zmtp/support.ts";

const crypto = await loadCurveCrypto();
const name = new TextEncoder().encode("CurveZMQMESSAGEC");
const random = randomness(7);
const fill = (size: number) => Uint8Array.from({ length: size }, () => random(256));

/** The same bytes, so many after a word's boundary. */
function shifted(bytes: Uint8Array, shift: number): Uint8Array {
  const room = new Uint8Array(bytes.length + 8).subarray(shift, shift + bytes.length);
  room.set(bytes);
  return room;
}

Deno.test("a series of boxes: each is what the library makes of the whole nonce, and opens again", () => {
  for (const size of [0, 1, 15, 16, 31, 32, 33, 63, 64, 65, 97, 255, 4063, 4064, 4065, 65_536, 70_001]) {
    for (const shift of [0, 1, 2, 3]) {
      const [key, number, plain] = [fill(32), fill(8), fill(size)];
      const series = crypto.series(key, name);
      const nonce = new Uint8Array([...name, ...number]);
      const box = crypto.seal(key, nonce, plain);

      const room = shifted(new Uint8Array([...new Uint8Array(32), ...plain]), shift);
      series.seal(number, room);
      assertEquals(room.subarray(0, 16), new Uint8Array(16), "nothing of the key of the MAC is left");
      assertEquals(room.subarray(16), box, `${size} bytes`);

      const opened = series.open(number, shifted(new Uint8Array([...name, ...box]), shift));
      assertEquals(opened, plain);
      // What was in front, and may have left traces: the key of the MAC.
      assertEquals(new Uint8Array(opened!.buffer, 0, 32), new Uint8Array(32));
      assert(crypto.open(key, nonce, box) !== null);
    }
  }
});

Deno.test("a series of boxes: what was tampered with, or goes with another number or name, does not open", () => {
  const [key, number, plain] = [fill(32), fill(8), fill(100)];
  const series = crypto.series(key, name);
  const box = crypto.seal(key, new Uint8Array([...name, ...number]), plain);
  const open = (series: BoxSeries, data: Uint8Array) => series.open(number, new Uint8Array([...name, ...data]));
  for (let at = 0; at < box.length; at++) {
    for (const bit of [1, 0x80]) {
      const forged = box.slice();
      forged[at]! ^= bit;
      assertEquals(open(series, forged), null, `byte ${at}`);
    }
  }
  assertEquals(open(series, box.subarray(0, -1)), null);
  assertEquals(open(series, box.subarray(0, 16)), null);
  assertEquals(open(crypto.series(fill(32), name), box), null);
  assertEquals(open(crypto.series(key, new TextEncoder().encode("CurveZMQMESSAGES")), box), null);
  assertEquals(series.open(fill(8), new Uint8Array([...name, ...box])), null);
  assertEquals(open(series, box), plain);
});

Deno.test("public keys of low order are none: every secret key would give the same", () => {
  // RFC 7748, and https://cr.yp.to/ecdh.html#validate: all that there are, and with the bit that is not looked at.
  const points = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].map((hex) => Uint8Array.fromHex(hex));
  const { publicKey, secretKey } = crypto.keyPair();
  for (const point of points) {
    for (const bit of [0, 0x80]) {
      const key = point.slice();
      key[31]! |= bit;
      assertEquals(crypto.shared(key, secretKey), null, key.toHex());
    }
  }
  assert(crypto.shared(publicKey, secretKey) !== null);
});

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { curveKeyPair, curvePublicKey, Dealer, z85Decode, z85Encode } from "../../mod.ts";
import { loadCurveCrypto } from "../../sockets/curve_crypto.ts";
import { makeKeyPair } from "../../sockets/x25519.ts";
import { sameSecret } from "../../zmtp/curve_crypto.ts";

const hex = (text: string) => Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
const zeros = (size: number) => new Uint8Array(size);

/** RFC 7748, section 6.1, and the same keys in "Cryptography in NaCl". */
const alice = {
  secretKey: hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
  publicKey: hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
};
const bob = {
  secretKey: hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
  publicKey: hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
};
const FIRST_KEY = "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389";
const NONCE = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
const PLAIN = hex(
  "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce" +
    "314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc7689" +
    "7040e082f937763848645e0705",
);
const BOX = hex(
  "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011" +
    "ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01" +
    "b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5",
);

Deno.test("the cryptography of CURVE is NaCl's", async () => {
  const crypto = await loadCurveCrypto();
  const key = crypto.shared(bob.publicKey, alice.secretKey)!;
  assertEquals(key, hex(FIRST_KEY));
  assertEquals(crypto.shared(alice.publicKey, bob.secretKey), key);
  assertEquals(crypto.seal(key, NONCE, PLAIN), BOX);
  assertEquals(crypto.open(key, NONCE, BOX), PLAIN);
  for (const at of [0, 15, 16, 100]) assertEquals(crypto.open(key, NONCE, BOX.with(at, BOX[at]! ^ 1)), null);
  assertEquals(crypto.open(key, NONCE.with(0, 0), BOX), null);
  assertEquals(crypto.open(key.with(0, 0), NONCE, BOX), null);
  assertEquals(crypto.open(key, NONCE, crypto.seal(key, NONCE, zeros(0))), zeros(0));
});

Deno.test("a public key with which every secret is the same is none", async () => {
  const crypto = await loadCurveCrypto();
  const one = zeros(32).with(0, 1);
  const order8 = hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
  for (const key of [zeros(32), one, order8]) assertEquals(crypto.shared(key, alice.secretKey), null);
});

Deno.test("secrets are compared as a whole", () => {
  assert(sameSecret(zeros(32), zeros(32)));
  for (const at of [0, 15, 31]) assert(!sameSecret(zeros(32), zeros(32).with(at, 1)));
  assert(!sameSecret(zeros(32), zeros(31)));
  assert(sameSecret(zeros(0), zeros(0)));
});

// libzmq: test_sodium (public key)
Deno.test("curvePublicKey() computes the public key of a secret one, in both forms", () => {
  for (const { secretKey, publicKey } of [alice, bob]) {
    assertEquals(curvePublicKey(secretKey), z85Encode(publicKey));
    assertEquals(curvePublicKey(z85Encode(secretKey)), z85Encode(publicKey));
  }
  const secretKey = alice.secretKey.slice();
  curvePublicKey(secretKey);
  assertEquals(secretKey, alice.secretKey, "the caller's key is left alone");
  // zmq_curve(7) has this pair.
  assertEquals(
    curvePublicKey("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"),
    "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  );
});

// libzmq: test_sodium (key pair)
Deno.test("curveKeyPair() makes pairs, each another", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const { publicKey, secretKey } = curveKeyPair();
    assertEquals([publicKey.length, secretKey.length], [40, 40]);
    assertEquals([z85Decode(publicKey).length, z85Decode(secretKey).length], [32, 32]);
    assertEquals(curvePublicKey(secretKey), publicKey);
    seen.add(publicKey).add(secretKey);
  }
  assertEquals(seen.size, 40);
  const raw = makeKeyPair();
  assertEquals([raw.publicKey.buffer.byteLength, raw.secretKey.buffer.byteLength], [32, 32]);
});

// libzmq: test_sodium (short and long keys)
Deno.test("curvePublicKey() refuses what is no key", () => {
  const key = z85Encode(alice.secretKey);
  for (const value of [key.slice(1), `${key}0`, "", zeros(31), zeros(33), zeros(0)]) {
    assertThrows(() => curvePublicKey(value), RangeError, "Cannot set secretKey");
  }
  const error = assertThrows(() => curvePublicKey(`"${key.slice(1)}`), RangeError, "must be Z85");
  assert(!String(error.cause).includes(key.slice(1, 6)), "a secret is not printed");
  for (const value of [null, undefined, 1, [], {}, new ArrayBuffer(32), new Uint16Array(32)]) {
    assertThrows(() => curvePublicKey(value as unknown as string), TypeError, "Cannot set secretKey");
  }
});

Deno.test("CURVE keys: those of a Buffer are copied, and nothing happens to it", () => {
  const { publicKey, secretKey } = curveKeyPair();
  const pool = Buffer.alloc(40);
  pool.set(z85Decode(secretKey), 4);
  const key = pool.subarray(4, 36);
  assertEquals(curvePublicKey(key), publicKey);
  assertEquals(z85Encode(key), secretKey, "a Buffer slices without copying");
  using dealer = new Dealer({ curveServer: true });
  Object.assign(dealer, { curveSecretKey: key });
  key.fill(0);
  assertEquals(dealer.curveSecretKey, secretKey);
});

import { assertEquals, assertThrows } from "@std/assert";
import { z85Decode, z85Encode } from "../../mod.ts";
import { randomness } from "./support.ts";

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Text and bytes: RFC 32's, its test case with a key, and the edges of a group. */
const vectors: [string, string][] = [
  ["", ""],
  ["HelloWorld", "864fd26fb559f75b"],
  ["JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6", "8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7"],
  ["00000", "00000000"],
  ["00001", "00000001"],
  ["%nSc0", "ffffffff"],
];

// libzmq: test_base85 (encode and decode, round trips)
Deno.test("Z85: the vectors, both ways", () => {
  for (const [text, bytes] of vectors) {
    assertEquals(z85Encode(hex(bytes)), text);
    assertEquals(z85Decode(text), hex(bytes));
  }
});

Deno.test("Z85: every character stands for its number", () => {
  const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  assertEquals(alphabet.length, 85);
  for (let i = 0; i < 85; i++) {
    assertEquals(z85Decode(`0000${alphabet[i]}`), new Uint8Array([0, 0, 0, i]));
    assertEquals(z85Encode(new Uint8Array([0, 0, 0, i])), `0000${alphabet[i]}`);
  }
});

Deno.test("Z85: random bytes come back, whatever buffer they lie in", () => {
  const random = randomness(85);
  for (let round = 0; round < 200; round++) {
    const buffer = Uint8Array.from({ length: 4 * random(20) + 3 }, () => random(256));
    const bytes = buffer.subarray(3);
    assertEquals(z85Decode(z85Encode(bytes)), bytes);
  }
});

// libzmq: test_base85 (wrong lengths)
Deno.test("Z85: lengths that are no whole groups", () => {
  for (const length of [1, 2, 3, 5, 33]) {
    assertThrows(() => z85Encode(new Uint8Array(length)), RangeError, `multiple of 4, it is ${length}`);
  }
  for (const text of ["0", "00", "0000", "000000", "HelloWorl", "HelloWorld!"]) {
    assertThrows(() => z85Decode(text), RangeError, `multiple of 5, it is ${text.length}`);
  }
});

// libzmq: test_base85 (invalid characters)
Deno.test("Z85: characters that are none of its own", () => {
  for (let code = 0; code < 300; code++) {
    const character = String.fromCharCode(code);
    if (/[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]/.test(character)) continue;
    for (let at = 0; at < 5; at++) {
      const text = "0".repeat(at) + character + "0".repeat(4 - at);
      assertThrows(() => z85Decode(text), RangeError, `the character at ${at} is not`);
    }
  }
});

Deno.test("Z85: groups of more than 32 bits", () => {
  for (const text of ["%nSc1", "%nSd0", "%nT00", "%o000", "$0000", "#####"]) {
    assertThrows(() => z85Decode(text), RangeError, "the group at 0 stands for more");
    assertThrows(() => z85Decode(`00000${text}`), RangeError, "the group at 5 stands for more");
  }
});

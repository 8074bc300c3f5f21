/**
 * Z85 (RFC 32): bytes as text, five characters for four bytes, without a character that a source or a shell has a use for.
 *
 * @module
 */

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** What a character counts by its code; negative for one that is not in the alphabet. */
const DIGITS: Int8Array = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) DIGITS[ALPHABET.charCodeAt(i)] = i;

/**
 * Encodes bytes as Z85, the text that CURVE's keys are written in. See zmq_z85_encode(3) and RFC 32.
 *
 * @param data The bytes: their number must be a multiple of 4.
 * @returns The text: five characters for four bytes.
 * @throws RangeError when the number of bytes is no multiple of 4.
 *
 * @example
 * ```ts
 * import { z85Encode } from "@denomq/zmq";
 *
 * console.log(z85Encode(new Uint8Array([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]))); // HelloWorld
 * ```
 */
export function z85Encode(data: Uint8Array): string {
  if (data.length % 4 !== 0) {
    throw new RangeError(`Cannot encode as Z85: the number of bytes must be a multiple of 4, it is ${data.length}`);
  }
  let text = "";
  for (let at = 0; at < data.length; at += 4) {
    let value = ((data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!) >>> 0;
    let group = "";
    for (let i = 0; i < 5; i++) {
      group = ALPHABET[value % 85]! + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

/**
 * Decodes Z85. See zmq_z85_decode(3) and RFC 32.
 *
 * @param text The text: its length must be a multiple of 5.
 * @returns The bytes.
 * @throws RangeError when the length is no multiple of 5, a character is none of Z85's, or five of them stand for more
 * than four bytes can hold.
 *
 * @example
 * ```ts
 * import { z85Decode } from "@denomq/zmq";
 *
 * console.log(z85Decode("HelloWorld")); // Uint8Array(8) [ 134, 79, 210, 111, 181, 89, 247, 91 ]
 * ```
 */
export function z85Decode(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 5 !== 0) {
    throw new RangeError(`Cannot decode Z85: the length must be a multiple of 5, it is ${text.length}`);
  }
  const data = new Uint8Array(text.length / 5 * 4);
  const view = new DataView(data.buffer);
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (let i = at; i < at + 5; i++) {
      const digit = DIGITS[text.charCodeAt(i)] ?? -1;
      // What a text of this kind holds is often a secret: the message has no part of it.
      if (digit < 0) throw new RangeError(`Cannot decode Z85: the character at ${i} is not of its alphabet`);
      value = value * 85 + digit;
    }
    if (value > 0xffff_ffff) {
      throw new RangeError(`Cannot decode Z85: the group at ${at} stands for more than four bytes can hold`);
    }
    view.setUint32(at / 5 * 4, value);
  }
  return data;
}

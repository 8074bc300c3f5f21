/**
 * The greeting: 64 bytes that both sides send first, in which they agree on a version and a security mechanism.
 *
 * A side sends the signature and its major version at once, and the rest when it has seen the version of the other: so two
 * sides that are equally patient do not wait for each other for ever, and an old peer is told from a strange one.
 *
 * @module
 */

import { ProtocolError } from "./error.ts";

/** The size of a whole greeting. */
export const GREETING_SIZE = 64;
/** The size of the part that is sent at once: the signature and the major version. */
export const OPENING_SIZE = 11;

const MECHANISM_AT = 12;
const MECHANISM_SIZE = 20;
const AS_SERVER_AT = 32;

/**
 * Encodes a whole greeting.
 *
 * @param mechanism The name of the security mechanism, at most 20 ASCII characters.
 * @param asServer Whether this side is the server of the mechanism.
 * @returns 64 bytes.
 */
export function encodeGreeting(mechanism: string, asServer: boolean): Uint8Array {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = 1;
  for (let i = 0; i < mechanism.length; i++) bytes[MECHANISM_AT + i] = mechanism.charCodeAt(i);
  bytes[AS_SERVER_AT] = asServer ? 1 : 0;
  return bytes;
}

/**
 * Checks as much of a peer's greeting as has come. Padding is not looked at.
 *
 * @param bytes The first bytes of the peer.
 * @throws ProtocolError where they cannot become a greeting of ZMTP 3.
 */
export function checkGreeting(bytes: Uint8Array): void {
  if (bytes.length >= 2 && bytes[0] !== 0xff) {
    // ZMTP 1.0 begins with the length of the identity message and that message's flags, which are 0.
    if (bytes[0] !== 0 && bytes[1] === 0) throw oldVersion("ZMTP 1.0");
    throw new ProtocolError("greeting", "Peer does not speak ZMTP: its greeting lacks the signature");
  }
  if (bytes.length >= 10 && (bytes[9]! & 1) === 0) {
    // As above, with an identity so long that its length takes eight bytes.
    if (bytes[9] === 0 && bytes.subarray(1, 7).every((byte) => byte === 0)) throw oldVersion("ZMTP 1.0");
    throw new ProtocolError("greeting", "Peer does not speak ZMTP: the signature in its greeting is wrong");
  }
  const major = bytes[10];
  if (major !== undefined && major < 3) throw oldVersion(["ZMTP 1.0", "ZMTP 2.0", "ZMTP 2.1"][major]!);
}

function oldVersion(name: string): ProtocolError {
  return new ProtocolError("old-version", `Peer speaks ${name}, which is too old: ZMTP 3.0 or later is needed`);
}

/**
 * Reads the version that both sides of a connection speak.
 *
 * @param bytes The greeting of the peer, which has passed {@linkcode checkGreeting}.
 * @returns The minor version of ZMTP 3: 0 or 1.
 */
export function commonMinor(bytes: Uint8Array): 0 | 1 {
  return bytes[10]! > 3 || bytes[11]! >= 1 ? 1 : 0;
}

/**
 * Checks that the peer's mechanism is ours.
 *
 * @param bytes The whole greeting of the peer.
 * @param own Our whole greeting.
 * @throws ProtocolError with the kind `"mechanism-mismatch"`.
 */
export function checkMechanism(bytes: Uint8Array, own: Uint8Array): void {
  for (let i = MECHANISM_AT; i < MECHANISM_AT + MECHANISM_SIZE; i++) {
    if (bytes[i] === own[i]) continue;
    throw new ProtocolError(
      "mechanism-mismatch",
      `Mechanisms differ: the peer wants ${nameIn(bytes)}, this side ${nameIn(own)}`,
    );
  }
}

/** The mechanism's name for people: what a peer sends may be anything. */
function nameIn(greeting: Uint8Array): string {
  let name = "";
  for (const byte of greeting.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_SIZE)) {
    if (byte === 0) break;
    name += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  }
  return name === "" ? "no name" : name;
}

/**
 * The metadata of the handshake: properties with a name of up to 255 bytes and a value.
 *
 * @module
 */

import { ProtocolError } from "./error.ts";
import { readUint32, writeUint32 } from "./framing.ts";

/** Names that this library looks up, by their lower-case form: peers may write them otherwise. */
const KNOWN: ReadonlyMap<string, string> = new Map([["socket-type", "Socket-Type"], ["identity", "Identity"]]);

/**
 * Encodes properties.
 *
 * @param properties Names of 1 to 255 ASCII characters, and values.
 * @returns The bytes of the properties, one after the other.
 */
export function encodeMetadata(properties: Iterable<readonly [string, Uint8Array]>): Uint8Array {
  const list = [...properties];
  let size = 0;
  for (const [name, value] of list) size += 1 + name.length + 4 + value.length;
  const into = new Uint8Array(size);
  let at = 0;
  for (const [name, value] of list) {
    into[at++] = name.length;
    for (let i = 0; i < name.length; i++) into[at++] = name.charCodeAt(i);
    writeUint32(into, at, value.length);
    into.set(value, at + 4);
    at += 4 + value.length;
  }
  return into;
}

/**
 * Decodes properties. The first of two properties with the same name counts.
 *
 * @param bytes The bytes of the properties.
 * @returns The properties by name, with copies of the values. `Socket-Type` and `Identity` are so spelt however the peer
 * wrote them, the other names are as they came.
 * @throws ProtocolError with the kind `"malformed-metadata"` where a property is cut short.
 */
export function decodeMetadata(bytes: Uint8Array): Map<string, Uint8Array> {
  const properties = new Map<string, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes[at]!;
    const start = nameEnd + 4;
    if (start > bytes.length) throw new ProtocolError("malformed-metadata", "Property is cut short in its name");
    const end = start + readUint32(bytes, nameEnd);
    if (end > bytes.length) throw new ProtocolError("malformed-metadata", "Property is cut short in its value");
    let name = "";
    for (let i = at + 1; i < nameEnd; i++) name += String.fromCharCode(bytes[i]!);
    name = KNOWN.get(name.toLowerCase()) ?? name;
    if (!properties.has(name)) properties.set(name, bytes.slice(start, end));
    at = end;
  }
  return properties;
}

/**
 * Puts what a peer says of itself together with what somebody else knows of it.
 *
 * @param own What the peer says. A `User-Id` among it is left out: nobody says that of itself.
 * @param known What is known, which takes precedence.
 * @returns All of it.
 */
export function mergeMetadata(
  own: ReadonlyMap<string, Uint8Array>,
  known: ReadonlyMap<string, Uint8Array> = new Map(),
): ReadonlyMap<string, Uint8Array> {
  const merged = new Map(own);
  for (const name of own.keys()) if (name.toLowerCase() === "user-id") merged.delete(name);
  for (const [name, value] of known) merged.set(name, value);
  return merged;
}

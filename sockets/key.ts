/**
 * Bytes as keys of maps.
 *
 * @module
 */

/** A string with a character for each byte: that of a routing id or the name of a group. */
export function keyOf(bytes: Uint8Array): string {
  let key = "";
  for (let i = 0; i < bytes.length; i++) key += String.fromCharCode(bytes[i]!);
  return key;
}

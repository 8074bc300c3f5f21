/**
 * Properties of an application's own, which a socket tells its peers in the handshake.
 *
 * @module
 */

/** What a name may be made of, as ZMTP has it; those of applications begin with `X-` (RFC 37). */
const NAME = /^X-[A-Za-z0-9._+-]{0,253}$/;

/** Properties by their names, as an object or as a map. */
export type Properties = Readonly<Record<string, string>> | ReadonlyMap<string, string>;

/** Checks properties, and gives them the form in which they travel. */
export function encodeProperties(option: string, value: unknown): ReadonlyMap<string, Uint8Array> {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Cannot set ${option}: the value must be an object or a Map`);
  }
  const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  const encoder = new TextEncoder();
  const properties = new Map<string, Uint8Array>();
  for (const [name, text] of entries) {
    if (typeof name !== "string" || typeof text !== "string") {
      throw new TypeError(`Cannot set ${option}: the value must consist of strings, "${String(name)}" does not`);
    }
    if (!NAME.test(name)) {
      throw new RangeError(
        `Cannot set ${option}: the value must have names of "X-" and up to 253 of A-Z, a-z, 0-9 and ._+-, one is "${name}"`,
      );
    }
    if (text === "") throw new RangeError(`Cannot set ${option}: the value must not be empty, "${name}" is`);
    properties.set(name, encoder.encode(text));
  }
  return properties;
}

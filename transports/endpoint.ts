/**
 * The split of an endpoint into its scheme and its address.
 *
 * @module
 */

import { ZmqError } from "./error.ts";

/** The two parts of an endpoint. */
export interface Endpoint {
  /** The part before the first `://`, which names the transport. Case counts. */
  readonly scheme: string;
  /** Everything after it, to the letter: nothing is decoded, trimmed or normalised. */
  readonly address: string;
}

const SEPARATOR = "://";

/**
 * Splits an endpoint at its first `://`.
 *
 * @param endpoint What the user passed to `bind()`, `connect()` and their opposites.
 * @returns Both parts, neither empty.
 * @throws {TypeError} If the endpoint is not a string.
 * @throws {ZmqError} `EINVAL` if there is no `://` or nothing on one side of it.
 */
export function splitEndpoint(endpoint: unknown): Endpoint {
  if (typeof endpoint !== "string") {
    throw new TypeError(`Cannot use an endpoint that is not a string: current type is ${typeName(endpoint)}`);
  }
  const at = endpoint.indexOf(SEPARATOR);
  if (at === -1) throw malformed(endpoint, `the endpoint has no "${SEPARATOR}"`);
  if (at === 0) throw malformed(endpoint, `the endpoint has no transport in front of "${SEPARATOR}"`);
  const address = endpoint.slice(at + SEPARATOR.length);
  if (address === "") throw malformed(endpoint, `the endpoint has no address after "${SEPARATOR}"`);
  return { scheme: endpoint.slice(0, at), address };
}

function malformed(address: string, detail: string): ZmqError {
  return new ZmqError("EINVAL", { address, detail });
}

function typeName(value: unknown): string {
  return value === null ? "null" : typeof value;
}

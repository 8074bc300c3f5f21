/**
 * Public keys of CURVE as text (Z85, RFC 32), and the certificates of CZMQ and pyzmq that hold them.
 *
 * @module
 */

import { z85Encode } from "../zmtp/z85.ts";
import { keyBytes } from "./curve_keys.ts";

/**
 * Checks a public key that somebody has given.
 *
 * @param key 32 bytes, or 40 characters.
 * @returns 40 characters.
 * @throws TypeError, RangeError when it is none.
 */
export function checkKey(key: unknown): string {
  return z85Encode(keyBytes("a public key", key, "use"));
}

/**
 * Reads the public keys of certificates.
 *
 * @param location A file, or a directory, of which every file counts that has a public key in it, but for those whose names
 * end in `_secret`.
 * @returns The keys as text.
 */
export async function readKeys(location: string | URL): Promise<Set<string>> {
  const keys = new Set<string>();
  if (!(await Deno.stat(location)).isDirectory) {
    const key = keyIn(await Deno.readTextFile(location));
    if (key === undefined) throw new RangeError(`Cannot use ${location}: there is no public key in it`);
    return keys.add(key);
  }
  for await (const { name } of Deno.readDir(location)) {
    if (name.endsWith("_secret")) continue;
    const file = location instanceof URL
      ? new URL(`${location.href.replace(/\/*$/, "/")}${encodeURIComponent(name)}`)
      : `${location}/${name}`;
    // What a link leads to counts; and a pipe would keep whoever reads it waiting.
    if (!(await Deno.stat(file)).isFile) continue;
    const key = keyIn(await Deno.readTextFile(file));
    if (key !== undefined) keys.add(key);
  }
  return keys;
}

/** The public key in a certificate in ZPL (RFC 4): `public-key = "…"` in its section `curve`. */
function keyIn(certificate: string): string | undefined {
  let section = "";
  for (const line of certificate.split(/\r?\n/)) {
    if (/^\s*(#|$)/.test(line)) continue;
    if (/^\S/.test(line)) section = line.trim();
    const value = section === "curve" ? /^\s+public-key\s*=\s*(["']?)(.*)\1\s*$/.exec(line)?.[2] : undefined;
    if (value !== undefined) return checkKey(value);
  }
  return undefined;
}

/**
 * The wildcard of ipc: a socket in a directory of its own, both removed when the binding ends.
 *
 * @module
 */

import { listenOver, type Open, type Opened } from "./ipc_override.ts";
import { absolutePath, byteLength, endpointOf, PATH_LIMIT } from "./ipc_path.ts";
import { ZmqError } from "./error.ts";
import type { Needs } from "./permission.ts";
import { systemError } from "./system_error.ts";
import type { StreamListener } from "./transport.ts";

const VARIABLES = ["TMPDIR", "TEMPDIR", "TMP"] as const;
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ATTEMPTS = 100;

/**
 * The directory for generated paths: the first of `TMPDIR`, `TEMPDIR` and `TMP` that is one, else `/tmp`. A variable that
 * the program may not read is passed over; nobody is asked for it.
 *
 * @returns The path from the root, without a slash at its end unless it is the root.
 */
export function temporaryRoot(): string {
  for (const variable of VARIABLES) {
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value && isDirectory(value)) return absolutePath(value).replace(/(?<=.)\/+$/, "");
  }
  return "/tmp";
}

/** What {@linkcode listenAnywhere} has to be allowed. A generated path cannot be known beforehand. */
export function wildcardNeeds(): Needs {
  const root = temporaryRoot();
  return { read: [root], write: [root], unix: "all" };
}

/**
 * Listens at a generated path.
 *
 * @param endpoint The endpoint as the user wrote it, for errors.
 * @param open Makes the listener.
 * @returns The listener, whose endpoint has the path, from the root.
 * @throws {ZmqError} `ENAMETOOLONG`; whatever the system says otherwise.
 */
export function listenAnywhere(endpoint: string, open: Open): StreamListener {
  const directory = makeDirectory(temporaryRoot());
  const path = `${directory}/socket`;
  let own: number | null = null;
  let opened: Opened | undefined;
  try {
    if (byteLength(path) > PATH_LIMIT) {
      throw new ZmqError("ENAMETOOLONG", { address: endpoint, detail: `${path} is longer than ${PATH_LIMIT} bytes` });
    }
    opened = listenOver(path, open, () => cleanUp(directory, path, own));
    own = Deno.lstatSync(path).ino;
    return opened.listener;
  } catch (error) {
    opened?.withdraw();
    Deno.removeSync(directory, { recursive: true });
    throw error;
  }
}

function makeDirectory(root: string): string {
  for (let attempt = 1;; attempt++) {
    const random = crypto.getRandomValues(new Uint8Array(6));
    const name = Array.from(random, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
    const directory = `${root === "/" ? "" : root}/tmp${name}`;
    try {
      Deno.mkdirSync(directory, { mode: 0o700 });
      return directory;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Removes both, unless another binding took the path over: then both are its. */
function cleanUp(directory: string, path: string, own: number | null): void {
  const endpoint = endpointOf(path);
  let failure: ZmqError | undefined;
  try {
    if (Deno.lstatSync(path).ino !== own) return;
    Deno.removeSync(path);
  } catch (error) {
    failure = systemError(error, endpoint, `cannot remove ${path}`);
  }
  try {
    Deno.removeSync(directory);
  } catch (error) {
    failure ??= systemError(error, endpoint, `cannot remove ${directory}`);
  }
  if (failure !== undefined) throw failure;
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    // What may not be looked at may be one. Making a directory in it brings the truth out, and the flags to add.
    return error instanceof Deno.errors.NotCapable;
  }
}

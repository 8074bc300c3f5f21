/**
 * Listening at a path in place of whatever socket is there, so that no moment is without one.
 *
 * The listener starts on a temporary name in the same directory and is renamed over the target. Deno removes the path
 * that a listener was opened with when it closes, whoever owns that path by then; so the temporary name, which no longer
 * exists, is all that it can remove, and the file of the endpoint stays, as with libzmq. Listeners that are not Deno's begin
 * in the same way, for the same reasons but that one.
 *
 * @module
 */

import { ZmqError } from "./error.ts";
import { absolutePath, byteLength, endpointOf, PATH_LIMIT, splitPath } from "./ipc_path.ts";
import { isGranted, type Needs } from "./permission.ts";
import { codeOfSystemError } from "./system_error.ts";
import type { StreamListener } from "./transport.ts";

/** How a temporary name begins. Names that begin so beside an endpoint are denomq's. */
export const PREFIX = ".~";
/** Bytes of a random temporary name, where there is room. */
const RANDOM_LENGTH = 12;
/** Names of fewer bytes might be somebody else's. */
const COMFORTABLE_LENGTH = 8;
const ATTEMPTS = 1000;
/** After so many attempts the socket at a fixed temporary name is taken for one that a crash left. */
const PATIENCE = 20;
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/** What a listener has to know besides the path that it opens. */
export interface Opening {
  /** The resolved endpoint. */
  readonly endpoint: string;
  /** Whether others may use the same path a moment later. */
  readonly shared: boolean;
  /** What is to be done once it is closed. */
  readonly cleanUp?: (() => void) | undefined;
}

/** A listener that has just been opened. */
export interface Opened {
  /** The listener. Its close removes no file that is not of its making. */
  readonly listener: StreamListener;
  /** Closes it instead, and removes the file that it was opened with. */
  withdraw(): void;
}

/** Listens at a path at which nothing is: throws an error of the name `EADDRINUSE` if something is. */
export type Open = (path: string, opening: Opening) => Opened;

/**
 * Listens at a path. A socket that is there is replaced; anything else is left alone.
 *
 * @param path The path as the user wrote it.
 * @param open Makes the listener.
 * @param cleanUp What is to be done once it is closed.
 * @returns The listener.
 * @throws {ZmqError} `EADDRINUSE` if something that is not a socket is in the way; whatever the system says otherwise.
 */
export function listenOver(path: string, open: Open, cleanUp?: () => void): Opened {
  refuseNonSocket(path, path);
  const endpoint = endpointOf(path);
  const fixed = fixedName(path);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const random = randomName(path);
    const isRandom = fixed === undefined || isGranted(needsBeside(absolutePath(random)));
    const temporary = isRandom ? random : fixed;
    let opened: Opened;
    try {
      opened = open(temporary, { endpoint, shared: !isRandom, cleanUp });
    } catch (error) {
      if (codeOfSystemError(error) !== "EADDRINUSE") throw error;
      if (!isRandom) clearFixedName(temporary, path, attempt);
      continue;
    }
    try {
      Deno.renameSync(temporary, path);
    } catch (error) {
      opened.withdraw();
      // Another process bound the same path in this moment and cleared the name away.
      if (error instanceof Deno.errors.NotFound) continue;
      if (error instanceof Deno.errors.IsADirectory) throw inTheWay(path, path, "a directory");
      throw error;
    }
    return opened;
  }
  throw new ZmqError("EADDRINUSE", { address: endpoint, detail: "no temporary name beside it was free" });
}

/** What {@linkcode listenOver} has to be allowed. */
export function bindNeeds(path: string): Needs {
  const target = absolutePath(path);
  const fixed = fixedName(path);
  if (fixed !== undefined) {
    const both = [target, absolutePath(fixed)];
    return { read: both, write: both, unix: both.slice(1) };
  }
  // No room for a name that one could know beforehand.
  return needsBeside(target);
}

/** What it takes to open a name beside a path that nobody can have known beforehand. */
function needsBeside(path: string): Needs {
  const directory = splitPath(path).directory.replace(/(?<=.)\/+$/, "");
  return { read: [directory], write: [directory], unix: "all" };
}

/**
 * The name for programs that were allowed single paths only: Deno's permissions for sockets know no directories, so a
 * random name cannot be granted. `undefined` if it does not fit.
 */
function fixedName(path: string): string | undefined {
  const { name } = splitPath(path);
  return [temporaryDirectory(path), splitPath(path).directory]
    .map((directory) => `${directory}${PREFIX}${name}`)
    .find((candidate) => byteLength(candidate) <= PATH_LIMIT);
}

/** A name nobody else uses: of one byte if need be, since the target itself has at least that. */
function randomName(path: string): string {
  const directory = temporaryDirectory(path);
  const room = Math.max(1, Math.min(RANDOM_LENGTH, PATH_LIMIT - byteLength(directory)));
  const prefix = room >= COMFORTABLE_LENGTH ? PREFIX : "";
  const random = crypto.getRandomValues(new Uint8Array(room - prefix.length));
  return directory + prefix + Array.from(random, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}

/**
 * Where the temporary name goes: spelled from the root, so that Deno's removal cannot hit a file of another directory
 * after a `Deno.chdir()`; as the user wrote it only if it would not fit otherwise.
 */
function temporaryDirectory(path: string): string {
  const { directory } = splitPath(path);
  let absolute: string;
  try {
    absolute = absolutePath(directory);
  } catch {
    return directory; // The working directory is gone.
  }
  return PATH_LIMIT - byteLength(absolute) >= COMFORTABLE_LENGTH ? absolute : directory;
}

/** Makes room at the fixed name, which another process holds for microseconds, or a crashed one forever. */
function clearFixedName(temporary: string, path: string, attempt: number): void {
  refuseNonSocket(temporary, path);
  if (attempt >= PATIENCE) removeIfThere(temporary);
}

/** Only sockets are replaced; a symbolic link is none, wherever it leads. */
function refuseNonSocket(file: string, path: string): void {
  const info = fileAt(file);
  if (info === undefined || info.isSocket) return;
  const what = info.isDirectory ? "a directory" : info.isSymlink ? "a symbolic link" : "a file that is no socket";
  throw inTheWay(file, path, what);
}

function inTheWay(file: string, path: string, what: string): ZmqError {
  const where = file === path ? "" : ` at ${file}`;
  return new ZmqError("EADDRINUSE", { address: endpointOf(path), detail: `${what} is in the way${where}` });
}

/** Removes a file that somebody else may have removed already. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What is at a path, a symbolic link itself. */
export function fileAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

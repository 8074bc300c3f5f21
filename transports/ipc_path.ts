/**
 * The addresses of ipc: pathnames, names of Linux's abstract namespace, and the wildcard.
 *
 * @module
 */

import { ZmqError } from "./error.ts";

const encoder = new TextEncoder();

/** The bytes that `sun_path` has room for, less the NUL at its end: 108 on Linux and Windows, 104 on the BSDs and macOS. */
export const PATH_LIMIT: number = ["darwin", "freebsd", "netbsd"].includes(Deno.build.os) ? 103 : 107;

/** Whether `@name` means the abstract namespace. Elsewhere it is a file like any other. */
const HAS_ABSTRACT: boolean = Deno.build.os === "linux" || Deno.build.os === "android";

/** A parsed address. */
export type IpcAddress =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "abstract"; readonly path: string }
  | { readonly kind: "wildcard" };

/** The endpoint of an address. */
export function endpointOf(address: string): string {
  return `ipc://${address}`;
}

/** The length that the system counts. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Checks an address.
 *
 * @param address The part after `ipc://`.
 * @param purpose The wildcard is one for a bind only; to connect, `*` is a file of that name.
 * @returns What it means; `path` is what Deno has to be given.
 * @throws {ZmqError} `EINVAL` or `ENAMETOOLONG`.
 */
export function parseAddress(address: string, purpose: "connect"): Exclude<IpcAddress, { kind: "wildcard" }>;
export function parseAddress(address: string, purpose: "bind" | "connect"): IpcAddress;
export function parseAddress(address: string, purpose: "bind" | "connect"): IpcAddress {
  const endpoint = endpointOf(address);
  if (address === "") throw new ZmqError("EINVAL", { address: endpoint, detail: "the path is empty" });
  if (address.includes("\0")) {
    throw new ZmqError("EINVAL", { address: endpoint, detail: "the path contains a NUL character" });
  }
  if (purpose === "bind" && address.startsWith("*")) return { kind: "wildcard" };

  const length = byteLength(address);
  if (length > PATH_LIMIT) {
    const detail = `the path has ${length} bytes, at most ${PATH_LIMIT} are possible`;
    throw new ZmqError("ENAMETOOLONG", { address: endpoint, detail });
  }
  if (!HAS_ABSTRACT || !address.startsWith("@")) return { kind: "path", path: address };
  if (address === "@") throw new ZmqError("EINVAL", { address: endpoint, detail: `no name follows the "@"` });
  return { kind: "abstract", path: `\0${address.slice(1)}` };
}

/** Splits a path into its directory, up to and including the last slash, and the name in it. */
export function splitPath(path: string): { directory: string; name: string } {
  const backslash = Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1;
  const end = Math.max(path.lastIndexOf("/"), backslash) + 1;
  return { directory: path.slice(0, end), name: path.slice(end) };
}

/** The path from the root. Only the front is added: the system resolves the rest. */
export function absolutePath(path: string): string {
  if (path.startsWith("/")) return path;
  if (Deno.build.os === "windows" && /^([A-Za-z]:)?[\\/]/.test(path)) return path;
  let directory;
  try {
    directory = Deno.cwd();
  } catch {
    // The working directory has been removed: whatever is done with the path says so.
    return path;
  }
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

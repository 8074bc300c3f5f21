/** Stands in for `@std/path` where JSR cannot be reached: see `run.ts`. */

import * as node from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const text = (path: string | URL): string => typeof path === "string" ? path : fileURLToPath(path);

/** What stands between the parts of a path. */
export const SEPARATOR: "/" | "\\" = node.sep;

/** The last part of a path. */
export function basename(path: string | URL, suffix = ""): string {
  return node.basename(text(path), suffix);
}

/** A path without its last part. */
export function dirname(path: string | URL): string {
  return node.dirname(text(path));
}

/** The extension of the last part, with its dot. */
export function extname(path: string | URL): string {
  return node.extname(text(path));
}

/** The path of a `file:` URL. */
export function fromFileUrl(url: string | URL): string {
  return fileURLToPath(url);
}

/** Whether a path starts at the root. */
export function isAbsolute(path: string): boolean {
  return node.isAbsolute(path);
}

/** Puts parts together to one path. */
export function join(path: string | URL, ...paths: string[]): string {
  return node.join(text(path), ...paths);
}

/** A path without `.`, `..` and repeated separators. */
export function normalize(path: string | URL): string {
  return node.normalize(text(path));
}

/** The way from one path to another. */
export function relative(from: string, to: string): string {
  return node.relative(from, to);
}

/** The absolute path that the segments lead to. */
export function resolve(...pathSegments: string[]): string {
  return node.resolve(...pathSegments);
}

/** The `file:` URL of a path. */
export function toFileUrl(path: string): URL {
  return pathToFileURL(path);
}

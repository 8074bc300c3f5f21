/**
 * Archives in the format that the kernel unpacks its first file system from.
 *
 * @module
 */

/** A file of an archive. */
export interface ArchiveFile {
  /** Its path, without a slash before it. */
  path: string;
  /** What is in it. */
  bytes: Uint8Array;
  /** Whether it may be executed. */
  executable?: boolean;
}

const encoder = new TextEncoder();
const DIRECTORY = 0o040_755;
const FILE = 0o100_644;
const EXECUTABLE = 0o100_755;

/** Everything begins at a multiple of this. */
const ALIGNMENT = 4;

/** An entry: a header of 13 numbers in hexadecimal digits, the path, the bytes (cpio(5), "New ASCII Format"). */
function entry(inode: number, path: string, mode: number, bytes: Uint8Array): Uint8Array[] {
  const name = encoder.encode(`${path}\0`);
  const numbers = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const header = encoder.encode("070701" + numbers.map((number) => number.toString(16).padStart(8, "0")).join(""));
  const padding = (length: number): Uint8Array => new Uint8Array((ALIGNMENT - length % ALIGNMENT) % ALIGNMENT);
  return [header, name, padding(header.length + name.length), bytes, padding(bytes.length)];
}

/** The directories that paths lead through, the outer before the inner. */
function directoriesOf(paths: readonly string[]): Set<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) directories.add(parts.slice(0, depth).join("/"));
  }
  return directories;
}

/**
 * Makes an archive.
 *
 * @param files The files. Directories are made for them.
 * @returns The archive.
 */
export function archive(files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const nothing = new Uint8Array();
  let inode = 1;
  const parts = [
    ...[...directoriesOf(files.map(({ path }) => path))].map((path) => entry(inode++, path, DIRECTORY, nothing)),
    ...files.map(({ path, bytes, executable }) => entry(inode++, path, executable ? EXECUTABLE : FILE, bytes)),
    entry(0, "TRAILER!!!", 0, nothing),
  ].flat();
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}

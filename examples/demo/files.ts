/** The text files of a folder. */

/** Folders that hold nothing anybody has written. */
const skipped: ReadonlySet<string> = new Set([".git", "node_modules"]);
const largest = 8 * 1024 * 1024;

function isText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, 8_192).includes(0);
}

/** Reads the text files of a folder and its folders; links and large files are left out. */
export async function* textFiles(folder: string): AsyncGenerator<Uint8Array> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isFile } of entries) {
    const path = `${folder}/${name}`;
    if (isDirectory && !skipped.has(name)) yield* textFiles(path);
    if (!isFile || (await Deno.stat(path)).size > largest) continue;
    const bytes = await Deno.readFile(path);
    if (isText(bytes)) yield bytes;
  }
}

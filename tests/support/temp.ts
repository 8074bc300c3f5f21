/**
 * Directories for the time of a test.
 *
 * @module
 */

import { join } from "@std/path";

const encoder = new TextEncoder();

/** A directory that is removed at the end of the block that uses it. */
export class TempDirectory implements Disposable {
  /** Its path from the root. */
  readonly path: string = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denomq-" }));

  /** A path in the directory. */
  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /**
   * Makes directories until a path in them can have a length.
   *
   * @param length The bytes of the path.
   * @param name The last part of the path.
   * @returns The path, of which all but the last part exists.
   */
  pathOfLength(length: number, name: string): string {
    const padding = length - encoder.encode(`${this.path}//${name}`).length;
    if (padding < 1) throw new RangeError(`Cannot make a path of ${length} bytes in ${this.path}`);
    const directory = this.at("d".repeat(padding));
    Deno.mkdirSync(directory, { recursive: true });
    return `${directory}/${name}`;
  }

  /** What is in the directory, sorted. */
  names(): string[] {
    return Array.from(Deno.readDirSync(this.path), (entry) => entry.name).sort();
  }

  /** Removes it with all that is in it. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

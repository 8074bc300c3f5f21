/**
 * Takes samples of what this process holds.
 *
 * @module
 */

import type { Sample } from "./trend.ts";

const { gc } = globalThis as { gc?: () => void };

/** A sample of what is left when all that can be collected has been; the process must run with `--expose-gc`. */
export async function takeSample(): Promise<Sample> {
  if (gc === undefined) throw new Error("Run it with --v8-flags=--expose-gc");
  // What is collected by finalizers, and what is closed, goes in a turn of its own.
  for (let turn = 0; turn < 3; turn++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external, rss } = Deno.memoryUsage();
  const descriptors = Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
  return { heap: heapUsed, external, resident: rss, descriptors };
}

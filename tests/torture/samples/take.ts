/**
 * Takes samples of what this process holds, while it does the same again and again.
 *
 * @module
 */

import type { Sample } from "./trend.ts";

/** A trend takes so many samples. */
const LEAST = 9;

const { gc } = globalThis as { gc?: () => void };

/** A sample of what is left when all that can be collected has been; the process must run with `--expose-gc`. */
async function takeSample(): Promise<Sample> {
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

/**
 * Does something again and again, and takes a sample after each time.
 *
 * @param warmUp So many rounds come first, for the engine to settle.
 * @param time How long (ms) it goes on; there are some samples in any case.
 * @param round What is done.
 */
export async function sampleRounds(warmUp: number, time: number, round: () => Promise<void>): Promise<Sample[]> {
  for (let i = 0; i < warmUp; i++) await round();
  const samples = [await takeSample()];
  for (const end = performance.now() + time; performance.now() < end || samples.length < LEAST;) {
    await round();
    samples.push(await takeSample());
  }
  return samples;
}

/**
 * Things that come and go, again and again: what a program holds does not grow with them.
 *
 * @module
 */

import { type Ordeal, type Part, type Tally, tally } from "./part.ts";
import { runSampled } from "./samples/program.ts";
import type { Tolerance } from "./samples/trend.ts";

/**
 * What is flat. Code that the engine compiles later, and what it learns of types, takes some heap for a while; one socket
 * kept in each round would be some 10 KiB and a descriptor a round.
 */
const FLAT: Tolerance = { heap: 400_000, external: 300_000, descriptors: 2 };

/** Runs the cycles in a process of their own. */
export async function goThrough(ordeal: Pick<Ordeal, "folder" | "time" | "say">, ...more: string[]): Promise<Tally> {
  const script = new URL("./cycles/program.ts", import.meta.url);
  const { count, failures } = await runSampled("cycles", script, FLAT, ordeal, more);
  return { ...tally(), inputs: count, failures };
}

/** The part. */
export const cycles: Part = {
  name: "cycles",
  unavailable: () => null,
  run: (ordeal) => goThrough(ordeal),
};

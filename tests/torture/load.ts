/**
 * Messages at full speed, over every pattern and transport at once: nothing is lost or out of order, and what the program
 * holds does not grow with their number.
 *
 * @module
 */

import { type Ordeal, type Part, type Tally, tally } from "./part.ts";
import { runSampled } from "./samples/program.ts";
import { grown, type Tolerance } from "./samples/trend.ts";

/** What is flat: see `cycles.ts`. Nothing comes and goes here, so that there is no descriptor to spare. */
const FLAT: Tolerance = { heap: 400_000, external: 300_000, descriptors: 0 };

/** Runs the load in a process of its own, which has to end by itself: no timer and no listener is left. */
export async function bear({ say, ...ordeal }: Pick<Ordeal, "folder" | "time" | "say">): Promise<Tally> {
  try {
    const { count, samples } = await runSampled("load", import.meta.resolve("./load/program.ts"), ordeal);
    say(`load: ${count} messages; the last of ${samples.length} samples is ${JSON.stringify(samples.at(-1))}`);
    return { ...tally(), inputs: samples.length, checked: count, failures: grown(samples, FLAT) };
  } catch (error) {
    return { ...tally(), failures: [`load: ${(error as Error).message}`] };
  }
}

/** The part. */
export const load: Part = {
  name: "load",
  unavailable: () => null,
  run: bear,
};

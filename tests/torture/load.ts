/**
 * Messages at full speed, over every pattern and transport at once: nothing is lost or out of order, and what the program
 * holds does not grow with their number.
 *
 * @module
 */

import { type Part, tally } from "./part.ts";
import { runSampled } from "./samples/program.ts";
import type { Tolerance } from "./samples/trend.ts";

/** What is flat: see `cycles.ts`. Nothing comes and goes here, so that there is no descriptor to spare. */
const FLAT: Tolerance = { heap: 400_000, external: 300_000, descriptors: 0 };

/** The part. Its process has to end by itself: then no timer and no listener is left. */
export const load: Part = {
  name: "load",
  unavailable: () => null,
  async run(ordeal) {
    const script = new URL("./load/program.ts", import.meta.url);
    const { count, samples, failures } = await runSampled("load", script, FLAT, ordeal);
    return { ...tally(), inputs: samples, checked: count, failures };
  },
};

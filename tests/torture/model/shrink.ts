/**
 * Makes a program that fails smaller: steps are left out as long as it still fails.
 *
 * @module
 */

import { show, type Steps } from "./steps.ts";

/**
 * The smallest program found that fails.
 *
 * @param fails Says what is wrong with a program, `null` if nothing.
 * @param limit How many programs are tried at most: one that waits for something in vain takes its time.
 */
export async function shrink(
  steps: Steps,
  failure: string,
  fails: (steps: Steps) => Promise<string | null>,
  limit = 150,
): Promise<{ steps: Steps; failure: string }> {
  let best = { steps, failure };
  for (let size = steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = best.steps.length - size; at >= 0 && limit > 0; at -= size) {
      const candidate = best.steps.toSpliced(at, size);
      limit--;
      const failure = await fails(candidate);
      if (failure !== null) best = { steps: candidate, failure };
    }
  }
  return best;
}

/** A program that fails, as lines. */
export function print(steps: Steps, failure: string): string {
  return `${failure}\n${steps.map((step) => `    ${show(step)}`).join("\n")}`;
}

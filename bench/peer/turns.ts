/**
 * Lets contestants run in turns, so that a machine that is slower for a while is slower for all of them.
 *
 * @module
 */

import type { Sample } from "./measure.ts";
import type { Plan } from "./options.ts";

/** Does a work with `count` messages of `size` bytes. */
export type Run = (size: number, count: number) => Promise<Sample>;

/** What one contestant has reached. */
export interface Series {
  /** How many messages each of its runs had. */
  readonly count: number;
  /** What its runs have measured. */
  readonly samples: readonly Sample[];
}

/** A figure of several runs. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Measures all contestants in turns.
 *
 * @param ran Is called after each run of a turn.
 */
export async function takeTurns(
  contestants: readonly Run[],
  size: number,
  plan: Plan,
  ran: () => void = () => {},
): Promise<Series[]> {
  const counts: number[] = [];
  for (const run of contestants) counts.push(await countFor(run, size, plan));
  const samples: Sample[][] = contestants.map(() => []);
  for (let turn = 0; turn < plan.runs; turn++) {
    for (const [index, run] of contestants.entries()) {
      samples[index]!.push(await run(size, counts[index]!));
      ran();
    }
  }
  return samples.map((samples, index) => ({ count: counts[index]!, samples }));
}

/** How many messages a run has. */
async function countFor(run: Run, size: number, { count, seconds }: Plan): Promise<number> {
  if (count !== null) return count;
  if (seconds === null) return usualCount(size);
  // A short run says little of a long one: come nearer step by step.
  for (let tried = 100;; tried *= 20) {
    const { seconds: taken } = await run(size, tried);
    if (taken > seconds / 20) return Math.max(100, Math.ceil(tried / taken * seconds));
  }
}

/** Enough for a second or two of ipc, whatever the size. */
function usualCount(size: number): number {
  return Math.min(2_000_000, Math.max(1000, Math.floor(1.5e9 / Math.max(size, 1))));
}

/** Messages per second. */
export function rates({ count, samples }: Series): Spread {
  return spread(samples.map(({ seconds }) => (count - 1) / seconds));
}

/** Microseconds of the round trip that half of them are shorter than, or 99 of 100. */
export function times({ samples }: Series, part: "p50" | "p99" = "p50"): Spread {
  return spread(samples.map((sample) => sample[part] ?? NaN));
}

/** The median of some numbers, and how far they lie apart. */
export function spread(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
  return { median, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN };
}

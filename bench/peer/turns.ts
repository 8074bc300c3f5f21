/**
 * Lets contestants run in turns, so that a machine that is slower for a while is slower for all of them, and prints what
 * came out.
 *
 * @module
 */

import type { Plan } from "./options.ts";

/** Sends `count` messages of `size` bytes: the seconds from the first received to the last. */
export type Run = (size: number, count: number) => Promise<number>;

/** The messages per second of each contestant: medians. */
export async function takeTurns(contestants: readonly Run[], size: number, plan: Plan): Promise<number[]> {
  const counts: number[] = [];
  for (const run of contestants) counts.push(await countFor(run, size, plan));
  const rates: number[][] = contestants.map(() => []);
  for (let turn = 0; turn < plan.runs; turn++) {
    for (const [index, run] of contestants.entries()) {
      const count = counts[index]!;
      rates[index]!.push((count - 1) / await run(size, count));
    }
  }
  return rates.map(median);
}

/** How many messages a run sends. */
async function countFor(run: Run, size: number, { count, seconds }: Plan): Promise<number> {
  if (count !== null) return count;
  if (seconds === null) return usualCount(size);
  // A short run says little of a long one: come nearer step by step.
  for (let tried = 100;; tried *= 20) {
    const taken = await run(size, tried);
    if (taken > seconds / 20) return Math.max(100, Math.ceil(tried / taken * seconds));
  }
}

/** Enough for a second or two of ipc, whatever the size. */
function usualCount(size: number): number {
  return Math.min(2_000_000, Math.max(1000, Math.floor(1.5e9 / Math.max(size, 1))));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** A rate as a table has it. */
export function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M/s`;
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(0)} k/s` : `${(perSecond / 1e3).toFixed(2)} k/s`;
}

/** How many times as fast. */
export function times(ours: number, theirs: number): string {
  return `${(ours / theirs).toFixed(2)} x`;
}

/** Lines of a table, as wide as its heads. */
export class Table {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The first lines. */
  head(): string {
    return `${this.row(this.#names)}\n${this.row(this.#names.map((_, index) => index === 0 ? "---" : "---:"))}`;
  }

  row(cells: readonly string[]): string {
    const padded = cells.map((cell, index) => index === 0 ? cell.padEnd(8) : cell.padStart(this.#width(index)));
    return `| ${padded.join(" | ")} |`;
  }

  #width(column: number): number {
    return Math.max(10, this.#names[column]?.length ?? 0);
  }
}

/**
 * Whether something grows.
 *
 * @module
 */

/** What is looked at, at one time. */
export type Sample = Readonly<Record<string, number>>;

/** How much a figure may grow from one end of a row of samples to the other. */
export type Tolerance = Readonly<Record<string, number>>;

/** The middle one of some numbers. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/**
 * By how much a figure grows over its samples: the median of the last third less the median of the first, so that a sample
 * taken at a bad moment means nothing.
 */
export function growth(samples: readonly number[]): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return median(samples.slice(-third)) - median(samples.slice(0, third));
}

/** Names the figures that grow by more than they may. */
export function grown(samples: readonly Sample[], tolerance: Tolerance): string[] {
  return Object.entries(tolerance).flatMap(([name, most]) => {
    const row = samples.map((sample) => sample[name]!);
    const more = growth(row);
    return more > most ? [`${name} grows by ${Math.round(more)}, by ${most} at most is flat: ${row.join(" ")}`] : [];
  });
}

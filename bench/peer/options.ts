/**
 * The command line that the measurements share.
 *
 * @module
 */

/** What every one of them takes; for `parseArgs`. */
export const common = {
  sizes: { type: "string" },
  runs: { type: "string", default: "3" },
  count: { type: "string" },
  seconds: { type: "string" },
  only: { type: "string" },
} as const;

/** What is to be measured. */
export interface Plan {
  /** Bytes of a message. */
  readonly sizes: readonly number[];
  readonly runs: number;
  /** How many messages a run sends, or how long it takes, or neither: as is usual. */
  readonly count: number | null;
  readonly seconds: number | null;
}

/** Reads the values of {@linkcode common}. */
export function planOf(
  values: { sizes?: string | undefined; runs: string; count?: string | undefined; seconds?: string | undefined },
  sizes: readonly number[],
): Plan {
  return {
    sizes: values.sizes === undefined ? sizes : values.sizes.split(",").map((text) => sized(text.trim())),
    runs: Math.ceil(positive("runs", values.runs)),
    count: values.count === undefined ? null : Math.max(2, Math.ceil(positive("count", values.count))),
    seconds: values.seconds === undefined ? null : positive("seconds", values.seconds),
  };
}

function sized(text: string): number {
  const [, number, unit] = /^(\d+)\s*(B|KiB|MiB)?$/.exec(text) ?? [];
  if (number === undefined) throw new TypeError(`Not a size: ${text} (such as 10, 1KiB, 1MiB)`);
  return Number(number) * (unit === "MiB" ? 2 ** 20 : unit === "KiB" ? 2 ** 10 : 1);
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new TypeError(`--${name} takes a positive number, not ${text}`);
  return number;
}

/** The words of an option, which must be some of those that there are. */
export function chosen(name: string, text: string | undefined, all: readonly string[]): readonly string[] {
  const words = text?.split(",").map((word) => word.trim()) ?? all;
  for (const word of words) {
    if (!all.includes(word)) throw new TypeError(`--${name} takes some of ${all.join(",")}, not ${word}`);
  }
  return words;
}

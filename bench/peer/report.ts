/**
 * What a comparison has found, as it is kept.
 *
 * @module
 */

import type { Machine } from "./machine.ts";
import { rateText, ratioText, sizeText, Table, timeText } from "./table.ts";
import type { Spread } from "./turns.ts";

/** What one contestant has reached with messages of one size. */
export interface Figure extends Spread {
  /** How many messages a run had. */
  readonly count: number;
  /** Of round trips: the time (µs) that 99 of 100 take at most. */
  readonly p99?: Spread;
}

/** One work. */
export interface Result {
  readonly work: string;
  readonly title: string;
  /** Messages per second, or microseconds. */
  readonly figure: "rate" | "time";
  readonly rows: readonly {
    readonly size: number;
    /** By contestant. */
    readonly figures: Readonly<Record<string, Figure>>;
  }[];
}

/** All of them. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly runs: number;
  /** Who did not take part, and why. */
  readonly absent: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}

/** How many times as fast the first contestant is as another: of times the inverse. */
export function ratioOf(result: Result, figures: Readonly<Record<string, Figure>>, other: string): number {
  const ours = figures["denomq"]?.median ?? NaN;
  const theirs = figures[other]?.median ?? NaN;
  return result.figure === "rate" ? ours / theirs : theirs / ours;
}

/** A result as a table in Markdown: medians with how far the runs lie apart, and ratios. */
export function tableOf(result: Result): string {
  const names = [...new Set(result.rows.flatMap(({ figures }) => Object.keys(figures)))];
  const others = names.filter((name) => !name.startsWith("denomq"));
  const table = new Table(["size", ...names, ...others.map((name) => `to ${name}`)]);
  const lines = result.rows.map(({ size, figures }) =>
    table.row([
      sizeText(size),
      ...names.map((name) => figureText(result, figures[name])),
      ...others.map((name) => ratioText(ratioOf(result, figures, name))),
    ])
  );
  return [`${result.title}`, "", table.head(), ...lines].join("\n");
}

function figureText({ figure }: Result, value: Figure | undefined): string {
  if (value === undefined) return "";
  const { median, least, most, p99 } = value;
  const text = figure === "rate" ? rateText(median) : timeText(median);
  const apart = ` ±${Math.round((most - least) / 2 / median * 100)}%`;
  return `${text}${p99 === undefined ? "" : ` (p99 ${timeText(p99.median)})`}${apart}`;
}

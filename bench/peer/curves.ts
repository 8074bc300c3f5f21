/**
 * Draws how something grows: two curves each, on logarithmic scales.
 *
 * @module
 */

import type { Machine } from "./machine.ts";
import { MARGIN, picture, provenance, text, WIDTH } from "./svg.ts";
import type { Spread } from "./turns.ts";

/** What was measured of one crowd. */
export interface Curve {
  readonly name: string;
  readonly title: string;
  readonly points: readonly { readonly x: number; readonly rate: Spread; readonly bytes: Spread }[];
}

const COLUMNS = 2;
const GAP = 40;
const PANEL = (WIDTH - 2 * MARGIN - GAP * (COLUMNS - 1)) / COLUMNS;
const PLOT = 110;
const HEIGHT = PLOT + 58;
const HEAD = 76;
const LEFT = 48;
const RIGHT = 52;

/** An SVG picture of the curves: the cost of a message (ns) and the memory of each of the crowd (bytes). */
export function drawCurves(
  report: { date: string; machine: Machine; runs: number; curves: readonly Curve[] },
): string {
  const { curves } = report;
  const parts = curves.map((curve, index) =>
    panel(curve, MARGIN + (index % COLUMNS) * (PANEL + GAP), HEAD + Math.floor(index / COLUMNS) * HEIGHT)
  );
  return picture(
    "What a message costs with many peers, subscriptions, endpoints and messages",
    HEAD + Math.ceil(curves.length / COLUMNS) * HEIGHT,
    [
      text(MARGIN, 32, "Many peers, subscriptions, endpoints, messages", "head"),
      text(MARGIN, 54, provenance(report), "note small"),
      `<path class="s0" d="M${WIDTH - MARGIN - 290} 27h20"/>`,
      text(WIDTH - MARGIN - 264, 31, "time of a message"),
      `<path class="s2" d="M${WIDTH - MARGIN - 140} 27h20"/>`,
      text(WIDTH - MARGIN - 114, 31, "memory of each"),
      ...parts,
    ],
  );
}

function panel({ title, points }: Curve, left: number, top: number): string {
  const [x0, x1] = [left + LEFT, left + PANEL - RIGHT];
  const [y0, y1] = [top + 24 + PLOT, top + 24];
  const across = scale(points.map(({ x }) => x), x0, x1);
  const parts = [
    text(left, top + 12, title, "title"),
    `<path class="axis" d="M${x0} ${y1}V${y0}H${x1}V${y1}"/>`,
    ...points.map(({ x }) => text(across(x), y0 + 14, short(x), "note small middle")),
  ];
  const nanoseconds = points.map(({ rate }) => 1e9 / rate.median);
  const bytes = points.map(({ bytes }) => Math.max(1, bytes.median));
  for (const [values, line, side, unit] of [[nanoseconds, "s0", x0, time], [bytes, "s2", x1, memory]] as const) {
    const up = scale([Math.min(...values) / 2, Math.max(...values) * 2], y0, y1);
    const path = points.map(({ x }, index) => `${across(x).toFixed(1)} ${up(values[index]!).toFixed(1)}`);
    parts.push(`<path class="${line}" d="M${path.join("L")}"/>`);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const anchor = side === x0 ? "note small right" : "note small";
    const beside = side === x0 ? side - 6 : side + 6;
    parts.push(text(beside, up(most) + 4, unit(most), anchor));
    if (most > least * 1.3) parts.push(text(beside, up(least) + 4, unit(least), anchor));
  }
  return parts.join("\n");
}

/** A logarithmic scale from the least value to the largest. */
function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [least, most] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => from + (to - from) * (most === least ? 0.5 : (Math.log(value) - least) / (most - least));
}

function short(number: number): string {
  if (number >= 1e6) return `${number / 1e6}M`;
  return number >= 1e4 ? `${number / 1e3}k` : String(number);
}

function time(nanoseconds: number): string {
  return nanoseconds < 10_000 ? `${nanoseconds.toFixed(0)} ns` : `${(nanoseconds / 1000).toFixed(0)} µs`;
}

function memory(bytes: number): string {
  return bytes < 10_240 ? `${bytes.toFixed(0)} B` : `${(bytes / 1024).toFixed(0)} KiB`;
}

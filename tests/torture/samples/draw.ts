/**
 * Draws what a process held, sample after sample: a panel for each figure, from 0 to its largest value.
 *
 * @module
 */

import { MARGIN, picture, text, WIDTH } from "../../../bench/peer/svg.ts";
import type { Sample } from "./trend.ts";

const PLOT = 110;
const HEIGHT = PLOT + 40;
const HEAD = 60;
const LEFT = 90;

/** An SVG picture of samples. */
export function drawSamples(title: string, samples: readonly Sample[]): string {
  const names = Object.keys(samples[0] ?? {});
  return picture(title, HEAD + names.length * HEIGHT, [
    text(MARGIN, 32, title, "head"),
    ...names.map((name, index) => panel(name, samples.map((sample) => sample[name]!), HEAD + index * HEIGHT)),
  ]);
}

function panel(name: string, values: readonly number[], top: number): string {
  const [x0, x1] = [MARGIN + LEFT, WIDTH - MARGIN];
  const [y0, y1] = [top + 20 + PLOT, top + 20];
  const most = Math.max(1, ...values);
  const points = values.map((value, index) => {
    const x = x0 + (x1 - x0) * (values.length < 2 ? 0 : index / (values.length - 1));
    return `${x.toFixed(1)} ${(y0 - (y0 - y1) * value / most).toFixed(1)}`;
  });
  return [
    text(MARGIN, top + 12, name, "title"),
    `<path class="axis" d="M${x0} ${y1}V${y0}H${x1}"/>`,
    text(x0 - 6, y1 + 4, short(most), "note small right"),
    text(x0 - 6, y0 + 4, "0", "note small right"),
    `<path class="s0" d="M${points.join("L")}"/>`,
  ].join("\n");
}

function short(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : value >= 1e3 ? `${(value / 1e3).toFixed(1)} k` : `${value}`;
}

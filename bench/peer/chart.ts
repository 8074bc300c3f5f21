/**
 * Draws a comparison: a bar for each contestant, the longer the faster.
 *
 * @module
 */

import { ratioOf, type Report, type Result } from "./report.ts";
import { MARGIN, picture, provenance, text, WIDTH } from "./svg.ts";
import { rateText, ratioText, sizeText, timeText } from "./table.ts";

const GAP = 32;
const COLUMN = (WIDTH - 2 * MARGIN - GAP) / 2;
const LABEL = 56;
const FIGURES = 132;
const BAR = 11;
const ROW_GAP = 7;
const TITLE = 30;
const HEAD = 78;

/** The classes of the contestants that have colours of their own. */
const colours = ["denomq", "libzmq", "zeromq.js"] as const;

/** An SVG picture of a comparison. */
export function draw(report: Report): string {
  const heights = [HEAD, HEAD];
  const panels = report.results.map((result) => {
    const column = heights[0]! <= heights[1]! ? 0 : 1;
    const top = heights[column]!;
    const { body, height } = panel(result, MARGIN + column * (COLUMN + GAP), top);
    heights[column] = top + height + GAP / 2;
    return body;
  });
  const height = Math.max(...heights) + MARGIN / 2;
  return picture("denomq next to libzmq and zeromq.js", height, [...header(report), ...panels]);
}

function header(report: Report): string[] {
  const legend = colours.map((name, index) => {
    const x = WIDTH - MARGIN - (colours.length - index) * 92;
    return `<rect class="c${index}" x="${x}" y="20" width="12" height="12"/>${text(x + 18, 30, name)}`;
  });
  return [
    text(MARGIN, 32, "The longer, the faster", "head"),
    text(MARGIN, 54, `${provenance(report)} in turns; in brackets, how many times as fast denomq is`, "note small"),
    ...legend,
  ];
}

/** One work: a group of bars for each size. */
function panel(result: Result, x: number, top: number): { body: string; height: number } {
  const parts = [text(x, top + 14, result.title, "title")];
  let y = top + TITLE - 6;
  for (const { size, figures } of result.rows) {
    const bars = colours.flatMap((name, index) => {
      const figure = figures[name];
      return figure === undefined ? [] : [{ name, index, median: figure.median }];
    });
    const speeds = bars.map(({ median }) => result.figure === "rate" ? median : 1 / median);
    const longest = Math.max(...speeds);
    parts.push(text(x, y + BAR - 1, sizeText(size), "note"));
    for (const [row, { name, index, median }] of bars.entries()) {
      const length = Math.max(1, (COLUMN - LABEL - FIGURES) * speeds[row]! / longest);
      const said = result.figure === "rate" ? rateText(median) : timeText(median);
      const ratio = name === "denomq" ? "" : ` (${ratioText(ratioOf(result, figures, name))})`;
      parts.push(
        `<rect class="c${index}" x="${x + LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR - 2}"/>`,
        text(x + LABEL + length + 6, y + BAR - 2.5, `${said}${ratio}`, "note small"),
      );
      y += BAR;
    }
    y += ROW_GAP;
  }
  return { body: parts.join("\n"), height: y - top };
}

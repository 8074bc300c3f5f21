/**
 * Draws a comparison: a bar for each contestant, the longer the faster.
 *
 * @module
 */

import { ratioOf, type Report, type Result } from "./report.ts";
import { rateText, ratioText, sizeText, timeText } from "./table.ts";

const WIDTH = 960;
const MARGIN = 24;
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

const style = `
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.head { font-size: 16px; font-weight: 600; }
.note { fill: #656d76; } .small { font-size: 10px; }
.c0 { fill: #0a7d5a; } .c1 { fill: #8c959f; } .c2 { fill: #d4a72c; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; }
  .c0 { fill: #3fb68b; } .c1 { fill: #656d76; } .c2 { fill: #bb8009; }
}`;

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
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" role="img">`,
    `<title>denomq next to libzmq and zeromq.js</title>`,
    `<style>${style}</style>`,
    ...header(report),
    ...panels,
    "</svg>",
    "",
  ].join("\n");
}

function header({ date, machine, runs }: Report): string[] {
  const { processor, processors, system, versions } = machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const legend = colours.map((name, index) => {
    const x = WIDTH - MARGIN - (colours.length - index) * 92;
    return `<rect class="c${index}" x="${x}" y="20" width="12" height="12"/>${text(x + 18, 30, name)}`;
  });
  return [
    text(MARGIN, 32, "The longer, the faster", "head"),
    text(
      MARGIN,
      54,
      `${date}, ${processors} x ${processor}, ${system}, ${programs}; medians of ${runs} runs in turns; in brackets, how many times as fast denomq is`,
      "note small",
    ),
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

function text(x: number, y: number, content: string, className?: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const kind = className === undefined ? "" : ` class="${className}"`;
  return `<text${kind} x="${x.toFixed(1)}" y="${y.toFixed(1)}">${escaped}</text>`;
}

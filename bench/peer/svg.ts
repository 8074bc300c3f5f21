/**
 * What the pictures have in common.
 *
 * @module
 */

import type { Machine } from "./machine.ts";

/** The width of a picture, and of its margins. */
export const WIDTH = 960;
export const MARGIN = 24;

const style = `
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.head { font-size: 16px; font-weight: 600; }
.note { fill: #656d76; } .small { font-size: 10px; } .right { text-anchor: end; } .middle { text-anchor: middle; }
.c0 { fill: #0a7d5a; } .c1 { fill: #8c959f; } .c2 { fill: #d4a72c; }
.s0 { stroke: #0a7d5a; fill: none; stroke-width: 2; } .s2 { stroke: #d4a72c; fill: none; stroke-width: 2; }
.axis { stroke: #d0d7de; fill: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; } .axis { stroke: #3d444d; }
  .c0 { fill: #3fb68b; } .c1 { fill: #656d76; } .c2 { fill: #bb8009; }
  .s0 { stroke: #3fb68b; } .s2 { stroke: #bb8009; }
}`;

/** A picture, with a title for those who cannot see it. */
export function picture(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${style}</style>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** A line of text. */
export function text(x: number, y: number, content: string, className?: string): string {
  const kind = className === undefined ? "" : ` class="${className}"`;
  return `<text${kind} x="${x.toFixed(1)}" y="${y.toFixed(1)}">${escape(content)}</text>`;
}

/** When and where something was measured. */
export function provenance({ date, machine, runs }: { date: string; machine: Machine; runs: number }): string {
  const { processor, processors, system, versions } = machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `${date}, ${processors} x ${processor}, ${system}, ${programs}; medians of ${runs} runs`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/**
 * Throughput of PUSH/PULL over ipc between two processes: this library next to libzmq (a C program, compiled here), run
 * in turns, medians, and their ratio. Measured where it arrives, from the first message to the last.
 *
 *     deno task bench:ipc [--sizes 10,64,1KiB] [--runs 3] [--count 100000 | --seconds 1] [--only denomq|libzmq]
 *
 * The sender does `await push.send(x)` for each message, the receiver `for await (const [frame] of pull)`.
 */

import { parseArgs } from "node:util";
import { compileLibzmq, denomq, measure, type Program } from "./peer/measure.ts";

/** Seconds until a run counts as hung. */
const LIMIT = 120;

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    sizes: { type: "string", default: "10,64,256,1KiB,64KiB,1MiB" },
    runs: { type: "string", default: "3" },
    count: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string" },
  },
});

function bytes(text: string): number {
  const [, number, unit] = /^(\d+)\s*(B|KiB|MiB)?$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new TypeError(`Not a size: ${text} (such as 10, 1KiB, 1MiB)`);
  return Number(number) * (unit === "MiB" ? 2 ** 20 : unit === "KiB" ? 2 ** 10 : 1);
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new TypeError(`--${name} takes a positive number, not ${text}`);
  return number;
}

/** Enough for a second or two, whatever the size. */
function usualCount(size: number): number {
  return Math.min(2_000_000, Math.max(1000, Math.floor(1.5e9 / Math.max(size, 1))));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M/s`;
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(0)} k/s` : `${(perSecond / 1e3).toFixed(2)} k/s`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell, index) => index === 0 ? cell.padEnd(8) : cell.padStart(12)).join(" | ")} |`;
}

const sizes = options.sizes.split(",").map((label) => ({ label: label.trim(), size: bytes(label) }));
const runs = Math.ceil(positive("runs", options.runs));
const seconds = options.seconds === undefined ? null : positive("seconds", options.seconds);
const fixed = options.count === undefined ? null : Math.max(2, Math.ceil(positive("count", options.count)));

const directory = await Deno.makeTempDir({ prefix: "denomq-bench-" });
let endpoints = 0;

/** Messages per second in one run. */
async function run(program: Program, size: number, count: number): Promise<number> {
  const endpoint = `ipc://${directory}/${++endpoints}`;
  return (count - 1) / await measure(program, endpoint, size, count, LIMIT);
}

/** How many messages a run sends. */
async function countFor(program: Program, size: number): Promise<number> {
  const usual = usualCount(size);
  if (fixed !== null || seconds === null) return fixed ?? usual;
  return Math.max(100, Math.ceil(await run(program, size, Math.ceil(usual / 10)) * seconds));
}

try {
  const programs: Program[] = [];
  if (options.only !== "libzmq") programs.push(denomq);
  if (options.only !== "denomq") {
    const libzmq = await compileLibzmq(directory);
    if (typeof libzmq === "string") console.log(`libzmq is left out: ${libzmq}`);
    else programs.push(libzmq);
  }
  if (programs.length === 0) Deno.exit(1);
  const compared = programs.length === 2;
  console.log(`ipc PUSH/PULL between two processes, messages per second, median of ${runs} runs\n`);
  console.log(row(["size", ...programs.map(({ name }) => name), ...(compared ? ["ratio"] : [])]));
  console.log(row(["---", ...programs.map(() => "---:"), ...(compared ? ["---:"] : [])]));
  for (const { label, size } of sizes) {
    const results: number[][] = programs.map(() => []);
    const counts: number[] = [];
    for (const program of programs) counts.push(await countFor(program, size));
    for (let turn = 0; turn < runs; turn++) {
      for (const [index, program] of programs.entries()) {
        results[index]?.push(await run(program, size, counts[index] ?? usualCount(size)));
      }
    }
    const medians = results.map(median);
    const [ours = NaN, theirs = NaN] = medians;
    const name = /^\d+$/.test(label) ? `${label} B` : label;
    console.log(row([name, ...medians.map(rate), ...(compared ? [`${(ours / theirs).toFixed(2)} x`] : [])]));
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

/**
 * Throughput of PUSH/PULL over ipc between two processes: this library next to libzmq (a C program, compiled here), run
 * in turns, medians, and their ratio. Measured where it arrives, from the first message to the last.
 *
 *     deno task bench:ipc [--sizes 10,64,1KiB] [--runs 3] [--count 100000 | --seconds 1] [--only denomq|libzmq]
 *
 * The sender does `await push.send(x)` for each message, the receiver `for await (const [frame] of pull)`.
 */

import { parseArgs } from "node:util";
import { measure } from "./peer/measure.ts";
import { common, planOf } from "./peer/options.ts";
import { compileLibzmq, denomq, type Program } from "./peer/program.ts";
import { rate, type Run, Table, takeTurns, times } from "./peer/turns.ts";

/** Seconds until a run counts as hung. */
const LIMIT = 120;

const { values: options } = parseArgs({ args: Deno.args, options: common });
const plan = planOf(options);

const directory = await Deno.makeTempDir({ prefix: "denomq-bench-" });
let endpoints = 0;

try {
  const programs: Program[] = [];
  if (options.only !== "libzmq") programs.push(denomq("throughput.ts"));
  if (options.only !== "denomq") {
    const libzmq = await compileLibzmq("throughput.c", directory);
    if (typeof libzmq === "string") console.log(`libzmq is left out: ${libzmq}`);
    else programs.push(libzmq);
  }
  if (programs.length === 0) Deno.exit(1);
  const contestants = programs.map((program): Run => (size, count) =>
    measure(program, `ipc://${directory}/${++endpoints}`, size, count, LIMIT)
  );
  const compared = programs.length === 2;
  console.log(`ipc PUSH/PULL between two processes, messages per second, median of ${plan.runs} runs\n`);
  const table = new Table(["size", ...programs.map(({ name }) => name), ...(compared ? ["ratio"] : [])]);
  console.log(table.head());
  for (const { name, size } of plan.sizes) {
    const rates = await takeTurns(contestants, size, plan);
    const [ours = NaN, theirs = NaN] = rates;
    console.log(table.row([name, ...rates.map(rate), ...(compared ? [times(ours, theirs)] : [])]));
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

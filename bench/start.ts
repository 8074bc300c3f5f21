/**
 * What a program has to wait for until it can speak: the start of the runtime, the import and a first round trip over ipc,
 * with this library and with zeromq.js under Node, in turns. Sources are compiled before, and files are in memory.
 *
 *     deno task bench:start [--runs 10]
 */

import { parseArgs } from "node:util";
import { denomq, installZeromqjs, type Program } from "./peer/program.ts";
import { Table } from "./peer/table.ts";
import { spread } from "./peer/turns.ts";

const { values: options } = parseArgs({ args: Deno.args, options: { runs: { type: "string", default: "10" } } });
const folder = await Deno.makeTempDir({ prefix: "denomq-bench-" });
let serial = 0;

interface Start {
  /** All of it, the start of the process included (ms). */
  readonly whole: number;
  readonly import: number;
  readonly trip: number;
}

async function run({ name, command, args }: Program): Promise<Start> {
  const begin = performance.now();
  const child = new Deno.Command(command, {
    args: [...args, `ipc://${folder}/${++serial}`],
    stdout: "piped",
    stderr: "inherit",
  });
  const { stdout } = await child.output();
  const whole = performance.now() - begin;
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(`${name} has said nothing`);
  return { ...JSON.parse(text), whole };
}

try {
  const programs = [denomq("start.ts")];
  const zeromqjs = await installZeromqjs("start.mjs", folder);
  if (typeof zeromqjs === "string") console.log(`zeromq.js is left out: ${zeromqjs}\n`);
  else programs.push(zeromqjs);
  // The first run compiles, and reads files from the disk.
  for (const program of programs) await run(program);
  const starts: Start[][] = programs.map(() => []);
  for (let turn = 0; turn < Number(options.runs); turn++) {
    for (const [index, program] of programs.entries()) starts[index]!.push(await run(program));
  }
  const table = new Table(["", "import", "round trip", "whole"]);
  console.log(`milliseconds, medians of ${options.runs} runs\n\n${table.head()}`);
  for (const [index, { name }] of programs.entries()) {
    const median = (part: keyof Start) => spread(starts[index]!.map((start) => start[part])).median.toFixed(1);
    console.log(table.row([name, median("import"), median("trip"), median("whole")]));
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

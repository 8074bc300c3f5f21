/**
 * Throughput of PUSH/PULL over inproc, in one isolate and from a Worker to the main thread: this library next to libzmq
 * between two threads (a C program, compiled here), run in turns, medians, and their ratio. Measured where it arrives,
 * from the first message to the last.
 *
 *     deno task bench:inproc [--sizes 10,64,1KiB] [--runs 3] [--seconds 3 | --count 100000] [--only denomq|libzmq]
 *                            [--where isolate|workers] [--copy] [--zeromqjs]
 *
 * "awaited" sends with `await push.send(x)` and receives with `for await (const [frame] of pull)`; "drained" uses
 * `trySend` and `tryReceive`, and waits only when the queue is full or empty.
 *
 * libzmq's messages are blank, as those of its own perf/inproc_thr: it allocates a body and writes nothing into it. With
 * `--copy` it sends what it has in memory, which is what this library does between Workers. `--zeromqjs` adds zeromq.js
 * under Node (from npm).
 */

import { parseArgs } from "node:util";
import { common, planOf } from "./peer/options.ts";
import { compileLibzmq, denomq, installZeromqjs, measureAlone, type Program } from "./peer/program.ts";
import { rate, type Run, Table, takeTurns, times } from "./peer/turns.ts";

/** Seconds until a run counts as hung. */
const LIMIT = 120;
const places = { isolate: "in one isolate", workers: "from a Worker to the main thread" } as const;

/** A column of figures. */
interface Contestant {
  readonly name: string;
  readonly run: Run;
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    ...common,
    // Messages that are handed over by reference take no time, so that a count that suits all sizes does not exist. In the
    // first second the engine is still compiling.
    seconds: { type: "string", default: "3" },
    where: { type: "string" },
    copy: { type: "boolean", default: false },
    zeromqjs: { type: "boolean", default: false },
  },
});
const plan = planOf(options);
if (options.where !== undefined && !Object.hasOwn(places, options.where)) {
  throw new TypeError("--where takes isolate or workers");
}

const directory = await Deno.makeTempDir({ prefix: "denomq-bench-" });

/** The others who take part. */
async function peers(): Promise<(where: string) => Contestant[]> {
  if (options.only === "denomq") return () => [];
  const libzmq = await compileLibzmq("inproc.c", directory);
  const zeromqjs = options.zeromqjs ? await installZeromqjs("inproc.mjs", directory) : "";
  if (typeof libzmq === "string") console.log(`libzmq is left out: ${libzmq}`);
  if (typeof zeromqjs === "string" && zeromqjs !== "") console.log(`zeromq.js is left out: ${zeromqjs}`);
  return (where) => [
    ...(typeof libzmq === "string" ? [] : [contestant(libzmq, libzmq.name, options.copy ? "copy" : "blank")]),
    ...(typeof zeromqjs === "string" ? [] : [contestant(zeromqjs, zeromqjs.name, where)]),
  ];
}

function contestant(program: Program, name: string, ...args: string[]): Contestant {
  return { name, run: (size, count) => measureAlone(program, [...args, size, count], LIMIT) };
}

/** Measures and prints a table: first the figures, then the ratios of ours to the others'. */
async function compare(ours: readonly Contestant[], others: readonly Contestant[]): Promise<void> {
  const contestants = [...ours, ...others];
  const pairs = others.flatMap((_, other) => ours.map((_, own) => [own, ours.length + other] as const));
  const names = contestants.map(({ name }) => name);
  const table = new Table(["size", ...names, ...pairs.map(([own, other]) => `${names[own]}/${names[other]}`)]);
  console.log(table.head());
  for (const { name, size } of plan.sizes) {
    const rates = await takeTurns(contestants.map(({ run }) => run), size, plan);
    console.log(
      table.row([name, ...rates.map(rate), ...pairs.map(([own, other]) => times(rates[own]!, rates[other]!))]),
    );
  }
}

try {
  const others = await peers();
  for (const [where, place] of Object.entries(places)) {
    if (options.where !== undefined && options.where !== where) continue;
    const ours = ["awaited", "drained"].map((way) => contestant(denomq("inproc.ts"), way, where, way));
    console.log(`\ninproc PUSH/PULL ${place}, messages per second, median of ${plan.runs} runs\n`);
    await compare(options.only === "libzmq" ? [] : ours, others(where));
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

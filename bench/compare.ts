/**
 * The same works with this library, with libzmq (a C program, compiled here) and with zeromq.js under Node, in turns:
 * medians, how far the runs lie apart, and the ratios.
 *
 *     deno task bench:compare [--work ipc,tcp,fanout,echo,trip,isolate,workers] [--sizes 10,64,1KiB] [--runs 3]
 *         [--count 100000 | --seconds 1] [--only denomq,libzmq] [--json FILE] [--svg FILE]
 *
 * Senders do `await socket.send(x)` for each message, receivers `for await (const [frame] of socket)`; what is called
 * drained uses trySend() and tryReceive().
 */

import { parseArgs } from "node:util";
import { draw } from "./peer/chart.ts";
import { describeMachine, firstLine } from "./peer/machine.ts";
import { measure } from "./peer/measure.ts";
import { chosen, common, type Plan, planOf } from "./peer/options.ts";
import { compileLibzmq, denomq, installZeromqjs, type Program } from "./peer/program.ts";
import { Progress } from "./peer/progress.ts";
import { type Figure, type Report, type Result, tableOf } from "./peer/report.ts";
import { sizeText } from "./peer/table.ts";
import { rates, type Series, takeTurns, times } from "./peer/turns.ts";
import { type Work, works } from "./peer/works.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    ...common,
    // In the first second the engine is still compiling.
    seconds: { type: "string", default: "2" },
    work: { type: "string" },
    json: { type: "string" },
    svg: { type: "string" },
  },
});

const names = chosen("work", options.work, works.map(({ name }) => name));
const contestants = chosen("only", options.only, ["denomq", "libzmq", "zeromq.js"]);
const folder = await Deno.makeTempDir({ prefix: "denomq-bench-" });

/** The programs that take part, and why others do not. */
async function programs(): Promise<{ present: Map<string, Program>; absent: Record<string, string> }> {
  const present = new Map<string, Program>();
  const absent: Record<string, string> = {};
  const add = (name: string, program: Program | string) => {
    if (typeof program !== "string") present.set(name, program);
    else absent[name] = program;
  };
  if (contestants.includes("denomq")) add("denomq", denomq("denomq.ts"));
  if (contestants.includes("libzmq")) add("libzmq", await compileLibzmq("libzmq.c", folder));
  if (contestants.includes("zeromq.js")) add("zeromq.js", await installZeromqjs("zeromqjs.mjs", folder));
  return { present, absent };
}

function figureOf({ figure }: Work, series: Series): Figure {
  const { count } = series;
  if (figure === "rate") return { ...rates(series), count };
  return { ...times(series), count, p99: times(series, "p99") };
}

async function compare(work: Work, plan: Plan, present: Map<string, Program>, progress: Progress): Promise<Result> {
  const taking = Object.keys(work.as).filter((name) => present.has(libraryOf(name)));
  const rows = [];
  for (const size of plan.sizes) {
    const doing = `${work.title}, ${sizeText(size)}`;
    progress.show(doing);
    const runs = taking.map((name) => (size: number, count: number) =>
      measure(present.get(libraryOf(name))!, {
        work: work.as[name]!,
        alone: work.alone,
        pinned: work.pinned,
        endpoint: work.endpoint(folder),
        size,
        count,
      })
    );
    const series = await takeTurns(runs, size, plan, () => progress.step(doing));
    const figures = Object.fromEntries(taking.map((name, index) => [name, figureOf(work, series[index]!)]));
    rows.push({ size, figures });
  }
  return { work: work.name, title: work.title, figure: work.figure, rows };
}

/** The library that a contestant is a way to use of. */
function libraryOf(contestant: string): string {
  return contestant.split(",")[0]!;
}

try {
  const { present, absent } = await programs();
  for (const [name, reason] of Object.entries(absent)) console.log(`${name} is left out: ${reason}\n`);
  if (present.size === 0) throw new Error("There is nobody to take part");
  const machine = await describeMachine();
  const version = await firstLine("pkg-config", "--modversion", "libzmq");
  const plans = works.filter(({ name }) => names.includes(name)).map((work) => ({
    work,
    plan: planOf(options, work.sizes),
  }));
  const steps = plans.reduce((sum, { work, plan }) => {
    const taking = Object.keys(work.as).filter((name) => present.has(libraryOf(name))).length;
    return sum + taking * plan.sizes.length * plan.runs;
  }, 0);
  const progress = new Progress(steps);
  const results: Result[] = [];
  for (const { work, plan } of plans) {
    const result = await compare(work, plan, present, progress);
    progress.clear();
    console.log(`${tableOf(result)}\n`);
    results.push(result);
  }
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    machine: version === "" ? machine : { ...machine, versions: { ...machine.versions, libzmq: version } },
    runs: plans[0]?.plan.runs ?? 0,
    absent,
    results,
  };
  if (options.json !== undefined) await Deno.writeTextFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.svg !== undefined) await Deno.writeTextFile(options.svg, draw(report));
} finally {
  await Deno.remove(folder, { recursive: true });
}

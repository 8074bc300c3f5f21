/**
 * vmci next to Deno's own, unstable vsock, over the loopback of a virtual machine: PUSH/PULL and REQ/REP between two
 * processes with the same sockets and the same frames, run in turns, medians, and their ratio.
 *
 *     deno task vm deno task bench:vmci [--sizes 64,64KiB] [--runs 5] [--count 10000] [--seconds 1] [--only denomq|deno] [--what throughput|trips]
 *
 * It uses CID 1, and refuses to run outside a guest that was started for such things: see CONTRIBUTING.md.
 */

import { parseArgs } from "node:util";
import { measure } from "./peer/measure.ts";
import { common, type Plan, planOf } from "./peer/options.ts";
import { denomq, type Program } from "./peer/program.ts";
import { rate, type Run, Table, takeTurns, times } from "./peer/turns.ts";

/** Seconds until a run counts as hung. */
const LIMIT = 120;

if (Deno.env.get("DENOMQ_VM") !== "1") {
  console.error(
    "This measures in a virtual machine that is there for tests: deno task vm deno task bench:vmci",
  );
  Deno.exit(2);
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    ...common,
    sizes: { type: "string", default: "64,64KiB" },
    seconds: { type: "string", default: "1" },
    what: { type: "string" },
  },
});
const plan = planOf(options);
let port = 20_000;

/** The same program over Deno's own vsock. */
function native(script: string): Program {
  const [command, ...flags] = denomq("native_vsock.ts").args;
  return { name: "deno", command: Deno.execPath(), args: [command!, "--unstable-vsock", ...flags, script] };
}

async function compare(script: string, plan: Plan, print: (perSecond: number) => string): Promise<void> {
  const programs = [denomq(script), native(script)].filter(({ name }) => (options.only ?? name) === name);
  const contestants = programs.map((program): Run => (size, count) =>
    measure(program, `vmci://1:${++port}`, size, count, LIMIT)
  );
  const table = new Table(["size", ...programs.map(({ name }) => name), "ratio"]);
  console.log(table.head());
  for (const { name, size } of plan.sizes) {
    const rates = await takeTurns(contestants, size, plan);
    const [ours = NaN, theirs = NaN] = rates;
    console.log(table.row([name, ...rates.map(print), times(ours, theirs)]));
  }
}

if (options.what !== "trips") {
  console.log(`vmci PUSH/PULL between two processes, messages per second, median of ${plan.runs} runs\n`);
  await compare("throughput.ts", plan, rate);
}
if (options.what !== "throughput") {
  console.log(`\nvmci REQ/REP between two processes, time of a round trip, median of ${plan.runs} runs\n`);
  const trips = { ...plan, sizes: plan.sizes.filter(({ size }) => size < 1000) };
  await compare("round_trip.ts", trips, (perSecond) => `${(1e6 / perSecond).toFixed(0)} us`);
}

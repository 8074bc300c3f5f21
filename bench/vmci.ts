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
import { rateText, ratioText, sizeText, Table, timeText } from "./peer/table.ts";
import { rates, type Run, type Series, takeTurns, times } from "./peer/turns.ts";

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
    seconds: { type: "string", default: "1" },
    what: { type: "string" },
  },
});
const plan = planOf(options, [64, 64 * 1024]);
let port = 20_000;

/** The same program over Deno's own vsock. */
function native(): Program {
  const { args: [run = "", ...flags] } = denomq("native_vsock.ts");
  return { name: "deno", command: Deno.execPath(), args: [run, "--unstable-vsock", ...flags, "denomq.ts"] };
}

async function compare(
  work: string,
  plan: Plan,
  figure: (series: Series) => number,
  text: (figure: number) => string,
  ratio: (ours: number, theirs: number) => number,
): Promise<void> {
  const programs = [denomq("denomq.ts"), native()].filter(({ name }) => (options.only ?? name) === name);
  const contestants = programs.map((program): Run => (size, count) =>
    measure(program, { work, alone: false, pinned: false, endpoint: `vmci://1:${++port}`, size, count })
  );
  const table = new Table(["size", ...programs.map(({ name }) => name), "ratio"]);
  console.log(table.head());
  for (const size of plan.sizes) {
    const figures = (await takeTurns(contestants, size, plan)).map(figure);
    const [ours = NaN, theirs = NaN] = figures;
    console.log(table.row([sizeText(size), ...figures.map(text), ratioText(ratio(ours, theirs))]));
  }
}

if (options.what !== "trips") {
  console.log(`vmci PUSH/PULL between two processes, messages per second, median of ${plan.runs} runs\n`);
  await compare("pipeline", plan, (series) => rates(series).median, rateText, (ours, theirs) => ours / theirs);
}
if (options.what !== "throughput") {
  console.log(`\nvmci REQ/REP between two processes, median of the round trips, of ${plan.runs} runs\n`);
  const trips = { ...plan, sizes: plan.sizes.filter((size) => size < 1000) };
  await compare("trip", trips, (series) => times(series).median, timeText, (ours, theirs) => theirs / ours);
}

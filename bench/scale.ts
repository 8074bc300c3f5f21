/**
 * What a message costs one socket that has very many peers, subscriptions, endpoints or messages that wait, and how much
 * memory each of them takes.
 *
 *     deno task bench:scale [--what push,dealer,router,reply,publish,topics,endpoints,depth] [--runs 3] [--count 100000]
 *         [--json FILE] [--svg FILE]
 */

import { parseArgs } from "node:util";
import { chosen } from "./peer/options.ts";
import { type Curve, drawCurves } from "./peer/curves.ts";
import { describeMachine } from "./peer/machine.ts";
import { measure } from "./peer/measure.ts";
import { denomq } from "./peer/program.ts";
import { Progress } from "./peer/progress.ts";
import { rateText, Table } from "./peer/table.ts";
import { spread } from "./peer/turns.ts";

const PEERS = [1, 10, 100, 1000, 5000];

/** What there is very much of, by what is measured. */
const crowds: Readonly<Record<string, { title: string; many: readonly number[] }>> = {
  push: { title: "PUSH to so many peers in turn", many: PEERS },
  dealer: { title: "DEALER to so many peers in turn", many: PEERS },
  router: { title: "ROUTER, a round trip with one of so many peers", many: PEERS },
  reply: { title: "REP, a round trip with one of so many peers", many: PEERS },
  publish: { title: "PUB to one of so many subscribers", many: PEERS },
  topics: { title: "PUB to a subscriber with so many subscriptions", many: [10, 1000, 100_000, 1_000_000] },
  endpoints: { title: "PULL from one of so many endpoints", many: [1, 10, 100, 1000] },
  depth: { title: "PUSH, so many messages that have waited", many: [1000, 10_000, 100_000, 1_000_000] },
};

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    what: { type: "string" },
    runs: { type: "string", default: "3" },
    count: { type: "string", default: "100000" },
    json: { type: "string" },
    svg: { type: "string" },
  },
});
const runs = Number(options.runs);
const names = chosen("what", options.what, Object.keys(crowds));
const program = denomq("crowd.ts");
/**
 * The engine's young generation has its full size from the beginning: it grows with the work of a program, whatever its
 * sockets do, and to count that with the first thousand connections would say little of one more.
 */
const flags = "--v8-flags=--expose-gc,--min-semi-space-size=16,--max-semi-space-size=16";
const exposed = { ...program, args: [program.args[0]!, flags, ...program.args.slice(1)] };
const folder = await Deno.makeTempDir({ prefix: "denomq-bench-" });

try {
  const progress = new Progress(runs * names.reduce((sum, name) => sum + crowds[name]!.many.length, 0));
  const curves: Curve[] = [];
  let serial = 0;
  for (const name of names) {
    const { title, many } = crowds[name]!;
    const points = [];
    for (const x of many) {
      const samples = [];
      for (let run = 0; run < runs; run++) {
        progress.show(`${title}: ${x}`);
        samples.push(
          await measure<{ perSecond: number; bytes: number }>(exposed, {
            work: name,
            alone: false,
            pinned: false,
            endpoint: `ipc://${folder}/${++serial}`,
            size: x,
            // A round trip takes longer than a message.
            count: name === "router" || name === "reply" ? Number(options.count) / 10 : Number(options.count),
          }),
        );
        progress.step(`${title}: ${x}`);
      }
      points.push({
        x,
        rate: spread(samples.map(({ perSecond }) => perSecond)),
        bytes: spread(samples.map(({ bytes }) => bytes)),
      });
    }
    progress.clear();
    curves.push({ name, title, points });
    const table = new Table(["many", "rate", "ns each", "memory"]);
    console.log(`${title}\n\n${table.head()}`);
    for (const { x, rate, bytes } of points) {
      const kibibytes = `${(bytes.median / 1024).toFixed(bytes.median < 10_240 ? 2 : 1)} KiB`;
      console.log(table.row([String(x), rateText(rate.median), (1e9 / rate.median).toFixed(0), kibibytes]));
    }
    console.log();
  }
  const report = { date: new Date().toISOString().slice(0, 10), machine: await describeMachine(), runs, curves };
  if (options.json !== undefined) await Deno.writeTextFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.svg !== undefined) await Deno.writeTextFile(options.svg, drawCurves(report));
} finally {
  await Deno.remove(folder, { recursive: true });
}

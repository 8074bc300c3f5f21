/**
 * How long a request takes to be answered by a process that moves other messages besides, and how long that holds its event
 * loop at the most.
 *
 *     deno task bench:load [--rates 0,50000,200000] [--seconds 10]
 */

import { parseArgs } from "node:util";
import { denomq } from "./peer/program.ts";
import { rateText, Table, timeText } from "./peer/table.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    rates: { type: "string", default: "0,50000,200000" },
    seconds: { type: "string", default: "10" },
  },
});
const { command, args } = denomq("load.ts");
const folder = await Deno.makeTempDir({ prefix: "denomq-bench-" });

function start(role: string, endpoint: string, rate: string, stdin: "null" | "piped"): Deno.ChildProcess {
  const words = [...args, role, endpoint, rate, options.seconds];
  return new Deno.Command(command, { args: words, stdin, stdout: "piped", stderr: "inherit" }).spawn();
}

try {
  const table = new Table(["moved", "p50", "p99", "p99.9", "loop held"]);
  console.log(`REQ/REP over ipc with a process that also passes on messages of 64 B\n\n${table.head()}`);
  for (const rate of options.rates.split(",")) {
    const endpoint = `ipc://${folder}/${rate}`;
    const others = [start("near", endpoint, rate, "piped"), start("flow", endpoint, rate, "piped")];
    const { stdout, success } = await start("far", endpoint, rate, "null").output();
    for (const child of others) child.kill("SIGKILL");
    await Promise.all(others.map((child) => child.output()));
    if (!success) throw new Error("The measurement has failed");
    const { p50, p99, p999, moved, held } = JSON.parse(new TextDecoder().decode(stdout));
    console.log(table.row([rateText(moved), timeText(p50), timeText(p99), timeText(p999), `${held.toFixed(2)} ms`]));
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

/**
 * Throughput of a PULL/PUSH proxy over ipc, next to a loop that does the same by hand: `for await … await send`. The sender,
 * the proxy and the receiver are processes; run in turns, medians, and their ratio.
 *
 *     deno run -A bench/proxy.ts [--sizes 10,64,1KiB] [--runs 3] [--count 100000 | --seconds 1]
 */

import { parseArgs } from "node:util";
import { Proxy, Pull, Push } from "../mod.ts";
import { common, planOf } from "./peer/options.ts";
import type { Sample } from "./peer/measure.ts";
import { rateText, ratioText, sizeText, Table } from "./peer/table.ts";
import { rates, takeTurns } from "./peer/turns.ts";

const script = new URL("peer/throughput_end.ts", import.meta.url).href;

/** Starts one end. */
function end(role: string, endpoint: string, size: number, count: number): Deno.ChildProcess {
  const args = ["run", "--quiet", "--allow-all", script, role, endpoint, String(size), String(count)];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
}

/** Measures what goes through from one process to another. */
async function measure(run: (front: Pull, back: Push) => Promise<void>, size: number, count: number): Promise<Sample> {
  const [front, back] = [new Pull(), new Push({ linger: 0 })];
  await Promise.all([front.bind("ipc://*"), back.bind("ipc://*")]);
  const receiver = end("pull", back.lastEndpoint!, size, count);
  await back.waitForPeers();
  const running = run(front, back);
  const sender = end("push", front.lastEndpoint!, size, count);
  const { stdout } = await receiver.output();
  await sender.output();
  front.close();
  back.close();
  await running;
  return { seconds: Number(new TextDecoder().decode(stdout)) };
}

async function byHand(front: Pull, back: Push): Promise<void> {
  for await (const message of front) await back.send(message);
}

async function byProxy(front: Pull, back: Push): Promise<void> {
  await new Proxy(front, back).run().catch((error) => {
    if (error.code !== "EBADF") throw error;
  });
}

const { values: options } = parseArgs({ args: Deno.args, options: common });
const plan = planOf(options, [10, 64, 1024]);
const contestants = [byHand, byProxy].map((run) => (size: number, count: number) => measure(run, size, count));
console.log(`a PULL/PUSH proxy between two processes over ipc, messages per second, median of ${plan.runs} runs\n`);
const table = new Table(["size", "by hand", "proxy", "ratio"]);
console.log(table.head());
for (const size of plan.sizes) {
  const [hand = NaN, proxy = NaN] = (await takeTurns(contestants, size, plan)).map((series) => rates(series).median);
  console.log(table.row([sizeText(size), rateText(hand), rateText(proxy), ratioText(proxy / hand)]));
}

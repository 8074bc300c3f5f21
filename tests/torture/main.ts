/**
 * Tries to break the library for a given time, part after part, and prints what was tried and what came of it.
 *
 *     deno task torture [--seconds 600] [--seed 1] [--only wire,kills] [--json FILE] [--samples FOLDER]
 *
 * The seconds are shared among the parts. In the folder there will be samples of memory and descriptors, and plots of them. The exit status is 1 where anything failed, 2 where the arguments make no sense.
 */

import { parseArgs } from "node:util";
import { fromFileUrl } from "@std/path";
import { Table } from "../../bench/peer/table.ts";
import { TempDirectory } from "../support/temp.ts";
import { failed, type Outcome } from "./outcome.ts";
import type { Part } from "./part.ts";
import { parts } from "./parts.ts";

/** How long a part may go on after its time before it counts as hung. */
const GRACE = 120_000;

function usage(reason: string): never {
  console.error(`torture: ${reason}`);
  Deno.exit(2);
}

function natural(name: string, text: string): number {
  return /^\d+$/.test(text) ? Number(text) : usage(`--${name} takes a whole number, not "${text}"`);
}

function options(): { seconds: number; seed: number; chosen: readonly Part[]; json?: string; samples?: string } {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        seconds: { type: "string", default: "600" },
        seed: { type: "string", default: "1" },
        only: { type: "string", default: parts.map(({ name }) => name).join() },
        json: { type: "string" },
        samples: { type: "string" },
      },
    });
    const chosen = values.only.split(",").map((name) =>
      parts.find((part) => part.name === name) ??
        usage(`there is no part "${name}", only ${parts.map(({ name }) => name).join(", ")}`)
    );
    return {
      seconds: natural("seconds", values.seconds),
      seed: natural("seed", values.seed),
      chosen,
      ...(values.json !== undefined && { json: values.json }),
      ...(values.samples !== undefined && { samples: values.samples }),
    };
  } catch (error) {
    usage((error as Error).message);
  }
}

async function torture(part: Part, seed: number, time: number, env: Record<string, string>): Promise<Outcome> {
  using directory = new TempDirectory();
  const script = fromFileUrl(import.meta.resolve("./run_part.ts"));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--v8-flags=--expose-gc", script, part.name, `${seed}`, `${time}`, directory.path],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, time + GRACE);
  const { stdout, code, signal } = await child.output();
  clearTimeout(timer);
  const again = `--only ${part.name} --seed ${seed}`;
  if (hung) return { ...failed(`hung: it went on for ${GRACE / 1000} s after its time (${again})`), peak: NaN };
  try {
    return JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    return { ...failed(`ended with ${signal ?? `code ${code}`} and no tally (${again})`), peak: NaN };
  }
}

function cells(name: string, { inputs, faults, checked, allowed, failures, peak }: Outcome): string[] {
  const memory = Number.isNaN(peak) ? "?" : `${(peak / 2 ** 20).toFixed(0)} MiB`;
  return [name, ...[inputs, faults, checked, allowed, failures.length].map((n) => n.toLocaleString("en")), memory];
}

const { seconds, seed, chosen, json, samples } = options();
const table = new Table(["part", "inputs", "faults", "messages checked", "lost as allowed", "failures", "peak memory"]);
const share = seconds * 1000 / chosen.length;
const env: Record<string, string> = samples === undefined ? {} : { DENOMQ_TORTURE_SAMPLES: samples };
const outcomes: Record<string, Outcome> = {};
console.log(`${seconds} s, seed ${seed}\n\n${table.head()}`);
for (const part of chosen) {
  const reason = part.unavailable();
  if (reason !== null) {
    console.log(`${part.name} is left out: ${reason}`);
    continue;
  }
  const outcome = outcomes[part.name] = await torture(part, seed, share, env);
  console.log(table.row(cells(part.name, outcome)));
}
const all = Object.entries(outcomes);
for (const [name, { failures }] of all) for (const failure of failures) console.log(`\n${name}: ${failure}`);
if (json !== undefined) await Deno.writeTextFile(json, `${JSON.stringify({ seconds, seed, outcomes }, null, 2)}\n`);
if (all.length === 0 || all.some(([, { failures }]) => failures.length > 0)) Deno.exit(1);

/**
 * Runs a program that takes samples of itself, in a process of its own.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { runScript } from "../../support/child.ts";
import type { Ordeal } from "../part.ts";
import { drawSamples } from "./draw.ts";
import { grown, type Sample, type Tolerance } from "./trend.ts";

/** How long (ms) a program may go on when its time is over. */
const GRACE = 60_000;

/** What such a program prints as JSON before it ends. */
interface Printed {
  /** What it has done so often: cycles, messages. */
  readonly count: number;
  readonly samples: readonly Sample[];
}

/** What has come of it. */
export interface Sampled {
  readonly count: number;
  /** How many samples were taken. */
  readonly samples: number;
  readonly failures: string[];
}

/**
 * Runs a program, which fails if it breaks off, does not end by itself, or holds more and more. Where
 * `DENOMQ_TORTURE_SAMPLES` names a folder, its samples go there as `<name>.json` and `<name>.svg`.
 *
 * @param name What the program is called.
 * @param script Its URL.
 * @param flat By how much what it holds may grow.
 * @param ordeal Its first arguments are the folder and the time.
 * @param more Further arguments.
 */
export async function runSampled(
  name: string,
  script: URL,
  flat: Tolerance,
  { folder, time, say }: Pick<Ordeal, "folder" | "time" | "say">,
  more: readonly string[] = [],
): Promise<Sampled> {
  try {
    const flags = ["-A", "--quiet", "--v8-flags=--expose-gc"];
    const { code, stdout, stderr } = await runScript(script, [folder, `${time}`, ...more], {
      flags,
      limit: time + GRACE,
    });
    if (code !== 0) throw new Error(`it broke off: ${stderr}`);
    const printed: Printed = JSON.parse(stdout);
    const { count, samples } = printed;
    await keep(name, printed);
    say(`${name}: ${count} in ${samples.length} samples, of which the last is ${JSON.stringify(samples.at(-1))}`);
    return { count, samples: samples.length, failures: grown(samples, flat) };
  } catch (error) {
    return { count: 0, samples: 0, failures: [`${name}: ${(error as Error).message}`] };
  }
}

async function keep(name: string, printed: Printed): Promise<void> {
  const folder = Deno.env.get("DENOMQ_TORTURE_SAMPLES");
  if (folder === undefined || folder === "") return;
  const path = join(folder, name);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(`${path}.json`, `${JSON.stringify(printed)}\n`);
  await Deno.writeTextFile(
    `${path}.svg`,
    drawSamples(`${name}: ${printed.count.toLocaleString("en")}`, printed.samples),
  );
}

/**
 * Runs a program that takes samples of itself, in a process of its own.
 *
 * @module
 */

import { dirname, fromFileUrl, join } from "@std/path";
import type { Ordeal } from "../part.ts";
import { drawSamples } from "./draw.ts";
import type { Sample } from "./trend.ts";

/** How long (ms) a program may go on when its time is over. */
const GRACE = 60_000;

/** What such a program prints as JSON before it ends. */
export interface Printed {
  /** What it has done so often: cycles, messages. */
  readonly count: number;
  readonly samples: readonly Sample[];
}

/**
 * Runs a program. Where `DENOMQ_TORTURE_SAMPLES` names a folder, its samples go there as `<name>.json` and `<name>.svg`.
 *
 * @param name What the samples are called.
 * @param url The program.
 * @param ordeal Its first arguments are the folder and the time.
 * @param more Further arguments.
 * @throws Error with what it has written where it fails, or does not end by itself.
 */
export async function runSampled(
  name: string,
  url: string,
  { folder, time }: Pick<Ordeal, "folder" | "time">,
  more: readonly string[] = [],
): Promise<Printed> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--quiet",
      "--v8-flags=--expose-gc",
      fromFileUrl(url),
      folder,
      `${time}`,
      ...more,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, time + GRACE);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (hung) throw new Error(`it did not end by itself: ${out}${errors}`);
  if (!success) throw new Error(`it broke off: ${errors}`);
  const printed: Printed = JSON.parse(out!);
  const samplesFolder = Deno.env.get("DENOMQ_TORTURE_SAMPLES");
  if (samplesFolder !== undefined && samplesFolder !== "") {
    const path = join(samplesFolder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(`${path}.json`, `${JSON.stringify(printed)}\n`);
    await Deno.writeTextFile(
      `${path}.svg`,
      drawSamples(`${name}: ${printed.count.toLocaleString("en")}`, printed.samples),
    );
  }
  return printed;
}

/**
 * Things that come and go, again and again: what a program holds does not grow with them.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { grown, type Sample, type Tolerance } from "./cycles/trend.ts";
import { type Ordeal, type Part, type Tally, tally } from "./part.ts";

/**
 * What is flat. Code that the engine compiles later, and what it learns of types, takes some heap for a while; one socket
 * kept in each round would be some 10 KiB and a descriptor a round.
 */
const FLAT: Tolerance = { heap: 400_000, external: 300_000, descriptors: 2 };

/** Runs the cycles in a process of their own. */
export async function goThrough(
  { folder, time, say }: Pick<Ordeal, "folder" | "time" | "say">,
  ...more: string[]
): Promise<Tally> {
  const script = fromFileUrl(import.meta.resolve("./cycles/program.ts"));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--v8-flags=--expose-gc", script, folder, `${time}`, ...more],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr);
  if (!success) return { ...tally(), failures: [`the cycles broke off: ${text}`] };
  const { cycles, samples }: { cycles: number; samples: Sample[] } = JSON.parse(text);
  const path = Deno.env.get("DENOMQ_TORTURE_SAMPLES");
  if (path !== undefined && path !== "") await Deno.writeTextFile(path, JSON.stringify(samples));
  say(`cycles: ${cycles}, of which ${samples.length} samples; the last is ${JSON.stringify(samples.at(-1))}`);
  return { ...tally(), inputs: cycles, failures: grown(samples, FLAT) };
}

/** The part. */
export const cycles: Part = {
  name: "cycles",
  unavailable: () => null,
  run: (ordeal) => goThrough(ordeal),
};

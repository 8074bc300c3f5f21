/**
 * What becomes of a part: its tally, and the memory that it took.
 *
 * @module
 */

import { type Ordeal, type Part, type Tally, tally } from "./part.ts";

/** What a part has come to. */
export interface Outcome extends Tally {
  /** Bytes that the process of the part held at the most. */
  peak: number;
}

/** Runs a part; an error of its own is a failure like any other. */
export async function runOf(part: Part, ordeal: Ordeal): Promise<Outcome> {
  const result = await part.run(ordeal).catch((error) => failed(`the part broke off: ${error?.stack ?? error}`));
  return { ...result, peak: peakMemory() };
}

/** The tally of a part that has nothing to show but why. */
export function failed(reason: string): Tally {
  return { ...tally(), failures: [reason] };
}

/** The most memory that this process has held; where the system does not tell it, what it holds now. */
function peakMemory(): number {
  if (Deno.build.os !== "linux") return Deno.memoryUsage().rss;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  return Number(kilobytes) * 1024;
}

// Peers are killed and stopped under load, for a short while.

import { assert, assertEquals } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { only } from "../support/platform.ts";
import { kills } from "./kills.ts";

const SECONDS = Number(Deno.env.get("DENOMQ_TORTURE_SECONDS") ?? 7);
const problem = kills.unavailable();

Deno.test("torture: peers are killed and stopped under load, and who survives has what is due", {
  ...only(problem === null, problem ?? ""),
}, async () => {
  using directory = new TempDirectory();
  const lines: string[] = [];
  const seed = Number(Deno.env.get("DENOMQ_TORTURE_SEED") ?? 11);
  const { inputs, faults, checked, allowed, failures } = await kills.run({
    seed,
    time: SECONDS * 1000,
    folder: directory.path,
    say: (line) => lines.push(line),
  });
  if (Deno.env.has("V")) console.log(lines.join("\n"));
  console.log(`${inputs} programs, ${faults} faults, ${checked} messages, ${allowed} lost`);
  assertEquals(failures, [], lines.join("\n"));
  // On a busy machine the start of a process takes most of a second.
  assert(inputs >= 2 && faults >= 2 && checked > 10, lines.join("\n"));
});

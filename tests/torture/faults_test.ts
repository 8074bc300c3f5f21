// Single faults, for a short while.

import { assert, assertEquals } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { faults } from "./faults.ts";
import { secondsOr, seedOr } from "./time.ts";

Deno.test("torture: faults are injected one after the other, and harm nobody else", {
  // Not sanitized: what was sent to names of inproc waits for whoever binds to them.
  sanitizeOps: false,
  // Not sanitized: the same, and the channel that it is offered on.
  sanitizeResources: false,
}, async () => {
  using directory = new TempDirectory();
  const lines: string[] = [];
  const { inputs, checked, failures } = await faults.run({
    seed: seedOr(3),
    time: secondsOr(6) * 1000,
    folder: directory.path,
    say: (line) => lines.push(line),
  });
  console.log(`${inputs} faults, ${checked} messages and sockets looked at`);
  assertEquals(failures, [], lines.join("\n"));
  assert(inputs >= 3 && checked > 20, lines.join("\n"));
});

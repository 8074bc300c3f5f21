// Peers are killed and stopped under load, for a short while.

import { assert, assertEquals } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { unless } from "../support/platform.ts";
import { kills } from "./kills.ts";
import { secondsOr, seedOr } from "./time.ts";

Deno.test(
  "torture: peers are killed and stopped under load, and who survives has what is due",
  unless(kills.unavailable()),
  async () => {
    using directory = new TempDirectory();
    const lines: string[] = [];
    const { inputs, faults, checked, allowed, failures } = await kills.run({
      seed: seedOr(11),
      time: secondsOr(7) * 1000,
      folder: directory.path,
      say: (line) => lines.push(line),
    });
    console.log(`${inputs} programs, ${faults} faults, ${checked} messages, ${allowed} lost`);
    assertEquals(failures, [], lines.join("\n"));
    // On a busy machine the start of a process takes most of a second.
    assert(inputs >= 2 && faults >= 2 && checked > 10, lines.join("\n"));
  },
);

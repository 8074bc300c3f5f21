// The reference model of sockets: random programs over every transport do what it allows.

import { assert, assertEquals } from "@std/assert";
import { unless } from "../support/platform.ts";
import { TempDirectory } from "../support/temp.ts";
import { missing, play, stages } from "./model.ts";
import { secondsOr, seedOr } from "./time.ts";

const seed = seedOr(1);
const time = 1000 * secondsOr(9) / stages.length;

for (const stage of stages) {
  const problem = missing(stage);
  Deno.test(
    `model: random programs do what ZeroMQ allows (${stage.name})`,
    {
      ...unless(problem),
      // Not sanitized: what programs sent to names of inproc waits for whoever binds to them.
      sanitizeOps: false,
      // Not sanitized: the same, and the channel that it is offered on.
      sanitizeResources: false,
    },
    async () => {
      using folder = new TempDirectory();
      const { inputs, checked, failures } = await play(stage, { seed, time, folder: folder.path, say: () => {} });
      assertEquals(failures.join("\n"), "");
      assert(inputs >= 20 && checked >= 40, `${inputs} programs, ${checked} messages`);
    },
  );
}

// Peers that are killed under load, and sockets that are closed in every state.

import { assert, assertEquals } from "@std/assert";
import { closeOne } from "../torture/faults/closing.ts";
import { kill } from "../torture/kills.ts";
import type { Wire } from "../torture/kills/scene.ts";
import { tally } from "../torture/part.ts";
import { Random } from "../torture/random.ts";
import { TempDirectory } from "../support/temp.ts";
import { freshPort, test } from "./support.ts";

/** How long (ms) peers are killed for: here a process takes seconds to start. */
const TIME = 20_000;

const endpoint = () => `vmci://1:${freshPort()}`;
// The system's buffers, of either side.
const wire: Wire = { name: "vmci", workers: false, common: false, between: 2 * 256 * 1024, endpoint };

test("peers are killed and stopped under load, and who survives has what is due", async () => {
  using directory = new TempDirectory();
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const { faults, checked, failures } = await kill({ seed: 5, time: TIME, folder: directory.path, say }, [wire], 1);
  console.log(lines.join("\n"));
  assertEquals(failures, []);
  assert(faults > 0 && checked > 0);
});

test("sockets are closed while everything is pending", async () => {
  using directory = new TempDirectory();
  const random = new Random(6);
  const site = { random, folder: directory.path, tally: tally(), rounds: 1, goesOn: () => true };
  for (let i = 0; i < 10; i++) await closeOne(site, { name: "vmci", replaces: false, endpoint });
});

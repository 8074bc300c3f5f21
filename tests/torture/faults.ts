/**
 * Single faults, injected one after the other in random order: each kind once before any comes again.
 *
 * @module
 */

import { within } from "../support/deadline.ts";
import { type Part, tally } from "./part.ts";
import { Random } from "./random.ts";
import { clock } from "./faults/clock.ts";
import { closing } from "./faults/closing.ts";
import { descriptors } from "./faults/descriptors.ts";
import type { Fault } from "./faults/fault.ts";
import { fights } from "./faults/fights.ts";
import { files } from "./faults/files.ts";
import { slow } from "./faults/slow.ts";
import { storms } from "./faults/storms.ts";

const FAULTS: readonly Fault[] = [
  ...files,
  ...descriptors,
  ...slow,
  ...clock,
  ...closing,
  ...storms,
  ...fights,
];

/** From this time on (ms) there are many rounds of what is to be done many times. */
const LONG = 60_000;
const ROUNDS = 10;
const MANY_ROUNDS = 1000;
/** How long (ms) a kind may take. */
const LIMIT = 300_000;

/** Single faults. */
export const faults: Part = {
  name: "faults",
  unavailable: () => null,
  async run({ seed, time, folder, say }) {
    const end = performance.now() + time;
    const goesOn = () => performance.now() < end;
    const rounds = time < LONG ? ROUNDS : MANY_ROUNDS;
    const random = new Random(seed);
    const total = tally();
    const skipped = new Set<string>();
    let waiting: Fault[] = [];
    for (let number = 0; goesOn(); number++) {
      if (waiting.length === 0) waiting = [...FAULTS];
      const [fault] = waiting.splice(random.below(waiting.length), 1);
      const own = random.below(2 ** 31);
      const { name } = fault!;
      const problem = fault!.unavailable?.() ?? null;
      if (problem !== null) {
        if (!skipped.has(name)) say(`${name}: left out, for ${problem}`);
        skipped.add(name);
        continue;
      }
      const room = `${folder}/${number}`;
      await Deno.mkdir(room);
      const begin = performance.now();
      const before = total.checked;
      try {
        await within(
          fault!.run({ random: new Random(own), folder: room, tally: total, rounds, goesOn }),
          name,
          LIMIT,
        );
      } catch (error) {
        const failure = `${name} (seed ${seed}, number ${number}, own seed ${own}): ${
          error instanceof Error ? error.message : error
        }`;
        total.failures.push(failure);
        say(failure);
      }
      await Deno.remove(room, { recursive: true });
      total.inputs++;
      total.faults++;
      say(`${name}: ${total.checked - before} checked, ${Math.round(performance.now() - begin)} ms`);
    }
    return total;
  },
};

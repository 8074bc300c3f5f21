// Runs one part of the torture, in a process of its own, so that its memory is its own and what kills it kills nothing else:
//
//     run_part.ts <name> <seed> <ms> <folder>   prints the tally as JSON; what the part says goes to stderr

import { runOf } from "./outcome.ts";
import { parts } from "./parts.ts";

const [name, seed, time, folder = ""] = Deno.args;
const part = parts.find((part) => part.name === name);
if (part === undefined) throw new TypeError(`There is no part "${name}"`);
const outcome = await runOf(part, {
  seed: Number(seed),
  time: Number(time),
  folder,
  say: (line) => console.error(line),
});
console.log(JSON.stringify(outcome));
// What a part has left over must not keep the process.
Deno.exit();

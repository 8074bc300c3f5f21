// Goes through cycles and takes samples in between. Prints them as JSON.
//
//     program.ts <folder> <ms> [leak]   with "leak" it keeps a socket for each cycle, and so a descriptor

import { Pull } from "../../../mod.ts";
import { freshPort } from "../../support/ports.ts";
import { sampleRounds } from "../samples/take.ts";
import { works } from "./works.ts";

const [folder, time, leak] = Deno.args;
/** So many rounds of all works over all transports are for the engine to settle. */
const WARM_UP = 5;
const kept: Pull[] = [];
let cycles = 0;
async function round(): Promise<void> {
  for (const [name, work] of Object.entries(works)) {
    for (const endpoint of [`ipc://${folder}/${name}`, `inproc://${name}`, `tcp://127.0.0.1:${freshPort()}`]) {
      await work(endpoint);
      cycles++;
    }
  }
  if (leak === undefined) return;
  const pull = new Pull();
  await pull.bind(`ipc://${folder}/kept-${kept.length}`);
  kept.push(pull);
}

const samples = await sampleRounds(WARM_UP, Number(time), round);
console.log(JSON.stringify({ count: cycles, samples }));
Deno.exit();

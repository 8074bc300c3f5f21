// Goes through cycles and takes samples in between. Prints them as JSON.
//
//     program.ts <folder> <ms> [leak]   with "leak" it keeps a socket for each cycle, and so a descriptor

import { Pull } from "../../../mod.ts";
import { freshPort } from "../../support/ports.ts";
import type { Sample } from "./trend.ts";
import { works } from "./works.ts";

const [folder, time, leak] = Deno.args;
/** So many rounds of all works over all transports are for the engine to settle. */
const WARM_UP = 5;
const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error("Run it with --v8-flags=--expose-gc");

async function sample(): Promise<Sample> {
  // What is collected by finalizers, and what is closed, goes in a turn of its own.
  for (let turn = 0; turn < 3; turn++) {
    gc!();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  const descriptors = Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
  return { heap: heapUsed, external, descriptors };
}

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

for (let count = 0; count < WARM_UP; count++) await round();
const samples = [await sample()];
for (const end = performance.now() + Number(time); performance.now() < end || samples.length < 9;) {
  await round();
  samples.push(await sample());
}
console.log(JSON.stringify({ cycles, samples }));
Deno.exit();

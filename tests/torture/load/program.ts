// Has messages flow at full speed, and takes samples whenever all that was sent has come. Prints them as JSON, and ends
// by itself: whatever it left would keep it.
//
//     program.ts <folder> <ms>

import { sampleRounds } from "../samples/take.ts";
import { open } from "./flows.ts";

const [folder, time] = Deno.args;
/** So many rounds are for the engine to settle. */
const WARM_UP = 3;
/** Samples, and how long (ms) a round takes at least. */
const SAMPLES = 30;
const SHORTEST = 150;

const endpoints: readonly ((name: string) => string)[] = [
  (name) => `ipc://${folder}/${name}`,
  (name) => `inproc://${name}`,
  () => "tcp://127.0.0.1:*",
];

await using stack = new AsyncDisposableStack();
const flows = (await Promise.all(endpoints.map((endpoint) => open(endpoint, stack)))).flat();
const length = Math.max(SHORTEST, Number(time) / SAMPLES);
let count = 0;

async function round(): Promise<void> {
  const end = performance.now() + length;
  for (const messages of await Promise.all(flows.map((flow) => flow.run(end)))) count += messages;
}

const samples = await sampleRounds(WARM_UP, Number(time), round);
console.log(JSON.stringify({ count, samples }));

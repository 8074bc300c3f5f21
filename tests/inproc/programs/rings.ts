// Counts the rings of Workers that have been terminated which the garbage collector has not freed. Needs --expose-gc.

import { Pull } from "../../../mod.ts";
import { SharedRing } from "../../../transports/shared_ring.ts";

const WORKERS = 20;
const endpoint = "inproc://rings";
const { gc } = globalThis as unknown as { gc(): void };

const made = new Set<WeakRef<SharedArrayBuffer>>();
const { from } = SharedRing;
SharedRing.from = (buffer) => {
  made.add(new WeakRef(buffer));
  return from(buffer);
};

const module = JSON.stringify(new URL("../../../mod.ts", import.meta.url));
const program = `
  import { Push } from ${module};
  const push = new Push();
  push.connect("${endpoint}");
  for (;;) await push.send("x".repeat(1000));
`;
const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));

await using pull = new Pull();
await pull.bind(endpoint);
for (let i = 0; i < WORKERS; i++) {
  const worker = new Worker(url, { type: "module" });
  for (let n = 0; n < 500; n++) await pull.receive();
  worker.terminate();
  while (pull.peerCount > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  while (pull.tryReceive() !== null);
}

/** How many of the rings are still there. What a turn has looked at is kept until it ends. */
const left = () => [...made].filter((ring) => ring.deref() !== undefined).length;
for (let look = 0; look < 50 && left() > 1; look++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
}
console.log(JSON.stringify({ made: made.size, left: left() }));

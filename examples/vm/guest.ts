/**
 * The guest's program: asks its host for work, and does it.
 *
 *     deno run --allow-ffi=/lib/x86_64-linux-gnu/libc.so.6 examples/vm/guest.ts [cid] [port]
 *
 * The host runs host.ts and has CID 2 for every guest; with CID 1 both run on one machine. The order in which they are
 * started does not matter, and a host that is started again is found again.
 */

import { Pull, Push } from "../../mod.ts";

const [cid = "2", port = "5555"] = Deno.args;
const text = new TextDecoder();

await using tasks = new Pull({ receiveHighWaterMark: 1 });
await using results = new Push();
tasks.connect(`vmci://${cid}:${port}`);
results.connect(`vmci://${cid}:${Number(port) + 1}`);
console.log(`asking ${tasks.lastEndpoint}`);

for await (const [task] of tasks) {
  if (task === undefined || task.length === 0) break;
  const limit = Number(text.decode(task));
  await results.send([`guest ${Deno.pid}`, limit, primesUpTo(limit)]);
}
console.log("done");

/** Counts primes with the sieve of Eratosthenes. */
function primesUpTo(limit: number): number {
  const composite = new Uint8Array(limit + 1);
  let count = 0;
  for (let n = 2; n <= limit; n++) {
    if (composite[n]) continue;
    count++;
    for (let multiple = n * n; multiple <= limit; multiple += n) composite[multiple] = 1;
  }
  return count;
}

// The poller: what it costs, when it keeps the process, and what it leaves.

import { assert, assertEquals } from "@std/assert";
import { runScript } from "../support/child.ts";
import { onLinux, only } from "../support/platform.ts";

const here = only(onLinux, "the poller is made of epoll, which Linux has");

/** Runs the program that has a part for each test, which must end by itself; what it printed, a word a line. */
async function part(name: string, limit = 20_000): Promise<string[]> {
  const script = new URL("./programs/lives.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(script, [name], { limit });
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split("\n");
}

Deno.test("poller: a program whose streams merely wait for bytes ends", here, async () => {
  assertEquals(await part("idle"), ["end"]);
});

Deno.test("poller: it ends as soon as nobody waits any more, though a wait was under way", here, async () => {
  const [first, ended] = await part("released");
  assertEquals(first, "released");
  // What the process itself takes to end is in it.
  assert(Number(ended) < 1000, `${ended} ms`);
});

Deno.test("poller: it ends although its peer never stops sending", here, async () => {
  assertEquals(await part("flooded"), ["end"]);
});

Deno.test("poller: a write that waits keeps the program until it can go on", here, async () => {
  assertEquals(await part("writes"), ["end", "written"]);
});

Deno.test("poller: a program that waits stays, wakes at once, and costs nothing meanwhile", here, async () => {
  const [stayed, woke, cost, tasks] = (await part("waits")).map(Number);
  assert(stayed! >= 1400, `it stayed ${stayed} ms`);
  // Mostly it is a tenth of a millisecond. A machine with other work has its own ideas.
  assert(woke! < 20, `it took ${woke} ms to wake`);
  assert(cost! <= 30, `it cost ${cost} ms of ${stayed}`);
  assert(tasks! <= 1, `it took ${tasks} threads`);
});

Deno.test("poller: a program that does something else is hardly slowed down", here, async () => {
  const [alone, beside] = (await part("beside")).map(Number);
  assert(beside! < alone! * 3 + 200, `${alone} ms became ${beside} ms`);
});

Deno.test("listener: it survives that descriptors run out, and then accepts who waited", here, async () => {
  // Its peer's descriptor is more, its own, the poller's and the bell's are less.
  assertEquals(await part("exhausted"), ["EMFILE,EMFILE", "null", "-2"]);
});

Deno.test("poller: nothing is left when the last stream is closed", here, async () => {
  const [before, during, after, threads] = (await part("leaves")).map(Number);
  assert(during! >= before! + 202, `${before} descriptors became ${during}`);
  assertEquals(after, before);
  assert(threads! <= 1, `there are ${threads} more threads`);
});

Deno.test("poller: a Worker that is terminated while it waits leaves no thread for long", here, async () => {
  const [before, during, after] = (await part("terminates")).map(Number);
  assert(during! > before!, `${before} threads became ${during}`);
  assert(after! <= before! + 1, `${before} threads became ${after}`);
});

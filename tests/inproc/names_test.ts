// inproc between Workers: a name is bound once in the process, and free again when its owner is gone.

import { assertEquals } from "@std/assert";
import { Pair, Pull, Push, ZmqError } from "../../mod.ts";
import { rejectsCode, throwsCode } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { expect, patient, until } from "../sockets/support.ts";
import { eventually, fresh, Thread } from "./support.ts";
import type { Act } from "./workers/holder.ts";

function test(name: string, run: () => Promise<void>): void {
  Deno.test(`inproc: ${name}`, () => within(run(), name, 60_000));
}

function say(worker: Thread, act: Act): Promise<string> {
  return worker.ask<string>(act);
}

/** Expects that who connects now meets somebody with this word. */
async function meets(endpoint: string, word: string): Promise<void> {
  await using pull = new Pull();
  pull.connect(endpoint);
  await expect(pull, word);
}

/** Binds once that is possible. A second is what it may take to notice the end of a Worker. */
async function bindSoon(endpoint: string, word: string): Promise<Push> {
  const push = new Push({ linger: 0 });
  const bound = eventually(() =>
    push.bind(endpoint).then(() => true, (error) => {
      if (error instanceof ZmqError && error.code === "EADDRINUSE") return false;
      throw error;
    })
  );
  await within(bound, "the name to be free", 1000);
  push.send(word).catch(() => {});
  return push;
}

test("of two Workers that bind to a name at the same moment one gets it", async () => {
  using a = new Thread("holder");
  using b = new Thread("holder");
  const wins = { a: 0, b: 0 };
  for (let round = 0; round < 50; round++) {
    const endpoint = fresh();
    const start = new Int32Array(new SharedArrayBuffer(4));
    const results = await Promise.all([
      say(a, { act: "race", endpoint, word: "a", start }),
      say(b, { act: "race", endpoint, word: "b", start }),
    ]);
    assertEquals(Atomics.load(start, 0), 2);
    assertEquals([...results].sort(), ["EADDRINUSE", "bound"], `round ${round}: ${results}`);
    const winner = results[0] === "bound" ? "a" : "b";
    wins[winner]++;
    await meets(endpoint, winner);
    // Every other round they leave, and come back with nothing bound.
    if (round % 2 === 0) { for (const each of [a, b]) await say(each, { act: "dispose" }); }
  }
  console.log(`The first has won ${wins.a} times, the second ${wins.b} times`);
});

test("of a Worker and the main isolate that bind at the same moment one gets the name", async () => {
  using worker = new Thread("holder");
  await say(worker, { act: "leave" });
  for (let round = 0; round < 50; round++) {
    const endpoint = fresh();
    const start = new Int32Array(new SharedArrayBuffer(4));
    const theirs = say(worker, { act: "race", endpoint, word: "theirs", start });
    while (Atomics.load(start, 0) < 1);
    Atomics.add(start, 0, 1);
    await using push = new Push({ linger: 0 });
    const ours = push.bind(endpoint).then(() => "bound", (error) => error.code);
    const results = await Promise.all([ours, theirs]);
    assertEquals([...results].sort(), ["EADDRINUSE", "bound"], `round ${round}: ${results}`);
    if (results[0] === "bound") push.send("ours").catch(() => {});
    await meets(endpoint, results[0] === "bound" ? "ours" : "theirs");
    if (round % 2 === 0) await say(worker, { act: "dispose" });
  }
});

for (const act of ["bind", "bindSync"] as const) {
  test(`what main is bound to, no Worker gets (${act})`, async () => {
    const endpoint = fresh();
    using worker = new Thread("holder");
    if (act === "bindSync") {
      // A Worker that has just come cannot know at once what main has, see below.
      await say(worker, { act: "bind", endpoint: fresh(), word: "" });
    }
    await using push = new Push({ linger: 0 });
    await push.bind(endpoint);
    assertEquals(await say(worker, { act, endpoint, word: "theirs" }), "EADDRINUSE");
    push.send("ours").catch(() => {});
    await meets(endpoint, "ours");
  });

  test(`what a Worker is bound to, neither main nor another Worker gets (${act})`, async () => {
    const endpoint = fresh();
    using worker = new Thread("holder");
    using other = new Thread("holder");
    assertEquals(await say(worker, { act, endpoint, word: "first" }), "bound");
    await using push = new Push();
    throwsCode(() => push.bindSync(endpoint), "EADDRINUSE");
    const error = await rejectsCode(() => push.bind(endpoint), "EADDRINUSE");
    assertEquals([error.address, push.lastEndpoint], [endpoint, null]);
    assertEquals(await say(other, { act, endpoint, word: "second" }), "EADDRINUSE");
    // Who has tried is not in the way of who is bound.
    await meets(endpoint, "first");
  });
}

test("a name that main was bound to before there were Workers is main's", async () => {
  const endpoint = fresh();
  await using push = new Push({ linger: 0 });
  await push.bind(endpoint);
  using first = new Thread("holder");
  assertEquals(await say(first, { act: "bind", endpoint, word: "theirs" }), "EADDRINUSE");
  // Who does not wait is told afterwards.
  using second = new Thread("holder");
  const result = await say(second, { act: "bindSync", endpoint, word: "theirs" });
  if (result === "bound") assertEquals(await second.next(), "evicted");
  else assertEquals(result, "EADDRINUSE");
  push.send("ours").catch(() => {});
  await meets(endpoint, "ours");
});

/** How an owner gives up its name, and whether it is free when that is done. */
const ENDS: readonly [string, (worker: Thread, endpoint: string) => Promise<unknown>][] = [
  ["unbind()", (worker, endpoint) => say(worker, { act: "unbind", endpoint })],
  ["unbindSync()", (worker, endpoint) => say(worker, { act: "unbindSync", endpoint })],
  ["close()", (worker) => say(worker, { act: "close" })],
  ["asyncDispose", (worker) => say(worker, { act: "dispose" })],
  ["its Worker's close()", (worker) => say(worker, { act: "exit" })],
  ["an error of its Worker", async (worker) => {
    await say(worker, { act: "throw" });
    assertEquals((await worker.failed).includes("on purpose"), true);
  }],
  ["terminate()", (worker) => Promise.resolve(worker.terminate())],
];

for (const [name, end] of ENDS) {
  test(`a name is free after ${name}, for main and for a Worker`, async () => {
    for (const successor of ["main", "Worker"]) {
      const endpoint = fresh();
      using worker = new Thread("holder");
      assertEquals(await say(worker, { act: "bind", endpoint, word: "old" }), "bound");
      await meets(endpoint, "old");
      await end(worker, endpoint);
      if (successor === "main") {
        await using _push = await bindSoon(endpoint, "new");
        await meets(endpoint, "new");
        continue;
      }
      using other = new Thread("holder");
      const bind = () => say(other, { act: "bind", endpoint, word: "new" });
      await within(eventually(async () => await bind() === "bound"), "the name to be free", 1000);
      await meets(endpoint, "new");
    }
  });
}

test("a name is free as soon as unbind() or asyncDispose says so", async () => {
  using worker = new Thread("holder");
  const endpoint = fresh();
  for (let round = 0; round < 50; round++) {
    const act = round % 2 === 0 ? "unbind" : "dispose";
    assertEquals(await say(worker, { act: "bind", endpoint, word: "" }), "bound");
    await say(worker, { act, endpoint });
    using push = new Push();
    push.bindSync(endpoint);
    if (act === "unbind") await push.unbind(endpoint);
    else await push[Symbol.asyncDispose]();
  }
});

test("in the isolate of its owner a name is free at once", async () => {
  // With a Worker about main holds locks of its names, which it gives back a moment later.
  using worker = new Thread("holder");
  await say(worker, { act: "bind", endpoint: fresh(), word: "" });
  const endpoint = fresh();
  for (let round = 0; round < 20; round++) {
    const push = new Push({ linger: 0 });
    push.bindSync(endpoint);
    if (round % 2 === 0) push.unbindSync(endpoint);
    else push.close();
    await using successor = new Push({ linger: 0 });
    successor.bindSync(endpoint);
    assertEquals(await say(worker, { act: "bind", endpoint, word: "theirs" }), "EADDRINUSE");
    push.close();
  }
});

test("who was connected stays so when the name is unbound, and who connects then waits for the next", async () => {
  const endpoint = fresh();
  using worker = new Thread("holder");
  assertEquals(await say(worker, { act: "bind", endpoint, word: "old" }), "bound");
  await using first = new Pull();
  first.connect(endpoint);
  await expect(first, "old");
  await say(worker, { act: "unbind", endpoint });
  await using second = new Pull();
  second.connect(endpoint);
  using other = new Thread("holder");
  assertEquals(await say(other, { act: "bind", endpoint, word: "new" }), "bound");
  await expect(second, "new");
  assertEquals([first.peerCount, second.peerCount], [1, 1]);
});

test("who was connected to an owner that is gone does not meet the next", async () => {
  const endpoint = fresh();
  const worker = new Thread("holder");
  assertEquals(await say(worker, { act: "bind", endpoint, word: "old" }), "bound");
  await using pull = new Pull();
  pull.connect(endpoint);
  await expect(pull, "old");
  worker.terminate();
  await within(until(() => pull.peerCount === 0), "the peer to be gone", 1000);
  await using _next = await bindSoon(endpoint, "new");
  await meets(endpoint, "new");
  assertEquals([pull.peerCount, pull.tryReceive()], [0, null]);
});

test("a main isolate that is busy for long keeps its name", async () => {
  const endpoint = fresh();
  await using pair = new Pair();
  await pair.bind(endpoint);
  using worker = new Thread("holder");
  worker.post({ act: "bind", endpoint, word: "theirs" } satisfies Act);
  // Longer than a Worker takes to start, and to stop waiting for main.
  const late = performance.now() + 500;
  while (performance.now() < late);
  const result = await worker.next();
  if (result === "bound") assertEquals(await worker.next(), "evicted");
  else assertEquals(result, "EADDRINUSE");
  await using other = new Pair();
  other.connect(endpoint);
  await other.waitForPeers(1, patient);
  await other.send("x");
  await expect(pair, "x");
});

test("a program that has just closed a channel of its own is found nevertheless", async () => {
  new BroadcastChannel("of its own").close();
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  using worker = new Thread("holder");
  await say(worker, { act: "leave" });
  assertEquals(await say(worker, { act: "bind", endpoint, word: "" }), "EADDRINUSE");
});

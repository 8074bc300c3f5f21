// inproc between Workers: they meet under a name, with nothing passed by hand.

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Pull, Push, Router } from "../../mod.ts";
import { expect, patient, take, takeMany, words } from "../sockets/support.ts";
import { fresh, type Place, place, Thread, withWorkers } from "./support.ts";
import type { Notice } from "./workers/quitter.ts";

/** Who is bound and who is connected, by the numbers of Workers; 0 is the main isolate. */
const ARRANGEMENTS = [
  ["main binds, a Worker connects", 0, 1],
  ["a Worker binds, main connects", 1, 0],
  ["a Worker binds, another connects", 1, 2],
  ["both are in one Worker", 1, 1],
] as const;

for (const [name, binder, connector] of ARRANGEMENTS) {
  withWorkers(`${name}, bind first`, 2, async (...hosts) => {
    const places: Place[] = [null, ...hosts];
    const endpoint = fresh();
    await using a = place(places[binder]!, Pair);
    await using b = place(places[connector]!, Pair);
    await a.bind(endpoint);
    b.connect(endpoint);
    await Promise.all([a.waitForPeers(1, patient), b.waitForPeers(1, patient)]);
    assertEquals([a.peerCount, b.peerCount, a.lastEndpoint, b.lastEndpoint], [1, 1, endpoint, endpoint]);
    await a.send(["there", "", "x"]);
    await b.send(["back"]);
    await expect(b, "there", "", "x");
    await expect(a, "back");
  });

  withWorkers(`${name}, connect first: what was sent before arrives, in order`, 2, async (...hosts) => {
    const places: Place[] = [null, ...hosts];
    const endpoint = fresh();
    await using b = place(places[connector]!, Pair);
    b.connect(endpoint);
    for (let i = 0; i < 10; i++) await b.send([`${i}`, "early"], patient);
    assertEquals(b.peerCount, 0);
    await using a = place(places[binder]!, Pair);
    await a.bind(endpoint);
    await b.send("late", patient);
    for (let i = 0; i < 10; i++) await expect(a, `${i}`, "early");
    await expect(a, "late");
    await a.send("back", patient);
    await expect(b, "back");
    assertEquals([a.peerCount, b.peerCount], [1, 1]);
  });

  withWorkers(`${name}: a connector that has closed is still heard by who binds later`, 2, async (...hosts) => {
    const places: Place[] = [null, ...hosts];
    const endpoint = fresh();
    const push = place(places[connector]!, Push, { linger: 0 });
    push.connect(endpoint);
    for (let i = 0; i < 10; i++) await push.send(`${i}`);
    push.close();
    await using pull = place(places[binder]!, Pull);
    await pull.bind(endpoint);
    assertEquals(await takeMany(pull, 10), Array.from({ length: 10 }, (_, i) => `${i}`));
  });
}

withWorkers("several Workers meet one that is bound, whoever comes first", 3, async (...hosts) => {
  const endpoint = fresh();
  const early = hosts.map((host) => place(host, Dealer, { routingId: `early ${hosts.indexOf(host)}` }));
  for (const dealer of early) {
    dealer.connect(endpoint);
    await dealer.send("hello");
  }
  await using router = new Router();
  await router.bind(endpoint);
  const late = hosts.map((host) => place(host, Dealer, { routingId: `late ${hosts.indexOf(host)}` }));
  for (const dealer of late) {
    dealer.connect(endpoint);
    await dealer.send("hello");
  }
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) {
    const [id, hello] = await take(router);
    assertEquals(hello, "hello");
    seen.push(id!);
    await router.send([id!, `to ${id}`]);
  }
  assertEquals(seen.sort(), ["early 0", "early 1", "early 2", "late 0", "late 1", "late 2"]);
  assertEquals(router.peerCount, 6);
  for (const [kind, dealers] of [["early", early], ["late", late]] as const) {
    for (const [i, dealer] of dealers.entries()) await expect(dealer, `to ${kind} ${i}`);
  }
});

withWorkers("one Worker is bound, main and another Worker connect", 2, async (one, other) => {
  const endpoint = fresh();
  await using pull = place(one, Pull);
  await pull.bind(endpoint);
  await using here = place(null, Push);
  await using there = place(other, Push);
  await using same = place(one, Push);
  for (const push of [here, there, same]) push.connect(endpoint);
  await Promise.all([here.send("main"), there.send("other"), same.send("same")]);
  assertEquals((await takeMany(pull, 3)).sort(), ["main", "other", "same"]);
  assertEquals(pull.peerCount, 3);
});

withWorkers("two sockets of one Worker are two peers, and have two peers", 1, async (host) => {
  const [first, second] = [fresh(), fresh()];
  await using push = new Push();
  await push.bind(first);
  await using a = place(host, Pull);
  await using b = place(host, Pull);
  a.connect(first);
  b.connect(first);
  await push.waitForPeers(2, patient);
  for (const text of ["1", "2", "3", "4"]) await push.send(text);
  const taken = [await takeMany(a, 2), await takeMany(b, 2)];
  assertEquals(taken.map((each) => each.join()).sort(), ["1,3", "2,4"]);
  // One socket with two links to one other: both are peers.
  await using pull = new Pull();
  await pull.bind(second);
  await using twice = place(host, Push);
  twice.connect(second);
  twice.connect(second);
  await pull.waitForPeers(2, patient);
  for (const text of ["1", "2"]) await twice.send(text);
  assertEquals((await takeMany(pull, 2)).sort(), ["1", "2"]);
  twice.disconnect(second);
  await pull.waitForPeers(0, patient);
});

withWorkers("a socket is bound and connected to many names at once", 2, async (one, other) => {
  const names = Array.from({ length: 20 }, fresh);
  await using a = place(one, Dealer);
  await using b = place(other, Dealer);
  for (const [i, endpoint] of names.entries()) {
    const [binder, connector] = i % 2 === 0 ? [a, b] : [b, a];
    if (i % 4 < 2) await binder.bind(endpoint);
    connector.connect(endpoint);
    if (i % 4 >= 2) await binder.bind(endpoint);
  }
  await Promise.all([a.waitForPeers(20, patient), b.waitForPeers(20, patient)]);
  for (let i = 0; i < 40; i++) await a.send(`${i}`);
  assertEquals((await takeMany(b, 40)).map(Number).sort((x, y) => x - y), Array.from({ length: 40 }, (_, i) => i));
});

withWorkers("routing ids are told both ways, whoever binds", 2, async (one, other) => {
  const longest = "r".repeat(255);
  for (const [first, second] of [[null, one], [one, null], [one, other]] as const) {
    for (const early of [true, false]) {
      const endpoint = fresh();
      await using a = place(first, Router, { mandatory: true, routingId: longest });
      await using b = place(second, Router, { mandatory: true, routingId: "b" });
      if (early) await a.bind(endpoint);
      b.connect(endpoint);
      if (!early) await a.bind(endpoint);
      await Promise.all([a.waitForPeers(1, patient), b.waitForPeers(1, patient)]);
      await a.send(["b", "to b"]);
      await b.send([longest, "to a"]);
      await expect(b, longest, "to b");
      await expect(a, "b", "to a");
    }
  }
});

withWorkers("a routing id that connect() gives is the peer's, and each without one gets its own", 1, async (host) => {
  const endpoint = fresh();
  await using bound = place(host, Router, { routingId: "its own" });
  await bound.bind(endpoint);
  await using router = new Router({ mandatory: true });
  router.connect(endpoint, { routingId: "given" });
  await router.waitForPeers(1, patient);
  await router.send(["given", "x"]);
  const [id, x] = await bound.receive(patient);
  assertEquals(words([x!]), ["x"]);
  assert(id!.length === 5 && id![0] === 0, `${id}`);
  await bound.send([id!, "y"]);
  await expect(router, "given", "y");
});

// The runtime forgets a channel that is opened as another is closed, which shows some turns later.
Deno.test("inproc: an isolate that comes back, and then stands still for a while, is found", async () => {
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 3; i++) {
    const before = new Pull();
    before.bindSync(fresh());
    await new Promise((resolve) => setTimeout(resolve, 20));
    before.close();
    await using pull = new Pull();
    const endpoint = fresh();
    pull.bindSync(endpoint);
    Atomics.wait(still, 0, 0, 100);
    using _worker = new Thread("quitter", { endpoint, how: "send" } satisfies Notice);
    await expect(pull, "0");
  }
});

// inproc between Workers: the names of a context are its own, until it is shared.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Context, context, type ContextHandle, Dealer, Pull, Push, ZmqError } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { expect, expectNothing, patient, refuses, take } from "../sockets/support.ts";
import { eventually, fresh, locks, Thread } from "./support.ts";
import type { Task } from "./workers/contexts.ts";

function test(name: string, run: () => Promise<void>): void {
  Deno.test(`inproc: ${name}`, () => within(run(), name, 60_000));
}

/** Has a Worker make a socket. */
async function have(worker: Thread, act: Task["act"], endpoint: string, handle: Task["handle"], ...words: string[]) {
  assertEquals(await worker.ask({ act, endpoint, handle, words } satisfies Task), act === "close" ? "closed" : "done");
}

test("private contexts never meet, nor do they and the default one", async () => {
  using one = new Thread("contexts");
  using other = new Thread("contexts");
  const endpoint = fresh();
  // Everybody can have the name, for everybody's names are other ones.
  await using here = new Dealer({ context: new Context() });
  await here.bind(endpoint);
  await have(one, "bind", endpoint, "own");
  await have(other, "bind", endpoint, null);
  // A connector in a context of its own meets nobody, though its name is bound three times.
  await using lost = new Dealer({ context: new Context() });
  lost.connect(endpoint);
  await lost.send("lost");
  // By the time that one of the default context has met its peer, this one would have, too.
  await using found = new Dealer();
  found.connect(endpoint);
  await found.send("found");
  assertEquals(await other.next(), "found");
  await have(one, "connect", endpoint, "own", "lost");
  await refuses(lost.waitForPeers(1, { timeout: 200 }), "EAGAIN");
  assertEquals([lost.peerCount, here.peerCount, found.peerCount], [0, 0, 1]);
  expectNothing(here);
});

test("a shared context meets itself in other Workers, and not the default one", async () => {
  using one = new Thread("contexts");
  using other = new Thread("contexts");
  const shared = new Context();
  const handle = shared.share();
  assertEquals(shared.share(), handle);
  const endpoint = fresh();
  await using unrelated = new Dealer();
  await unrelated.bind(endpoint);
  await using here = new Dealer({ context: shared });
  await here.bind(endpoint);
  await have(one, "connect", endpoint, handle, "from one");
  await have(other, "connect", endpoint, handle, "from the other");
  assertEquals([await take(here), await take(here)].flat().sort(), ["from one", "from the other"]);
  await here.send("x");
  await here.send("y");
  assertEquals([await one.next(), await other.next()].sort(), ["x", "y"]);
  assertEquals([unrelated.peerCount, here.peerCount], [0, 2]);
  await assertRejects(() => unrelated.receive({ timeout: 100 }), ZmqError);
});

test("Workers that are sent a handle meet each other, and a name of it is taken once", async () => {
  using one = new Thread("contexts");
  using other = new Thread("contexts");
  const handle = new Context().share();
  const endpoint = fresh();
  await have(one, "connect", endpoint, handle, "early");
  await have(other, "bind", endpoint, handle, "back");
  assertEquals([await other.next(), await one.next()], ["early", "back"]);
  // In this isolate two contexts of one handle are the same to inproc, and different in all else.
  const [a, b] = [Context.from(handle, { blocky: false }), Context.from(handle)];
  assertEquals([a.blocky, b.blocky], [false, true]);
  await using dealer = new Dealer({ context: a });
  await refuses(dealer.bind(endpoint), "EADDRINUSE");
  const second = fresh();
  await dealer.bind(second);
  await using near = new Dealer({ context: b });
  near.connect(second);
  await near.send("near");
  await expect(dealer, "near");
});

test("what is bound and what is connected before a context is shared is met afterwards", async () => {
  using worker = new Thread("contexts");
  const shared = new Context();
  const [bound, connected] = [fresh(), fresh()];
  await using binder = new Dealer({ context: shared });
  await binder.bind(bound);
  await using connector = new Dealer({ context: shared });
  connector.connect(connected);
  await connector.send("early");
  const handle = shared.share();
  await have(worker, "connect", bound, handle, "late");
  await expect(binder, "late");
  await have(worker, "bind", connected, handle, "back");
  assertEquals(await worker.next(), "early");
  await expect(connector, "back");
  assertEquals([binder.peerCount, connector.peerCount], [1, 1]);
});

test("a connector that has closed before its context is shared is heard, and is nobody's peer any more", async () => {
  using worker = new Thread("contexts");
  const shared = new Context();
  const endpoint = fresh();
  const push = new Push({ context: shared });
  push.connect(endpoint);
  await push.send("early");
  push.close();
  const handle = shared.share();
  await have(worker, "bind", endpoint, handle);
  assertEquals(await worker.next(), "early");
  const peers = { act: "peers", endpoint, handle, words: [] } satisfies Task;
  await within(eventually(async () => await worker.ask(peers) === 0), "the peer to be gone", 2000);
  await have(worker, "close", endpoint, handle);
  // Nothing of it is left: a program would not end otherwise.
  const id = handle.denomqContext;
  await within(eventually(async () => !(await locks()).some((name) => name.includes(id))), "its locks to be gone");
});

test("names of a context are free once nobody of it is bound, wherever that was", async () => {
  using worker = new Thread("contexts");
  const shared = new Context();
  const handle = shared.share();
  const endpoint = fresh();
  await have(worker, "bind", endpoint, handle);
  await using pull = new Pull({ context: shared });
  await refuses(pull.bind(endpoint), "EADDRINUSE");
  await have(worker, "close", endpoint, handle);
  await pull.bind(endpoint);
  await have(worker, "connect", endpoint, handle, "x");
  await expect(pull, "x");
  await pull.waitForPeers(1, patient);
});

Deno.test("inproc: what is no handle makes no context, and the default one has a handle, too", () => {
  for (const wrong of [undefined, null, {}, { denomqContext: 1 }, "x"]) {
    assertThrows(() => Context.from(wrong as unknown as ContextHandle), TypeError, "handle");
  }
  const handle = context.share();
  assertEquals(structuredClone(handle), handle);
});

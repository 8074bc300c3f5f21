// What lets a call go on that waits.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Dealer, Publisher, Pull, Push, Reply, Request, Router, XPublisher } from "../../mod.ts";
import { isPending } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { RawPeer } from "./raw_peer.ts";
import { expect, patient, until } from "./support.ts";

const LARGE = new Uint8Array(300_000);

/** Sends until one has to wait: that one. */
async function firstThatWaits(send: () => Promise<void>): Promise<Promise<void>[]> {
  for (let i = 0; i < 100; i++) {
    const sending = send();
    if (await isPending(sending)) return [sending];
  }
  throw new Error("None had to wait");
}

/** A publisher that waits with a message for a peer that does not read, and the peer. */
async function stuck(publisher: Publisher | XPublisher, endpoint: string) {
  await publisher.bind(endpoint);
  const peer = await RawPeer.connect(endpoint, "SUB");
  await peer.command("SUBSCRIBE", "a");
  if (publisher instanceof XPublisher) {
    await expect(publisher, "\x01a");
    if (endpoint.endsWith("manual")) publisher.subscribe("a");
  }
  await publisher.waitForSubscribers(1, patient);
  const [waiting] = await firstThatWaits(() => publisher.send(["a", LARGE]));
  return { peer, waiting: waiting! };
}

const options = { noDrop: true, sendHighWaterMark: 2, linger: 0 };

for (const Type of [Publisher, XPublisher]) {
  Deno.test(`${Type.name} with noDrop goes on when the full subscriber ends its subscription`, async () => {
    using directory = new TempDirectory();
    await using publisher = new Type(options);
    const { peer, waiting } = await stuck(publisher, `ipc://${directory.at("s")}`);
    using _ = peer;
    const next = publisher.send(["a", "next"]);
    assert(await isPending(next));
    await peer.command("CANCEL", "a");
    await within(Promise.all([waiting, next]), "both messages");
    assertEquals(publisher.subscriberCount, 0);
    assert(publisher.trySend("free"));
  });

  Deno.test(`${Type.name}: the end of noDrop lets a message go on that waits`, async () => {
    using directory = new TempDirectory();
    await using publisher = new Type(options);
    const { peer, waiting } = await stuck(publisher, `ipc://${directory.at("s")}`);
    using _ = peer;
    publisher.noDrop = false;
    await within(waiting, "the message");
  });
}

Deno.test("XPublisher with manual goes on when its user ends the subscription of the full peer", async () => {
  using directory = new TempDirectory();
  await using publisher = new XPublisher({ ...options, manual: true });
  const { peer, waiting } = await stuck(publisher, `ipc://${directory.at("manual")}`);
  using _ = peer;
  publisher.unsubscribe("a");
  await within(waiting, "the message");
});

Deno.test("the end of mandatory lets a message to nobody go on", async () => {
  await using router = new Router({ mandatory: true, linger: 0 });
  const sending = router.send(["B", "x"]);
  assert(await isPending(sending));
  router.mandatory = false;
  await within(sending, "the message");
});

Deno.test("the end of mandatory lets a message to a full peer go on", async () => {
  using directory = new TempDirectory();
  await using router = new Router({ mandatory: true, linger: 0, sendHighWaterMark: 2 });
  await router.bind(`ipc://${directory.at("s")}`);
  using _peer = await RawPeer.connect(`ipc://${directory.at("s")}`, "DEALER", 1, "A");
  await router.waitForPeers(1, patient);
  const [waiting] = await firstThatWaits(() => router.send(["A", LARGE]));
  router.mandatory = false;
  await within(waiting!, "the message");
});

Deno.test("connect() with a routing id lets a mandatory message go on", async () => {
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("s")}`;
  await using router = new Router({ mandatory: true, linger: 0 });
  const sending = router.send(["A", "x"]);
  assert(await isPending(sending));
  router.connect(endpoint, { routingId: "A" });
  await within(sending, "the message");
  await using dealer = new Dealer();
  await dealer.bind(endpoint);
  await expect(dealer, "x");
});

Deno.test("relaxed lets the second request go on that waits for the first reply", async () => {
  using directory = new TempDirectory();
  await using reply = new Reply();
  await reply.bind(`ipc://${directory.at("s")}`);
  await using request = new Request({ linger: 0 });
  request.connect(`ipc://${directory.at("s")}`);
  await request.send("first", patient);
  const sending = request.send("second");
  assert(await isPending(sending));
  request.relaxed = true;
  await within(sending, "the second request");
  await expect(reply, "first");
  await reply.send("1");
  await expect(reply, "second");
});

/** Starts many calls that wait, ends them, and expects that this was quick. */
async function endTogether(
  what: string,
  start: (signal: AbortSignal) => Promise<unknown>,
  end: (controller: AbortController) => void,
): Promise<void> {
  const controller = new AbortController();
  const begin = performance.now();
  const calls = Array.from({ length: 20_000 }, () => start(controller.signal));
  end(controller);
  const results = await within(Promise.allSettled(calls), what, 60_000);
  const took = performance.now() - begin;
  assertEquals(results.filter((result) => result.status === "rejected").length, calls.length);
  assert(took < 5000, `${took} ms for ${what}`);
}

Deno.test("many calls whose time ends together end quickly", async () => {
  await using pull = new Pull();
  await endTogether("receives", () => pull.receive({ timeout: 50 }), () => {});
  await using push = new Push({ linger: 0 });
  await endTogether("sends", () => push.send("x", { timeout: 50 }), () => {});
  await endTogether("waits for peers", () => push.waitForPeers(1, { timeout: 50 }), () => {});
});

Deno.test("many calls that one signal ends end quickly", async () => {
  await using pull = new Pull();
  await endTogether("receives", (signal) => pull.receive({ signal }), (controller) => controller.abort());
});

Deno.test("many calls with a signal each that are aborted together end quickly", async () => {
  await using pull = new Pull();
  const controllers: AbortController[] = [];
  const receive = () => {
    const controller = new AbortController();
    controllers.push(controller);
    return pull.receive({ signal: controller.signal });
  };
  await endTogether("receives", receive, () => {
    // The last first, so that none stands at the head of the line.
    for (const controller of controllers.reverse()) controller.abort();
  });
});

Deno.test("who waits for peers or subscribers has to say how many", async () => {
  await using publisher = new Publisher();
  await using xpublisher = new XPublisher();
  const waits = [
    (count: number) => publisher.waitForPeers(count),
    (count: number) => publisher.waitForSubscribers(count),
    (count: number) => xpublisher.waitForSubscribers(count, { topic: "a" }),
  ];
  for (const wait of waits) {
    for (const count of [-1, 1.5, NaN, Infinity, -Infinity]) {
      await assertRejects(() => within(wait(count), "a refusal", 500), RangeError, "count");
    }
    for (const count of ["1", null, {}, 1n]) {
      await assertRejects(() => within(wait(count as never), "a refusal", 500), TypeError, "count");
    }
    await within(wait(0), "nobody");
  }
  await until(() => publisher.peerCount === 0);
});

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Router } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { random } from "./raw.ts";
import { next } from "./support.ts";

// libzmq: test_shutdown_stress
Deno.test("many sockets may be closed at any moment while they connect", async () => {
  const roll = random(4);
  for (let round = 0; round < 10; round++) {
    const pull = new Pull();
    await pull.bind("ipc://*");
    const sockets = [
      pull,
      ...Array.from({ length: 100 }, () => {
        const push = new Push({ linger: 0, reconnectInterval: 1 });
        push.connect(pull.lastEndpoint!);
        return push;
      }),
    ];
    const sending = sockets.slice(1).map((push) => (push as Push).send("x").catch(() => {}));
    await new Promise((resolve) => setTimeout(resolve, Math.floor(roll() * 8)));
    const ends = sockets.map((socket) => socket[Symbol.asyncDispose]());
    assert(sockets.every((socket) => socket.closed));
    await within(Promise.all([...ends, ...sending]), `the end of round ${round}`);
  }
});

Deno.test("a named peer is reached again and again at the same path, each time at once", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  for (let round = 0; round < 50; round++) {
    await using router = new Router({ mandatory: true });
    await using dealer = new Dealer({ routingId: "me", linger: 0 });
    await router.bind(endpoint);
    dealer.connect(endpoint);
    await within(router.send(["me", `${round}`]), `round ${round}`, 1000);
    assertEquals(await next(dealer), [`${round}`]);
  }
  assertEquals(temp.names(), ["feed"]);
});

Deno.test("one receiver serves a hundred senders fairly and completely", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 10 });
  await pull.bind("ipc://*");
  const pushes = Array.from({ length: 100 }, () => new Push({ sendHighWaterMark: 5 }));
  const sending = pushes.map(async (push, i) => {
    push.connect(pull.lastEndpoint!);
    for (let serial = 0; serial < 20; serial++) await push.send([`${i}`, `${serial}`]);
    await push[Symbol.asyncDispose]();
  });
  const counts = new Map<string, number>();
  for (let count = 0; count < 2000; count++) {
    const [from = "", serial] = await next(pull);
    assertEquals(serial, `${counts.get(from) ?? 0}`);
    counts.set(from, Number(serial) + 1);
  }
  await within(Promise.all(sending), "the senders");
  assertEquals([counts.size, new Set(counts.values())], [100, new Set([20])]);
});

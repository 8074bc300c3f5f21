// inproc within an isolate: how much is queued, and who waits.

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, XPublisher, XSubscriber } from "../../mod.ts";
import { expect, expectNothing, fill, frame, patient, take, takeMany, words } from "../sockets/support.ts";
import { within } from "../support/deadline.ts";
import { fresh } from "./support.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(`inproc: ${name}`, () => within(body(), name));
}

// libzmq: test_hwm
test("both high water marks count together, whoever was there first", async () => {
  const cases = [
    [undefined, undefined, 2000],
    [1, 1, 2],
    [5, 3, 8],
    [0, 3, 10_000],
    [3, 0, 10_000],
  ] as const;
  for (const [send, receive, expected] of cases) {
    for (const bindFirst of [true, false]) {
      const endpoint = fresh();
      await using push = new Push(send === undefined ? {} : { sendHighWaterMark: send });
      await using pull = new Pull(receive === undefined ? {} : { receiveHighWaterMark: receive });
      if (bindFirst) pull.bindSync(endpoint);
      push.connect(endpoint);
      if (!bindFirst) pull.bindSync(endpoint);
      assertEquals(fill(push, ["x", "y"], 10_000), expected);
      for (let i = 0; i < expected; i++) assertEquals(words(pull.tryReceive()!), ["x", "y"]);
      expectNothing(pull);
      assert(push.writable);
    }
  }
});

test("before the bind the connector's own mark counts", async () => {
  const endpoint = fresh();
  await using push = new Push({ sendHighWaterMark: 5 });
  push.connect(endpoint);
  assertEquals(fill(push), 5);
  await using pull = new Pull({ receiveHighWaterMark: 5 });
  await pull.bind(endpoint);
  // As with libzmq, a pipe that was full opens again only when its reader reads.
  assertEquals(push.writable, false);
  const waiting = push.send("waited", patient);
  assertEquals(words(pull.tryReceive()!), ["x"]);
  await waiting;
  assertEquals(fill(push), 5);
});

// libzmq: test_sockopt_hwm
test("marks act at once on pipes that are there", async () => {
  const endpoint = fresh();
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await using push = new Push({ sendHighWaterMark: 1 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  assertEquals(fill(push), 2);
  push.sendHighWaterMark = 5;
  assertEquals(fill(push), 4);
  pull.receiveHighWaterMark = 3;
  assertEquals(fill(push), 2);
  const waiting = push.send("x", patient);
  pull.receiveHighWaterMark = 0;
  await waiting;
  assertEquals(fill(push, "x", 100), 100);
  pull.receiveHighWaterMark = push.sendHighWaterMark = 2;
  assertEquals(fill(push), 0);
  assertEquals((await takeMany(pull, 109)).length, 109);
});

test("a full pipe opens again when half of it was read", async () => {
  const endpoint = fresh();
  await using pull = new Pull({ receiveHighWaterMark: 10 });
  await using push = new Push({ sendHighWaterMark: 10 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  assertEquals(fill(push), 20);
  for (let i = 0; i < 9; i++) pull.tryReceive();
  assertEquals(push.writable, false);
  pull.tryReceive();
  assertEquals(fill(push), 10);
});

test("the connector decides on conflate, for both directions", async () => {
  const endpoint = fresh();
  await using binder = new Dealer();
  await binder.bind(endpoint);
  await using connector = new Dealer({ conflate: true });
  connector.connect(endpoint);
  for (let i = 0; i < 10; i++) {
    assert(connector.trySend(`${i}`));
    assert(binder.trySend(`${i}`));
  }
  await expect(binder, "9");
  await expect(connector, "9");
  expectNothing(binder);
  expectNothing(connector);

  const other = fresh();
  await using pull = new Pull({ conflate: true });
  await pull.bind(other);
  await using push = new Push();
  push.connect(other);
  for (let i = 0; i < 10; i++) assert(push.trySend(`${i}`));
  assertEquals((await takeMany(pull, 10)).length, 10);
});

test("a sender that never waits lets the rest of the program run", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  let stop = false;
  let turns = 0;
  const timer = setInterval(() => stop = ++turns >= 3, 1);
  let count = 0;
  const reader = (async () => {
    for await (const [number] of pull) if (number!.length === 1) return;
  })();
  while (!stop) {
    await push.send(frame("message"));
    count++;
  }
  clearInterval(timer);
  await push.send("x");
  await reader;
  assert(count > 1000, `${count} messages in a few milliseconds`);
});

test("several receivers and senders are served in their order", async () => {
  const endpoint = fresh();
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await using push = new Push({ sendHighWaterMark: 1 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  const receives = Array.from({ length: 10 }, () => take(pull));
  const sends = Array.from({ length: 10 }, (_, i) => push.send(`${i}`, patient));
  await Promise.all(sends);
  assertEquals((await Promise.all(receives)).flat(), Array.from({ length: 10 }, (_, i) => `${i}`));
});

test("a notice of a subscription makes no room for messages when it is read", async () => {
  const endpoint = fresh();
  await using xpub = new XPublisher({ receiveHighWaterMark: 1 });
  await using xsub = new XSubscriber({ sendHighWaterMark: 1 });
  await xpub.bind(endpoint);
  xsub.connect(endpoint);
  for (const topic of ["a", "b", "c"]) await xsub.send(`\x01${topic}`);
  for (let i = 0; i < 5; i++) await xsub.send(`first ${i}`);
  await expect(xpub, "\x01a");
  for (let i = 0; i < 5; i++) await xsub.send(`second ${i}`);
  assertEquals(await takeMany(xpub, 4), ["\x01b", "\x01c", "first 0", "first 1"]);
  expectNothing(xpub);
});

// inproc within an isolate: how connections end, and what is delivered nevertheless.

import { assertEquals, assertThrows } from "@std/assert";
import { Dealer, Pull, Push, Router, Subscriber, XPublisher, ZmqError } from "../../mod.ts";
import { expect, expectNothing, fill, peersLeft, refuses, takeMany, until } from "../sockets/support.ts";
import { within } from "../support/deadline.ts";
import { fresh } from "./support.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(`inproc: ${name}`, () => within(body(), name));
}

function codeOf(call: () => unknown): string {
  return assertThrows(call, ZmqError).code;
}

test("who is closed while it waits has sent what it sent", async () => {
  const endpoint = fresh();
  {
    await using push = new Push({ linger: 0 });
    push.connect(endpoint);
    await push.send("one");
    await push.send("two");
  }
  await using pull = new Pull();
  await pull.bind(endpoint);
  assertEquals(await takeMany(pull, 2), ["one", "two"]);
  assertEquals(pull.peerCount, 0);
});

test("who is disconnected while it waits has sent what it sent, and can send nothing more", async () => {
  const endpoint = fresh();
  await using push = new Push();
  push.connect(endpoint);
  await push.send("one");
  push.disconnect(endpoint);
  assertEquals(push.trySend("two"), false);
  assertEquals(codeOf(() => push.disconnect(endpoint)), "ENOENT");
  await using pull = new Pull();
  await pull.bind(endpoint);
  await expect(pull, "one");
  expectNothing(pull);
});

test("who waited without sending anything and has gone leaves nothing behind", async () => {
  const endpoint = fresh();
  for (let i = 0; i < 3; i++) {
    const push = new Push();
    push.connect(endpoint);
    if (i === 0) push.disconnect(endpoint);
    push.close();
  }
  await using router = new Router({ notify: 3 });
  await router.bind(endpoint);
  assertEquals(router.peerCount, 0);
  expectNothing(router);
});

test("a receiver that closes does not take a message along whose sender still waits", async () => {
  const endpoint = fresh();
  await using push = new Push({ sendHighWaterMark: 1 });
  await push.bind(endpoint);
  const closing = new Pull({ receiveHighWaterMark: 1 });
  await using staying = new Pull({ receiveHighWaterMark: 1 });
  for (const pull of [closing, staying]) pull.connect(endpoint);
  assertEquals(fill(push), 4);
  const waiting = push.send("kept");
  closing.close();
  assertEquals((await takeMany(staying, 3)).at(-1), "kept");
  await waiting;
});

test("unbind frees the name and leaves the pipes", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  await pull.unbind(endpoint);
  await push.send("still here");
  await expect(pull, "still here");
  await using next = new Pull();
  await next.bind(endpoint);
  await using other = new Push();
  other.connect(endpoint);
  await other.send("for the next");
  await expect(next, "for the next");
  assertEquals([pull.peerCount, next.peerCount], [1, 1]);
});

test("nothing reconnects: a binder that has gone is gone for good", async () => {
  const endpoint = fresh();
  const pull = new Pull();
  await pull.bind(endpoint);
  await using push = new Push();
  push.connect(endpoint);
  await push.send("read by nobody");
  pull.close();
  assertEquals([push.peerCount, push.trySend("x")], [0, false]);
  assertEquals(codeOf(() => push.disconnect(endpoint)), "ENOENT");
  await using next = new Pull();
  await next.bind(endpoint);
  assertEquals([next.peerCount, push.trySend("x")], [0, false]);
  push.connect(endpoint);
  await push.send("again");
  await expect(next, "again");
});

test("linger is nothing to it: what was sent is there", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  const push = new Push({ linger: 0 });
  push.connect(endpoint);
  for (let i = 0; i < 100; i++) await push.send(`${i}`);
  push.close();
  assertEquals(pull.peerCount, 0);
  assertEquals(await takeMany(pull, 100), Array.from({ length: 100 }, (_, i) => `${i}`));
});

test("what has come before a disconnect can be read after it, at both ends", async () => {
  const endpoint = fresh();
  await using binder = new Dealer();
  await using connector = new Dealer();
  await binder.bind(endpoint);
  connector.connect(endpoint);
  await binder.send("down");
  await connector.send("up");
  connector.disconnect(endpoint);
  assertEquals([binder.peerCount, connector.peerCount], [0, 0]);
  await expect(binder, "up");
  await expect(connector, "down");
});

// libzmq: test_disconnect_inproc
test("a subscriber that disconnects is unsubscribed", async () => {
  const endpoint = fresh();
  await using publisher = new XPublisher();
  await publisher.bind(endpoint);
  await using subscriber = new Subscriber();
  subscriber.connect(endpoint);
  subscriber.subscribe("x");
  await expect(publisher, "\x01x");
  for (let i = 0; i < 3; i++) await publisher.send("x");
  assertEquals(await takeMany(subscriber, 3), ["x", "x", "x"]);
  subscriber.disconnect(endpoint);
  await expect(publisher, "\x00x");
  await publisher.send("x");
  expectNothing(subscriber);
});

test("two connects make two pipes, and one disconnect ends both", async () => {
  for (const type of [Push, Dealer]) {
    const endpoint = fresh();
    await using pull = new Pull();
    await pull.bind(endpoint);
    await using push = new type();
    push.connect(endpoint);
    push.connect(endpoint);
    assertEquals([pull.peerCount, push.peerCount], [2, 2]);
    push.disconnect(endpoint);
    assertEquals([pull.peerCount, push.peerCount], [0, 0]);
    assertEquals(codeOf(() => push.disconnect(endpoint)), "ENOENT");
  }
});

test("the end of a pipe ends what waited for it alone", async () => {
  const endpoint = fresh();
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1 });
  await router.bind(endpoint);
  const dealer = new Dealer({ routingId: "D", receiveHighWaterMark: 1 });
  dealer.connect(endpoint);
  assertEquals(fill(router, ["D", "x"]), 2);
  const waiting = router.send(["D", "never"], { timeout: 20 });
  await refuses(waiting, "EAGAIN");
  dealer.close();
  await peersLeft(router, 0);
  await until(() => router.peerCount === 0);
});

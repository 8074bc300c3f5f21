// High water marks: how much is queued, who waits, and who misses what.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Dealer, Publisher, Pull, Push, Router, Subscriber, XPublisher } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import {
  expect,
  expectNothing,
  fill,
  join,
  PATIENCE,
  patient,
  peersLeft,
  refuses,
  take,
  takeMany,
  until,
} from "./support.ts";

// libzmq: test_hwm (defaults)
overTransports("hwm: 1000 messages are queued for a peer unless told otherwise", async (fresh) => {
  for (const [sendHighWaterMark, expected] of [[undefined, 1000], [1, 1], [7, 7], [0, 5000]] as const) {
    await using push = new Push({ linger: 0, ...(sendHighWaterMark === undefined ? {} : { sendHighWaterMark }) });
    push.connect(fresh());
    assertEquals(fill(push, "x", 5000), expected);
    assertEquals(push.writable, sendHighWaterMark === 0);
  }
});

overTransports("hwm: whole messages count, not frames", async (fresh) => {
  await using push = new Push({ sendHighWaterMark: 3, linger: 0 });
  push.connect(fresh());
  assertEquals(fill(push, ["a", "b", "c", "d"]), 3);
});

overTransports("hwm: each peer has a queue of its own", async (fresh) => {
  await using dealer = new Dealer({ sendHighWaterMark: 4, linger: 0 });
  for (let i = 0; i < 3; i++) dealer.connect(fresh());
  assertEquals(fill(dealer), 12);
});

Deno.test("hwm: a mark is an integer of 0 or more", () => {
  using push = new Push();
  for (const value of [-1, 1.5, NaN, 2 ** 31]) assertThrows(() => push.sendHighWaterMark = value, RangeError);
  push.sendHighWaterMark = 2 ** 31 - 1;
  assertEquals(push.sendHighWaterMark, 2 ** 31 - 1);
});

// libzmq: test_hwm (connect and close first)
overTransports("hwm: exactly what was queued arrives at the peer that comes later", async (fresh) => {
  const endpoint = fresh();
  {
    using push = new Push({ sendHighWaterMark: 1, reconnectInterval: 10 });
    push.connect(endpoint);
    assertEquals([push.trySend("one"), push.trySend("two")], [true, false]);
  }
  await using pull = new Pull();
  await pull.bind(endpoint);
  await expect(pull, "one");
  await peersLeft(pull, 0);
  expectNothing(pull);
});

// libzmq: test_sockopt_hwm (set before connect, increase when full)
overTransports("hwm: a raised mark acts at once, and wakes who waits", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push({ sendHighWaterMark: 2, reconnectInterval: 10 });
  push.connect(endpoint);
  assertEquals(fill(push), 2);
  const waiting = push.send("x", patient);
  push.sendHighWaterMark = 5;
  await waiting;
  assertEquals(fill(push), 2);
  push.sendHighWaterMark = 0;
  assertEquals(fill(push, "x", 100), 100);
  await using pull = new Pull();
  await pull.bind(endpoint);
  assertEquals((await takeMany(pull, 105)).length, 105);
});

// libzmq: test_sockopt_hwm (decrease when full)
overTransports("hwm: a lowered mark keeps what is queued, and acts on what follows", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push({ sendHighWaterMark: 10, reconnectInterval: 10 });
  push.connect(endpoint);
  assertEquals(fill(push, "x", 10), 10);
  push.sendHighWaterMark = 3;
  assertEquals(fill(push), 0);
  await using pull = new Pull();
  await pull.bind(endpoint);
  assertEquals((await takeMany(pull, 10)).length, 10);
  push.disconnect(endpoint);
  push.connect(fresh());
  push.linger = 0;
  assertEquals(fill(push), 3);
});

overTransports("hwm: a receiver that does not read stops its sender, and loses nothing", async (fresh) => {
  await using pull = new Pull({ receiveHighWaterMark: 5 });
  await using push = new Push({ sendHighWaterMark: 5 });
  await join(pull, fresh(), push);
  const body = new Uint8Array(10_000);
  let sent = 0;
  while (await push.send([`${sent}`, body], { timeout: 100 }).then(() => true, () => false)) sent++;
  assert(sent >= 5 && sent < 2000, `${sent} messages were taken`);
  for (let i = 0; i < sent; i++) assertEquals((await take(pull))[0], `${i}`);
  await push.send("last", patient);
  await expect(pull, "last");
  expectNothing(pull);
});

// libzmq: test_hwm_pubsub (1000 of 1000)
overTransports("hwm: a publisher's 1000 messages arrive at a mark of 1000", async (fresh) => {
  await using publisher = new Publisher({ sendHighWaterMark: 1000 });
  await using subscriber = new Subscriber({ receiveHighWaterMark: 1000 });
  subscriber.subscribe();
  await join(publisher, fresh(), subscriber);
  await publisher.waitForSubscribers(1, patient);
  for (let i = 0; i < 1000; i++) assert(publisher.trySend(`${i}`));
  assertEquals(await takeMany(subscriber, 1000), Array.from({ length: 1000 }, (_, i) => `${i}`));
});

// libzmq: test_hwm_pubsub (reset)
overTransports("hwm: bursts below the mark arrive whole, again and again", async (fresh) => {
  await using publisher = new Publisher({ sendHighWaterMark: 11_024 });
  await using subscriber = new Subscriber({ receiveHighWaterMark: 11_024 });
  subscriber.subscribe();
  await join(publisher, fresh(), subscriber);
  await publisher.waitForSubscribers(1, patient);
  for (const count of [9999, 1100]) {
    for (let i = 0; i < count; i++) await publisher.send(`${i}`);
    assertEquals(await takeMany(subscriber, count), Array.from({ length: count }, (_, i) => `${i}`));
  }
});

// libzmq: test_hwm_pubsub (1000 of 100)
overTransports("hwm: a slow subscriber misses messages, and nobody else does", async (fresh) => {
  await using publisher = new Publisher({ sendHighWaterMark: 100, linger: 0 });
  await using slow = new Subscriber({ receiveHighWaterMark: 100 });
  await using quick = new Subscriber();
  slow.subscribe();
  quick.subscribe();
  await join(publisher, fresh(), slow, quick);
  await publisher.waitForSubscribers(2, patient);
  const body = new Uint8Array(20_000);
  for (let i = 0; i < 500; i += 10) {
    for (let j = i; j < i + 10; j++) assert(publisher.trySend([`${j}`, body]));
    for (let j = i; j < i + 10; j++) assertEquals((await take(quick))[0], `${j}`);
  }
  let count = 0;
  for (let last = -1;;) {
    await publisher.send("end");
    const [number] = await take(slow);
    if (number === "end") break;
    assert(Number(number) > last);
    last = Number(number);
    count++;
  }
  assert(count >= 100 && count < 500, `${count} messages arrived`);
});

// libzmq: test_xpub_nodrop, test_hwm_pubsub (no drop)
overTransports("hwm: with noDrop a publisher waits for the slowest, and nothing is lost", async (fresh) => {
  for (const publisher of [new Publisher({ noDrop: true }), new XPublisher({ noDrop: true })]) {
    await using socket = publisher;
    socket.sendHighWaterMark = 10;
    await using slow = new Subscriber({ receiveHighWaterMark: 10 });
    await using other = new Subscriber();
    slow.subscribe("a");
    other.subscribe("b");
    await join(socket, fresh(), slow, other);
    await socket.waitForSubscribers(2, patient);
    const body = new Uint8Array(100_000);
    let sent = 0;
    while (await socket.send([`a${sent}`, body], { timeout: 100 }).then(() => true, () => false)) sent++;
    assert(sent >= 10 && sent < 1000);
    await refuses(socket.send("a", { timeout: 0 }), "EAGAIN");
    // Who did not subscribe to it keeps nobody waiting.
    assert(socket.trySend("b"));
    await expect(other, "b");
    const last = socket.send("a last", patient);
    for (let i = 0; i < sent; i++) assertEquals((await take(slow))[0], `a${i}`);
    await last;
    await expect(slow, "a last");
  }
});

overTransports("hwm: with noDrop a subscriber that goes keeps nobody waiting", async (fresh) => {
  await using publisher = new Publisher({ noDrop: true, sendHighWaterMark: 1 });
  const slow = new Subscriber({ receiveHighWaterMark: 1 });
  slow.subscribe();
  await join(publisher, fresh(), slow);
  await publisher.waitForSubscribers(1, patient);
  const body = new Uint8Array(1_000_000);
  while (await publisher.send(body, { timeout: 50 }).then(() => true, () => false));
  const waiting = publisher.send(body, { timeout: PATIENCE });
  slow.close();
  await waiting;
  await peersLeft(publisher, 0);
});

// libzmq: test_spec_dealer, test_spec_router (destroy queue on disconnect; disabled there)
overTransports("hwm: what an accepted peer did not take, its successor does not get", async (fresh) => {
  await using router = new Router({ sendHighWaterMark: 10 });
  await using dealer = new Dealer({ sendHighWaterMark: 10 });
  for (const [socket, message] of [[router, ["X", "old"]], [dealer, ["old"]]] as const) {
    await using first = new Dealer({ routingId: "X", receiveHighWaterMark: 1, linger: 0 });
    await join(socket, fresh(), first);
    const body = new Uint8Array(500_000);
    for (let i = 0; i < 10; i++) await socket.send([...message, body], { timeout: 50 }).catch(() => {});
    first.close();
    await peersLeft(socket, 0);
    await using second = new Dealer({ routingId: "X" });
    second.connect(socket.lastEndpoint!);
    await socket.waitForPeers(1, patient);
    await socket.send([...message.slice(0, -1), "new"], patient);
    await expect(second, "new");
    await until(() => second.peerCount === 1);
    expectNothing(second);
  }
});

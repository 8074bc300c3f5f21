// conflate: only the newest message is kept.

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Dealer, Publisher, Pull, Push, Subscriber } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { expect, expectNothing, fill, join, patient, take, until } from "./support.ts";

// libzmq: test_conflate
overTransports("conflate: of what is queued for a peer only the last message arrives", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push({ conflate: true, reconnectInterval: 10, sendHighWaterMark: 2 });
  push.connect(endpoint);
  for (let i = 0; i < 20; i++) assert(push.trySend(`${i}`));
  await using pull = new Pull();
  await pull.bind(endpoint);
  await expect(pull, "19");
  await push.send("next");
  await expect(pull, "next");
  expectNothing(pull);
});

// libzmq: test_conflate
overTransports("conflate: of what has come from a peer only the last message is received", async (fresh) => {
  await using pull = new Pull({ conflate: true });
  await using push = new Push();
  await using other = new Push();
  // In memory the side that connects has the say.
  await join(push, fresh(), pull);
  await join(other, fresh(), pull);
  for (let i = 0; i < 500; i++) await push.send(`${i}`);
  await push.send("last");
  // Messages of one connection are read in order; one read may bring but some of them.
  let received = "";
  let count = 0;
  for (; received !== "last"; count++) received = (await take(pull))[0]!;
  assert(count < 501, `${count} messages were received`);
  expectNothing(pull);
  await other.send("the other's");
  await expect(pull, "the other's");
});

overTransports("conflate: a subscriber that comes back to reading finds the newest", async (fresh) => {
  await using publisher = new Publisher({ conflate: true });
  await using subscriber = new Subscriber({ conflate: true });
  subscriber.subscribe();
  await join(publisher, fresh(), subscriber);
  await publisher.waitForSubscribers(1, patient);
  for (let i = 0; i < 100; i++) await publisher.send(`${i}`);
  await until(() => subscriber.readable);
  // It may come back while they are still on their way.
  let received = -1;
  let count = 0;
  for (; received < 99; count++) {
    const [next] = await take(subscriber);
    assert(Number(next) > received, `${next} came after ${received}`);
    received = Number(next);
  }
  assert(count < 100, `${count} messages were received`);
  expectNothing(subscriber);
});

overTransports("conflate: a sender is never kept waiting", async (fresh) => {
  await using dealer = new Dealer({ conflate: true, sendHighWaterMark: 1, linger: 0 });
  dealer.connect(fresh());
  assertEquals(fill(dealer, "x", 5000), 5000);
});

// A body of this size is written apart from its header; in between the next message must not take its place.
overTransports("conflate: a message that is on its way is not torn by the next", async (fresh) => {
  await using push = new Push({ conflate: true });
  await using pull = new Pull();
  await join(pull, fresh(), push);
  const size = 300_000;
  const sending = (async () => {
    for (let i = 1; i <= 200; i++) {
      await push.send([`${i}`, new Uint8Array(size).fill(i), new Uint8Array(size).fill(i)]);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  })();
  for (let last = 0; last < 200;) {
    const [number, ...bodies] = await pull.receive(patient);
    const i = Number(String.fromCharCode(...number!));
    assert(i > last);
    last = i;
    assertEquals(bodies.length, 2);
    const whole = new Uint8Array(size).fill(i);
    for (const body of bodies) assert(Buffer.compare(body, whole) === 0, `message ${i} is torn`);
  }
  await sending;
});

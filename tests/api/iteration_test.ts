import { assert, assertEquals, assertRejects } from "@std/assert";
import { Publisher, Pull, Request, Subscriber, XPublisher, ZmqError } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { isPending, Pipeline, rejectsCode, text, until } from "./support.ts";

Deno.test("iteration gives the messages in order and ends silently when the socket is closed", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const received: string[] = [];
  const iterating = (async () => {
    for await (const [frame] of pull) received.push(...text([frame!]));
  })();
  for (let i = 0; i < 100; i++) await push.send(`${i}`);
  await until(() => received.length === 100, "all have come");
  pull.close();
  await within(iterating, "the end of the iteration");
  assertEquals(received, Array.from({ length: 100 }, (_, i) => `${i}`));
  for await (const _ of pull) throw new Error("A closed socket has no messages");
});

Deno.test("a loop may close its socket", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  for (let i = 0; i < 10; i++) await push.send(`${i}`);
  let count = 0;
  for await (const _ of pull) if (++count === 3) pull.close();
  assertEquals(count, 3);
});

Deno.test("a loop that is left can be taken up again", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  for (let i = 0; i < 4; i++) await push.send(`${i}`);
  const received: string[] = [];
  for (let i = 0; i < 4; i++) {
    for await (const message of pull) {
      received.push(...text(message));
      break;
    }
  }
  assertEquals(received, ["0", "1", "2", "3"]);
});

Deno.test("a loop throws when receiveTimeout is over", async () => {
  await using pull = new Pull({ receiveTimeout: 10 });
  const error = await assertRejects(async () => {
    for await (const _ of pull) { /* Nothing comes. */ }
  }, ZmqError);
  assertEquals(error.code, "EAGAIN");
});

Deno.test("a loop over a request without a question waits for one", async () => {
  await using request = new Request();
  const iterating = (async () => {
    for await (const _ of request) { /* Nothing comes. */ }
  })();
  assert(await isPending(iterating));
  request.close();
  await within(iterating, "the end");
});

Deno.test("several loops share the messages", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const received: string[] = [];
  const loops = [0, 1, 2].map(async () => {
    for await (const message of pull) received.push(...text(message));
  });
  for (let i = 0; i < 30; i++) await push.send(`${i}`);
  await until(() => received.length === 30, "all have come");
  pull.close();
  await within(Promise.all(loops), "the ends");
  assertEquals(new Set(received).size, 30);
});

Deno.test("waitForPeers resolves with the last of the peers", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  await pull.waitForPeers(0);
  const two = pull.waitForPeers(2);
  await using first = await Pipeline.make();
  first.push.connect(pull.lastEndpoint!);
  await within(pull.waitForPeers(), "the first peer");
  assertEquals(pull.peerCount, 1);
  assert(await isPending(two));
  await using second = await Pipeline.make();
  second.push.connect(pull.lastEndpoint!);
  await within(two, "the second peer");
  assertEquals(pull.peerCount, 2);
  first.push.close();
  await until(() => pull.peerCount === 1, "the first peer is gone");
});

Deno.test("waitForPeers ends with its timeout, its signal or the socket", async () => {
  await using pull = new Pull();
  await rejectsCode(() => pull.waitForPeers(1, { timeout: 10 }), "EAGAIN");
  await rejectsCode(() => pull.waitForPeers(1, { timeout: 0 }), "EAGAIN");
  const controller = new AbortController();
  const aborted = pull.waitForPeers(1, { signal: controller.signal }).then(() => null, (reason) => reason);
  const closed = pull.waitForPeers();
  controller.abort("enough");
  assertEquals(await aborted, "enough");
  pull.close();
  await rejectsCode(() => closed, "EAGAIN");
});

for (const Type of [Publisher, XPublisher]) {
  Deno.test(`${Type.name}.waitForSubscribers waits for subscriptions, not for peers`, async () => {
    await using publisher = new Type();
    await publisher.bind("ipc://*");
    await using first = new Subscriber();
    await using second = new Subscriber();
    for (const subscriber of [first, second]) subscriber.connect(publisher.lastEndpoint!);
    await within(publisher.waitForPeers(2), "the peers");
    const any = publisher.waitForSubscribers();
    const both = publisher.waitForSubscribers(2, { topic: "news.local" });
    assert(await isPending(any));
    first.subscribe("news");
    await within(any, "a subscriber");
    second.subscribe("weather");
    await within(publisher.waitForSubscribers(2), "two subscribers");
    assert(await isPending(both));
    second.subscribe("");
    await within(both, "two subscribers to the topic");
    await rejectsCode(() => publisher.waitForSubscribers(3, { timeout: 5 }), "EAGAIN");
    const signal = AbortSignal.abort("no");
    assertEquals(await publisher.waitForSubscribers(3, { signal }).then(() => null, (reason) => reason), "no");
    const closed = publisher.waitForSubscribers(3);
    publisher.close();
    await rejectsCode(() => closed, "EAGAIN");
  });
}

// Proxies: what goes through them, over every transport. Their own sockets live in the test's isolate.

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import * as zmq from "../../mod.ts";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Subscriber } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { start } from "./proxies.ts";
import { expect, expectNothing, fill, frame, patient, refuses, take, takeMany, until } from "./support.ts";

// libzmq: test_proxy
overTransports("proxy: ROUTER and DEALER stand between many askers and many answerers", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Router(), new zmq.Dealer());
  await using sockets = new AsyncDisposableStack();
  const answering = Array.from({ length: 2 }, async () => {
    const reply = sockets.use(new Reply());
    reply.connect(proxy.backEnd.lastEndpoint!);
    for await (const [question] of reply) await reply.send(["answer to", question!]);
  });
  await Promise.all(Array.from({ length: 4 }, async (_, i) => {
    const request = sockets.use(new Request());
    request.connect(proxy.frontEnd.lastEndpoint!);
    for (let k = 0; k < 25; k++) {
      await request.send(`${i}.${k}`, patient);
      assertEquals(await take(request), ["answer to", `${i}.${k}`]);
    }
  }));
  const { frontEnd, backEnd } = proxy.statistics;
  assertEquals([frontEnd.received.messages, backEnd.sent.messages], [100, 100]);
  assertEquals([backEnd.received.messages, frontEnd.sent.messages], [100, 100]);
  assertEquals(frontEnd.received, backEnd.sent);
  assertEquals(backEnd.received.frames - frontEnd.received.frames, 100);
  await sockets.disposeAsync();
  await Promise.all(answering);
});

overTransports("proxy: XSUB and XPUB hand subscriptions one way and messages the other", async (fresh) => {
  await using proxy = await start(fresh, new zmq.XSubscriber(), new zmq.XPublisher());
  await using publisher = new Publisher();
  await using subscriber = new Subscriber();
  publisher.connect(proxy.frontEnd.lastEndpoint!);
  subscriber.connect(proxy.backEnd.lastEndpoint!);
  subscriber.subscribe("a");
  await publisher.waitForSubscribers(1, { topic: "a", ...patient });
  await publisher.send(["b", "not this"]);
  await publisher.send(["a", "this"]);
  await expect(subscriber, "a", "this");
  // What nobody wants does not even reach the proxy.
  assertEquals(proxy.statistics.frontEnd.received.messages, 1);
  subscriber.unsubscribe("a");
  subscriber.subscribe("c");
  await publisher.waitForSubscribers(1, { topic: "c", ...patient });
  await publisher.send(["a", "no longer"]);
  await publisher.send("c");
  await expect(subscriber, "c");
});

overTransports("proxy: PULL and PUSH keep messages whole and in order", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Pull(), new zmq.Push());
  await using push = new Push();
  await using pull = new Pull();
  push.connect(proxy.frontEnd.lastEndpoint!);
  pull.connect(proxy.backEnd.lastEndpoint!);
  const large = new Uint8Array(200_000).fill(7);
  const sending = (async () => {
    for (let i = 0; i < 5000; i++) await push.send(["part", `${i}`, i % 500 === 0 ? large : ""]);
  })();
  for (let i = 0; i < 5000; i++) {
    const [part, number, body] = await pull.receive(patient);
    assertEquals([part, number], [frame("part"), frame(`${i}`)]);
    assertEquals(body!.length, i % 500 === 0 ? large.length : 0);
    assert(body!.every((byte) => byte === 7));
  }
  await sending;
  const { frontEnd, backEnd } = proxy.statistics;
  assertEquals(frontEnd.received, backEnd.sent);
  assertEquals([backEnd.sent.messages, backEnd.sent.frames], [5000, 15_000]);
  assertEquals(backEnd.received.messages, 0);
});

overTransports("proxy: PAIR to PAIR, both ways", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Pair(), new zmq.Pair());
  await using left = new Pair();
  await using right = new Pair();
  left.connect(proxy.frontEnd.lastEndpoint!);
  right.connect(proxy.backEnd.lastEndpoint!);
  await left.send("there");
  await expect(right, "there");
  await right.send(["and", "back"]);
  await expect(left, "and", "back");
});

overTransports("proxy: REP and REQ in lock step", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Reply(), new zmq.Request());
  await using reply = new Reply();
  await using request = new Request();
  reply.connect(proxy.backEnd.lastEndpoint!);
  request.connect(proxy.frontEnd.lastEndpoint!);
  for (let i = 0; i < 3; i++) {
    await request.send(`question ${i}`);
    await expect(reply, `question ${i}`);
    await reply.send(`answer ${i}`);
    await expect(request, `answer ${i}`);
  }
});

// libzmq: test_proxy_single_socket
overTransports("proxy: a REP as both ends answers with the question", async (fresh) => {
  const reply = new zmq.Reply();
  await using proxy = await start(fresh, reply, reply);
  await using request = new Request();
  request.connect(proxy.frontEnd.lastEndpoint!);
  for (const text of ["msg1", "msg22"]) {
    await request.send(text);
    await expect(request, text);
  }
  assertEquals(proxy.statistics.frontEnd.received, { messages: 2, frames: 2, bytes: 9 });
  assertEquals(proxy.statistics.frontEnd.sent, { messages: 2, frames: 2, bytes: 9 });
});

overTransports("proxy: a DEALER as both ends sends back what comes", async (fresh) => {
  const dealer = new zmq.Dealer();
  await using proxy = await start(fresh, dealer, dealer);
  await using other = new Dealer();
  other.connect(proxy.frontEnd.lastEndpoint!);
  for (let i = 0; i < 100; i++) await other.send(["x", `${i}`]);
  for (let i = 0; i < 100; i++) await expect(other, "x", `${i}`);
});

overTransports("proxy: takes nothing that the other end has no room for", async (fresh) => {
  await using proxy = await start(
    fresh,
    new zmq.Pull({ receiveHighWaterMark: 10 }),
    new zmq.Push({ sendHighWaterMark: 10 }),
  );
  await using push = new Push({ sendHighWaterMark: 10 });
  push.connect(proxy.frontEnd.lastEndpoint!);
  await push.waitForPeers(1, patient);
  // Large enough that the system's own buffers hold few: those of tcp grow to several MB.
  const message = new Uint8Array(500_000);
  let sent = 0;
  const blocked = async () => {
    for (;;) {
      try {
        await push.send(message, { timeout: 100 });
        sent++;
      } catch (error) {
        assertEquals((error as zmq.ZmqError).code, "EAGAIN");
        return;
      }
    }
  };
  await blocked();
  assertEquals(proxy.statistics.frontEnd.received.messages, 0);
  assertLessOrEqual(sent, 100);

  await using pull = new Pull({ receiveHighWaterMark: 10 });
  pull.connect(proxy.backEnd.lastEndpoint!);
  await until(() => proxy.statistics.backEnd.sent.messages > 0);
  await blocked();
  assertLessOrEqual(sent, 200);
  for (let i = 0; i < sent; i++) assertEquals((await pull.receive(patient))[0]!.length, message.length);
  expectNothing(pull);
  assertEquals(proxy.statistics.backEnd.sent.messages, sent);
});

// libzmq: test_proxy_hwm
overTransports("proxy: with noDrop a slow subscriber slows the publisher down, and loses nothing", async (fresh) => {
  const marks = { sendHighWaterMark: 10, receiveHighWaterMark: 10 };
  await using control = new zmq.Reply();
  await control.bind(fresh());
  await using proxy = await start(
    fresh,
    new zmq.XSubscriber(marks),
    new zmq.XPublisher({ ...marks, noDrop: true }),
    { control },
  );
  await using publisher = new Publisher({ sendHighWaterMark: 10, noDrop: true });
  await using subscriber = new Subscriber({ receiveHighWaterMark: 10 });
  publisher.connect(proxy.frontEnd.lastEndpoint!);
  subscriber.connect(proxy.backEnd.lastEndpoint!);
  subscriber.subscribe("");
  await publisher.waitForSubscribers(1, patient);
  const body = new Uint8Array(500_000);
  let sent = 0;
  for (;;) {
    try {
      await publisher.send(["A", `${sent}`, body], { timeout: 200 });
      sent++;
    } catch (error) {
      assertEquals((error as zmq.ZmqError).code, "EAGAIN");
      break;
    }
  }
  assert(sent >= 20 && sent <= 200, `${sent} were sent`);
  // One that was taken may wait for its subscriber, no more.
  const { received } = proxy.statistics.frontEnd;
  assertLessOrEqual(received.messages - proxy.statistics.backEnd.sent.messages, 1);

  await using asker = new Request();
  asker.connect(control.lastEndpoint!);
  await asker.send("STATISTICS");
  assertEquals((await asker.receive(patient)).length, 8);

  for (let i = 0; i < sent; i++) {
    const [, number] = await subscriber.receive(patient);
    assertEquals(number, frame(`${i}`));
  }
  await publisher.send(["A", "last"], patient);
  await expect(subscriber, "A", "last");
});

// Where a socket's Worker waits for the test to ask for each message, it is the test that sets the pace.
overTransports("proxy: a PUB at the back end goes at the pace of a subscriber that keeps up", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Pull(), new zmq.Publisher({ sendHighWaterMark: 100 }));
  await using push = new Push();
  await using subscriber = new Subscriber({ receiveHighWaterMark: 100 });
  push.connect(proxy.frontEnd.lastEndpoint!);
  subscriber.connect(proxy.backEnd.lastEndpoint!);
  subscriber.subscribe("");
  await proxy.backEnd.waitForSubscribers(1, patient);
  let received = 0;
  let done = false;
  const receiving = (async () => {
    for await (const [frame] of subscriber) {
      if (frame!.length === 0) break;
      received++;
    }
    done = true;
  })();
  const count = 20_000;
  for (let i = 0; i < count; i++) await push.send("x");
  // The last word may be dropped, too.
  while (!done) {
    await push.send("");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await receiving;
  // Without a rest it is a tenth of that.
  assert(received > count / 2, `${received} of ${count} arrived`);
}, ({ workers }) => workers === 0);

overTransports("proxy: capture gets what goes either way", async (fresh) => {
  await using capture = new zmq.Push();
  await capture.bind(fresh());
  await using proxy = await start(fresh, new zmq.Router(), new zmq.Dealer(), { capture });
  await using spy = new Pull();
  await using request = new Request({ routingId: "me" });
  await using reply = new Reply();
  spy.connect(capture.lastEndpoint!);
  request.connect(proxy.frontEnd.lastEndpoint!);
  reply.connect(proxy.backEnd.lastEndpoint!);
  for (let i = 0; i < 3; i++) {
    await request.send(["ask", `${i}`]);
    await expect(reply, "ask", `${i}`);
    await reply.send("answer");
    await expect(request, "answer");
    await expect(spy, "me", "", "ask", `${i}`);
    await expect(spy, "me", "", "answer");
  }
});

overTransports("proxy: where capture has no room, nothing goes through", async (fresh) => {
  await using capture = new zmq.Push();
  await capture.bind(fresh());
  await using proxy = await start(fresh, new zmq.Pull(), new zmq.Push(), { capture });
  await using push = new Push();
  await using pull = new Pull();
  push.connect(proxy.frontEnd.lastEndpoint!);
  pull.connect(proxy.backEnd.lastEndpoint!);
  await pull.waitForPeers(1, patient);
  await push.send("1");
  await refuses(pull.receive({ timeout: 100 }), "EAGAIN");
  await using spy = new Pull();
  spy.connect(capture.lastEndpoint!);
  await expect(spy, "1");
  await expect(pull, "1");
});

overTransports("proxy: pause() stops it and resume() lets it go on", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Pull(), new zmq.Push());
  await using push = new Push();
  await using pull = new Pull();
  push.connect(proxy.frontEnd.lastEndpoint!);
  pull.connect(proxy.backEnd.lastEndpoint!);
  await push.send("0");
  await expect(pull, "0");
  proxy.pause();
  for (let i = 1; i <= 10; i++) await push.send(`${i}`);
  await refuses(pull.receive({ timeout: 100 }), "EAGAIN");
  assertEquals(proxy.statistics.frontEnd.received.messages, 1);
  proxy.resume();
  assertEquals(await takeMany(pull, 10), Array.from({ length: 10 }, (_, i) => `${i + 1}`));
});

overTransports("proxy: what it has handed on goes out after its end", async (fresh) => {
  await using pull = new zmq.Pull();
  await pull.bind(fresh());
  await using push = new Push();
  const proxy = new zmq.Proxy(new zmq.Pull(), new zmq.Push());
  await proxy.frontEnd.bind(fresh());
  proxy.backEnd.connect(pull.lastEndpoint!);
  const running = proxy.run();
  push.connect(proxy.frontEnd.lastEndpoint!);
  const count = fill(push, "x", 500);
  await until(() => proxy.statistics.backEnd.sent.messages === count);
  proxy.terminate();
  await running;
  assertEquals((await takeMany(pull, count)).length, count);
});

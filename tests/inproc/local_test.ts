// inproc within an isolate: zmq_inproc(7), and what libzmq does besides.

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Context,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../mod.ts";
import { expect, patient, refuses, takeMany, words } from "../sockets/support.ts";
import { within } from "../support/deadline.ts";
import { fresh } from "./support.ts";

function test(name: string, body: () => Promise<void>): void {
  Deno.test(`inproc: ${name}`, () => within(body(), name));
}

function codeOf(call: () => unknown): string {
  return assertThrows(call, ZmqError).code;
}

test("every name is good, and each is another", async () => {
  const names = [
    "*",
    " ",
    "a b",
    "%20",
    "é",
    "\u{1F600}",
    "\ud800",
    "\0",
    "//",
    "a:b:c",
    "-x",
    "A",
    "a",
    "x".repeat(5000),
  ];
  await using stack = new AsyncDisposableStack();
  const pulls = names.map((name) => {
    const pull = stack.use(new Pull());
    pull.bindSync(`inproc://${name}`);
    assertEquals(pull.lastEndpoint, `inproc://${name}`);
    return pull;
  });
  for (const [i, name] of names.entries()) {
    const push = stack.use(new Push());
    push.connect(`inproc://${name}`);
    assertEquals(push.lastEndpoint, `inproc://${name}`);
    await push.send(`${i}`);
  }
  for (const [i, pull] of pulls.entries()) await expect(pull, `${i}`);
});

test("an empty name is none", async () => {
  await using pull = new Pull();
  assertEquals(codeOf(() => pull.bindSync("inproc://")), "EINVAL");
  assertEquals(codeOf(() => pull.connect("inproc://")), "EINVAL");
  assertEquals(codeOf(() => pull.connect("INPROC://x")), "EPROTONOSUPPORT");
});

test("a name is one socket's, until it is unbound or closed", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  await using other = new Pull();
  await refuses(other.bind(endpoint), "EADDRINUSE");
  await refuses(pull.bind(endpoint), "EADDRINUSE");
  assertEquals(other.lastEndpoint, null);
  await refuses(other.unbind(endpoint), "ENOENT");
  await pull.unbind(endpoint);
  await refuses(pull.unbind(endpoint), "ENOENT");
  await other.bind(endpoint);
  other.close();
  await pull.bind(endpoint);
});

test("a message is there as soon as it was sent, and is the sender's very array", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  for (const size of [10, 1000, 100_000]) {
    const sent = new Uint8Array(size);
    assert(push.trySend([sent, "more"]));
    const [received] = pull.tryReceive()!;
    assertStrictEquals(received, sent);
  }
  // An empty frame is nobody else's, for whoever transfers it would take it from all.
  for (let i = 0; i < 2; i++) {
    push.trySend(["x", null]);
    const [, empty] = pull.tryReceive()!;
    structuredClone(empty, { transfer: [empty!.buffer] });
  }
  // But of the class that is promised.
  class Special extends Uint8Array<ArrayBuffer> {}
  push.trySend(new Special(Uint8Array.of(1, 2, 3).buffer));
  const [received] = pull.tryReceive()!;
  assertStrictEquals(received!.constructor, Uint8Array);
  assertEquals([...received!], [1, 2, 3]);
});

test("what one receiver does to its array of frames is nothing to others", async () => {
  const endpoint = fresh();
  await using publisher = new Publisher();
  await publisher.bind(endpoint);
  await using stack = new AsyncDisposableStack();
  const subscribers = [0, 1, 2].map(() => {
    const subscriber = stack.use(new Subscriber());
    subscriber.connect(endpoint);
    subscriber.subscribe();
    return subscriber;
  });
  await publisher.send(["a", "b"]);
  for (const subscriber of subscribers) {
    const message = subscriber.tryReceive()!;
    assertEquals(words(message), ["a", "b"]);
    message.length = 0;
  }
});

// libzmq: test_inproc_connect
test("connect comes before bind: what was sent waits, in order, of every connector", async () => {
  const endpoint = fresh();
  await using stack = new AsyncDisposableStack();
  const pushes = Array.from({ length: 3 }, () => stack.use(new Push()));
  for (const [i, push] of pushes.entries()) {
    push.connect(endpoint);
    assertEquals(push.peerCount, 0);
    await push.send(`${i}a`);
    await push.send(`${i}b`);
  }
  await using pull = new Pull();
  await pull.bind(endpoint);
  assertEquals(pull.peerCount, 3);
  for (const push of pushes) assertEquals(push.peerCount, 1);
  assertEquals((await takeMany(pull, 6)).toSorted(), ["0a", "0b", "1a", "1b", "2a", "2b"]);
});

test("a publisher that waits for a bind drops what it sends, and no more", async () => {
  const endpoint = fresh();
  await using publisher = new Publisher();
  publisher.connect(endpoint);
  await publisher.send("lost");
  await using subscriber = new Subscriber();
  subscriber.subscribe();
  await subscriber.bind(endpoint);
  await publisher.send("heard");
  await expect(subscriber, "heard");
});

test("a socket can connect to itself", async () => {
  const endpoint = fresh();
  await using dealer = new Dealer();
  await dealer.bind(endpoint);
  dealer.connect(endpoint);
  assertEquals(dealer.peerCount, 2);
  await dealer.send("me");
  await expect(dealer, "me");
});

test("types are not compared", async () => {
  const endpoint = fresh();
  await using publisher = new Publisher();
  await publisher.bind(endpoint);
  await using push = new Push();
  push.connect(endpoint);
  assertEquals(push.peerCount, 1);
  assert(push.trySend("x"));
});

// libzmq: test_inproc_connect (routing id)
test("routing ids are passed both ways, whoever is first", async () => {
  for (const bindFirst of [true, false]) {
    const endpoint = fresh();
    await using router = new Router({ routingId: "R", mandatory: true });
    await using dealer = new Dealer({ routingId: "D" });
    await using other = new Router({ routingId: "O", mandatory: true });
    if (bindFirst) await router.bind(endpoint);
    dealer.connect(endpoint);
    other.connect(endpoint);
    if (!bindFirst) await router.bind(endpoint);
    await router.send(["D", "to the dealer"]);
    await expect(dealer, "to the dealer");
    await dealer.send("from the dealer");
    await expect(router, "D", "from the dealer");
    await other.send(["R", "from the other"]);
    await expect(router, "O", "from the other");
  }
});

test("a pair has one peer: the second is turned away", async () => {
  const endpoint = fresh();
  await using pair = new Pair();
  await pair.bind(endpoint);
  await using first = new Pair();
  first.connect(endpoint);
  await using second = new Pair();
  second.connect(endpoint);
  assertEquals([pair.peerCount, first.peerCount, second.peerCount], [1, 1, 0]);
  assertEquals(second.trySend("x"), false);
  await first.send("hello");
  await expect(pair, "hello");
});

test("hello and disconnect messages are sent, also to who came first", async () => {
  for (const bindFirst of [true, false]) {
    const endpoint = fresh();
    await using router = new Router({ helloMessage: "welcome", disconnectMessage: "gone" });
    const dealer = new Dealer({ routingId: "D", helloMessage: "hi" });
    if (bindFirst) await router.bind(endpoint);
    dealer.connect(endpoint);
    if (!bindFirst) await router.bind(endpoint);
    await expect(dealer, "welcome");
    await expect(router, "D", "hi");
    dealer.close();
    await expect(router, "D", "gone");
  }
});

test("a receiver's frames are not the option's", async () => {
  const endpoint = fresh();
  await using router = new Router({ helloMessage: "welcome" });
  await router.bind(endpoint);
  for (let i = 0; i < 2; i++) {
    await using dealer = new Dealer();
    dealer.connect(endpoint);
    const [hello] = await dealer.receive(patient);
    assertEquals(words([hello!]), ["welcome"]);
    hello!.fill(0);
  }
});

test("there are no events", async () => {
  const endpoint = fresh();
  const seen: string[] = [];
  await using pull = new Pull();
  await using push = new Push();
  for (const socket of [pull, push]) {
    for (const type of ["accept", "bind", "connect", "handshake", "close", "disconnect"] as const) {
      socket.events.on(type, () => seen.push(type));
    }
  }
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.send("x");
  await expect(pull, "x");
  push.disconnect(endpoint);
  await pull.unbind(endpoint);
  assertEquals(seen, []);
});

test("no thread of ZeroMQ's own is needed", async () => {
  const endpoint = fresh();
  const context = new Context({ ioThreads: 0 });
  await using pull = new Pull({ context });
  await using push = new Push({ context });
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.send("x");
  await expect(pull, "x");
  await refuses(pull.bind("ipc://*"), "EMTHREAD");
});

test("contexts never meet, unless one was made from the other", async () => {
  const endpoint = fresh();
  const [one, two] = [new Context(), new Context()];
  await using a = new Pull({ context: one });
  await using b = new Pull({ context: two });
  await using c = new Pull();
  for (const pull of [a, b, c]) await pull.bind(endpoint);
  await using push = new Push({ context: two });
  push.connect(endpoint);
  await push.send("x");
  assertEquals([a.tryReceive(), c.tryReceive()], [null, null]);
  await expect(b, "x");

  await using guest = new Push({ context: Context.from(one.share()) });
  guest.connect(endpoint);
  await guest.send("y");
  await expect(a, "y");
  assertEquals(one.share(), one.share());
  assertThrows(() => Context.from({} as never), TypeError);
});

test("a context that is shared keeps what was bound and what waits", async () => {
  const context = new Context();
  const [bound, wanted] = [fresh(), fresh()];
  await using pull = new Pull({ context });
  await pull.bind(bound);
  await using push = new Push({ context });
  push.connect(wanted);
  await push.send("early");
  const other = Context.from(context.share());
  await using late = new Pull({ context: other });
  await refuses(late.bind(bound), "EADDRINUSE");
  await late.bind(wanted);
  await expect(late, "early");
});

test("requests and replies, dealers and routers, and subscriptions through a proxy's pair", async () => {
  const [front, back] = [fresh(), fresh()];
  await using router = new Router();
  await using dealer = new Dealer();
  await router.bind(front);
  await dealer.bind(back);
  await using request = new Request();
  request.connect(front);
  await using reply = new Reply();
  reply.connect(back);
  await request.send("question");
  await dealer.send(await router.receive(patient));
  await expect(reply, "question");
  await reply.send("answer");
  await router.send(await dealer.receive(patient));
  await expect(request, "answer");

  const [publishers, subscribers] = [fresh(), fresh()];
  await using xsub = new XSubscriber();
  await using xpub = new XPublisher();
  await xsub.bind(publishers);
  await xpub.bind(subscribers);
  await using publisher = new Publisher();
  publisher.connect(publishers);
  await using subscriber = new Subscriber();
  subscriber.connect(subscribers);
  subscriber.subscribe("a");
  await xsub.send(await xpub.receive(patient));
  await publisher.send("b lost");
  await publisher.send("a found");
  await xpub.send(await xsub.receive(patient));
  await expect(subscriber, "a found");
});

// inproc between Workers: every pair of socket types, whoever is bound and wherever it lives.

import { assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { expect, frame, patient, take } from "../sockets/support.ts";
import { fresh, type Place, place, withWorkers } from "./support.ts";

/** Two types of sockets that talk to each other. */
interface Talk {
  readonly name: string;
  readonly make: (a: Place, b: Place) => [Socket, Socket];
  /** One round trip, or as much of it as there is. */
  readonly trip: (a: Socket, b: Socket) => Promise<void>;
}

/** Says how two types talk, with their own methods. */
function talk<A extends Socket, B extends Socket>(
  name: string,
  make: (a: Place, b: Place) => [A, B],
  trip: (a: A, b: B) => Promise<void>,
): Talk {
  return { name, make, trip: (a, b) => trip(a as A, b as B) };
}

const talks = [
  talk("PUSH, PULL", (a, b) => [place(a, Push), place(b, Pull)], async (push, pull) => {
    await push.send(["a", "", "b"]);
    await expect(pull, "a", "", "b");
  }),
  talk(
    "PAIR, PAIR",
    (a, b) => [place(a, Pair), place(b, Pair)],
    async (one, other) => {
      await one.send("to the other");
      await expect(other, "to the other");
      await other.send("to the one");
      await expect(one, "to the one");
    },
  ),
  talk("PUB, SUB", (a, b) => [place(a, Publisher), place(b, Subscriber)], async (publisher, subscriber) => {
    subscriber.subscribe("x", "yy");
    subscriber.unsubscribe("x");
    subscriber.subscribe("z");
    // Subscriptions travel: when the last has come, what was before it has come as well.
    let sent = 0;
    for (; !subscriber.readable; await new Promise((resolve) => setTimeout(resolve, 2))) {
      await publisher.send(`z${sent++}`);
    }
    while ((await take(subscriber))[0] !== `z${sent - 1}`);
    for (const text of ["x", "y", "yy", "n", "yyy", "end"]) await publisher.send([text, "body"]);
    await expect(subscriber, "yy", "body");
    await expect(subscriber, "yyy", "body");
    await publisher.send("zz");
    await expect(subscriber, "zz");
  }),
  talk("XPUB, XSUB", (a, b) => [place(a, XPublisher), place(b, XSubscriber)], async (publisher, subscriber) => {
    await subscriber.send(frame("\x01ab"));
    await expect(publisher, "\x01ab");
    await publisher.send("a");
    await publisher.send(["abc", "body"]);
    await expect(subscriber, "abc", "body");
    await subscriber.send(frame("upstream"));
    await expect(publisher, "upstream");
    await subscriber.send(frame("\x00ab"));
    await expect(publisher, "\x00ab");
  }),
  talk("PUB, XSUB", (a, b) => [place(a, Publisher), place(b, XSubscriber)], async (publisher, subscriber) => {
    await subscriber.send(frame("\x01ab"));
    await publisher.waitForSubscribers(1, patient);
    await publisher.send("abc");
    await expect(subscriber, "abc");
  }),
  talk("XPUB, SUB", (a, b) => [place(a, XPublisher), place(b, Subscriber)], async (publisher, subscriber) => {
    subscriber.subscribe("ab");
    await expect(publisher, "\x01ab");
    await publisher.send("abc");
    await expect(subscriber, "abc");
    subscriber.unsubscribe("ab");
    await expect(publisher, "\x00ab");
  }),
  talk("REQ, REP", (a, b) => [place(a, Request), place(b, Reply)], async (request, reply) => {
    for (let i = 0; i < 3; i++) {
      await request.send(["question", `${i}`]);
      await expect(reply, "question", `${i}`);
      await reply.send(["answer", `${i}`]);
      await expect(request, "answer", `${i}`);
    }
  }),
  talk("REQ, ROUTER", (a, b) => [place(a, Request), place(b, Router)], async (request, router) => {
    await request.send("question");
    const [id, empty, body] = await router.receive(patient);
    assertEquals([empty, body], [frame(""), frame("question")]);
    await router.send([id!, "", "answer"]);
    await expect(request, "answer");
  }),
  talk("DEALER, REP", (a, b) => [place(a, Dealer), place(b, Reply)], async (dealer, reply) => {
    await dealer.send(["envelope", "", "question"]);
    await expect(reply, "question");
    await reply.send("answer");
    await expect(dealer, "envelope", "", "answer");
  }),
  talk("DEALER, ROUTER", (a, b) => [place(a, Dealer, { routingId: "d" }), place(b, Router)], async (dealer, router) => {
    await dealer.send(["question", "", "x"]);
    await expect(router, "d", "question", "", "x");
    await router.send(["d", "answer"]);
    await expect(dealer, "answer");
  }),
  talk(
    "DEALER, DEALER",
    (a, b) => [place(a, Dealer), place(b, Dealer)],
    async (one, other) => {
      for (const text of ["1", "2"]) await one.send(text);
      await other.send("3");
      await expect(other, "1");
      await expect(other, "2");
      await expect(one, "3");
    },
  ),
  talk(
    "ROUTER, ROUTER",
    (a, b) => [place(a, Router, { routingId: "a", mandatory: true }), place(b, Router, { routingId: "b" })],
    async (one, other) => {
      await one.waitForPeers(1, patient);
      await one.send(["b", "question"]);
      await expect(other, "a", "question");
      await other.send(["a", "answer"]);
      await expect(one, "b", "answer");
    },
  ),
];

for (const { name, make, trip } of talks) {
  withWorkers(`${name}: each type in main and in a Worker, bound and connected`, 2, async (one, other) => {
    for (const [first, second] of [[null, one], [one, null], [one, other]] as const) {
      for (const order of ["a binds", "b binds", "a connects first", "b connects first"]) {
        const endpoint = fresh();
        const [a, b] = make(first, second);
        await using _a = a;
        await using _b = b;
        const [binder, connector] = order === "a binds" || order === "b connects first" ? [a, b] : [b, a];
        if (order.endsWith("first")) {
          connector.connect(endpoint);
          await binder.bind(endpoint);
        } else {
          await binder.bind(endpoint);
          connector.connect(endpoint);
        }
        await trip(a, b);
        assertEquals([a.peerCount, b.peerCount], [1, 1]);
      }
    }
  });
}

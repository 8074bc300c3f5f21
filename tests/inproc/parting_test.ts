// inproc between Workers: how a connection ends, and what is delivered before.

import { assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { expect, fill, frame, patient, peersLeft, refuses, takeMany, until } from "../sockets/support.ts";
import { fresh, place, withWorkers } from "./support.ts";

const module = JSON.stringify(new URL("../../mod.ts", import.meta.url));

/** Runs a program in a Worker of its own. */
function run(program: string): Worker {
  const url = URL.createObjectURL(
    new Blob([`import * as zmq from ${module};\n${program}`], { type: "text/javascript" }),
  );
  return new Worker(url, { type: "module" });
}

function test(name: string, body: () => Promise<void>): void {
  Deno.test(`inproc: ${name}`, () => within(body(), name, 20_000));
}

test("a Worker that closes itself as soon as it has sent has sent", async () => {
  for (
    const ending of ["self.close();", "push.close(); self.close();", "await push[Symbol.asyncDispose](); self.close();"]
  ) {
    const endpoint = fresh();
    await using pull = new Pull();
    await pull.bind(endpoint);
    run(`
      const push = new zmq.Push();
      push.connect("${endpoint}");
      await push.waitForPeers();
      for (let i = 0; i < 100; i++) await push.send(\`\${i}\`);
      await new Promise((resolve) => setTimeout(resolve));
      ${ending}
    `);
    assertEquals(await takeMany(pull, 100), Array.from({ length: 100 }, (_, i) => `${i}`));
    await peersLeft(pull, 0);
  }
});

test("a result is there though its Worker has closed itself in the same breath", async () => {
  for (let i = 0; i < 10; i++) {
    const endpoint = fresh();
    await using pull = new Pull();
    await pull.bind(endpoint);
    run(`
      const push = new zmq.Push();
      push.connect("${endpoint}");
      await push.waitForPeers();
      await push.send("result");
      self.close();
    `);
    await expect(pull, "result");
  }
});

test("a pair that has a peer turns away another Worker's, who never has one", async () => {
  const endpoint = fresh();
  await using pair = new Pair();
  await pair.bind(endpoint);
  await using own = new Pair();
  own.connect(endpoint);
  const worker = run(`
    const pair = new zmq.Pair();
    pair.connect("${endpoint}");
    self.postMessage(await pair.waitForPeers(1, { timeout: 300 }).catch(({ code }) => code));
  `);
  assertEquals(await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data)), "EAGAIN");
  worker.terminate();
  assertEquals(pair.peerCount, 1);
});

withWorkers("a receiver that closes does not take a message along whose sender still waits", 1, async (host) => {
  for (let i = 0; i < 10; i++) {
    const endpoint = fresh();
    await using push = new Push({ sendHighWaterMark: 1 });
    await push.bind(endpoint);
    const closing = place(host, Pull, { receiveHighWaterMark: 1 });
    await using staying = new Pull({ receiveHighWaterMark: 1 });
    for (const pull of [closing, staying]) pull.connect(endpoint);
    await push.waitForPeers(2, patient);
    assertEquals(fill(push), 4);
    const waiting = push.send("kept", patient);
    closing.close();
    await peersLeft(push, 1);
    assertEquals((await takeMany(staying, 3)).at(-1), "kept");
    await waiting;
  }
});

test("a Worker's uncaught error ends its connections", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  const worker = run(`
    const push = new zmq.Push();
    push.connect("${endpoint}");
    await push.send("last words");
    await push.waitForPeers(1);
    throw new Error("on purpose");
  `);
  worker.onerror = (event) => event.preventDefault();
  await expect(pull, "last words");
  await peersLeft(pull, 0);
});

test("of a message that was cut off nothing is seen", async () => {
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  const worker = run(`
    const push = new zmq.Push();
    push.connect("${endpoint}");
    await push.send("whole");
    await push.send(["part", new Uint8Array(64 * 1024 * 1024)]);
  `);
  await expect(pull, "whole");
  worker.terminate();
  await peersLeft(pull, 0);
  assertEquals(pull.tryReceive(), null);
});

test("who waits for a Worker that has gone hears what it would have of a peer", async () => {
  const endpoint = fresh();
  const worker = run(`
    const reply = new zmq.Reply();
    await reply.bind("${endpoint}");
    await reply.receive();
    self.postMessage("asked");
  `);
  const asked = new Promise((resolve) => worker.onmessage = resolve);
  await using request = new Request({ relaxed: true });
  request.connect(endpoint);
  await request.send("question");
  await asked;
  const answer = request.receive({ timeout: 300 });
  worker.terminate();
  await refuses(answer, "EAGAIN");
  assertEquals(request.peerCount, 0);
  await using reply = new Reply();
  await until(() => {
    try {
      reply.bindSync(endpoint);
      return true;
    } catch {
      return false;
    }
  });
});

withWorkers("close delivers what was sent, however much it is and whatever linger says", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull);
  await pull.bind(endpoint);
  {
    await using push = new Push({ linger: 0, sendHighWaterMark: 0 });
    push.connect(endpoint);
    for (let i = 0; i < 20; i++) await push.send([`${i}`, new Uint8Array(300_000)]);
    push.close();
    for (let i = 0; i < 20; i++) {
      const [number, body] = await pull.receive(patient);
      assertEquals([...number!], [...frame(`${i}`)]);
      assertEquals(body!.length, 300_000);
    }
  }
  await peersLeft(pull, 0);
}, 30_000);

withWorkers("what has come before a disconnect can be read after it, at both ends", 1, async (host) => {
  const endpoint = fresh();
  await using binder = place(host, Dealer);
  await using connector = new Dealer();
  await binder.bind(endpoint);
  connector.connect(endpoint);
  await connector.waitForPeers(1, patient);
  await connector.send("up");
  await binder.send("down");
  await until(() => connector.readable);
  connector.disconnect(endpoint);
  assertEquals(connector.peerCount, 0);
  await expect(connector, "down");
  await expect(binder, "up");
  await peersLeft(binder, 0);
});

withWorkers("a binder that closes ends its connections for good", 1, async (host) => {
  const endpoint = fresh();
  const pull = place(host, Pull);
  await pull.bind(endpoint);
  await using push = new Push();
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  pull.close();
  await peersLeft(push, 0);
  assertEquals(push.trySend("x"), false);
  await using next = new Pull();
  await until(() => {
    try {
      next.bindSync(endpoint);
      return true;
    } catch {
      return false;
    }
  });
  assertEquals([next.peerCount, push.trySend("x")], [0, false]);
});

withWorkers("unbind frees the name and leaves the connections", 1, async (host) => {
  const endpoint = fresh();
  await using router = place(host, Router);
  await router.bind(endpoint);
  await using dealer = new Dealer({ routingId: "D" });
  dealer.connect(endpoint);
  await dealer.waitForPeers(1, patient);
  await router.unbind(endpoint);
  await using other = new Router();
  await until(() => {
    try {
      other.bindSync(endpoint);
      return true;
    } catch {
      return false;
    }
  });
  await dealer.send("still");
  await expect(router, "D", "still");
});

withWorkers("a subscriber that goes is unsubscribed, and the publisher goes on", 1, async (host) => {
  const endpoint = fresh();
  await using publisher = new Publisher();
  await publisher.bind(endpoint);
  const subscriber = place(host, Subscriber);
  subscriber.subscribe("x");
  subscriber.connect(endpoint);
  await publisher.waitForSubscribers(1, patient);
  await publisher.send("x1");
  await expect(subscriber, "x1");
  subscriber.close();
  await until(() => publisher.topicsCount === 0);
  await publisher.send("x2");
  assertEquals(publisher.peerCount, 0);
});

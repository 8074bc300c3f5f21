import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { isPending, next, Pipeline, rejectsCode, text, throwsCode, until } from "./support.ts";

Deno.test("receives that wait are served in their order", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const order: string[] = [];
  const receives = Array.from({ length: 20 }, (_, i) => pull.receive().then((m) => order.push(`${i}:${text(m)}`)));
  for (let i = 0; i < 20; i++) await push.send(`${i}`);
  await within(Promise.all(receives), "all of them");
  assertEquals(order, Array.from({ length: 20 }, (_, i) => `${i}:${i}`));
});

Deno.test("sends that wait are served in their order, before later ones", async () => {
  await using push = new Push({ linger: 0, sendHighWaterMark: 5 });
  const order: number[] = [];
  const sends = Array.from({ length: 40 }, (_, i) => push.send(`${i}`).then(() => order.push(i)));
  assertEquals(push.trySend("out of turn"), false);
  await using pull = new Pull({ receiveHighWaterMark: 5 });
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  for (let i = 0; i < 40; i++) assertEquals(await next(pull), [`${i}`]);
  await within(Promise.all(sends), "the sends");
  assertEquals(order, Array.from({ length: 40 }, (_, i) => i));
});

// libzmq: test_timeo
Deno.test("a timeout of the call goes before the option", async () => {
  await using pull = new Pull({ receiveTimeout: 1_000_000 });
  await rejectsCode(() => pull.receive({ timeout: 0 }), "EAGAIN");
  const start = performance.now();
  await rejectsCode(() => pull.receive({ timeout: 30 }), "EAGAIN");
  const took = performance.now() - start;
  assert(took >= 25 && took < 5000, `${took} ms`);
  pull.receiveTimeout = 0;
  const receiving = pull.receive({ timeout: -1 });
  assert(await isPending(receiving));
  await rejectsCode(() => pull.receive(), "EAGAIN");
  pull.close();
  await rejectsCode(() => receiving, "EAGAIN");
});

Deno.test("a timeout of 0 takes what is there", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  await push.send("x", { timeout: 0 });
  await until(() => pull.readable, "it comes");
  assertEquals(text(await pull.receive({ timeout: 0 })), ["x"]);
});

Deno.test("a wrong timeout rejects and waits for nothing", async () => {
  await using pull = new Pull();
  await assertRejects(() => pull.receive({ timeout: -2 }), RangeError, "timeout");
  await assertRejects(() => pull.receive({ timeout: "1" as unknown as number }), TypeError, "timeout");
});

Deno.test("an aborted call rejects with the reason and does nothing", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  const failures = [
    push.send("never", { signal: aborted }),
    pull.receive({ signal: aborted }),
    push.waitForPeers(1, { signal: aborted }),
    push.waitForPeers(2, { signal: aborted }),
  ];
  for (const failure of failures) assertEquals(await failure.then(() => null, (error) => error), reason);
  await push.send("next");
  assertEquals(await next(pull), ["next"]);
});

Deno.test("a call that is aborted while it waits leaves its place to the next", async () => {
  await using push = new Push({ linger: 0 });
  const controller = new AbortController();
  const outcomes = [
    push.send("first", { signal: controller.signal }),
    push.send("second"),
  ].map((promise) => promise.then(() => "sent", (error) => error));
  controller.abort("gone");
  assertEquals(await outcomes[0], "gone");
  await using pull = new Pull();
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  assertEquals(await within(outcomes[1]!, "the second send"), "sent");

  const receiver = new AbortController();
  const received = [pull.receive({ signal: receiver.signal }), pull.receive()]
    .map((promise) => promise.then(text, (error) => error));
  receiver.abort();
  const error = await received[0];
  assert(error instanceof DOMException && error.name === "AbortError");
  assertEquals(await within(received[1]!, "the message"), ["second"]);
});

Deno.test("aborting the head of the line lets those behind it go on at once", async () => {
  await using publisher = new Publisher({ noDrop: true, sendHighWaterMark: 1 });
  await using subscriber = new Subscriber({ receiveHighWaterMark: 1 });
  await publisher.bind("inproc://denomq-head-of-line");
  subscriber.connect("inproc://denomq-head-of-line");
  subscriber.subscribe("full");
  await publisher.waitForSubscribers();
  while (publisher.trySend("full"));
  const controller = new AbortController();
  const head = publisher.send("full", { signal: controller.signal });
  // Nobody wants it, but messages are published in their order.
  const behind = publisher.send("free");
  assert(await isPending(behind));
  controller.abort("never mind");
  await assertRejects(() => head.catch((reason) => Promise.reject(new Error(reason))), Error, "never mind");
  await within(behind, "the send behind");
});

Deno.test("a timeout signal works like any other", async () => {
  await using pull = new Pull();
  const error = await pull.receive({ signal: AbortSignal.timeout(10) }).then(() => null, (error) => error);
  assert(error instanceof DOMException && error.name === "TimeoutError");
});

Deno.test("no listener stays on a signal after the call", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener: add, removeEventListener: remove } = signal;
  signal.addEventListener = function (...args: Parameters<typeof add>) {
    listeners++;
    add.apply(signal, args);
  };
  signal.removeEventListener = function (...args: Parameters<typeof remove>) {
    listeners--;
    remove.apply(signal, args);
  };
  const receiving = pull.receive({ signal });
  assertEquals(listeners, 1);
  await push.send("x", { signal });
  await receiving;
  await rejectsCode(() => pull.receive({ signal, timeout: 5 }), "EAGAIN");
  const last = pull.receive({ signal });
  pull.close();
  await rejectsCode(() => last, "EAGAIN");
  assertEquals(listeners, 0);
});

Deno.test("calls that wait when the socket is closed reject with EAGAIN, later ones with EBADF", async () => {
  await using pair = new Pair();
  const calls = [pair.send("x"), pair.send("y"), pair.receive(), pair.receive(), pair.waitForPeers()];
  const outcomes = calls.map((call) => call.then(() => "done", (error) => error.code));
  pair.close();
  assertEquals(await within(Promise.all(outcomes), "all"), Array(5).fill("EAGAIN"));
  await rejectsCode(() => pair.receive(), "EBADF");
  await rejectsCode(() => pair.send("x"), "EBADF");
});

Deno.test("a reply before its request and a request's reply before the request wait", async () => {
  await using reply = new Reply();
  await using request = new Request({ linger: 0 });
  await reply.bind("ipc://*");
  request.connect(reply.lastEndpoint!);
  const early = reply.send("answer");
  const answer = request.receive();
  assert(await isPending(early));
  assert(await isPending(answer));
  for (const options of [{ timeout: 0 }]) {
    await rejectsCode(() => reply.send("x", options), "EFSM");
    await rejectsCode(() => request.receive(options), "EFSM");
  }
  throwsCode(() => reply.trySend("x"), "EFSM");
  throwsCode(() => request.tryReceive(), "EFSM");
  throwsCode(() => request.tryReceiveBatch(), "EFSM");
  assertEquals(request.tryReceiveBatch(0), []);
  await request.send("question");
  assertEquals(await next(reply), ["question"]);
  await within(early, "the early reply");
  assertEquals(text(await within(answer, "the answer")), ["answer"]);
});

Deno.test("whole conversations may be ordered beforehand", async () => {
  await using reply = new Reply();
  await using request = new Request({ linger: 0 });
  await reply.bind("ipc://*");
  request.connect(reply.lastEndpoint!);
  const rounds = [0, 1, 2, 3, 4];
  const sends = rounds.map((i) => request.send(`q${i}`));
  const answers = rounds.map(() => request.receive());
  const questions = rounds.map(() => reply.receive());
  const replies = rounds.map((i) => reply.send(`a${i}`));
  await within(Promise.all([...sends, ...replies]), "all sends");
  assertEquals((await Promise.all(questions)).map(text), rounds.map((i) => [`q${i}`]));
  assertEquals((await Promise.all(answers)).map(text), rounds.map((i) => [`a${i}`]));
});

Deno.test("a request waits with a second one until the reply has come", async () => {
  await using request = new Request({ linger: 0 });
  request.connect("ipc://@denomq-nobody");
  await request.send("first");
  assert(await isPending(request.send("second").catch(() => {})));
  await rejectsCode(() => request.send("x", { timeout: 0 }), "EFSM");
  throwsCode(() => request.trySend("x"), "EFSM");
  await rejectsCode(() => request.receive({ timeout: 5 }), "EAGAIN");
});

Deno.test("a router that must deliver waits for its first peer", async () => {
  await using router = new Router({ mandatory: true });
  await router.bind("ipc://*");
  const sending = router.send(["peer", "hello"]);
  assert(await isPending(sending));
  await rejectsCode(() => router.send(["peer", "x"], { timeout: 0 }), "EHOSTUNREACH");
  await using request = new Request({ routingId: "peer", linger: 0 });
  request.connect(router.lastEndpoint!);
  await within(sending, "the send");
  await rejectsCode(() => router.send(["stranger", "x"]), "EHOSTUNREACH");
  throwsCode(() => router.trySend(["stranger", "x"]), "EHOSTUNREACH");
});

Deno.test("try calls take what is there, in turn with those that wait", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  assertEquals(pull.tryReceive(), null);
  assertEquals(pull.tryReceiveBatch(), []);
  for (let i = 0; i < 10; i++) assertEquals(push.trySend(`${i}`), true);
  await until(() => pull.readable, "they come");
  assertEquals(text(pull.tryReceive()), ["0"]);
  const batch = pull.tryReceiveBatch(3);
  assertEquals(batch.map(text), [["1"], ["2"], ["3"]]);
  let rest: string[][] = [];
  await until(() => (rest = [...rest, ...pull.tryReceiveBatch().map(text)]).length === 6, "the rest comes");
  assertEquals(rest.flat(), ["4", "5", "6", "7", "8", "9"]);
  const waiting = pull.receive();
  await push.send("for the one that waits");
  assertEquals(text(await within(waiting, "it")), ["for the one that waits"]);
  assertThrows(() => pull.tryReceiveBatch(-1), RangeError, "limit");
  assertThrows(() => pull.tryReceiveBatch(NaN), RangeError, "limit");
});

Deno.test("a publisher without peers lets timers run", async () => {
  await using publisher = new Publisher();
  await publisher.bind("ipc://*");
  let rang = false;
  const timer = setTimeout(() => rang = true, 10);
  const end = performance.now() + 10_000;
  while (!rang && performance.now() < end) await publisher.send("nobody hears this");
  clearTimeout(timer);
  assert(rang);
});

Deno.test("a sender without a high water mark lets timers run", async () => {
  await using push = new Push({ linger: 0, sendHighWaterMark: 0 });
  push.connect("ipc://@denomq-nobody");
  let rang = false;
  const timer = setTimeout(() => rang = true, 10);
  const end = performance.now() + 10_000;
  while (!rang && performance.now() < end) await push.send([null, "x".repeat(100)]);
  clearTimeout(timer);
  assert(rang);
});

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Router } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { Log, next, Pipeline, throwsCode, until } from "./support.ts";

/** How many messages a socket takes before it is full. */
function fill(push: Push): number {
  let count = 0;
  while (push.trySend(`${count}`)) count++;
  return count;
}

Deno.test("the high water mark bounds what is queued for a peer that is not there", async () => {
  await using push = new Push({ linger: 0, sendHighWaterMark: 3 });
  push.connect("ipc://@denomq-nobody");
  assertEquals(fill(push), 3);
  assertEquals(push.writable, false);
});

Deno.test("a raised high water mark acts at once, on a full queue too", async () => {
  await using push = new Push({ linger: 0, sendHighWaterMark: 3 });
  push.connect("ipc://@denomq-nobody");
  assertEquals(fill(push), 3);
  push.sendHighWaterMark = 4;
  assertEquals(fill(push), 1);
  const waiting = push.send("waits");
  push.sendHighWaterMark = 5;
  await within(waiting, "the send that the raised mark lets through");
  push.sendHighWaterMark = 0;
  for (let i = 0; i < 5000; i++) assert(push.trySend("x"));
});

Deno.test("a lowered high water mark keeps what is queued and acts at once", async () => {
  await using push = new Push({ linger: 0, sendHighWaterMark: 10 });
  push.connect("ipc://@denomq-lowered");
  for (let i = 0; i < 6; i++) assert(push.trySend(`${i}`));
  push.sendHighWaterMark = 4;
  assertEquals(push.trySend("too many"), false);
  await using pull = new Pull();
  await pull.bind("ipc://@denomq-lowered");
  for (let i = 0; i < 6; i++) assertEquals(await next(pull), [`${i}`]);
  await push.send("last");
  assertEquals(await next(pull), ["last"]);
});

Deno.test("0 is no limit", async () => {
  await using push = new Push({ linger: 0, sendHighWaterMark: 0 });
  push.connect("ipc://@denomq-nobody");
  for (let i = 0; i < 20_000; i++) assert(push.trySend("x"));
  push.sendHighWaterMark = 5;
  assertEquals(push.trySend("x"), false);
});

Deno.test("the receive high water mark holds a sender back, and raising it lets it go on", async () => {
  const body = new Uint8Array(32 * 1024);
  await using pipeline = await Pipeline.make({ pull: { receiveHighWaterMark: 2 }, push: { sendHighWaterMark: 2 } });
  const { pull, push } = pipeline;
  let sent = 0;
  // The system's buffers take some, so do the queues at both ends; then it stops.
  const blocked = async () => {
    for (let quiet = 0; quiet < 10;) {
      const before = sent;
      while (push.trySend(body)) sent++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      quiet = sent === before ? quiet + 1 : 0;
      assert(sent < 2000, "nothing holds the sender back");
    }
  };
  await blocked();
  const before = sent;
  pull.receiveHighWaterMark = 20;
  await blocked();
  assert(sent - before >= 18, `${before} messages, then ${sent}`);
  let received = 0;
  while (received < sent) {
    await within(pull.receive(), `message ${received} of ${sent}`);
    received++;
  }
});

Deno.test("a lowered receive high water mark loses nothing", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  for (let i = 0; i < 50; i++) await push.send(`${i}`);
  await until(() => pull.readable, "the messages come");
  pull.receiveHighWaterMark = 1;
  for (let i = 50; i < 100; i++) await push.send(`${i}`);
  for (let i = 0; i < 100; i++) assertEquals(await next(pull), [`${i}`]);
});

Deno.test("timeouts act at the next call", async () => {
  await using push = new Push();
  push.sendTimeout = 0;
  const error = await push.send("x").then(() => null, (error) => error);
  assertEquals(error.code, "EAGAIN");
  push.sendTimeout = 20;
  const start = performance.now();
  assertEquals((await push.send("x").then(() => null, (error) => error)).code, "EAGAIN");
  assert(performance.now() - start >= 15);
});

Deno.test("linger acts although it is set after the connection was made", async () => {
  const push = new Push();
  push.connect("ipc://@denomq-nobody");
  await push.send("x");
  push.linger = 0;
  await within(push[Symbol.asyncDispose](), "the end of a socket that does not linger");
});

Deno.test("reconnectInterval and routingId act at the next connect", async () => {
  await using router = new Router({ mandatory: true });
  await router.bind("ipc://*");
  await using dealer = new Dealer({ routingId: "first", reconnectInterval: -1 });
  dealer.connect(router.lastEndpoint!);
  dealer.routingId = "second";
  dealer.reconnectInterval = 30;
  await within(router.waitForPeers(), "the peer");
  throwsCode(() => router.trySend(["second", "x"]), "EHOSTUNREACH");
  await router.send(["first", "x"]);
  assertEquals(await next(dealer), ["x"]);

  const log = new Log(dealer);
  const endpoint = router.lastEndpoint!;
  await router.unbind(endpoint);
  await log.wait("disconnect");
  assertEquals(log.count("connect:retry"), 0, "the connection was made with -1");

  dealer.connect(endpoint);
  const { interval } = await log.wait("connect:retry");
  assert(interval! >= 30 && interval! < 60);
});

Deno.test("immediate acts at the next connect", async () => {
  await using push = new Push({ linger: 0, immediate: true });
  push.connect("ipc://@denomq-nobody");
  assertEquals(push.trySend("x"), false);
  push.immediate = false;
  assertEquals(push.trySend("x"), false, "the connection was begun before");
  push.connect("ipc://@denomq-nobody-either");
  assertEquals(push.trySend("x"), true);
});

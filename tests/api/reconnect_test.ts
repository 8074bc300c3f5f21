import { assert, assertEquals } from "@std/assert";
import { Pair, Publisher, Pull, Push, Subscriber } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { isPending, Log, next, rejectsCode, throwsCode, until } from "./support.ts";
import { greeting, message, Raw, RawServer, ready } from "./raw.ts";

Deno.test("connect before bind: the messages wait for the peer", async () => {
  using temp = new TempDirectory();
  await using push = new Push({ linger: 0, reconnectInterval: 5 });
  push.connect(`ipc://${temp.at("feed")}`);
  for (let i = 0; i < 10; i++) await push.send(`${i}`);
  await using pull = new Pull();
  await pull.bind(`ipc://${temp.at("feed")}`);
  for (let i = 0; i < 10; i++) assertEquals(await next(pull), [`${i}`]);
});

Deno.test("a peer that goes and comes again is found", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0, reconnectInterval: 5 });
  push.connect(endpoint);
  for (let round = 0; round < 5; round++) {
    await using pull = new Pull();
    await pull.bind(endpoint);
    await within(push.waitForPeers(), "the peer");
    for (let i = 0; i < 3; i++) await push.send(`${round} ${i}`);
    for (let i = 0; i < 3; i++) assertEquals(await next(pull), [`${round} ${i}`]);
    pull.close();
    await until(() => push.peerCount === 0, "the peer has gone");
    await push.send(`for round ${round + 1}`);
    await using again = new Pull();
    await again.bind(endpoint);
    assertEquals(await next(again), [`for round ${round + 1}`]);
    again.close();
    await until(() => push.peerCount === 0, "that peer has gone, too");
  }
});

Deno.test("a process that is killed and started again is found", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using pair = new Pair({ linger: 0, reconnectInterval: 10 });
  pair.connect(endpoint);
  const script = new URL("./programs/echo.ts", import.meta.url);
  for (let round = 0; round < 2; round++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", script.href, endpoint],
      stdout: "null",
    }).spawn();
    try {
      await pair.send(`round ${round}`);
      assertEquals(await next(pair), [`round ${round}`]);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
    await until(() => pair.peerCount === 0, "the child is missed");
  }
});

// libzmq: test_reconnect_ivl
Deno.test("without a longest interval each wait is the first plus up to as much at random", async () => {
  await using push = new Push({ linger: 0, reconnectInterval: 10 });
  const log = new Log(push);
  push.connect("ipc://@denomq-nobody");
  await log.wait("connect:retry", 12);
  const intervals = log.events.filter((event) => event.type === "connect:retry").map((event) => event.interval!);
  assert(intervals.every((interval) => interval >= 10 && interval < 20), `${intervals}`);
  assert(new Set(intervals).size > 1, `${intervals}`);
});

Deno.test("with a longest interval each wait is twice the last", async () => {
  for (
    const [interval, longest, expected] of [
      [5, 30, [5, 10, 20, 30, 30]],
      [8, 8, [8, 8, 8]],
      [50, 10, [10, 10, 10]],
    ] as const
  ) {
    await using push = new Push({ linger: 0, reconnectInterval: interval, reconnectMaxInterval: longest });
    const log = new Log(push);
    push.connect("ipc://@denomq-nobody");
    await log.wait("connect:retry", expected.length);
    const intervals = log.events.filter((event) => event.type === "connect:retry").map((event) => event.interval);
    assertEquals(intervals.slice(0, expected.length), [...expected]);
  }
});

Deno.test("a connection that was made starts the waits anew", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0, reconnectInterval: 4, reconnectMaxInterval: 1000 });
  const log = new Log(push);
  push.connect(endpoint);
  assertEquals((await log.wait("connect:retry", 4)).interval, 32);
  const pull = new Pull();
  await pull.bind(endpoint);
  await log.wait("handshake");
  const before = log.count("connect:retry");
  await pull[Symbol.asyncDispose]();
  assertEquals((await log.wait("connect:retry", before + 1)).interval, 4);
});

for (const reconnectInterval of [-1, 0]) {
  Deno.test(`with reconnectInterval ${reconnectInterval} there is one attempt`, async () => {
    await using push = new Push({ linger: 0, reconnectInterval });
    const log = new Log(push);
    push.connect("ipc://@denomq-nobody");
    await log.wait("close");
    await until(() => !push.writable, "the endpoint is given up");
    throwsCode(() => push.disconnect("ipc://@denomq-nobody"), "ENOENT");

    const pull = new Pull();
    await pull.bind("ipc://*");
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assertEquals(await next(pull), ["x"]);
    await pull[Symbol.asyncDispose]();
    await log.wait("disconnect");
    assert(await isPending(push.send("y").catch(() => {})));
    assertEquals(log.count("connect:retry"), 0);
  });
}

Deno.test("a peer that breaks the protocol is not tried again", async () => {
  using temp = new TempDirectory();
  using server = new RawServer(`ipc://${temp.at("feed")}`);
  await using push = new Push({ linger: 0, reconnectInterval: 1 });
  const log = new Log(push);
  push.connect(server.endpoint);
  using raw = await server.accept();
  await raw.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const { error, address } = await log.wait("handshake:error:protocol");
  assert(error instanceof Error && address === server.endpoint);
  await raw.closed();
  await until(() => !push.writable, "the endpoint is given up");
  throwsCode(() => push.disconnect(server.endpoint), "ENOENT");
  assertEquals(log.count("connect:retry"), 0);
  assertEquals(log.count("connect"), 1);
});

Deno.test("a peer that goes during the handshake is tried again", async () => {
  using temp = new TempDirectory();
  using server = new RawServer(`ipc://${temp.at("feed")}`);
  await using push = new Push({ linger: 0, reconnectInterval: 1 });
  const log = new Log(push);
  push.connect(server.endpoint);
  for (let i = 0; i < 3; i++) {
    using raw = await server.accept();
    await raw.write(greeting());
  }
  await log.wait("handshake:error:other", 3);
  await log.wait("connect:retry", 3);
});

// libzmq: test_stream_timeout (connecting)
Deno.test("a server that never greets is given up in time and tried again", async () => {
  using temp = new TempDirectory();
  using server = new RawServer(`ipc://${temp.at("feed")}`);
  await using push = new Push({ linger: 0, reconnectInterval: 1, handshakeInterval: 50 });
  const log = new Log(push);
  push.connect(server.endpoint);
  await push.send("kept");
  const start = performance.now();
  using silent = await server.accept();
  await silent.closed();
  const took = performance.now() - start;
  assert(took >= 40 && took < 5000, `${took} ms`);
  await log.wait("handshake:error:other");
  using second = await server.accept();
  await second.shake("PULL");
  const { body } = await second.frame();
  assertEquals(new TextDecoder().decode(body), "kept");
});

// libzmq: test_stream_timeout (accepting)
Deno.test("a client that never greets, or stops in the middle, is dropped in time", async () => {
  await using pull = new Pull({ handshakeInterval: 50 });
  await pull.bind("ipc://*");
  const log = new Log(pull);
  using silent = await Raw.connect(pull.lastEndpoint!);
  using slow = await Raw.connect(pull.lastEndpoint!);
  await slow.write(greeting(), ready("PUSH").subarray(0, 10));
  await Promise.all([silent.closed(), slow.closed()]);
  await log.wait("handshake:error:other", 2);
  assertEquals(pull.peerCount, 0);
  using fine = await Raw.connect(pull.lastEndpoint!);
  await fine.shake("PUSH");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await fine.write(message("hello"));
  assertEquals(await next(pull), ["hello"]);
});

Deno.test("subscriptions are made again with a new connection", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using subscriber = new Subscriber({ reconnectInterval: 5 });
  subscriber.subscribe("a", "b", "b");
  subscriber.connect(endpoint);
  for (let round = 0; round < 3; round++) {
    await using publisher = new Publisher();
    await publisher.bind(endpoint);
    for (const topic of ["a", "b"]) await within(publisher.waitForSubscribers(1, { topic }), topic);
    await publisher.send(`c ${round}`);
    await publisher.send(`b ${round}`);
    assertEquals(await next(subscriber), [`b ${round}`]);
    publisher.close();
    await until(() => subscriber.peerCount === 0, "the publisher has gone");
  }
  subscriber.unsubscribe("a");
  await using publisher = new Publisher();
  await publisher.bind(endpoint);
  await within(publisher.waitForSubscribers(1, { topic: "b" }), "b");
  await rejectsCode(() => publisher.waitForSubscribers(1, { topic: "a", timeout: 20 }), "EAGAIN");
});

Deno.test("an accepted peer's queue goes with it", async () => {
  await using push = new Push({ linger: 0 });
  await push.bind("ipc://*");
  {
    using raw = await Raw.connect(push.lastEndpoint!);
    await raw.shake("PULL");
    await within(push.waitForPeers(), "the peer");
    for (let i = 0; i < 100; i++) await push.send(["before", new Uint8Array(60_000)]);
  }
  await until(() => push.peerCount === 0, "it has gone");
  assertEquals(push.writable, false);
  await using pull = new Pull();
  pull.connect(push.lastEndpoint!);
  await push.send("after");
  assertEquals(await next(pull), ["after"]);
});

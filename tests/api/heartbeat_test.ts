import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Router } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { Log, next, until } from "./support.ts";
import { command, message, Raw, RawServer } from "./raw.ts";

/** The name and the data of a command that a peer sent. */
async function readCommand(raw: Raw): Promise<[string, number[]]> {
  const { flags, body } = await raw.frame();
  assertEquals(flags, 4);
  return [new TextDecoder().decode(body.subarray(1, 1 + body[0]!)), Array.from(body.subarray(1 + body[0]!))];
}

// libzmq: test_heartbeats (timeout)
Deno.test("a peer that falls silent is disconnected", async () => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: 40, heartbeatTimeToLive: 500 });
  await pull.bind("ipc://*");
  const log = new Log(pull);
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  assertEquals(await readCommand(raw), ["PING", [0, 5]]);
  await raw.closed();
  const { error } = await log.wait("disconnect");
  assertEquals((error as Error & { code?: string }).code, "ETIMEDOUT");
});

Deno.test("the timeout of a heartbeat is its interval unless it is set", async () => {
  await using pull = new Pull({ heartbeatInterval: 30 });
  await pull.bind("ipc://*");
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  await raw.closed();
});

Deno.test("a peer that answers stays", async () => {
  await using pull = new Pull({ heartbeatInterval: 10, heartbeatTimeout: 300 });
  await pull.bind("ipc://*");
  const log = new Log(pull);
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  for (let i = 0; i < 20; i++) {
    assertEquals(await readCommand(raw), ["PING", [0, 0]]);
    await raw.write(command("PONG"));
  }
  await raw.write(message("hello"));
  assertEquals(await next(pull), ["hello"]);
  assertEquals(log.count("disconnect"), 0);
});

Deno.test("any bytes are a sign of life", async () => {
  await using pull = new Pull({ heartbeatInterval: 30, heartbeatTimeout: 150 });
  await pull.bind("ipc://*");
  const log = new Log(pull);
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  for (let i = 0; i < 15; i++) {
    await raw.write(message(`${i}`));
    assertEquals(await next(pull), [`${i}`]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(log.count("disconnect"), 0);
});

// libzmq: test_heartbeats (context)
Deno.test("a PING is answered with its context, though no heartbeat is set", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  await raw.write(command("PING", [0, 0]));
  assertEquals(await readCommand(raw), ["PONG", []]);
  const context = Array.from({ length: 20 }, (_, i) => i);
  await raw.write(command("PING", [0, 0, ...context]));
  assertEquals(await readCommand(raw), ["PONG", context.slice(0, 16)]);
});

// libzmq: test_heartbeats (time to live)
Deno.test("a peer that asks to be given up after a silence is", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  const log = new Log(pull);
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  const start = performance.now();
  await raw.write(command("PING", [0, 1]));
  await raw.closed();
  assert(performance.now() - start >= 90);
  await log.wait("disconnect");
});

Deno.test("a server that falls silent is left and found again, with what was not written", async () => {
  using temp = new TempDirectory();
  using server = new RawServer(`ipc://${temp.at("feed")}`);
  await using push = new Push({ linger: 0, reconnectInterval: 1, heartbeatInterval: 20, heartbeatTimeout: 20 });
  const log = new Log(push);
  push.connect(server.endpoint);
  using silent = await server.accept();
  await silent.shake("PULL");
  await silent.closed();
  await log.wait("disconnect");
  await log.wait("connect:retry");
  await push.send("hello");
  using again = await server.accept();
  await again.shake("PULL");
  for (let found = false; !found;) {
    const { flags, body } = await again.frame();
    if (flags === 4) await again.write(command("PONG"));
    else found = new TextDecoder().decode(body) === "hello";
  }
});

// libzmq: test_heartbeats (no timeout)
Deno.test("two sockets with heartbeats stay connected while they have nothing to say", async () => {
  const options = { heartbeatInterval: 10, heartbeatTimeToLive: 500, heartbeatTimeout: 500, linger: 0 };
  await using dealer = new Dealer(options);
  await using router = new Router(options);
  const log = new Log(router);
  await router.bind("ipc://*");
  dealer.connect(router.lastEndpoint!);
  await within(router.waitForPeers(), "the peer");
  const end = performance.now() + 300;
  await until(() => performance.now() > end, "some heartbeats have passed");
  assertEquals(log.count("disconnect"), 0);
  await dealer.send("hello");
  assertEquals((await next(router))[1], "hello");
});

Deno.test("a receiver that does not read does not take its peer for dead", async () => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: 40, receiveHighWaterMark: 1 });
  await using push = new Push({ linger: 0, sendHighWaterMark: 2 });
  await pull.bind("ipc://*");
  const log = new Log(pull);
  push.connect(pull.lastEndpoint!);
  await within(push.waitForPeers(), "the peer");
  let sent = 0;
  for (const end = performance.now() + 300; performance.now() < end;) {
    while (push.trySend(new Uint8Array(50_000))) sent++;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (let i = 0; i < sent; i++) await within(pull.receive(), `message ${i} of ${sent}`);
  assertEquals(log.count("disconnect"), 0);
});

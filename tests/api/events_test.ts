import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type EventType, Pair, Pull, Push, type Socket, SocketEvent, ZmqError } from "../../mod.ts";
import { TempDirectory } from "../support/temp.ts";
import { Log, next, rejectsCode, until } from "./support.ts";
import { Raw } from "./raw.ts";

const all: EventType[] = [
  ...["accept", "accept:error", "bind", "bind:error", "connect", "connect:delay", "connect:retry", "close"] as const,
  ...["close:error", "disconnect", "handshake", "end"] as const,
  ...["handshake:error:protocol", "handshake:error:auth", "handshake:error:other"] as const,
];

/** Notes the events of a socket by handlers. */
function handled(socket: Socket): SocketEvent[] {
  const events: SocketEvent[] = [];
  for (const type of all) socket.events.on(type, (event) => events.push(event));
  return events;
}

const types = (events: SocketEvent[]) => events.map((event) => event.type);

Deno.test("both sides report the life of a connection in order", async () => {
  await using pull = new Pull();
  await using push = new Push({ linger: 0, reconnectInterval: 10_000 });
  const [server, client] = [new Log(pull), new Log(push)];
  await pull.bind("ipc://*");
  const endpoint = pull.lastEndpoint!;
  push.connect(endpoint);
  await Promise.all([server.wait("handshake"), client.wait("handshake")]);
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
  await pull.unbind(endpoint);
  await client.wait("connect:retry");
  await server.wait("disconnect");
  pull.close();
  push.close();
  assertEquals(await server.end(), ["bind", "accept", "handshake", "close", "disconnect", "end"]);
  assertEquals(await client.end(), ["connect", "handshake", "disconnect", "connect:retry", "end"]);
  for (const { events } of [server, client]) {
    for (const event of events) {
      assertInstanceOf(event, SocketEvent);
      assertInstanceOf(event, Event);
      assertEquals(event.address, event.type === "end" ? undefined : endpoint);
      assertEquals(event.error, undefined, event.type);
      assertEquals(typeof event.interval, event.type === "connect:retry" ? "number" : "undefined");
    }
  }
});

Deno.test("failed attempts are reported with their reason and the next one's time", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0, reconnectInterval: 5 });
  const log = new Log(push);
  push.connect(endpoint);
  await log.wait("connect:retry", 2);
  const [close, retry] = log.events;
  assertEquals([close!.type, retry!.type], ["close", "connect:retry"]);
  assertInstanceOf(close!.error, ZmqError);
  assertEquals([close!.error.code, close!.address, retry!.address], ["ENOENT", endpoint, endpoint]);
  await using pull = new Pull();
  await pull.bind(endpoint);
  await log.wait("handshake");
  const before = log.types.indexOf("connect");
  const attempts = log.types.slice(0, before);
  assertEquals(attempts, attempts.map((_, i) => i % 2 === 0 ? "close" : "connect:retry"));
  assertEquals(log.types.slice(before), ["connect", "handshake"]);
});

Deno.test("a failed bind is reported and thrown", async () => {
  using temp = new TempDirectory();
  await using pull = new Pull();
  const events = handled(pull);
  const endpoint = `ipc://${temp.at("missing", "x")}`;
  const error = await rejectsCode(() => pull.bind(endpoint), "ENOENT");
  assertEquals(types(events), ["close", "bind:error"]);
  assertEquals([events[1]!.address, events[1]!.error], [endpoint, error]);
  await rejectsCode(() => pull.bind("bogus://x"), "EPROTONOSUPPORT");
  assertEquals(types(events), ["close", "bind:error"]);
});

Deno.test("a wildcard's file that has gone is reported when it should be removed", async () => {
  await using pull = new Pull();
  const events = handled(pull);
  await pull.bind("ipc://*");
  const path = pull.lastEndpoint!.slice("ipc://".length);
  Deno.removeSync(path);
  await pull.unbind(pull.lastEndpoint!);
  await until(() => events.some((event) => event.type === "close:error"), "the error");
  assertEquals(types(events), ["bind", "close:error"]);
  assert(events.find((event) => event.type === "close:error")!.error instanceof ZmqError);
});

Deno.test("a handshake that fails is reported in place of one that succeeds, and its connection ends", async () => {
  await using pull = new Pull();
  await using wrong = new Pair({ linger: 0, reconnectInterval: 1 });
  const [server, client] = [new Log(pull), new Log(wrong)];
  await pull.bind("ipc://*");
  wrong.connect(pull.lastEndpoint!);
  assertEquals((await server.wait("handshake:error:protocol")).address, pull.lastEndpoint);
  assertInstanceOf((await client.wait("handshake:error:protocol")).error, Error);
  {
    using _raw = await Raw.connect(pull.lastEndpoint!);
    await server.wait("accept", 2);
  }
  await server.wait("handshake:error:other");
  pull.close();
  wrong.close();
  assertEquals(await client.end(), ["connect", "handshake:error:protocol", "disconnect", "end"]);
  const failed = (kind: string) => ["accept", `handshake:error:${kind}`, "disconnect"];
  assertEquals(await server.end(), ["bind", ...failed("protocol"), ...failed("other"), "close", "end"]);
});

Deno.test("end is the last event, after what lingers", async () => {
  using temp = new TempDirectory();
  const push = new Push({ reconnectInterval: 5 });
  const events = handled(push);
  push.connect(`ipc://${temp.at("feed")}`);
  await push.send("x");
  push.close();
  assertEquals(push.events.closed, false);
  await using pull = new Pull();
  await pull.bind(`ipc://${temp.at("feed")}`);
  assertEquals(await next(pull), ["x"]);
  await push[Symbol.asyncDispose]();
  assertEquals(types(events).slice(-4), ["connect", "handshake", "disconnect", "end"]);
  assertEquals(push.events.closed, true);
});

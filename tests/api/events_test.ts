import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type EventType, Observer, Pair, Pull, Push, type Socket, SocketEvent, ZmqError } from "../../mod.ts";
import { within } from "../support/deadline.ts";
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
  assertEquals(types(events), ["bind:error"]);
  assertEquals([events[0]!.address, events[0]!.error], [endpoint, error]);
  await rejectsCode(() => pull.bind("bogus://x"), "EPROTONOSUPPORT");
  assertEquals(types(events), ["bind:error"]);
});

Deno.test("a wildcard's file that has gone is reported when it should be removed", async () => {
  await using pull = new Pull();
  const events = handled(pull);
  await pull.bind("ipc://*");
  const path = pull.lastEndpoint!.slice("ipc://".length);
  Deno.removeSync(path);
  await pull.unbind(pull.lastEndpoint!);
  await until(() => events.some((event) => event.type === "close:error"), "the error");
  assertEquals(types(events).filter((type) => type !== "close"), ["bind", "close:error"]);
  assert(events.find((event) => event.type === "close:error")!.error instanceof ZmqError);
});

Deno.test("a handshake that fails is reported in place of one that succeeds", async () => {
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
  assertEquals(await client.end(), ["connect", "handshake:error:protocol", "end"]);
  const expected = ["bind", "accept", "handshake:error:protocol", "accept", "handshake:error:other", "close", "end"];
  assertEquals(await server.end(), expected);
});

Deno.test("handlers, listeners, iterations and receive() all get every event", async () => {
  await using pull = new Pull();
  const { events } = pull;
  assertInstanceOf(events, Observer);
  assertInstanceOf(events, EventTarget);
  assertEquals(pull.events, events);
  const seen: string[] = [];
  const handler = (event: SocketEvent) => seen.push(`on ${event.type}`);
  events.on("bind", handler);
  events.on("close", handler);
  events.addEventListener("bind", (event) => seen.push(`listener ${event.type}`), { once: true });
  events.addEventListener("bind", { handleEvent: (event) => seen.push(`object ${event.type}`) });
  const first = events.receive();
  const second = events.receive();
  await pull.bind("ipc://*");
  assertEquals((await within(first, "the first event"))?.type, "bind");
  assertEquals(seen, ["on bind", "listener bind", "object bind"]);
  events.off("close", handler);
  await pull.bind("ipc://*");
  assertEquals((await within(second, "the second event"))?.type, "bind");
  assertEquals(seen.slice(3), ["on bind", "object bind"]);
  const rest = [events.receive(), events.receive(), events.receive(), events.receive(), events.receive()];
  pull.close();
  const ends = await within(Promise.all(rest), "the end of all that wait");
  assertEquals(ends.map((event) => event?.type), ["close", "close", "end", undefined, undefined]);
  assertEquals(seen.length, 5, "off() ends what on() began");
  assertEquals(events.closed, true);
  assertEquals(await events.receive(), undefined);
  for await (const _ of events) throw new Error("There is nothing after the end");
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

Deno.test("an iteration begins with what happens after it was asked for", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  const log = new Log(pull);
  pull.close();
  assertEquals(await log.end(), ["close", "end"]);
});

Deno.test("an iteration that is slow keeps the newest events and holds nobody up", async () => {
  await using pull = new Pull();
  const iterator = pull.events[Symbol.asyncIterator]();
  let counted = 0;
  pull.events.on("bind", () => counted++);
  for (let i = 0; i < 700; i++) {
    await pull.bind("ipc://*");
    await pull.unbind(pull.lastEndpoint!);
  }
  await pull[Symbol.asyncDispose]();
  assertEquals(counted, 700);
  const kept: string[] = [];
  for (let item = await iterator.next(); !item.done; item = await iterator.next()) kept.push(item.value.type);
  assert(kept.length <= 1001 && kept.length >= 900, `${kept.length} events`);
  assertEquals(kept.at(-1), "end");
});

Deno.test("without an observer no event is made", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using pull = new Pull();
  await using push = new Push({ linger: 0 });
  let made = 0;
  const { dispatchEvent } = EventTarget.prototype;
  EventTarget.prototype.dispatchEvent = function (event) {
    if (event instanceof SocketEvent) made++;
    return dispatchEvent.call(this, event);
  };
  try {
    await pull.bind(endpoint);
    push.connect(endpoint);
    await push.send("x");
    await next(pull);
    await push[Symbol.asyncDispose]();
    await pull[Symbol.asyncDispose]();
  } finally {
    EventTarget.prototype.dispatchEvent = dispatchEvent;
  }
  assertEquals(made, 0);
  assertEquals(await pull.events.receive(), undefined);
});

Deno.test("events can be waited for without holding a program's end", async () => {
  await using pull = new Pull();
  const waiting = pull.events.receive();
  pull.close();
  assertEquals((await within(waiting, "the end"))?.type, "end");
});

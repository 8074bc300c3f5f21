// Observer: how a program gets to know the events of a socket.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { type ErrorCode, type EventOfType, Observer, Pull, Push, SocketEvent } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { onLinux, only } from "../support/platform.ts";
import { TempDirectory } from "../support/temp.ts";
import { isPending, Log, next, rejectsCode } from "./support.ts";

Deno.test("handlers, listeners and receive() get every event", async () => {
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
  await rejectsCode(() => events.receive(), "EBADF");
  for await (const _ of events) throw new Error("There is nothing after the end");
});

Deno.test("an iteration begins with what happens after it was asked for", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  const log = new Log(pull);
  pull.close();
  assertEquals(await log.end(), ["close", "end"]);
});

Deno.test(
  "a reader that is slow gets the newest 1000 events, knows how many are lost, and holds nobody up",
  only(onLinux, "other systems have no abstract names"),
  async () => {
    await using pull = new Pull();
    const { events } = pull;
    const iterator = events[Symbol.asyncIterator]();
    let counted = 0;
    events.on("bind", () => counted++);
    for (let i = 0; i < 700; i++) {
      await pull.bind("ipc://@denomq-observed");
      assertEquals(events.dropped, Math.max(0, 2 * i + 1 - 1000));
      await pull.unbind("ipc://@denomq-observed");
    }
    await pull[Symbol.asyncDispose]();
    assertEquals([counted, events.dropped], [700, 401]);
    assertEquals(events.closed, false);
    const kept: string[] = [];
    for (let item = await iterator.next(); !item.done; item = await iterator.next()) kept.push(item.value.type);
    assertEquals(kept, [...Array.from({ length: 999 }, (_, i) => i % 2 === 0 ? "close" : "bind"), "end"]);
    assertEquals(events.closed, true);
  },
);

Deno.test("nobody who reads costs 1000 events, and none where there are listeners", async () => {
  await using ignored = new Pull();
  await using heard = new Pull();
  await using stopped = new Pull();
  assertEquals(ignored.events.dropped, 0);
  let counted = 0;
  heard.events.on("bind", () => counted++);
  for await (const _ of bound(stopped)) break;
  for (let i = 0; i < 600; i++) {
    for (const pull of [ignored, heard, stopped]) {
      pull.bindSync("ipc://*");
      await pull.unbind(pull.lastEndpoint!);
    }
  }
  assertEquals([counted, ignored.events.dropped, heard.events.dropped, stopped.events.dropped], [600, 200, 0, 200]);
  // An iteration that was left off goes on with what is kept.
  for await (const event of stopped.events) {
    assertEquals(event.type, "bind");
    break;
  }
  heard.close();
  assertEquals(heard.events.closed, true);
});

/** The events of a socket that has just been bound once. */
function bound(pull: Pull): Observer {
  const { events } = pull;
  pull.bindSync("ipc://*");
  return events;
}

Deno.test("iterations and receive() share the events: each takes another one, in their order", async () => {
  const pull = new Pull();
  const { events } = pull;
  const [first, second] = [events[Symbol.asyncIterator](), events[Symbol.asyncIterator]()];
  const taken = Promise.all([first.next(), second.next(), events.receive(), first.next(), second.next(), first.next()]);
  await pull.bind("ipc://*");
  pull.close();
  const results = await within(taken, "the events");
  const types = results.map((result) => result && ("value" in result ? result.value?.type : result.type));
  assertEquals(types, ["bind", "close", "end", undefined, undefined, undefined]);
});

Deno.test("calls that wait for events get them in their order", async () => {
  using pull = new Pull();
  const { events } = pull;
  const got: string[] = [];
  const take = (name: string) => events.receive().then((event) => got.push(`${name} ${event?.type}`));
  const calls = [take("first"), take("second")];
  events.emit({ type: "bind", address: "ipc://x" });
  calls.push(take("third"));
  await calls[0];
  calls.push(take("fourth"));
  for (const type of ["accept", "handshake", "close"] as const) events.emit({ type, address: "ipc://x" });
  await within(Promise.all(calls), "the events");
  assertEquals(got, ["first bind", "second accept", "third handshake", "fourth close"]);
});

Deno.test("events are kept from when they are first asked for, until it is clear who wants them", async () => {
  const read = new Pull();
  const { events } = read;
  await read.bind("ipc://*");
  assertEquals((await within(events.receive(), "the event"))?.type, "bind");
  read.close();

  const heard = new Pull();
  const later = heard.events;
  await heard.bind("ipc://*");
  heard.close();
  const types: string[] = [];
  for (const type of ["bind", "close", "end"] as const) later.on(type, () => types.push(type));
  assertEquals(types, []);
  await isPending(new Promise(() => {}));
  assertEquals(types, ["bind", "close", "end"]);
});

// zeromq.js: socket-events (when closed automatically)
Deno.test("a socket that is closed ends its events, and nothing can be received after them", async () => {
  const pull = new Pull();
  const { events } = pull;
  pull.close();
  assertEquals([(await events.receive())?.type, events.closed], ["end", true]);
  const error = await rejectsCode(() => events.receive(), "EBADF");
  assertEquals([error.message, typeof error.errno], ["Socket is closed", "number"]);
});

Deno.test("close() ends the observation and not the socket", async () => {
  await using pull = new Pull();
  const { events } = pull;
  const types: string[] = [];
  events.on("bind", ({ type }) => types.push(type));
  const waiting = [events.receive(), events[Symbol.asyncIterator]().next()];
  // A listener is called later than the event happens: by then it is not to be called any more.
  pull.bindSync("ipc://*");
  events.close();
  events.close();
  assertEquals((await within(Promise.all(waiting), "the end of waiting")).at(1), { value: undefined, done: true });
  pull.bindSync("ipc://*");
  await isPending(new Promise(() => {}));
  assertEquals([types, events.closed, pull.closed, pull.events], [[], true, false, events]);
  await rejectsCode(() => events.receive(), "EBADF");
  for await (const _ of events) throw new Error("There is nothing after close()");
  await using push = new Push({ linger: 0 });
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
});

Deno.test("the type of an event says what else is there", async () => {
  await using pull = new Pull();
  const { events } = pull;
  events.addEventListener("bind", (event) => event.address.length satisfies number);
  events.addEventListener("end", { handleEvent: (event) => event.address satisfies string | undefined });
  events.on("connect:retry", (event) => event.interval.toFixed() satisfies string);
  events.on("handshake:error:auth", ({ error }) => [error.code, error.status] satisfies [string, number]);
  const take = (event: EventOfType): string => {
    switch (event.type) {
      case "bind:error":
        return event.error.code satisfies ErrorCode;
      case "handshake:error:protocol":
        return event.error.code satisfies string;
      case "end":
        return event.type;
      default:
        return event.address;
    }
  };
  const taken = events.receive();
  await pull.bind("ipc://*");
  assertEquals(take((await taken)!), pull.lastEndpoint);
  const event = new SocketEvent("accept", { address: "ipc:///x" });
  assertEquals([event.address, event.endpoint, event.error], ["ipc:///x", "ipc:///x", undefined]);
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
});

Deno.test("events can be waited for without holding a program's end", async () => {
  await using pull = new Pull();
  const waiting = pull.events.receive();
  pull.close();
  assertEquals((await within(waiting, "the end"))?.type, "end");
});

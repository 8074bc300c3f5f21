import { assertEquals } from "@std/assert";
import { type EventType, Pull, Push, type Socket } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { isPending, next, Pipeline } from "./support.ts";
import { Raw } from "./raw.ts";

/** The types of the events of a socket, up to the end. */
function typesOf(socket: Socket): Promise<string[]> {
  const iterator = socket.events[Symbol.asyncIterator]();
  return (async () => {
    const types: string[] = [];
    for (let item = await iterator.next(); !item.done; item = await iterator.next()) types.push(item.value.type);
    return types;
  })();
}

for (
  const [side, type] of [
    ["client", "connect"],
    ["client", "handshake"],
    ["client", "disconnect"],
    ["client", "close"],
    ["client", "connect:retry"],
    ["server", "bind"],
    ["server", "accept"],
    ["server", "handshake"],
    ["server", "disconnect"],
    ["server", "handshake:error:other"],
  ] as [string, EventType][]
) {
  Deno.test(`a ${side}'s socket may be closed when it hears of ${type}`, async () => {
    using temp = new TempDirectory();
    const endpoint = `ipc://${temp.at("feed")}`;
    await using pull = new Pull();
    await using push = new Push({ linger: 0, reconnectInterval: 1 });
    const closing = side === "client" ? push : pull;
    const types = typesOf(closing);
    closing.events.on(type, () => closing.close());
    if (type === "close" || type === "connect:retry") {
      push.connect(endpoint);
    } else {
      await pull.bind(endpoint);
      if (type === "handshake:error:other") {
        using _raw = await Raw.connect(endpoint);
      } else {
        if (type !== "bind") push.connect(endpoint);
        if (type === "disconnect") {
          await within((side === "client" ? pull : push).waitForPeers(), "the peer");
          (side === "client" ? pull : push).close();
        }
      }
    }
    const seen = await within(types, "the end of the events");
    assertEquals(closing.closed, true);
    assertEquals([seen.indexOf("end"), seen.includes(type)], [seen.length - 1, true], `${seen}`);
    await within(closing[Symbol.asyncDispose](), "the end of the socket");
  });
}

Deno.test("an endpoint may be left and taken up again when its connection is lost", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0, reconnectInterval: 100_000 });
  push.events.on("connect:retry", () => {
    push.disconnect(endpoint);
    push.connect(endpoint);
  });
  {
    await using first = new Pull();
    await first.bind(endpoint);
    push.connect(endpoint);
    await within(push.waitForPeers(), "the first peer");
    // Another binding is there before the first has gone.
    await using second = new Pull();
    await second.bind(endpoint);
    first.close();
    await within(second.waitForPeers(), "the second peer");
    await push.send("x");
    assertEquals(await next(second), ["x"]);
    push.close();
  }
});

Deno.test("a handler that throws is an uncaught error, and the others and the socket go on", async () => {
  await using pull = new Pull();
  const reports: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reports.push(event.error.message);
  };
  addEventListener("error", report);
  try {
    let called = 0;
    pull.events.on("bind", () => {
      throw new Error("on purpose");
    });
    pull.events.on("bind", () => called++);
    await pull.bind("ipc://*");
    await isPending(new Promise(() => {}));
    assertEquals([called, reports], [1, ["on purpose"]]);
  } finally {
    removeEventListener("error", report);
  }
  await using push = new Push({ linger: 0 });
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
});

Deno.test("a handler may send and receive", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  await using other = new Push({ linger: 0 });
  other.events.on("handshake", () => void other.send("from the handler"));
  other.connect(pull.lastEndpoint!);
  assertEquals(await next(pull), ["from the handler"]);
  await push.send("and on");
  assertEquals(await next(pull), ["and on"]);
});

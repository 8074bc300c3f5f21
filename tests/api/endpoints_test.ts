import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Dealer, type ErrorCode, Pair, Publisher, Pull, Push, Reply, Request, Subscriber } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { isPending, next, Pipeline, rejectsCode, throwsCode, until } from "./support.ts";

const wrong: [string, ErrorCode][] = [
  ["", "EINVAL"],
  ["foo", "EINVAL"],
  ["ipc:", "EINVAL"],
  ["ipc:/x", "EINVAL"],
  ["://x", "EINVAL"],
  ["ipc://", "EINVAL"],
  ["inproc://", "EINVAL"],
  ["ipc://@", "EINVAL"],
  ["ipc://a\0b", "EINVAL"],
  ["IPC://x", "EPROTONOSUPPORT"],
  ["Ipc://x", "EPROTONOSUPPORT"],
  ["bogus://x", "EPROTONOSUPPORT"],
  [" ipc://x", "EPROTONOSUPPORT"],
  ["udp://127.0.0.1:5555", "ENOCOMPATPROTO"],
  ["pgm://eth0;239.192.1.1:5555", "ENOCOMPATPROTO"],
  ["epgm://eth0;239.192.1.1:5555", "ENOCOMPATPROTO"],
  ["norm://127.0.0.1:5555", "ENOCOMPATPROTO"],
  [`ipc:///${"x".repeat(107)}`, "ENAMETOOLONG"],
  [`ipc:///${"é".repeat(54)}`, "ENAMETOOLONG"],
  [`ipc://@${"x".repeat(107)}`, "ENAMETOOLONG"],
];

Deno.test("a wrong endpoint has its code, in every call that takes one", async () => {
  await using pair = new Pair();
  for (const [endpoint, code] of wrong) {
    const errors = [
      await rejectsCode(() => pair.bind(endpoint), code),
      throwsCode(() => pair.connect(endpoint), code),
      await rejectsCode(() => pair.unbind(endpoint), code),
      throwsCode(() => pair.disconnect(endpoint), code),
    ];
    for (const error of errors) {
      assertEquals(error.address, endpoint);
      assertStringIncludes(error.message, endpoint);
      assert(error.errno > 0);
    }
    assertEquals(pair.lastEndpoint, null);
  }
});

Deno.test("an endpoint that is no string is a TypeError", async () => {
  await using pair = new Pair();
  for (const endpoint of [undefined, null, 1, {}, new URL("ipc://x")] as unknown as string[]) {
    await assertRejects(() => pair.bind(endpoint), TypeError, "endpoint");
    await assertRejects(() => pair.unbind(endpoint), TypeError, "endpoint");
    assertThrows(() => pair.connect(endpoint), TypeError, "endpoint");
    assertThrows(() => pair.disconnect(endpoint), TypeError, "endpoint");
  }
});

Deno.test("what is at a path may refuse a bind, and a connect waits for better times", async () => {
  using temp = new TempDirectory();
  Deno.writeTextFileSync(temp.at("file"), "precious");
  Deno.mkdirSync(temp.at("directory"));
  for (
    const [path, code] of [
      [temp.at("missing", "x"), "ENOENT"],
      [temp.at("file", "x"), "ENOTDIR"],
      [temp.at("file"), "EADDRINUSE"],
      [temp.at("directory"), "EADDRINUSE"],
    ] as const
  ) {
    const endpoint = `ipc://${path}`;
    await using pair = new Pair({ linger: 0 });
    const error = await rejectsCode(() => pair.bind(endpoint), code);
    assertEquals(error.address, endpoint);
    assertEquals(pair.lastEndpoint, null);
    await rejectsCode(() => pair.unbind(endpoint), "ENOENT");
    pair.connect(endpoint);
    assert(await isPending(pair.waitForPeers().catch(() => {})));
    pair.disconnect(endpoint);
  }
  assertEquals(Deno.readTextFileSync(temp.at("file")), "precious");
  assertEquals(temp.names(), ["directory", "file"]);
});

Deno.test("lastEndpoint is of the last that succeeded", async () => {
  using temp = new TempDirectory();
  await using pair = new Pair({ linger: 0 });
  assertEquals(pair.lastEndpoint, null);
  await rejectsCode(() => pair.bind(`ipc://${temp.at("missing", "x")}`), "ENOENT");
  assertEquals(pair.lastEndpoint, null);
  await pair.bind(`ipc://${temp.at("first")}`);
  assertEquals(pair.lastEndpoint, `ipc://${temp.at("first")}`);
  await rejectsCode(() => pair.bind(`ipc://${temp.at("missing", "x")}`), "ENOENT");
  throwsCode(() => pair.connect("ipc://@"), "EINVAL");
  await rejectsCode(() => pair.unbind("ipc://@unknown"), "ENOENT");
  assertEquals(pair.lastEndpoint, `ipc://${temp.at("first")}`);
  pair.connect("ipc://relative/path");
  assertEquals(pair.lastEndpoint, "ipc://relative/path");
  await pair.bind(`ipc://@denomq-${temp.path}`);
  assertEquals(pair.lastEndpoint, `ipc://@denomq-${temp.path}`);
  await pair.bind("ipc://*ignored");
  const wildcard = pair.lastEndpoint!;
  assert(/^ipc:\/\/\/.*\/socket$/.test(wildcard), wildcard);
  await pair.unbind(wildcard);
  assertEquals(pair.lastEndpoint, wildcard);
});

Deno.test("unbind and disconnect end what bind and connect began, whichever it was", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0 });
  for (const end of [(e: string) => push.unbind(e), (e: string) => Promise.resolve(push.disconnect(e))]) {
    for (const begin of [(e: string) => push.bind(e), (e: string) => Promise.resolve(push.connect(e))]) {
      await begin(endpoint);
      await end(endpoint);
      await rejectsCode(() => push.unbind(endpoint), "ENOENT");
      const error = throwsCode(() => push.disconnect(endpoint), "ENOENT");
      assertEquals(error.address, endpoint);
    }
  }
});

Deno.test("one call ends all that have the endpoint", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0 });
  await push.bind(endpoint);
  await push.bind(endpoint);
  push.connect(endpoint);
  push.connect(endpoint);
  push.disconnect(endpoint);
  throwsCode(() => push.disconnect(endpoint), "ENOENT");
  await until(() => push.peerCount === 0, "the peers are gone");
  assertEquals(push.trySend("x"), false);
});

for (const Type of [Dealer, Subscriber, Publisher, Request, Push, Pull, Reply, Pair]) {
  const once = [Dealer, Subscriber, Publisher, Request].some((each) => each === Type);
  Deno.test(`${Type.name} that connects twice has ${once || Type === Pair ? "one connection" : "two"}`, async () => {
    const Peer = {
      Dealer,
      Subscriber: Publisher,
      Publisher: Subscriber,
      Request: Reply,
      Push: Pull,
      Pull: Push,
      Reply: Dealer,
      Pair,
    }[Type.name]!;
    await using peer = new Peer();
    await using other = new Peer();
    await peer.bind("ipc://*");
    await other.bind("ipc://*");
    await using socket = new Type({ linger: 0 });
    socket.connect(peer.lastEndpoint!);
    socket.connect(peer.lastEndpoint!);
    const expected = once || Type === Pair ? 1 : 2;
    await within(socket.waitForPeers(expected), "the peers");
    if (Type !== Pair) {
      socket.connect(other.lastEndpoint!);
      await within(socket.waitForPeers(expected + 1), "the other peer");
    }
    // Connected in one go: what might still come would have come before the other.
    assertEquals(socket.peerCount, Type === Pair ? 1 : expected + 1);
    socket.disconnect(peer.lastEndpoint!);
    throwsCode(() => socket.disconnect(peer.lastEndpoint!), "ENOENT");
    await until(() => peer.peerCount === 0, "the peer is left");
  });
}

Deno.test("a wildcard is unbound by what it became", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  await pull.bind("ipc://*");
  await rejectsCode(() => pull.unbind("ipc://*"), "ENOENT");
  const endpoint = pull.lastEndpoint!;
  const path = endpoint.slice("ipc://".length);
  assert(Deno.lstatSync(path).isSocket);
  await pull.unbind(endpoint);
  assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
  assertThrows(() => Deno.lstatSync(path.slice(0, -"/socket".length)), Deno.errors.NotFound);
  await rejectsCode(() => pull.unbind(endpoint), "ENOENT");
});

Deno.test("closing removes a wildcard's file and leaves a path's", async () => {
  using temp = new TempDirectory();
  const pull = new Pull();
  await pull.bind("ipc://*");
  const path = pull.lastEndpoint!.slice("ipc://".length);
  await pull.bind(`ipc://${temp.at("stays")}`);
  await pull[Symbol.asyncDispose]();
  assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
  assert(Deno.lstatSync(temp.at("stays")).isSocket);
});

Deno.test("unbind drops the connections that were accepted, and sends then wait", async () => {
  await using pull = new Pull();
  await using push = new Push({ linger: 0, reconnectInterval: -1, immediate: true });
  await using other = new Push({ linger: 0 });
  await pull.bind("ipc://*");
  const first = pull.lastEndpoint!;
  await pull.bind("ipc://*");
  push.connect(first);
  other.connect(pull.lastEndpoint!);
  await within(pull.waitForPeers(2), "the peers");
  await push.send("before");
  assertEquals(await next(pull), ["before"]);
  await pull.unbind(first);
  await until(() => pull.peerCount === 1 && push.peerCount === 0, "the peer is dropped");
  assertEquals(push.trySend("after"), false);
  assert(await isPending(push.send("after").catch(() => {})));
  await other.send("still here");
  assertEquals(await next(pull), ["still here"]);
});

Deno.test("a bound sender's messages wait after unbind until there is a peer again", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  await using push = new Push({ linger: 0 });
  await using pull = new Pull({ reconnectInterval: 5 });
  await push.bind(endpoint);
  pull.connect(endpoint);
  await within(push.waitForPeers(), "the peer");
  await push.unbind(endpoint);
  const sending = push.send("later");
  assert(await isPending(sending));
  await push.bind(endpoint);
  await within(sending, "the send");
  assertEquals(await next(pull), ["later"]);
});

Deno.test("what was received before a disconnect can still be read", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  await push.send("before");
  await until(() => pull.readable, "it comes");
  push.disconnect(push.lastEndpoint!);
  await until(() => pull.peerCount === 0, "the peer is gone");
  assertEquals(await next(pull), ["before"]);
});

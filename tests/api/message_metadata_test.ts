import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Client,
  Context,
  Dealer,
  Dish,
  type MessageMetadata,
  metadataOf,
  Pair,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Server,
  type Socket,
  Stream,
  Subscriber,
  XPublisher,
} from "../../mod.ts";
import { encodeMetadata } from "../../zmtp/metadata.ts";
import { Handler } from "../security/support.ts";
import { within } from "../support/deadline.ts";
import { onLinux } from "../support/platform.ts";
import { Dealer as PlacedDealer } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { command, greeting, message as wire, Raw, RawServer } from "./raw.ts";
import { until } from "./support.ts";

const encoder = new TextEncoder();

/** Properties as they travel. */
function encoded(properties: Record<string, string>): Uint8Array {
  return encodeMetadata(Object.entries(properties).map(([name, value]) => [name, encoder.encode(value)]));
}

/** Receives a message, and what is known of its sender. */
async function take<M extends unknown[]>(socket: { receive(): Promise<M> }): Promise<[M, MessageMetadata]> {
  const message = await within(socket.receive(), "a message");
  return [message, metadataOf(message)];
}

/** The address that all peers of these tests have. */
function addressOf(endpoint: string): string | undefined {
  if (endpoint.startsWith("tcp:")) return "127.0.0.1";
  return endpoint.startsWith("ipc:") ? "localhost" : undefined;
}

// libzmq: test_metadata
overWires(
  "metadata: a message tells what its sender has told, and what the handler of ZAP knows of it",
  async (fresh) => {
    const context = new Context();
    const known = encoded({ Hello: "World", "Peer-Address": "elsewhere" });
    await using _handler = await Handler.bind(context, () => ({ userId: "anonymous", metadata: known }));
    await using router = new Router({ context, zapDomain: "DOMAIN", receiveMetadata: true });
    await using dealer = new Dealer({ context, routingId: "me", metadata: { "X-Version": "é" } });
    await router.bind(fresh());
    dealer.connect(router.lastEndpoint!);
    await dealer.send(["one", "two"]);
    const [message, metadata] = await take(router);
    assertEquals(message.length, 3);
    const { peerAddress, properties } = metadata;
    assert(peerAddress !== "");
    assertEquals(peerAddress, addressOf(router.lastEndpoint!) ?? peerAddress);
    assertEquals(metadata, {
      peerAddress,
      userId: "anonymous",
      socketType: "DEALER",
      routingId: encoder.encode("me"),
      properties,
    });
    assertEquals(Object.fromEntries(properties), {
      "Socket-Type": "DEALER",
      "Identity": "me",
      "X-Version": "é",
      "Hello": "World",
      "User-Id": "anonymous",
      "Peer-Address": peerAddress,
    });
    await dealer.send("three");
    assertStrictEquals((await take(router))[1], metadata);
  },
);

Deno.test({
  name: "metadata: a peer cannot say of itself who or where it is",
  ignore: !onLinux,
  fn: async () => {
    await using pull = new Pull({ receiveMetadata: true });
    await pull.bind(`ipc://@denomq-${crypto.randomUUID()}`);
    using peer = await Raw.connect(pull.lastEndpoint!);
    const claims = { "Socket-Type": "PUSH", "peer-address": "8.8.8.8", "Peer-Address": "8.8.8.8", "user-id": "root" };
    await peer.write(greeting(), command("READY", encoded({ ...claims, "User-Id": "root" })), wire("x"));
    const [, { peerAddress, userId, properties }] = await take(pull);
    assertEquals([peerAddress, userId], ["localhost", ""]);
    assertEquals(Object.fromEntries(properties), { "Socket-Type": "PUSH", "Peer-Address": "localhost" });
  },
});

Deno.test({
  name: "metadata: messages that wait while a peer comes back are those of the connection that they came by",
  ignore: !onLinux,
  fn: async () => {
    using server = new RawServer(`ipc://@denomq-${crypto.randomUUID()}`);
    await using pull = new Pull({ receiveMetadata: true, reconnectInterval: 1 });
    pull.connect(server.endpoint);
    // What each connection brings; the last one stays.
    const visits = [["a", "b"], [], ["c"], [], [], ["d", "e", "f"], []];
    for (const [i, texts] of visits.entries()) {
      const peer = await server.accept();
      await peer.write(greeting(), command("READY", encoded({ "Socket-Type": "PUSH", "X-Visit": `${i}` })));
      await peer.read(64);
      await peer.frame();
      await within(pull.waitForPeers(), "the handshake");
      await peer.write(...texts.map(wire));
      if (i < visits.length - 1) {
        peer[Symbol.dispose]();
        await until(() => pull.peerCount === 0, "the peer has gone");
      }
    }
    const seen = [];
    for (let i = 0; i < 6; i++) {
      const [[frame], { properties }] = await take(pull);
      seen.push(`${new TextDecoder().decode(frame)}${properties.get("X-Visit")}`);
    }
    assertEquals(seen, ["a0", "b0", "c2", "d5", "e5", "f5"]);
  },
});

Deno.test({
  name:
    "metadata: the end of a subscription is that of the connection that it came by, also when the next one tells it",
  ignore: !onLinux,
  fn: async () => {
    using server = new RawServer(`ipc://@denomq-${crypto.randomUUID()}`);
    await using publisher = new XPublisher({ receiveMetadata: true, reconnectInterval: 1, linger: 0 });
    publisher.connect(server.endpoint);
    const seen: string[] = [];
    const note = async () => {
      const [[frame], { properties }] = await take(publisher);
      seen.push(`${frame![0]}${new TextDecoder().decode(frame!.subarray(1))} ${properties.get("X-Visit")}`);
    };
    for (const visit of ["first", "second"]) {
      const peer = await server.accept();
      await peer.write(greeting(), command("READY", encoded({ "Socket-Type": "SUB", "X-Visit": visit })));
      await peer.read(64);
      await peer.frame();
      await peer.write(command("SUBSCRIBE", encoder.encode("a")), command("SUBSCRIBE", encoder.encode("b")));
      if (visit === "first") {
        await note();
        await until(() => publisher.readable, "another notice waits");
      } else {
        for (let i = 0; i < 5; i++) await note();
      }
      peer[Symbol.dispose]();
    }
    assertEquals(seen, ["1a first", "1b first", "0a first", "0b first", "1a second", "1b second"]);
  },
});

overWires("metadata: it is there by all ways to receive", async (fresh) => {
  await using push = new Push();
  await using pull = new Pull({ receiveMetadata: true });
  await pull.bind(fresh());
  push.connect(pull.lastEndpoint!);
  const pending = [pull.receive(), pull.receive({ timeout: 10_000 })];
  for (let i = 0; i < 6; i++) await push.send(`${i}`);
  const messages: unknown[][] = await within(Promise.all(pending), "those that were waited for");
  for await (const message of pull) {
    messages.push(message);
    break;
  }
  for await (const message of pull.readableStream()) {
    messages.push(message);
    break;
  }
  await until(() => {
    messages.push(...pull.tryReceiveBatch(1));
    const message = pull.tryReceive();
    if (message !== null) messages.push(message);
    return messages.length === 6;
  }, "all have come");
  assertEquals(messages.map((message) => metadataOf(message).socketType), Array(6).fill("PUSH"));
});

overWires("metadata: it is there with all types that receive", async (fresh) => {
  const types: string[] = [];
  /** Sends from one socket to another, and notes what the receiver knows of the sender. */
  const carry = async <M extends unknown[]>(send: () => Promise<void>, to: { receive(): Promise<M> }) => {
    await send();
    types.push((await take(to))[1].socketType);
  };
  const options = { receiveMetadata: true };
  /** Binds one of two sockets and connects the other. */
  const join = async (server: Socket, client: Socket) => {
    await server.bind(fresh());
    client.connect(server.lastEndpoint!);
    await within(Promise.all([server.waitForPeers(), client.waitForPeers()]), "the peers");
  };

  await using pairs = new AsyncDisposableStack();
  const [pair, other] = [pairs.use(new Pair(options)), pairs.use(new Pair())];
  await join(pair, other);
  await carry(() => other.send("x"), pair);
  const [reply, request] = [pairs.use(new Reply(options)), pairs.use(new Request(options))];
  await join(reply, request);
  await carry(() => request.send("x"), reply);
  await carry(() => reply.send("y"), request);
  const [publisher, subscriber] = [pairs.use(new XPublisher(options)), pairs.use(new Subscriber(options))];
  await join(publisher, subscriber);
  await carry(() => Promise.resolve(subscriber.subscribe("x")), publisher);
  await carry(() => publisher.send("x"), subscriber);
  const [server, client] = [pairs.use(new Server(options)), pairs.use(new Client(options))];
  await join(server, client);
  await carry(() => client.send("x"), server);
  const [, { routingId }] = await client.send("x").then(() => within(server.receive(), "a message"));
  await carry(() => server.send("y", { routingId }), client);
  const [dish, radio] = [pairs.use(new Dish(options)), pairs.use(new Radio())];
  dish.join("g");
  await join(dish, radio);
  await within(radio.waitForMembers(), "the group's member");
  await carry(() => radio.send("x", { group: "g" }), dish);
  assertEquals(types, ["PAIR", "REQ", "REP", "SUB", "XPUB", "CLIENT", "SERVER", "RADIO"]);
});

Deno.test("metadata: of a raw peer there is nothing but its address", async () => {
  await using stream = new Stream({ receiveMetadata: true });
  await stream.bind("tcp://127.0.0.1:*");
  const port = Number(stream.lastEndpoint!.split(":").at(-1));
  using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const [, { peerAddress, userId, socketType, routingId, properties }] = await take(stream);
  assertEquals([peerAddress, userId, socketType, routingId.length], ["127.0.0.1", "", "", 0]);
  assertEquals([...properties], [["Peer-Address", "127.0.0.1"]]);
});

overTransports("metadata: over inproc there is the peer's type and routing id", async (fresh) => {
  await using router = new Router({ receiveMetadata: true });
  await using dealer = new PlacedDealer({ routingId: "me", metadata: { "X-Version": "7" } });
  const name = fresh();
  await router.bind(name);
  dealer.connect(name);
  await dealer.send("x");
  const [, metadata] = await take(router);
  const routingId = encoder.encode("me");
  assertEquals(metadata, { peerAddress: "", userId: "", socketType: "DEALER", routingId, properties: new Map() });
}, ({ wire }) => !wire);

overTransports(
  "metadata: what a program does to the routing id of a peer changes what nobody else is told",
  async (fresh) => {
    await using dealer = new Dealer({ routingId: "me" });
    await dealer.bind(fresh());
    for (let i = 0; i < 2; i++) {
      await using router = new Router({ receiveMetadata: true });
      router.connect(dealer.lastEndpoint!);
      await dealer.send("x", { timeout: 10_000 });
      const [[id], { routingId }] = await take(router);
      assertEquals([id, routingId], [encoder.encode("me"), encoder.encode("me")]);
      routingId.fill(0);
      await dealer.send("y");
      assertEquals((await take(router))[0][0], encoder.encode("me"));
      router.close();
      await until(() => dealer.peerCount === 0, "the router has gone");
    }
  },
  ({ workers }) => workers === 0,
);

Deno.test("metadata: none is told of what was not received with the option, or is no message", async () => {
  await using push = new Push();
  await using pull = new Pull();
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  await push.send("without");
  await push.send("with");
  const without = await within(pull.receive(), "a message");
  pull.receiveMetadata = true;
  const [message] = await take(pull);
  for (const other of [without, [...message], [], [new Uint8Array()]]) {
    assertThrows(() => metadataOf(other), TypeError, "receiveMetadata");
  }
  // @ts-expect-error a frame is no message
  assertThrows(() => metadataOf(message[0]), TypeError, "receiveMetadata");
  // @ts-expect-error neither is this
  assertThrows(() => metadataOf(null), TypeError, "receiveMetadata");
  assertThrows(() => pull.receiveMetadata = 1 as unknown as boolean, TypeError, "receiveMetadata");
});

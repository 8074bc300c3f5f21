import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  curveKeyPair,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { ProtocolError, ProtocolErrorValue } from "../../zmtp/error.ts";
import { runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { overWires } from "../support/transports.ts";
import { Raw } from "./raw.ts";
import { isPending, Log, next, text, until } from "./support.ts";

const serverPair = curveKeyPair();
const clientPair = curveKeyPair();
const stranger = curveKeyPair();
const server = { curveServer: true, curveSecretKey: serverPair.secretKey, linger: 0 };
const client = {
  curvePublicKey: clientPair.publicKey,
  curveSecretKey: clientPair.secretKey,
  curveServerKey: serverPair.publicKey,
  linger: 0,
  reconnectInterval: 5,
};

/** Binds one socket, connects the other, and waits for both. */
async function join(
  bound: Socket,
  connected: { connect(endpoint: string): void; waitForPeers: Socket["waitForPeers"] },
  endpoint: string,
): Promise<void> {
  await bound.bind(endpoint);
  connected.connect(endpoint);
  await Promise.all([bound.waitForPeers(1, { timeout: 10_000 }), connected.waitForPeers(1, { timeout: 10_000 })]);
}

// libzmq: test_security_curve (with curve)
overWires("CURVE: messages of all sizes and shapes, both ways, whoever binds", async (fresh) => {
  for (
    const [bound, connected] of [[new Dealer(server), new Dealer(client)], [new Dealer(client), new Dealer(server)]]
  ) {
    await using a = bound!;
    await using b = connected!;
    await join(a, b, fresh());
    const frames = [0, 1, 222, 223, 255, 256, 65_535, 65_536, 1_048_576].map((size) =>
      new Uint8Array(size).fill(size + 1)
    );
    for (const [from, to] of [[a, b], [b, a]] as const) {
      for (const frame of frames) await from.send(frame);
      await from.send(frames);
      for (const frame of frames) assertEquals(await to.receive(), [frame]);
      assertEquals(await to.receive(), frames);
    }
  }
});

overWires("CURVE: a stream of small messages comes whole and in order", async (fresh) => {
  await using pull = new Pull(server);
  await using push = new Push(client);
  await join(pull, push, fresh());
  const sending = (async () => {
    for (let i = 0; i < 10_000; i++) await push.send([`${i}`, "x".repeat(i % 300)]);
  })();
  for (let i = 0; i < 10_000; i++) {
    const [number, body] = text(await pull.receive());
    assert(number === `${i}` && body === "x".repeat(i % 300), `${number} in the place of ${i}`);
  }
  await sending;
});

overWires("CURVE: request and reply, and several clients of one server", async (fresh) => {
  await using reply = new Reply(server);
  const endpoint = fresh();
  await reply.bind(endpoint);
  const keys = [clientPair, curveKeyPair(), curveKeyPair()];
  const requests = keys.map(({ publicKey, secretKey }) =>
    new Request({ ...client, curvePublicKey: publicKey, curveSecretKey: secretKey })
  );
  for (const request of requests) request.connect(endpoint);
  for (let round = 0; round < 20; round++) {
    await Promise.all(requests.map((request, i) => request.send(`${round} ${i}`)));
    for (let i = 0; i < requests.length; i++) await reply.send(await reply.receive());
    for (const [i, request] of requests.entries()) assertEquals(await next(request), [`${round} ${i}`]);
  }
  for (const request of requests) await request[Symbol.asyncDispose]();
});

overWires("CURVE: subscriptions go to the publisher, whoever is the server", async (fresh) => {
  for (const [ofPublisher, ofSubscriber] of [[server, client], [client, server]] as const) {
    await using publisher = new Publisher(ofPublisher);
    await using subscriber = new Subscriber(ofSubscriber);
    subscriber.subscribe("a", "long ".repeat(60));
    await join(publisher, subscriber, fresh());
    await publisher.waitForSubscribers(1, { timeout: 10_000 });
    subscriber.subscribe("b");
    subscriber.unsubscribe("a");
    await until(() => publisher.trySend("b?") && subscriber.tryReceive() !== null, "the subscription has come");
    await publisher.send("a is not wanted");
    await publisher.send(["long ".repeat(60), "body"]);
    let message = await next(subscriber);
    while (message[0] === "b?") message = await next(subscriber);
    assertEquals(message, ["long ".repeat(60), "body"]);
  }
  await using publisher = new XPublisher(server);
  await using subscriber = new XSubscriber(client);
  await join(publisher, subscriber, fresh());
  await subscriber.send("\x01topic");
  assertEquals(await next(publisher), ["\x01topic"]);
  await publisher.send(["topic", "body"]);
  assertEquals(await next(subscriber), ["topic", "body"]);
  await subscriber.send("\x00topic");
  assertEquals(await next(publisher), ["\x00topic"]);
});

overWires("CURVE: a router knows its peers", async (fresh) => {
  await using router = new Router({ ...server, mandatory: true });
  await using dealer = new Dealer({ ...client, routingId: "me" });
  await join(router, dealer, fresh());
  await dealer.send("hello");
  assertEquals(await next(router), ["me", "hello"]);
  await router.send(["me", "welcome"]);
  assertEquals(await next(dealer), ["welcome"]);
});

overWires("CURVE: heartbeats keep a silent connection, with traffic in between", async (fresh) => {
  const heartbeats = { heartbeatInterval: 5, heartbeatTimeout: 5000, heartbeatTimeToLive: 5000 };
  await using a = new Pair({ ...server, ...heartbeats });
  await using b = new Pair({ ...client, ...heartbeats });
  const log = new Log(a);
  await join(a, b, fresh());
  for (let i = 0; i < 40; i++) {
    await Promise.all([a.send([`${i}`, new Uint8Array(i % 5 === 0 ? 70_000 : 10)]), b.send(`${i}`)]);
    await new Promise((resolve) => setTimeout(resolve, 3));
    assertEquals([text(await a.receive())[0], text(await b.receive())[0]], [`${i}`, `${i}`]);
  }
  assertEquals(log.types, ["bind", "accept", "handshake"]);
});

overWires("CURVE: what is queued is sealed anew for each connection", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push(client);
  push.connect(endpoint);
  const large = new Uint8Array(100_000).fill(1);
  for (let life = 0; life < 2; life++) {
    for (let i = 0; i < 100; i++) await push.send([`${life}.${i}`, i % 10 === 0 ? large : "small"]);
    const pull = new Pull(server);
    await pull.bind(endpoint);
    for (let i = 0; i < 100; i++) assertEquals(text(await within(pull.receive(), "a message"))[0], `${life}.${i}`);
    await pull[Symbol.asyncDispose]();
    await until(() => push.peerCount === 0, "the connection has gone");
  }
});

// libzmq: test_security_curve (bogus server key)
overWires("CURVE: a wrong server key", async (fresh, { name }) => {
  await using pull = new Pull(server);
  await using push = new Push({ ...client, curveServerKey: stranger.publicKey });
  const [there, here] = [new Log(pull), new Log(push)];
  const endpoint = fresh();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const { error } = await there.wait("handshake:error:protocol");
  assertInstanceOf(error, ProtocolError);
  assertEquals([error.kind, error.value], ["cryptographic", ProtocolErrorValue.CRYPTOGRAPHIC]);
  // The client is told nothing, so it tries again.
  await here.wait("connect:retry");
  const seen = here.types.filter((type) => type !== "connect:delay").slice(0, 4);
  assertEquals(seen, ["connect", "handshake:error:other", "disconnect", "connect:retry"], name);
  assertEquals(there.types.slice(0, 4), ["bind", "accept", "handshake:error:protocol", "disconnect"]);
  assertEquals([pull.peerCount, push.peerCount], [0, 0]);
});

// libzmq: test_security_curve (bogus client keys)
overWires("CURVE: a wrong pair of the client's", async (fresh) => {
  await using pull = new Pull(server);
  await using push = new Push({ ...client, curvePublicKey: stranger.publicKey });
  const there = new Log(pull);
  const endpoint = fresh();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const { error } = await there.wait("handshake:error:protocol");
  assertInstanceOf(error, ProtocolError);
  assertEquals(error.value, ProtocolErrorValue.CRYPTOGRAPHIC);
});

overWires("CURVE: a client without a key gives up, a server without one takes nobody", async (fresh) => {
  for (const name of ["curvePublicKey", "curveSecretKey", "curveServerKey"] as const) {
    await using pull = new Pull(server);
    await using push = new Push({ ...client, [name]: null });
    const here = new Log(push);
    const endpoint = fresh();
    await pull.bind(endpoint);
    push.connect(endpoint);
    const { error } = await here.wait("handshake:error:protocol");
    const key = name.replace("curve", "").replace(/^./, (letter) => letter.toLowerCase());
    assertEquals(error?.message, `Client of CURVE has no ${key}`);
    const seen = here.types.filter((type) => type !== "connect:delay");
    assertEquals(seen, ["connect", "handshake:error:protocol", "disconnect"]);
  }
  await using pull = new Pull({ curveServer: true });
  await using push = new Push(client);
  const there = new Log(pull);
  const endpoint = fresh();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const { error } = await there.wait("handshake:error:protocol");
  assertEquals(error?.message, "Server of CURVE has no secretKey");
});

// libzmq: test_security_curve (NULL and vanilla clients)
overWires("CURVE: peers without it are not let in, nor is it spoken with them", async (fresh) => {
  for (const [ofPull, ofPush] of [[server, { linger: 0 }], [{ linger: 0 }, client]] as const) {
    await using pull = new Pull(ofPull);
    await using push = new Push({ ...ofPush, reconnectInterval: 5 });
    const there = new Log(pull);
    const endpoint = fresh();
    await pull.bind(endpoint);
    push.connect(endpoint);
    const { error } = await there.wait("handshake:error:protocol");
    assertInstanceOf(error, ProtocolError);
    assertEquals([error.kind, error.value], ["mechanism-mismatch", ProtocolErrorValue.MECHANISM_MISMATCH]);
    // There may be nobody left to send to, for the other side has given up as well.
    push.trySend("secret");
    assert(await isPending(pull.receive().catch(() => {})));
  }
});

overWires("CURVE: two servers wait until their patience is over", async (fresh) => {
  await using pull = new Pull({ ...server, handshakeInterval: 100 });
  await using push = new Push({ ...server, handshakeInterval: 100, reconnectInterval: 5 });
  const log = new Log(pull);
  const endpoint = fresh();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const { error } = await log.wait("handshake:error:other");
  assertInstanceOf(error, ProtocolError);
  assertEquals(error.kind, "handshake-timeout");
});

Deno.test("CURVE: options act at the next bind or connect, and over inproc there is nothing to protect", async () => {
  await using pull = new Pull(server);
  await pull.bind("ipc://*");
  pull.curveServer = false;
  pull.curveSecretKey = null;
  await using push = new Push(client);
  push.connect(pull.lastEndpoint!);
  push.curveServerKey = null;
  await push.send("protected");
  assertEquals(await next(pull), ["protected"]);

  await using a = new Pair(server);
  await using b = new Pair({ linger: 0 });
  const endpoint = `inproc://${crypto.randomUUID()}`;
  await a.bind(endpoint);
  b.connect(endpoint);
  await b.send("in the clear");
  assertEquals(await next(a), ["in the clear"]);
});

Deno.test("CURVE: nothing of a message can be seen on the wire", async () => {
  using directory = new TempDirectory();
  await using pull = new Pull(server);
  await using push = new Push(client);
  await pull.bind(`ipc://${directory.at("server")}`);
  const seen: number[] = [];
  const listener = Deno.listen({ transport: "unix", path: directory.at("tap") });
  const tapping = (async () => {
    const near = await listener.accept();
    const far = await Deno.connect({ transport: "unix", path: directory.at("server") });
    const tap = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen.push(...chunk);
        controller.enqueue(chunk);
      },
    });
    await Promise.allSettled([
      near.readable.pipeThrough(tap).pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
  })();
  push.connect(`ipc://${directory.at("tap")}`);
  await push.send(["a secret that is long enough to be found", new Uint8Array(1000)]);
  assertEquals((await next(pull))[0], "a secret that is long enough to be found");
  const wire = seen.map((byte) => String.fromCharCode(byte)).join("");
  assert(wire.length > 1500 && wire.includes("MESSAGE"));
  for (const clear of ["secret", "PUSH", "Socket-Type", "\0".repeat(80)]) assert(!wire.includes(clear), clear);
  push.close();
  pull.close();
  listener.close();
  await within(tapping, "the end of the tap");
});

Deno.test("CURVE: random bytes cost their own connection only", async () => {
  await using pull = new Pull(server);
  await using push = new Push(client);
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1, ...new TextEncoder().encode("CURVE")]);
  const log = new Log(pull);
  for (let i = 0; i < 30; i++) {
    using raw = await Raw.connect(pull.lastEndpoint!);
    const noise = crypto.getRandomValues(new Uint8Array(194));
    await raw.write(greeting, Uint8Array.of(4, 200, 5), new TextEncoder().encode("HELLO"), noise);
    await raw.closed();
  }
  await log.wait("handshake:error:protocol", 30);
  await push.send("still here");
  assertEquals(await next(pull), ["still here"]);
});

Deno.test("CURVE: it needs no permission beyond those of the endpoint", async () => {
  using directory = new TempDirectory();
  const script = new URL("./programs/curve.ts", import.meta.url);
  const flags = [`--allow-read=${directory.at("")}`, `--allow-write=${directory.at("")}`, "--allow-net"];
  const { stdout, stderr, code } = await runScript(script, [`ipc://${directory.at("s")}`], { flags });
  assertEquals([code, stdout.trim(), stderr], [0, "false true", ""]);
});

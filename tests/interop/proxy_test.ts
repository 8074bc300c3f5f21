// A Proxy whose peers are programs of libzmq: at both ends, or at one of them.

import { assert, assertEquals } from "@std/assert";
import { Dealer, Proxy, Pull, Push, Reply, Router, type Socket, XPublisher, XSubscriber } from "../../mod.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import type { SocketTypeName } from "../peer/libzmq_names.ts";
import { LibzmqPeer, PeerError, type PeerOptions, type PeerSocket } from "../peer/peer.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { synchronize } from "./conversation.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { eventually, labels, type Player, type Side, STEP } from "./side.ts";

/** The sockets of a proxy. */
interface Sockets {
  readonly front: Socket;
  readonly back: Socket;
  readonly capture?: Socket;
  readonly control?: Socket;
}

/** What a test has at hand: a proxy that runs, and sockets that are connected to one of its own. */
interface Scene {
  readonly proxy: Proxy;
  readonly running: Promise<void>;
  connect(player: Player, type: SocketTypeName, to: keyof Sockets): Promise<Side>;
  libzmq(type: SocketTypeName, to: keyof Sockets, options?: PeerOptions): Promise<PeerSocket>;
}

/** Registers a test for either transport; what it makes is closed at its end. */
function test(name: string, make: () => Sockets, run: (scene: Scene) => Promise<void>): void {
  for (const transport of ["ipc", "tcp"]) {
    libzmqTest(`interop: proxy, ${name}, over ${transport}`, async () => {
      using directory = new TempDirectory();
      await using peer = await LibzmqPeer.start();
      await using stack = new AsyncDisposableStack();
      const sockets = make();
      const { front, back, capture, control } = sockets;
      const proxy = stack.use(new Proxy(front, back, { capture, control }));
      for (const socket of new Set(Object.values(sockets))) {
        // The last answer of the control socket is waited for.
        if (socket !== control) socket.linger = 0;
        await socket.bind(transport === "tcp" ? "tcp://127.0.0.1:*" : `ipc://${directory.at(crypto.randomUUID())}`);
      }
      const running = proxy.run();
      await run({
        proxy,
        running,
        async connect(player, type, to) {
          const side = player === "libzmq" ? await LibzmqSide.open(peer, type) : new DenomqSide(type);
          stack.defer(() => side.close());
          await side.connect(sockets[to]!.lastEndpoint!);
          return side;
        },
        async libzmq(type, to, options = {}) {
          const socket = await peer.open(type, options);
          await socket.connect(sockets[to]!.lastEndpoint!);
          return socket;
        },
      });
      if (!front.closed) proxy.terminate();
      await within(running, "the end of the proxy");
    });
  }
}

/** Who is at the two ends. */
const ENDS: readonly (readonly [front: Player, back: Player])[] = [
  ["libzmq", "libzmq"],
  ["libzmq", "denomq"],
  ["denomq", "libzmq"],
];

// libzmq: test_proxy
for (const [front, back] of ENDS) {
  test(`${front} REQ asks and ${back} REP answers through ROUTER and DEALER`, () => ({
    front: new Router(),
    back: new Dealer(),
  }), async ({ proxy, connect }) => {
    const plan = { count: 40, sizes: [0, 1, 255, 256, 9_000, 70_000] };
    const workers = await Promise.all([1, 2].map(() => connect(back, "REP", "back")));
    await proxy.backEnd.waitForPeers(2, { timeout: STEP });
    const clients = await Promise.all([1, 2, 3].map(() => connect(front, "REQ", "front")));
    // The DEALER asks its workers in turn: 120 questions are 60 for each.
    await Promise.all([
      ...workers.map((worker) => worker.echo(60)),
      ...clients.map((client, seed) => client.ask({ ...plan, seed: seed + 1 })),
    ]);
    const { frontEnd, backEnd } = proxy.statistics;
    assertEquals([frontEnd.received.messages, frontEnd.sent.messages], [120, 120]);
    assertEquals([backEnd.sent, backEnd.received], [frontEnd.received, frontEnd.sent]);
  });

  test(`${front} DEALER and ${back} DEALER, many messages under way both ways`, () => ({
    // Else it drops answers for a client that does not keep up, as ROUTER does.
    front: new Router({ mandatory: true }),
    back: new Dealer(),
  }), async ({ proxy, connect }) => {
    const plan = { count: 3_000, sizes: [10, 300, 5_000], frames: 3 };
    const worker = await connect(back, "DEALER", "back");
    const client = await connect(front, "DEALER", "front");
    await Promise.all([worker.echo(plan.count), client.sendMany(plan), client.receiveMany(plan)]);
    // The routing id goes with each.
    assertEquals(proxy.statistics.backEnd.sent, proxy.statistics.backEnd.received);
    assertEquals(proxy.statistics.frontEnd.sent.frames, 4 * plan.count);
  });

  test(`${front} PUB tells ${back} SUB what it subscribes to, through XSUB and XPUB`, () => ({
    front: new XSubscriber(),
    back: new XPublisher(),
  }), async ({ connect }) => {
    const publisher = await connect(front, "PUB", "front");
    const subscriber = await connect(back, "SUB", "back");
    await subscriber.subscribe("a");
    await subscriber.subscribe("round");
    await synchronize(publisher, subscriber);
    for (const topic of ["b", "a", "", "ab"]) await publisher.send([topic, "body"]);
    assertEquals([await subscriber.receive(), await subscriber.receive()], [
      labels(["a", "body"]),
      labels(["ab", "body"]),
    ]);
    const second = await connect(back, "SUB", "back");
    await second.subscribe("b");
    await second.subscribe("round");
    await synchronize(publisher, second);
    // The end of one subscription leaves those of others as they are.
    await subscriber.unsubscribe("a");
    for (const topic of ["b", "bc"]) await publisher.send([topic, "body"]);
    assertEquals([await second.receive(), await second.receive()], [labels(["b", "body"]), labels(["bc", "body"])]);
  });

  test(`${front} PUSH feeds ${back} PULL through PULL and PUSH`, () => ({
    front: new Pull({ receiveHighWaterMark: 20 }),
    back: new Push({ sendHighWaterMark: 20 }),
  }), async ({ proxy, connect }) => {
    const plan = { count: 5_000, sizes: [0, 8, 200, 66_000], frames: 2 };
    const source = await connect(front, "PUSH", "front");
    // It is filled as far as it goes before anybody takes something.
    const sending = source.sendMany(plan);
    const sink = await connect(back, "PULL", "back");
    await Promise.all([sending, sink.receiveMany(plan)]);
    const { frontEnd, backEnd } = proxy.statistics;
    assertEquals([frontEnd.received.messages, backEnd.sent], [plan.count, frontEnd.received]);
  });
}

// libzmq: test_proxy_single_socket
test("a REP as both ends answers libzmq's REQ with the question", () => {
  const reply = new Reply();
  return { front: reply, back: reply };
}, async ({ proxy, connect }) => {
  const client = await connect("libzmq", "REQ", "front");
  await client.ask({ count: 50, sizes: [4, 5_000], frames: 2 });
  assertEquals(proxy.statistics.frontEnd.sent, proxy.statistics.frontEnd.received);
});

// libzmq: test_proxy_hwm
test("with noDrop at every step libzmq's PUB is slowed down, and loses nothing", () => ({
  front: new XSubscriber({ receiveHighWaterMark: 10 }),
  back: new XPublisher({ sendHighWaterMark: 10, noDrop: true }),
}), async ({ proxy, libzmq }) => {
  const publisher = await libzmq("PUB", "front", { SNDHWM: 10, XPUB_NODROP: 1 });
  const subscriber = await libzmq("SUB", "back", { RCVHWM: 10, SUBSCRIBE: "" });
  await eventually("the subscription has come", () => proxy.statistics.backEnd.received.messages === 1);
  // What libzmq's PUB sends before it knows of the subscription goes nowhere: the first that arrives shows that it does.
  let first = -1;
  for (let round = 0; first < 0; round++) {
    await publisher.send([`${round}`]);
    const seen = await subscriber.receiveText(50).catch((error: unknown) => {
      if (error instanceof PeerError && error.code === "EAGAIN") return null;
      throw error;
    });
    if (seen !== null) first = Number(seen[0]);
  }
  let sent = 0;
  let blocked = false;
  while (!blocked) {
    try {
      await publisher.send([`${sent}`, { size: 500_000 }], 200);
      sent++;
    } catch (error) {
      assert(error instanceof PeerError && error.code === "EAGAIN", String(error));
      blocked = true;
    }
  }
  assert(sent >= 20 && sent < 300, `${sent} were sent`);
  const numbers: number[] = [];
  while (numbers.length < sent) {
    const report = await subscriber.receiveReport();
    // What is left of the rounds has one frame.
    if (report.length === 2) numbers.push(Number(new TextDecoder().decode(Uint8Array.fromBase64(report[0]!.base64!))));
  }
  assertEquals(numbers, Array.from({ length: sent }, (_, i) => i));
});

test("capture gives libzmq's PULL what goes either way", () => ({
  front: new Router(),
  back: new Dealer(),
  capture: new Push(),
}), async ({ libzmq, connect }) => {
  const spy = await libzmq("PULL", "capture");
  const worker = await connect("libzmq", "REP", "back");
  const client = await libzmq("REQ", "front", { ROUTING_ID: "me" });
  for (let i = 0; i < 3; i++) {
    await client.send(["ask", `${i}`]);
    assertEquals(await worker.receive(), labels(["ask", `${i}`]));
    await worker.send([{ size: 100_000 }]);
    assertEquals((await client.receiveReport()).map(({ size }) => size), [100_000]);
    assertEquals(await spy.receiveText(), ["me", "", "ask", `${i}`]);
    assertEquals((await spy.receiveReport()).map(({ size }) => size), [2, 0, 100_000]);
  }
});

// libzmq: test_proxy_steerable, test_proxy_terminate
test("libzmq's REQ steers it", () => ({
  front: new Router(),
  back: new Dealer(),
  control: new Reply(),
}), async ({ proxy, running, libzmq, connect }) => {
  const worker = await connect("libzmq", "REP", "back");
  const client = await connect("libzmq", "REQ", "front");
  const steer = await libzmq("REQ", "control");
  const command = async (text: string) => {
    await steer.send([text]);
    return (await steer.receive()).map(({ buffer, length }) => {
      return length === 8 ? Number(new DataView(buffer).getBigUint64(0, true)) : length;
    });
  };
  assertEquals(await command("STATISTICS"), [0, 0, 0, 0, 0, 0, 0, 0]);
  await client.send(["ab", "c"]);
  assertEquals(await worker.receive(), labels(["ab", "c"]));
  // The routing id of 5 bytes, the empty frame, and the two of the question.
  assertEquals(await command("STATISTICS"), [4, 8, 0, 0, 0, 0, 4, 8]);

  assertEquals(await command("PAUSE"), [0]);
  await worker.send(["d"]);
  // Nothing may come, and nothing tells that it has not: it would be here after this time.
  assertEquals(await client.receiveWithin(100), null);
  assertEquals(await command("no command"), [0]);
  assertEquals(await command("STATISTICS"), [4, 8, 0, 0, 0, 0, 4, 8]);
  assertEquals(await command("RESUME"), [0]);
  assertEquals(await client.receive(), labels(["d"]));
  assertEquals(await command("STATISTICS"), [4, 8, 3, 6, 3, 6, 4, 8]);

  for (const socket of [proxy.frontEnd, proxy.backEnd]) assertEquals(socket.closed, false);
  assertEquals(await command("TERMINATE"), [0]);
  await within(running, "the end of the proxy");
  for (const socket of [proxy.frontEnd, proxy.backEnd]) assertEquals(socket.closed, true);
});

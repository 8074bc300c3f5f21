// The oracle tested against itself: libzmq on both ends, in two processes.

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { libzmqTest } from "./libzmq_test_case.ts";
import { LibzmqPeer, PeerError, type PeerSocket } from "./peer.ts";
import { arrangements, describe, incomingEnvelope, outgoingEnvelope } from "./pairs.ts";
import { body, checksum, digest, fill, message, type Plan, Verifier } from "./payload.ts";
import type { SocketTypeName } from "./libzmq_names.ts";

const decoder = new TextDecoder();

Deno.test("payload: contents depend on seed, sequence and part, and on nothing else", () => {
  const sums = new Set([body(64, 1, 0), body(64, 2, 0), body(64, 1, 1), body(64, 1, 0, 1)].map(checksum));
  assertEquals(sums.size, 4);
  const unaligned = new Uint8Array(70).subarray(3, 67);
  fill(unaligned, 1, 0);
  assertEquals(digest(unaligned), digest(body(64, 1, 0)));
  assertEquals(body(3, 1, 0).length, 3);
  assertEquals(body(0, 1, 0).length, 0);
});

Deno.test("payload: the verifier names what is wrong", () => {
  const plan: Plan = { count: 3, sizes: [0, 10, 300], frames: 2, seed: 7 };
  const flipped = message(plan, 0);
  const [, second] = flipped;
  assert(second !== undefined);
  second[9] = (second[9] ?? 0) ^ 1;
  const verifier = new Verifier(plan);
  for (let sequence = 0; sequence < 3; sequence++) verifier.accept(message(plan, sequence));
  assert(verifier.done);
  assertEquals(verifier.bytes, 0 + 10 + 10 + 300 + 300 + 0);
  assertThrows(() => new Verifier(plan).accept(message(plan, 2)), Error, "expected 0 bytes, received 300");
  assertThrows(() => new Verifier(plan).accept(flipped), Error, "is wrong at byte 9");
});

libzmqTest("peer: answers with libzmq's errors", async () => {
  await using peer = await LibzmqPeer.start();
  assertMatch(await peer.version(), /^4\.\d+\.\d+$/);
  const socket = await peer.open("PULL", { RCVHWM: 5 });
  assertEquals(await socket.get("RCVHWM"), 5);
  const refused = await assertRejects(() => socket.bind("nonsense"), PeerError);
  assertEquals(refused.code, "EINVAL");
  const timedOut = await assertRejects(() => socket.receive(20), PeerError);
  assertEquals(timedOut.code, "EAGAIN");
  await socket.close();
  const closed = await assertRejects(() => socket.bind("ipc://*"), PeerError);
  assertEquals(closed.code, "ENOTSOCK");
});

libzmqTest("peer: a killed peer fails what waits for it", async () => {
  await using peer = await LibzmqPeer.start();
  const socket = await peer.open("PULL");
  const waiting = assertRejects(() => socket.receive(10_000), PeerError);
  await peer.kill();
  assertEquals((await waiting).code, "EXITED");
});

async function connected(a: PeerSocket, b: PeerSocket, endpoint: string, binds: "a" | "b"): Promise<void> {
  const [binder, connector] = binds === "a" ? [a, b] : [b, a];
  await connector.connect(await binder.bind(endpoint));
  await Promise.all([a.waitEvent("HANDSHAKE_SUCCEEDED"), b.waitEvent("HANDSHAKE_SUCCEEDED")]);
  if (b.type === "SUB") await b.subscribe();
  if (b.type === "XSUB") await b.send(["\x01"]);
  if (a.type === "XPUB") assertEquals(await a.receiveText(), ["\x01"]);
  if (a.type === "PUB") await synchronize(a, b);
}

/** A PUB does not say when it knows a subscription: send until something arrives, then until that has been passed. */
async function synchronize(a: PeerSocket, b: PeerSocket): Promise<void> {
  for (let round = 0;; round++) {
    await a.send([`sync ${round}`]);
    const [seen] = await b.receiveText(20).catch(() => []);
    if (seen === undefined) continue;
    for (let text = seen; text !== `sync ${round}`;) [text = ""] = await b.receiveText();
    return;
  }
}

async function pass(from: PeerSocket, to: PeerSocket, frames: string[]): Promise<void> {
  await from.send([...outgoingEnvelope(from.type, to.type, `id-of-${to.type}`), ...frames]);
  const envelope = incomingEnvelope(to.type, from.type, `id-of-${from.type}`);
  assertEquals(await to.receiveText(), [...envelope, ...frames]);
}

const routing = (type: SocketTypeName) =>
  ["REQ", "DEALER", "ROUTER"].includes(type)
    ? { ROUTING_ID: `id-of-${type}`, ...(type === "ROUTER" ? { ROUTER_MANDATORY: 1 } : {}) }
    : {};

libzmqTest("peer: every pair of types converses over ipc", async (test) => {
  await using left = await LibzmqPeer.start();
  await using right = await LibzmqPeer.start();
  using directory = new TempDirectory();
  for (const [index, arrangement] of arrangements().entries()) {
    await test.step(describe(arrangement), async () => {
      const [first, second] = arrangement.libzmq === "a" ? [left, right] : [right, left];
      const a = await first.open(arrangement.a, routing(arrangement.a));
      const b = await second.open(arrangement.b, routing(arrangement.b));
      await connected(a, b, `ipc://${directory.at(String(index))}`, arrangement.binds);
      for (const frames of [["one"], ["", "two", ""], ["x".repeat(300)]]) {
        await pass(a, b, frames);
        if (arrangement.flow === "request" || arrangement.flow === "duplex") await pass(b, a, ["re", ...frames]);
      }
      await Promise.all([a.close(), b.close()]);
    });
  }
});

libzmqTest("peer: 100,000 messages PUSH to PULL, verified", async () => {
  await using left = await LibzmqPeer.start();
  await using right = await LibzmqPeer.start();
  const pull = await left.open("PULL");
  const push = await right.open("PUSH");
  await push.connect(await pull.bind("ipc://*"));
  const plan: Plan = { count: 100_000, sizes: [0, 1, 10, 64, 255, 256, 1000], seed: 5 };
  const [sent, received] = await Promise.all([push.sendMany(plan), pull.receiveMany(plan)]);
  assertEquals(received.count, 100_000);
  assertEquals(received.bytes, sent.bytes);
});

libzmqTest("peer: a wrong seed is noticed", async () => {
  await using peer = await LibzmqPeer.start();
  const pull = await peer.open("PULL");
  const push = await peer.open("PUSH");
  await push.connect(await pull.bind("ipc://*"));
  const plan: Plan = { count: 10, sizes: [64] };
  const receiving = assertRejects(() => pull.receiveMany({ ...plan, seed: 2 }), PeerError, "is wrong at byte 4");
  await push.sendMany(plan);
  await receiving;
});

libzmqTest("peer: an echoing ROUTER serves a DEALER", async () => {
  await using left = await LibzmqPeer.start();
  await using right = await LibzmqPeer.start();
  const router = await left.open("ROUTER", { ROUTER_MANDATORY: 1 });
  const dealer = await right.open("DEALER");
  await dealer.connect(await router.bind("ipc://*"));
  const plan: Plan = { count: 20_000, sizes: [10, 300], frames: 2 };
  const [echoed] = await Promise.all([router.echo(plan.count), dealer.sendMany(plan), dealer.receiveMany(plan)]);
  assertEquals(echoed.count, plan.count);
});

libzmqTest("peer: 64 MiB in one frame", async () => {
  await using left = await LibzmqPeer.start();
  await using right = await LibzmqPeer.start();
  const pull = await left.open("PULL");
  const push = await right.open("PUSH");
  await push.connect(await pull.bind("ipc://*"));
  await push.send([{ size: 64 * 1024 * 1024, seed: 3 }]);
  const [frame] = await pull.receiveReport();
  assertEquals(frame, digest(body(64 * 1024 * 1024, 3, 0)));
});

libzmqTest("peer: killed and started again on the same path, traffic flows again", async () => {
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("again")}`;
  await using staying = await LibzmqPeer.start();
  const push = await staying.open("PUSH");
  await push.connect(endpoint);
  for (let round = 0; round < 2; round++) {
    await using coming = await LibzmqPeer.start();
    const pull = await coming.open("PULL");
    await pull.bind(endpoint);
    await push.waitEvent("HANDSHAKE_SUCCEEDED");
    await push.send([`round ${round}`]);
    assertEquals((await pull.receive()).map((frame) => decoder.decode(frame)), [`round ${round}`]);
    await coming.kill();
    await push.waitEvent("DISCONNECTED");
  }
});

libzmqTest("peer: paused, it does not answer; resumed, it does", async () => {
  await using peer = await LibzmqPeer.start();
  const socket = await peer.open("PAIR");
  peer.pause();
  const answer = socket.get("TYPE");
  const first = await Promise.race([answer, new Promise((resolve) => setTimeout(() => resolve("silence"), 100))]);
  assertEquals(first, "silence");
  peer.resume();
  assertEquals(await answer, 0);
});

// libzmq's process is killed and started again on the same path; then traffic flows again.

import { assertEquals, assertGreater } from "@std/assert";
import { Push } from "../../mod.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { arrangements, describe, type SocketPair } from "../peer/pairs.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { pass, subscribed } from "./conversation.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { eventually, STEP } from "./side.ts";

const PAIRS: readonly SocketPair[] = [
  { a: "PAIR", b: "PAIR", flow: "duplex" },
  { a: "PUB", b: "SUB", flow: "publish" },
  { a: "DEALER", b: "ROUTER", flow: "duplex" },
  { a: "REQ", b: "REP", flow: "request" },
  { a: "PUSH", b: "PULL", flow: "oneway" },
];
const ROUNDS = 3;

for (const arrangement of arrangements(PAIRS)) {
  libzmqTest(`interop: killed and started again, ${describe(arrangement)}`, async () => {
    using directory = new TempDirectory();
    const endpoint = `ipc://${directory.at("socket")}`;
    const ourType = arrangement.libzmq === "a" ? arrangement.b : arrangement.a;
    const theirType = arrangement[arrangement.libzmq];
    const denomq = new DenomqSide(ourType, {
      ...(ourType === "ROUTER" || ourType === "DEALER" ? { routingId: `denomq ${ourType}` } : {}),
    });
    try {
      // This library's socket is set up once, and stays as it is through all of it.
      if (arrangement.libzmq === arrangement.binds) await denomq.connect(endpoint);
      else await denomq.bind(endpoint);
      if (ourType === "SUB") await denomq.subscribe("");
      for (let round = 0; round < ROUNDS; round++) {
        await using peer = await LibzmqPeer.start();
        const libzmq = await LibzmqSide.open(peer, theirType, {
          ...(theirType === "ROUTER" || theirType === "DEALER" ? { routingId: `libzmq ${theirType}` } : {}),
        });
        if (theirType === "SUB") await libzmq.subscribe("");
        if (arrangement.libzmq === arrangement.binds) await libzmq.bind(endpoint);
        else await libzmq.connect(endpoint);
        await Promise.all([libzmq.connected(), denomq.connected()]);
        const [a, b] = arrangement.libzmq === "a" ? [libzmq, denomq] : [denomq, libzmq];
        if (arrangement.flow === "publish") await subscribed(a, b);
        for (let i = 0; i < 5; i++) {
          await pass(a, b, [`message ${i} of round ${round}`, ""]);
          if (arrangement.flow !== "oneway" && arrangement.flow !== "publish") await pass(b, a, [`answer ${i}`]);
        }
        assertEquals(denomq.socket.peerCount, 1);
        await peer.kill();
        await denomq.abandoned();
      }
    } finally {
      await denomq.close();
    }
  });
}

libzmqTest("interop: killed in the midst of a stream, what arrives is in order and whole", async () => {
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("socket")}`;
  await using push = new Push({ linger: 0 });
  push.connect(endpoint);
  let sent = 0;
  let stop = false;
  const sending = (async () => {
    // With nobody there the high water mark holds this up, until the next one comes.
    for (; !stop; sent++) await push.send([String(sent), "x".repeat(sent % 3000)], { timeout: STEP });
    await push.send("end", { timeout: STEP });
  })();
  let last = -1;
  for (let round = 0; round < ROUNDS; round++) {
    await using peer = await LibzmqPeer.start();
    const pull = await peer.open("PULL");
    await pull.bind(endpoint);
    for (let received = 0;; received++) {
      const [number, filling, ...rest] = await pull.receive();
      const text = new TextDecoder().decode(number);
      if (text === "end") break;
      const sequence = Number(text);
      assertGreater(sequence, last);
      assertEquals(filling?.length, sequence % 3000);
      assertEquals(rest, []);
      last = sequence;
      if (received < 300) continue;
      stop = round === ROUNDS - 1;
      if (!stop) break;
    }
    if (stop) continue;
    await peer.kill();
    await eventually("the crash is noticed", () => push.peerCount === 0);
  }
  await sending;
  assertEquals(last, sent - 1);
});

libzmqTest("interop: killed in the midst of large messages, nothing of a cut one is delivered", async () => {
  const side = new DenomqSide("PULL");
  try {
    const endpoint = await side.bind("ipc://*");
    for (let round = 0; round < 3; round++) {
      await using peer = await LibzmqPeer.start();
      const push = await peer.open("PUSH", { SNDHWM: 0 });
      await push.connect(endpoint);
      await side.connected();
      const plan = { count: 40, sizes: [4_000_000], frames: 2, seed: 11 + round };
      const sending = push.sendMany(plan).catch(() => {});
      // Whatever was read in part is gone; whatever arrives is what was sent.
      await side.receiveMany({ ...plan, count: 2 });
      await peer.kill();
      await sending;
      await side.abandoned();
      while (await side.receiveWithin(0) !== null);
    }
    await using peer = await LibzmqPeer.start();
    const push = await peer.open("PUSH");
    await push.connect(endpoint);
    await push.send(["afterwards"]);
    assertEquals(await side.receive(), ['"afterwards"']);
  } finally {
    await side.close();
  }
});

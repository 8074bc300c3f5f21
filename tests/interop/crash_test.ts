// The process of a peer is killed and started again on the same path; then traffic flows again.

import { assertEquals, assertGreater } from "@std/assert";
import { Push } from "../../mod.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { type Arrangement, arrangements, pairs } from "../peer/pairs.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { arranged, attach, type Conversation, openEnd, subscribed, synchronize, together } from "./conversation.ts";
import { DenomqSide } from "./denomq_side.ts";
import { startHost, ThisProcess } from "./hosts.ts";
import { eventually, labels, type Side, STEP } from "./side.ts";

const ROUNDS = 3;

/** An end that stays as it is, set up once, while the other end's process comes and goes. */
interface Staying {
  readonly arrangement: Arrangement;
  readonly endpoint: string;
  readonly side: Side;
}

/** The other end comes, and they speak to each other. */
async function meet({ arrangement, endpoint, side }: Staying, newcomer: Side, round: number): Promise<void> {
  await attach(newcomer, arrangement, endpoint);
  const conversation = arranged(arrangement, side, newcomer);
  const { a, b } = conversation;
  await Promise.all([a.connected(), b.connected()]);
  if (a === side && a.type === "XPUB" && round > 0) await toldAgain(conversation);
  else if (arrangement.flow === "publish") await subscribed(a, b);
  for (let i = 0; i < 5; i++) await conversation.exchange(`message ${i} of round ${round}`, "");
}

/** An XPUB that stays is told that the subscription has gone, and that it is there again. */
async function toldAgain({ a, b, arrangement }: Conversation): Promise<void> {
  // But what libzmq's has connected to keeps its subscriptions while it is away: that is no news.
  if (a.player === "libzmq" && arrangement.binds === "b") return await synchronize(a, b);
  assertEquals(await a.receive(), labels(["\0"]));
  await subscribed(a, b);
}

for (const victim of ["libzmq", "denomq"] as const) {
  const survivor = victim === "libzmq" ? "denomq" : "libzmq";
  for (const pair of pairs) {
    libzmqTest(`interop: ${pair.a} – ${pair.b}, the process of ${victim} killed and started again`, async () => {
      using directory = new TempDirectory();
      await using stays = survivor === "libzmq" ? await startHost(survivor) : new ThisProcess();
      const staying: Staying[] = [];
      for (const [index, arrangement] of arrangements([pair]).entries()) {
        const side = await openEnd(stays, survivor, arrangement);
        const endpoint = `ipc://${directory.at(String(index))}`;
        await attach(side, arrangement, endpoint);
        staying.push({ arrangement, endpoint, side });
      }
      for (let round = 0; round < ROUNDS; round++) {
        await using comes = await startHost(victim);
        await together(staying, async (one) => meet(one, await openEnd(comes, victim, one.arrangement), round));
        for (const { side } of staying) if (side instanceof DenomqSide) assertEquals(side.socket.peerCount, 1);
        await comes.kill();
        await together(staying, ({ side }) => side.abandoned());
      }
    });
  }
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

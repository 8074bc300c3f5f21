// A lot of messages, and a large one: everything arrives, in order and intact.

import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { type Arrangement, arrangements, describe, type SocketPair } from "../peer/pairs.ts";
import type { Plan } from "../peer/payload.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { idOf, open } from "./conversation.ts";
import type { SideOptions } from "./side.ts";

interface Bulk {
  readonly pair: SocketPair;
  readonly plan: Plan;
  readonly options?: SideOptions;
}

const SMALL: Plan = { count: 100_000, sizes: [10, 0, 64, 255, 1, 256, 700] };

const BULKS: readonly Bulk[] = [
  { pair: { a: "PUSH", b: "PULL", flow: "oneway" }, plan: SMALL },
  { pair: { a: "PUSH", b: "PULL", flow: "oneway" }, plan: { count: 20_000, sizes: [5, 300, 0], frames: 4 } },
  { pair: { a: "PUSH", b: "PULL", flow: "oneway" }, plan: { count: 300, sizes: [1_000_000, 3, 70_000] } },
  { pair: { a: "PUSH", b: "PULL", flow: "oneway" }, plan: { ...SMALL, count: 3000 }, options: { highWaterMark: 2 } },
  // Publishers drop what is above the high water mark: none, so that nothing is dropped.
  { pair: { a: "PUB", b: "SUB", flow: "publish" }, plan: SMALL, options: { highWaterMark: 0 } },
  { pair: { a: "DEALER", b: "ROUTER", flow: "duplex" }, plan: { ...SMALL, frames: 2 } },
];

/** One arrangement per role: who binds makes no difference here. */
function roles(pair: SocketPair): Arrangement[] {
  return arrangements([pair]).filter(({ binds }) => binds === "b");
}

function title({ pair, plan, options }: Bulk): string {
  const limit = options?.highWaterMark === undefined ? "" : `, high water mark ${options.highWaterMark}`;
  const shape = `${plan.frames ?? 1} x ${plan.sizes.join("/")} bytes`;
  return `${pair.a} – ${pair.b}, ${plan.count} messages of ${shape}${limit}`;
}

for (const bulk of BULKS) {
  libzmqTest(`interop: ${title(bulk)}`, async (test) => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    for (const [index, arrangement] of roles(bulk.pair).entries()) {
      await test.step(describe(arrangement), async () => {
        const endpoint = `ipc://${directory.at(String(index))}`;
        await using conversation = await open(arrangement, peer, endpoint, bulk.options);
        const { a, b } = conversation;
        const envelope = b.type === "ROUTER" ? [{ text: idOf(a) }] : [];
        const there = [a.sendMany(bulk.plan), b.receiveMany({ ...bulk.plan, envelope: envelope.length })];
        const back = bulk.pair.flow === "duplex"
          ? [b.sendMany({ ...bulk.plan, seed: 2, envelope }), a.receiveMany({ ...bulk.plan, seed: 2 })]
          : [];
        await Promise.all([...there, ...back]);
      });
    }
  });
}

libzmqTest("interop: 64 MiB in one frame", async (test) => {
  await using peer = await LibzmqPeer.start();
  for (const arrangement of roles({ a: "PUSH", b: "PULL", flow: "oneway" })) {
    await test.step(describe(arrangement), async () => {
      await using conversation = await open(arrangement, peer, "ipc://*");
      await conversation.exchange({ size: 64 * 1024 * 1024, seed: 9 });
      await conversation.exchange("and on it goes");
    });
  }
});

libzmqTest("interop: many requests, one after the other", async (test) => {
  await using peer = await LibzmqPeer.start();
  for (const arrangement of roles({ a: "REQ", b: "REP", flow: "request" })) {
    await test.step(describe(arrangement), async () => {
      await using conversation = await open(arrangement, peer, "ipc://*");
      const { denomq, libzmq } = conversation;
      if (denomq.type === "REQ") {
        const echo = libzmq.socket.echo(1000);
        for (let i = 0; i < 1000; i++) {
          await denomq.send([`request ${i}`, ""]);
          const [text] = await denomq.receive();
          if (text !== `"request ${i}"`) throw new Error(`The answer to request ${i} is ${text}`);
        }
        await echo;
      } else {
        for (let i = 0; i < 500; i++) await conversation.exchange(`request ${i}`, "");
      }
    });
  }
});

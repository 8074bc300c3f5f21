// A lot of messages, and large ones: everything arrives, in order and intact.

import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { arrangements, describe, pairs, type SocketPair } from "../peer/pairs.ts";
import type { Plan } from "../peer/payload.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { repetitions } from "../support/thorough.ts";
import { open } from "./conversation.ts";
import type { SideOptions } from "./side.ts";

/** Seconds for all arrangements of a pair. */
const LIMIT = 60;

/** MiB of a large frame. */
const LARGE = repetitions(64, 16);

interface Bulk {
  readonly pair: SocketPair;
  readonly plan: Plan;
  readonly options?: SideOptions;
  /** So many conversations at once share the messages of the plan; 1 by default. */
  readonly lanes?: number;
}

const MANY: Plan = { count: repetitions(100_000, 20_000), sizes: [10, 0, 64, 255, 1, 256, 700] };

/**
 * All of {@link MANY}'s messages each way that a pair has. A REQ waits for every answer, which is a matter of latency: in
 * a single lock step the same number takes many times as long, so that a few of them share it.
 */
function many(pair: SocketPair): Bulk {
  if (pair.a === "REQ") return { pair, plan: { ...MANY, count: MANY.count / 20 }, lanes: 20 };
  // Publishers drop what is above the high water mark, and so does libzmq's REP with answers: none, so that nothing is.
  const dropping = pair.flow === "publish" || pair.b === "REP";
  return { pair, plan: MANY, ...(dropping ? { options: { highWaterMark: 0 } } : {}) };
}

const PIPELINE: SocketPair = { a: "PUSH", b: "PULL", flow: "oneway" };

const BULKS: readonly Bulk[] = [
  ...pairs.map(many),
  { pair: PIPELINE, plan: { count: 20_000, sizes: [5, 300, 0], frames: 4 } },
  { pair: PIPELINE, plan: { count: 300, sizes: [1_000_000, 3, 70_000] } },
  { pair: PIPELINE, plan: { ...MANY, count: 1000 }, options: { highWaterMark: 2 } },
  { pair: { a: "DEALER", b: "ROUTER", flow: "duplex" }, plan: { ...MANY, count: 20_000, frames: 3 } },
];

function title({ pair, plan, options, lanes = 1 }: Bulk): string {
  const limit = options?.highWaterMark === undefined ? "" : `, high water mark ${options.highWaterMark}`;
  const shape = `${plan.frames ?? 1} x ${plan.sizes.join("/")} bytes`;
  const shared = lanes === 1 ? "" : `${lanes} x `;
  return `${pair.a} – ${pair.b}, ${shared}${plan.count} messages of ${shape}${limit}`;
}

for (const bulk of BULKS) {
  libzmqTest(`interop: ${title(bulk)}`, async (test) => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    for (const [index, arrangement] of arrangements([bulk.pair]).entries()) {
      await test.step(describe(arrangement), async () => {
        await Promise.all(Array.from({ length: bulk.lanes ?? 1 }, async (_, lane) => {
          const endpoint = `ipc://${directory.at(`${index}.${lane}`)}`;
          await using conversation = await open(arrangement, peer, endpoint, bulk.options);
          await conversation.stream({ ...bulk.plan, seed: 1 + 2 * lane });
        }));
      });
    }
  }, LIMIT);
}

for (const pair of pairs) {
  libzmqTest(`interop: ${pair.a} – ${pair.b}, ${LARGE} MiB in one frame`, async (test) => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    for (const [index, arrangement] of arrangements([pair]).entries()) {
      await test.step(describe(arrangement), async () => {
        await using conversation = await open(arrangement, peer, `ipc://${directory.at(String(index))}`);
        await conversation.exchange({ size: LARGE * 1024 * 1024, seed: 9 });
        await conversation.exchange("and on it goes");
      });
    }
  }, LIMIT);
}

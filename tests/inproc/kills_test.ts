// inproc between Workers: they are terminated at random moments, under load, and nobody else is harmed.

import { assert, assertEquals } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { repetitions } from "../support/thorough.ts";
import { expect, patient, until } from "../sockets/support.ts";
import { eventually, fresh, locks, Thread } from "./support.ts";
import { Inspector, numbered } from "./workers/numbered.ts";
import type { Sentence } from "./workers/victim.ts";

/** How many Workers are terminated, and how many of them are there at a time. */
const KILLS = repetitions(1000, 100);
const AT_ONCE = 4;
/** How long (ms) a Worker may live once it has sent something, or once it was made. */
const LIFE = 20;
const EARLY_LIFE = 40;
/** How long (ms) its peers may take to notice its end. */
const NOTICE = 1000;
const LIMIT = 240_000;

interface Peers {
  readonly up: number;
  readonly down: number;
  readonly received: number;
}

/** Places where one Worker after the other lives and dies: sockets of main that outlive them all. */
class Slot implements AsyncDisposable {
  static victims = 0;
  static slowest = 0;
  /** When who has sent something was terminated, and how many have. */
  static started = 0;
  readonly up = fresh();
  readonly down = fresh();
  readonly pull: Pull = new Pull({ receiveHighWaterMark: 50 });
  readonly push: Push = new Push({ sendHighWaterMark: 50, linger: 0 });
  #inspector = new Inspector();
  #steady: { readonly up: string; readonly down: string };
  #failed = Promise.withResolvers<never>();

  constructor(steady: { readonly up: string; readonly down: string }) {
    this.#steady = steady;
  }

  get received(): number {
    return this.#inspector.count;
  }

  async open(): Promise<void> {
    await this.pull.bind(this.up);
    await this.push.bind(this.down);
    this.#receive(this.pull).catch(this.#failed.reject);
    this.#send(this.push).catch(this.#failed.reject);
  }

  /** Lets a Worker live for a while, in one of four ways. */
  async kill(): Promise<void> {
    const id = Slot.victims++;
    const kind = (["connects", "binds", "avoids main", "dies early"] as const)[id % 4]!;
    await Promise.race([this.#failed.promise, within(this.#kill(id, kind), `victim ${id}, which ${kind}`)]);
  }

  async #kill(id: number, kind: "connects" | "binds" | "avoids main" | "dies early"): Promise<void> {
    const binds = kind === "binds";
    const { up, down } = binds ? { up: fresh(), down: fresh() } : kind === "avoids main" ? this.#steady : this;
    await using own = new OwnPeers(binds, up, down);
    this.#receive(own.pull).catch(this.#failed.reject);
    // What is sent before there is a peer would wait for ever, should none come.
    own.push.waitForPeers().then(() => this.#send(own.push), () => {}).catch(this.#failed.reject);
    using victim = new Thread("victim", { id, binds, up, down } satisfies Sentence);
    if (kind === "dies early") {
      await pause(Math.random() * EARLY_LIFE);
    } else {
      await victim.next();
      Slot.started++;
      await pause(Math.random() * LIFE);
    }
    const killed = performance.now();
    victim.terminate();
    const sockets = [this.pull, this.push, own.pull, own.push];
    // Of the Worker that stays others may be peers at the time: what is left there is looked at in the end.
    await within(until(() => sockets.every((socket) => socket.peerCount === 0)), `the end of ${id}`, NOTICE);
    Slot.slowest = Math.max(Slot.slowest, performance.now() - killed);
  }

  async #receive(pull: Pull): Promise<void> {
    for await (const frames of pull) this.#inspector.inspect(frames);
  }

  async #send(push: Push): Promise<void> {
    for (let number = 0; !push.closed; number++) {
      if (!push.trySend(numbered(0, number))) {
        number--;
        await pause(1);
      } else if (number % 8 === 0) {
        await pause(0);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.pull[Symbol.asyncDispose](), this.push[Symbol.asyncDispose]()]);
  }
}

/** Sockets of main that connect to a Worker which binds, and end with it. */
class OwnPeers implements AsyncDisposable {
  readonly pull: Pull = new Pull({ receiveHighWaterMark: 50 });
  readonly push: Push = new Push({ sendHighWaterMark: 50, linger: 0 });

  constructor(connects: boolean, up: string, down: string) {
    if (!connects) return;
    this.pull.connect(up);
    this.push.connect(down);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.pull[Symbol.asyncDispose](), this.push[Symbol.asyncDispose]()]);
  }
}

Deno.test(`inproc: ${KILLS} Workers are terminated under load, and nobody else is harmed`, async () => {
  // The runtime may keep some that were granted to the isolates of other files as they ended.
  const before = await locks();
  const steady = { up: fresh(), down: fresh() };
  using worker = new Thread("steady", steady);
  assertEquals(await worker.next(60_000), "bound");
  const begin = performance.now();
  {
    const slots: Slot[] = [];
    await using stack = new AsyncDisposableStack();
    for (let i = 0; i < AT_ONCE; i++) {
      const slot = stack.use(new Slot(steady));
      await slot.open();
      slots.push(slot);
    }
    // The types of the victims' program are checked once, before there are several.
    await slots[0]!.kill();
    const round = (until: number) =>
      Promise.all(slots.map(async (slot) => {
        while (Slot.victims < until) await slot.kill();
      }));
    // Memory is none of this test's business, for the runtime keeps 1.6 MB of each Worker: see rings_test.ts.
    await within(round(KILLS), "all kills", LIMIT);

    const nobody = async () => {
      const peers = await worker.ask<Peers>("peers");
      return peers.up === 0 && peers.down === 0;
    };
    await within(eventually(nobody), "the last peers to be gone", NOTICE);
    const { received } = await worker.ask<Peers>("peers");
    const total = slots.reduce((sum, slot) => sum + slot.received, 0);
    console.log(
      `${Slot.victims} Workers in ${
        Math.round(performance.now() - begin)
      } ms, ${Slot.started} of them after a message; ` +
        `main received ${total} messages, a Worker ${received}; the slowest end took ${Math.round(Slot.slowest)} ms`,
    );
    assert(total > KILLS && received > KILLS / 4, "There was hardly any load");
  }
  await talk();
  assertEquals(await worker.ask("end"), "ended");
  let left: string[] = [];
  const none = async () => {
    left = await locks();
    for (const name of before) if (left.includes(name)) left.splice(left.indexOf(name), 1);
    return left.length === 0;
  };
  await within(eventually(none), "the locks to be gone", NOTICE).catch((cause) => {
    throw new Error(`There are still: ${left.join(", ")}`, { cause });
  });
});

/** A Worker that comes now meets others as ever. */
async function talk(): Promise<void> {
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  using worker = new Thread("holder");
  assertEquals(await worker.ask({ act: "bind", endpoint, word: "" }, 60_000), "EADDRINUSE");
  const other = fresh();
  assertEquals(await worker.ask({ act: "bind", endpoint: other, word: "hello" }), "bound");
  pull.connect(other);
  await pull.waitForPeers(1, patient);
  await expect(pull, "hello");
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

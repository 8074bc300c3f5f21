/**
 * A peer that stops reading (SIGSTOP) and goes on later (SIGCONT): what its sender holds meanwhile stays within bounds.
 *
 * @module
 */

import * as zmq from "../../../mod.ts";
import { Checker } from "../checker.ts";
import { Random } from "../random.ts";
import { DenomqPort } from "./port.ts";
import type { KillProgram } from "./programs.ts";
import { type Scene, SURVIVOR, until } from "./scene.ts";
import { Source } from "./task.ts";
import { ProcessVictim } from "./victim.ts";

/** A send that waits for so long (ms) waits for the peer to read: what is on its way needs less. */
const STUCK = 400;
/** Bytes that are published to a peer that reads nothing. */
const VOLUME = 128 * 1024 * 1024;
/** What memory may grow by beside the bound (bytes): others are at work, and garbage is collected at times. */
const SLACK = 64 * 1024 * 1024;

function memory(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** The most bytes that the queues and what is beneath may hold. */
function mostBytes({ load, mark, wire }: Scene): number {
  return 2 * mark * load.frames * (load.most + 40) + wire.between + 1024 * 1024;
}

function fits({ wire, player }: Scene): boolean {
  return !wire.workers && player === "denomq";
}

/** PUSH: its sends wait, and everything that was taken comes in the end. */
export const stoppedPull: KillProgram = {
  name: "PUSH waits for a PULL that is stopped",
  fits,
  async run(scene) {
    await using survivor = new DenomqPort({ type: "PUSH", mark: scene.mark, topics: [] });
    await scene.place(survivor);
    await using victim = await scene.victim("PULL", "drain", 0);
    if (!(victim instanceof ProcessVictim)) throw new Error("Only processes can be stopped");
    const source = new Source(
      { sender: SURVIVOR, incarnation: 0, topics: [0], load: scene.load },
      new Random(scene.random.below(2 ** 31)),
    );
    const { bound } = scene;
    let sent = 0;
    let missed = 0;
    for (let round = 0; round < 3 && (round === 0 || scene.goesOn()); round++) {
      for (let more = scene.lifetime(0.3); more > 0; more--, sent++) await survivor.send(source.next());
      // By then it has read something, and its state is that of a peer at work.
      await victim.until(() => victim.received > 0, "the first message has come");
      victim.stop();
      const before = memory();
      try {
        for (;; sent++) {
          await survivor.send(source.next(), { timeout: STUCK });
          if (sent - victim.received > bound) throw new Error(`${sent - victim.received} wait, where ${bound} may`);
        }
      } catch (error) {
        if (!(error instanceof zmq.ZmqError && error.code === "EAGAIN")) throw error;
        // Its number is not used again.
        missed++;
      }
      const grown = memory() - before;
      const most = mostBytes(scene) + SLACK;
      if (grown > most) throw new Error(`Memory has grown by ${grown} bytes, where ${most} may be`);
      victim.proceed();
      scene.tally.faults++;
      await victim.until(() => victim.received === sent, "all that was taken has come", 60_000);
    }
    const checker = new Checker();
    for (const label of victim.labels()) checker.note("victim", label);
    checker.expectLossWithin(SURVIVOR, 0, sent + missed, missed);
    scene.count({ ...checker, checked: checker.checked, failures: checker.failures });
  },
};

/** PUB: it drops what the peer does not take, and what comes is in order. */
export const stoppedSub: KillProgram = {
  name: "PUB drops what a SUB that is stopped does not take",
  fits,
  async run(scene) {
    await using survivor = new DenomqPort({ type: "PUB", mark: scene.mark, topics: [] });
    const publisher = survivor.socket as zmq.Publisher;
    publisher.noDrop = false;
    await scene.place(survivor);
    await using victim = await scene.victim("SUB", "drain", 0, { topics: [65] });
    if (!(victim instanceof ProcessVictim)) throw new Error("Only processes can be stopped");
    await publisher.waitForSubscribers(1, { timeout: 60_000 });
    const source = new Source(
      { sender: SURVIVOR, incarnation: 0, topics: [65], load: { frames: 1, least: 30_000, most: 30_000 } },
      new Random(scene.random.below(2 ** 31)),
    );
    await publisher.send(source.next());
    await victim.until(() => victim.received === 1, "the first message has come");
    victim.stop();
    const before = memory();
    let most = before;
    const count = VOLUME / 30_000;
    for (let i = 0; i < count; i++) {
      await publisher.send(source.next());
      if (i % 64 !== 0) continue;
      most = Math.max(most, memory());
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const limit = 2 * scene.mark * 30_100 + scene.wire.between + SLACK;
    if (most - before > limit) throw new Error(`Memory has grown by ${most - before} bytes, where ${limit} may be`);
    victim.proceed();
    scene.tally.faults++;
    const came = victim.received;
    await victim.until(() => victim.received > came, "it reads again");
    // What comes now is new: it says that the peer has all that was kept for it.
    let last = victim.received;
    await until(() => {
      const now = victim.received;
      publisher.trySend(source.next());
      return now > last || (last = now) < 0;
    }, "a message comes that was sent after it");
    const checker = new Checker("all of them");
    for (const label of victim.labels()) checker.note("victim", label);
    scene.count(checker);
  },
};

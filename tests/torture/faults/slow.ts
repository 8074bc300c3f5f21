/**
 * Peers that read or write a byte at a time, or not at all.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";
import { Raw } from "../../api/raw.ts";
import { Checker, compose, HEADER } from "../checker.ts";
import { Couple, demand, type Fault, LIMIT, patient, type Site } from "./fault.ts";

function label(sender: number, sequence: number) {
  return { topic: 0, sender, incarnation: 0, sequence };
}

/** Whole messages of short frames, as they lie in the bytes of a connection. */
function* messages(bytes: Uint8Array): Generator<Uint8Array[]> {
  let frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const [flags = 0, length = 0] = bytes.subarray(at, at + 2);
    demand((flags & ~1) === 0, `the flags of a frame are ${flags}`);
    frames.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
    if (flags === 1) continue;
    yield frames;
    frames = [];
  }
  demand(frames.length === 0, "the last message is cut short");
}

async function reads(site: Site): Promise<void> {
  await using push = new Push({ linger: 0 });
  await push.bind(`ipc://${site.folder}/socket`);
  await using pull = new Pull();
  using raw = await Raw.connect(push.lastEndpoint!);
  await raw.shake("PULL");
  await push.waitForPeers(1, patient);
  const checker = new Checker();
  let bytes = 0;
  for (let i = 0; i < 20; i++) {
    const frames = compose(label(1, i), Array.from({ length: site.random.between(1, 3) }, () => site.random.below(60)));
    for (const frame of frames) bytes += 2 + frame.length;
    await push.send(frames, patient);
  }
  pull.connect(push.lastEndpoint!);
  await push.waitForPeers(2, patient);
  const got = new Uint8Array(bytes);
  let sequence = 0;
  for (let at = 0; at < bytes; at++) {
    got.set(await raw.read(1), at);
    // Others are served meanwhile; what falls to the slow one waits.
    if (at % 50 !== 0) continue;
    for (let i = 0; i < 2; i++) await push.send(compose(label(2, sequence++), [site.random.below(60)]), patient);
    checker.take("pull", await pull.receive(patient));
  }
  for (const frames of messages(got)) checker.take("slow", frames);
  checker.expectAll(1, 0, 20);
  checker.expectLossWithin(2, 0, sequence, Math.ceil(sequence / 2) + 1);
  site.tally.checked += checker.checked;
  demand(checker.failures.length === 0, checker.failures.join("; "));
}

async function writes(site: Site): Promise<void> {
  await using couple = await Couple.over(site, `ipc://${site.folder}/socket`);
  await using pull = new Pull();
  await pull.bind(`ipc://${site.folder}/slow`);
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  const checker = new Checker();
  for (let i = 0; i < 5; i++) {
    const frames = compose(label(1, i), [site.random.below(100), site.random.below(100)]);
    for (const [at, frame] of frames.entries()) {
      const flags = at < frames.length - 1 ? 1 : 0;
      for (const byte of [flags, frame.length, ...frame]) await raw.write(Uint8Array.of(byte));
    }
    await couple.flow(3);
    checker.take("pull", await pull.receive(patient));
  }
  checker.expectAll(1, 0, 5);
  site.tally.checked += 5;
  demand(checker.failures.length === 0, checker.failures.join("; "));
}

async function stops(site: Site): Promise<void> {
  const mark = site.random.pick([1, 5, 50]);
  const push = new Push({ linger: 0, sendHighWaterMark: mark });
  await push.bind(`ipc://${site.folder}/socket`);
  await using pull = new Pull();
  pull.connect(push.lastEndpoint!);
  using raw = await Raw.connect(push.lastEndpoint!);
  await raw.shake("PULL");
  await push.waitForPeers(2, patient);
  const checker = new Checker();
  const count = 300;
  const receiving = (async () => {
    for await (const frames of pull) checker.take("pull", frames);
  })();
  for (let i = 0; i < count; i++) await push.send(compose(label(1, i), [10_000]), patient);
  // What the system, the queue and a write hold of the one that has stopped; the other gets all else.
  const stuck = mark + Math.ceil((212_992 + 256 * 1024) / (10_000 + HEADER)) + 2;
  const late = performance.now() + LIMIT;
  while (checker.received(1, 0) < count - stuck && performance.now() < late) await new Promise((r) => setTimeout(r, 2));
  checker.expectLossWithin(1, 0, count, stuck);
  site.tally.checked += checker.checked;
  site.tally.allowed += checker.allowed;
  // With a peer that reads nothing it ends all the same.
  await push[Symbol.asyncDispose]();
  pull.close();
  await receiving;
  demand(checker.failures.length === 0, checker.failures.join("; "));
}

/** Faults of peers that are slow. */
export const slow: readonly Fault[] = [
  { name: "a peer reads a byte at a time", run: reads },
  { name: "a peer writes a byte at a time", run: writes },
  { name: "a peer stops reading", run: stops },
];

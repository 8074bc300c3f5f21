/**
 * Programs with streams whose end, or whose cost, a test looks at. The first argument names one.
 *
 * @module
 */

import { hold, release } from "../../../ffi/poller.ts";
import { fillUp, openDescriptors, processorTime, readAll, StreamPair, threads } from "../support.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ignore = () => {};

/** A computation in small steps, each in a turn of its own. */
async function work(turns: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - start;
}

const programs: Record<string, () => unknown> = {
  /** A stream that waits for bytes which never come. */
  idle: async () => {
    const { near, far } = new StreamPair();
    near.read(new Uint8Array(10)).catch(ignore);
    far.read(new Uint8Array(10)).catch(ignore);
    await later(50);
    console.log("end");
  },
  /** The same, where somebody waited long enough for a wait on another thread. */
  released: async () => {
    const { near } = new StreamPair();
    hold();
    near.read(new Uint8Array(10)).catch(ignore);
    await later(300);
    release();
    console.log("released");
    const start = performance.now();
    addEventListener("unload", () => console.log(performance.now() - start));
  },
  /** A stream with a peer, in a Worker, that sends all the time. */
  flooded: async () => {
    const { near, far } = new StreamPair();
    const into = new Uint8Array(1000);
    const flood = setInterval(() => near.write(Uint8Array.of(1)).catch(ignore), 1);
    Deno.unrefTimer(flood);
    const read = (): unknown => far.read(into).then(read, ignore);
    read();
    await later(100);
    console.log("end");
  },
  /** A write that can go on when the other side reads, which it does after the end. */
  writes: async () => {
    const { near, far } = new StreamPair();
    const { written, last } = await fillUp(near);
    last.then(() => console.log("written"));
    const reads = setTimeout(() => readAll(far, written).catch(ignore), 300);
    Deno.unrefTimer(reads);
    console.log("end");
  },
  /** Waits for a second and a half for a byte that a Worker writes. */
  waits: async () => {
    const { near, far } = new StreamPair();
    hold();
    const before = threads();
    const start = performance.now();
    const reading = near.read(new Uint8Array(10));
    // Deno's own start-up work ends first.
    await later(500);
    const cost = processorTime();
    const tasks = threads() - before;
    let wrote = 0;
    setTimeout(() => {
      wrote = performance.now();
      far.write(Uint8Array.of(1));
    }, 1000);
    await reading;
    const woke = performance.now() - wrote;
    console.log(`${performance.now() - start}\n${woke}\n${processorTime() - cost}\n${tasks}`);
    release();
    await Promise.all([near.close(), far.close()]);
  },
  /** Turns of the event loop, alone, and beside bytes that come now and then. */
  beside: async () => {
    await work(2_000);
    const alone = await work(20_000);
    const { near, far } = new StreamPair();
    hold();
    const into = new Uint8Array(100);
    const read = (): unknown => far.read(into).then(read, ignore);
    read();
    const trickle = setInterval(() => near.write(Uint8Array.of(1)), 1);
    const beside = await work(20_000);
    clearInterval(trickle);
    release();
    await Promise.all([near.close(), far.close()]);
    console.log(`${alone}\n${beside}`);
  },
  /** What is open before, during and after a hundred pairs, and how many threads more there are. */
  leaves: async () => {
    const warm = new StreamPair();
    await Promise.all([warm.near.close(), warm.far.close()]);
    const [before, tasks] = [openDescriptors(), threads()];
    const pairs = Array.from({ length: 100 }, () => new StreamPair());
    hold();
    const reading = pairs.map(({ near }) => near.read(new Uint8Array(1)));
    await later(200);
    const during = openDescriptors();
    await Promise.all(pairs.map(({ far }) => far.write(Uint8Array.of(1))));
    await Promise.all(reading);
    await Promise.all(pairs.flatMap(({ near, far }) => [near.close(), far.close()]));
    release();
    console.log(`${before}\n${during}\n${openDescriptors()}\n${threads() - tasks}`);
  },
  /** Threads before, during and after a Worker that waits. */
  terminates: async () => {
    const before = threads();
    const worker = new Worker(new URL("./waiter.ts", import.meta.url), { type: "module" });
    await new Promise((resolve) => worker.onmessage = resolve);
    const during = threads();
    worker.terminate();
    const end = performance.now() + 10_000;
    while (threads() > before + 1 && performance.now() < end) await later(100);
    console.log(`${before}\n${during}\n${threads()}`);
  },
};

await programs[Deno.args[0]!]!();

/**
 * Programs with streams whose end, or whose cost, a test looks at. The first argument names one.
 *
 * @module
 */

import { hold, release } from "../../../ffi/poller.ts";
import { fillUp, listening, openDescriptors, processorTime, readAll, StreamPair, threads } from "../support.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** The same, without keeping the program. */
const loosely = (ms: number) => new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, ms)));
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
  /** A stream with a peer that sends a byte every millisecond. */
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
  /** Waits for a second and a half for a byte, on timers that do not keep the program. */
  waits: async () => {
    const { near, far } = new StreamPair();
    hold();
    const before = threads();
    const start = performance.now();
    const reading = near.read(new Uint8Array(10));
    // Deno's own start-up work ends first.
    await loosely(500);
    const cost = processorTime();
    const tasks = threads() - before;
    let wrote = 0;
    loosely(1000).then(() => {
      wrote = performance.now();
      far.write(Uint8Array.of(1));
    });
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
  /** What becomes of a listener when descriptors run out, and when there are some again. */
  exhausted: async () => {
    const { listener, connect, hog } = listening();
    hold();
    const before = openDescriptors();
    connect();
    const hogs = hog();
    const codes: unknown[] = [];
    for (let i = 0; i < 2; i++) await listener.accept().catch((error) => codes.push(error.code));
    const [spare, ...others] = hogs;
    spare!();
    const stream = await listener.accept();
    for (const give of others) give();
    await stream!.close();
    const last = listener.accept();
    await listener.close();
    console.log(`${codes}\n${await last}\n${openDescriptors() - before}`);
    release();
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

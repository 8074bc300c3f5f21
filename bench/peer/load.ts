// Round trips with a process that moves other messages besides:
//
//     load.ts near <endpoint> <rate> <seconds>   answers requests, and passes on what comes, at so many messages a second
//     load.ts far <endpoint> <rate> <seconds>    asks, and prints {"p50":...,"p99":...,"p999":...,"moved":...,"held":...}
//     load.ts flow <endpoint> <rate> <seconds>   sends and receives the messages that are to be moved
//
// Times are in µs. `moved` is how many messages a second went through, `held` the longest (ms) that the event loop of the
// near process was not free for anything else.

import { cpuUsage } from "node:process";
import { Pair, Pull, Push, Reply, Request } from "../../mod.ts";

const [role = "", endpoint = ""] = Deno.args;
const [rate = NaN, seconds = NaN] = Deno.args.slice(2).map(Number);
const payload = new Uint8Array(64).fill(120);

/** How long (ms) the event loop takes for a turn. */
class Turns {
  longest = 0;
  #last = performance.now();
  #worked = workedSoFar();
  #stopped = false;

  constructor() {
    this.#turn();
  }

  stop(): void {
    this.#stopped = true;
  }

  #turn(): void {
    const [now, worked] = [performance.now(), workedSoFar()];
    // While the system lets others run, nobody holds the loop.
    this.longest = Math.max(this.longest, Math.min(now - this.#last, worked - this.#worked));
    this.#last = now;
    this.#worked = worked;
    if (!this.#stopped) setImmediate(() => this.#turn());
  }
}

/** How long (ms) the process has had a processor. */
function workedSoFar(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

async function near(): Promise<void> {
  const options = { linger: 0 };
  const [reply, pull, push, pair] = [new Reply(options), new Pull(options), new Push(options), new Pair(options)];
  for (const [socket, name] of [[reply, "ask"], [pull, "in"], [push, "out"], [pair, "held"]] as const) {
    await socket.bind(`${endpoint}-${name}`);
  }
  console.log("ready");
  void (async () => {
    for await (const message of reply) await reply.send(message);
  })();
  void (async () => {
    for await (const message of pull) await push.send(message);
  })();
  // Only between these two words is it measured.
  await pair.receive();
  const turns = new Turns();
  await pair.receive();
  turns.stop();
  await pair.send(String(turns.longest));
}

async function flow(): Promise<void> {
  const push = new Push({ linger: 0 });
  const pull = new Pull();
  push.connect(`${endpoint}-in`);
  pull.connect(`${endpoint}-out`);
  const moved = new Uint32Array(1);
  const pair = new Pair();
  await pair.bind(`${endpoint}-moved`);
  void (async () => {
    for await (const _ of pull) moved[0]!++;
  })();
  void (async () => {
    for await (const _ of pair) await pair.send(String(moved[0]));
  })();
  if (rate === 0) return;
  const begin = performance.now();
  for (let sent = 0;; sent++) {
    await push.send(payload);
    if (sent % 256 !== 255) continue;
    const early = begin + sent / rate * 1000 - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
  }
}

async function far(): Promise<void> {
  const [request, held, moved] = [new Request(), new Pair(), new Pair()];
  request.connect(`${endpoint}-ask`);
  held.connect(`${endpoint}-held`);
  moved.connect(`${endpoint}-moved`);
  const ask = async (socket: Request | Pair, question: string | Uint8Array) => {
    await socket.send(question);
    const [frame] = await socket.receive();
    return Number(new TextDecoder().decode(frame));
  };
  const times: number[] = [];
  /** Asks for so many seconds; a pause between two questions lets the other traffic go on. */
  const measure = async (seconds: number) => {
    times.length = 0;
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      const begin = performance.now();
      await ask(request, payload);
      times.push((performance.now() - begin) * 1000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await measure(1);
  await held.send("begin");
  const before = await ask(moved, "how many");
  const begin = performance.now();
  await measure(seconds);
  const taken = (performance.now() - begin) / 1000;
  const count = await ask(moved, "how many") - before;
  const longest = await ask(held, "end");
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99), p999: at(0.999), moved: count / taken, held: longest }));
}

const parts: Readonly<Record<string, () => Promise<void>>> = { near, far, flow };
await parts[role]!();
if (role !== "far") { for await (const _ of Deno.stdin.readable); }
Deno.exit();

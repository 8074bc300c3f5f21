/**
 * Peers that are killed under load: processes by SIGKILL, Workers by `terminate()`, at points that are counted in
 * messages; and processes that are stopped for a while. Whoever survives has a checker, and so has a bystander.
 *
 * @module
 */

import { within } from "../support/deadline.ts";
import { onLinux, onWindows } from "../support/platform.ts";
import { freshPort } from "../support/ports.ts";
import { libzmqProblem } from "../peer/libzmq.ts";
import { type Ordeal, type Part, type Tally, tally } from "./part.ts";
import { Random } from "./random.ts";
import { type KillProgram, programs } from "./kills/programs.ts";
import { Pool, Scene, type Wire } from "./kills/scene.ts";
import { stoppedPull, stoppedSub } from "./kills/stopped.ts";
import type { Task } from "./kills/task.ts";

/** How many programs run at a time, unless told: victims that start leave time to others. */
const LANES = 2;
/** How long (ms) one may take, of which most is waiting for processes to start. */
const LIMIT = 180_000;

let serial = 0;

/** The largest value of a setting of Linux; what others have is of the same size. */
function setting(path: string, otherwise: number): number {
  if (!onLinux) return otherwise;
  return Math.max(...Deno.readTextFileSync(`/proc/sys/net/${path}`).trim().split(/\s+/).map(Number));
}

/** The ways for peers to reach each other on this machine. */
export function wires(): Wire[] {
  const local = setting("core/wmem_default", 212_992);
  const ipc: Wire = {
    name: "ipc",
    workers: false,
    common: true,
    between: local,
    endpoint: (at) => `ipc://${at}/s${serial++}`,
  };
  const tcp: Wire = {
    name: "tcp",
    workers: false,
    common: true,
    between: setting("ipv4/tcp_wmem", 4_194_304) + setting("ipv4/tcp_rmem", 6_291_456),
    endpoint: () => `tcp://127.0.0.1:${freshPort()}`,
  };
  const abstract: Wire = { ...ipc, name: "ipc @", endpoint: () => `ipc://@denomq-${crypto.randomUUID()}` };
  const inproc: Wire = {
    name: "inproc",
    workers: true,
    common: false,
    between: 256 * 1024,
    endpoint: () => `inproc://denomq-${crypto.randomUUID()}`,
  };
  return [ipc, ...(onLinux ? [abstract] : []), tcp, inproc];
}

/** One program at one place. */
interface Plan {
  readonly program: KillProgram;
  readonly wire: Wire;
  readonly player: Task["player"];
}

function plans(over: readonly Wire[]): Plan[] {
  const players: Task["player"][] = libzmqProblem() === null ? ["denomq", "libzmq"] : ["denomq"];
  const all: Plan[] = [];
  for (const program of [...programs, stoppedPull, stoppedSub]) {
    for (const wire of over) {
      for (const player of wire.common ? players : players.slice(0, 1)) all.push({ program, wire, player });
    }
  }
  return all;
}

/**
 * Runs programs until the time is over, each kind once before any comes again.
 *
 * @param ordeal What to run with.
 * @param over The wires.
 * @param lanes How many programs run at a time.
 */
export async function kill(ordeal: Ordeal, over: readonly Wire[], lanes: number = LANES): Promise<Tally> {
  const { seed, time, folder, say } = ordeal;
  const end = performance.now() + time;
  const goesOn = () => performance.now() < end;
  const random = new Random(seed);
  const total = tally();
  await using pool = new Pool();
  let waiting: Plan[] = [];
  const lane = async (): Promise<void> => {
    while (goesOn()) {
      if (waiting.length === 0) waiting = plans(over);
      const [plan] = waiting.splice(random.below(waiting.length), 1);
      const { program, wire, player } = plan!;
      const own = random.below(2 ** 31);
      const each = tally();
      const room = `${folder}/${serial++}`;
      await Deno.mkdir(room);
      const scene = new Scene(own, wire, player, { folder: room, pool, tally: each, goesOn });
      if (!program.fits(scene)) continue;
      const begin = performance.now();
      try {
        await within(program.run(scene), program.name, LIMIT);
      } catch (error) {
        each.failures.push(`${scene}: ${error instanceof Error ? error.message : error}`);
      }
      await Deno.remove(room, { recursive: true });
      total.inputs++;
      total.faults += each.faults;
      total.checked += each.checked;
      total.allowed += each.allowed;
      const failures = each.failures.map((failure) => `${program.name} (seed ${seed}, scene ${own}), ${failure}`);
      total.failures.push(...failures);
      for (const failure of failures) say(failure);
      say(
        `${program.name}, ${scene}: ${each.faults} killed or stopped, ${each.checked} messages, ${each.allowed} lost ` +
          `of ${scene.bound} a life, ${Math.round(performance.now() - begin)} ms`,
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return total;
}

/** Peers that are killed or stopped under load. */
export const kills: Part = {
  name: "kills",
  unavailable: () => onWindows ? "Windows has no SIGKILL and no SIGSTOP" : null,
  run: (ordeal) => kill(ordeal, wires()),
};

/**
 * Where a killing takes place: the wire, the load, and what all programs with victims share.
 *
 * @module
 */

import { Checker, HEADER } from "../checker.ts";
import { Random } from "../random.ts";
import type { Tally } from "../part.ts";
import type { DenomqPort } from "./port.ts";
import { type Load, Source, type Task, type TaskType } from "./task.ts";
import { LIMIT, ProcessVictim, type Victim, WorkerVictim } from "./victim.ts";

/** A way for the survivor and its victims to reach each other. */
export interface Wire {
  readonly name: string;
  /** An endpoint that can be bound again and again. */
  endpoint(folder: string): string;
  /** Victims are Workers; those who are connected to find nobody who comes later. */
  readonly workers: boolean;
  /** Bytes that the system holds at most between two processes. */
  readonly between: number;
  /** Whether libzmq speaks it. */
  readonly common: boolean;
}

/** Bytes that this library holds beside its queues: a part that is being written, and a chunk that is being read. */
const HELD = 2 * 256 * 1024;
/** A message in the hands of the sender, and one that a receiver was killed with before it was in its log. */
const IN_HAND = 2;

const LOADS: readonly { readonly load: Load; readonly most: number }[] = [
  { load: { frames: 3, least: 0, most: 200 }, most: 3000 },
  { load: { frames: 4, least: 4000, most: 100_000 }, most: 60 },
];
const MARKS = [1, 10, 100, 1000];

/** Processes that have started already. */
export class Pool implements AsyncDisposable {
  #spare: ProcessVictim[] = [];

  /** One that waits for its task. */
  take(): ProcessVictim {
    const victim = this.#spare.pop() ?? new ProcessVictim();
    this.#spare.push(new ProcessVictim());
    return victim;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#spare.splice(0).map((victim) => victim.kill()));
  }
}

/** What one program with victims has. */
export class Scene {
  readonly random: Random;
  readonly wire: Wire;
  readonly endpoint: string;
  readonly player: Task["player"];
  readonly load: Load;
  /** Both high water marks, of every socket. */
  readonly mark: number;
  /** Whether somebody is there besides, whom nothing may happen to. */
  readonly bystander: boolean;
  /** Whether the survivor binds. */
  readonly binds: boolean;
  readonly tally: Tally;
  /** Whether there is time for another life. */
  readonly goesOn: () => boolean;
  readonly #most: number;
  readonly #folder: string;
  readonly #pool: Pool;
  #victims = 0;

  constructor(
    seed: number,
    wire: Wire,
    player: Task["player"],
    room: { folder: string; pool: Pool; tally: Tally; goesOn: () => boolean },
  ) {
    this.random = new Random(seed);
    this.wire = wire;
    this.player = player;
    this.endpoint = wire.endpoint(room.folder);
    const { load, most } = this.random.pick(LOADS);
    this.load = load;
    this.#most = most;
    this.mark = this.random.pick(MARKS);
    this.bystander = this.random.chance(0.5);
    // Over inproc nobody is looked for again.
    this.binds = wire.workers || this.random.chance(0.5);
    this.tally = room.tally;
    this.goesOn = room.goesOn;
    this.#folder = room.folder;
    this.#pool = room.pool;
  }

  /** How many messages of one life may be lost, or wait anywhere between a sender and a receiver. */
  get bound(): number {
    const least = HEADER + this.load.least + 2;
    return 2 * this.mark + IN_HAND + Math.ceil((this.wire.between + HELD) / least);
  }

  toString(): string {
    const { load: { frames, least, most }, mark } = this;
    const who = `${this.binds ? "the survivor binds" : "the victims bind"}${
      this.bystander ? ", with a bystander" : ""
    }`;
    return `${this.wire.name}, ${this.player}, ${who}, ${frames} × ${least}–${most} bytes, mark ${mark}`;
  }

  /** How many messages a victim is let live for. */
  lifetime(share = 1): number {
    return this.random.between(1, Math.max(1, Math.floor(this.#most * share)));
  }

  /** A path that nothing is at. */
  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Binds or connects the survivor, where the victims do the other. */
  async place(survivor: DenomqPort): Promise<void> {
    if (this.binds) await survivor.bind(this.endpoint);
    else survivor.connect(this.endpoint);
  }

  /** The next victim, which begins with its task. */
  async victim(
    type: TaskType,
    act: Task["act"],
    incarnation: number,
    more: Partial<Task> = {},
  ): Promise<Victim> {
    const victim = this.wire.workers ? new WorkerVictim() : this.#pool.take();
    await victim.begin({
      player: this.player,
      type,
      act,
      endpoint: this.endpoint,
      binds: !this.binds,
      sender: VICTIM,
      incarnation,
      topics: [0],
      load: this.load,
      mark: this.mark,
      seed: this.random.below(2 ** 31),
      log: this.path(`log-${this.#victims++}`),
      ...more,
    });
    return victim;
  }

  /** Ends a victim, and counts it. */
  async kill(victim: Victim): Promise<void> {
    await victim.kill();
    this.tally.faults++;
  }

  /** Takes over what a checker has found. */
  count({ checked, allowed, failures }: { checked: number; allowed?: number; failures: readonly string[] }): void {
    this.tally.checked += checked;
    this.tally.allowed += allowed ?? 0;
    for (const failure of failures) this.tally.failures.push(`${this}: ${failure}`);
  }
}

/** The numbers of senders. */
export const VICTIM = 1000;
export const SURVIVOR = 2000;
export const BYSTANDER = 3000;

/** Receives all that comes to a socket, until it is closed. */
export class Collector {
  readonly #port: DenomqPort;
  readonly #running: Promise<void>;
  #error: unknown;

  constructor(port: DenomqPort, checker: Checker, name: string) {
    this.#port = port;
    this.#running = (async () => {
      while (!port.socket.closed) {
        const frames = await port.receive().catch((error) => {
          if (!port.socket.closed) this.#error = error;
        });
        if (frames === undefined) return;
        checker.take(name, frames);
      }
    })();
  }

  /** Waits until nothing is left of what has come. */
  async settle(): Promise<void> {
    const { socket } = this.#port;
    await until(() => !(socket as unknown as { readable: boolean }).readable, "what has come is received");
    // The last of it may be on its way from the promise.
    await pause(0);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Waits until the loop has ended, for the socket is closed. */
  async ended(): Promise<void> {
    await this.#running;
    if (this.#error !== undefined) throw this.#error;
  }
}

/** Sends messages, one after the other, until it is told to stop. */
export class Sender {
  /** How many were taken. */
  sent = 0;
  #stop = new AbortController();
  readonly #running: Promise<void>;
  #error: unknown;

  constructor(port: DenomqPort, source: Source) {
    this.#running = (async () => {
      const { signal } = this.#stop;
      try {
        while (!signal.aborted) {
          await port.send(source.next(), { signal });
          if (++this.sent % 32 === 0) await pause(0);
        }
      } catch (error) {
        if (!signal.aborted) this.#error = error;
      }
    })();
  }

  /** Stops, and says what went wrong. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#error !== undefined) throw this.#error;
  }
}

/** Waits until a condition holds that nothing announces. */
export async function until(condition: () => boolean, what: string, limit: number = LIMIT): Promise<void> {
  const late = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > late) throw new Error(`Waited ${limit} ms until ${what}`);
    await pause(2);
  }
}

/** Lets others have their turn, for so many ms. */
export function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

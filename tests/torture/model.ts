/**
 * Random programs of calls, over every transport, compared with a reference: what ZeroMQ allows to come of them.
 *
 * @module
 */

import { LibzmqPeer } from "../peer/peer.ts";
import { spread } from "../support/placement.ts";
import { inGuest } from "../support/platform.ts";
import { freshPort } from "../support/ports.ts";
import { type Arena, execute, type Report, type Tamper } from "./model/execute.ts";
import { EVERYTHING, generate, type Licence, WITH_LIBZMQ } from "./model/generate.ts";
import type { Ground } from "./model/reference.ts";
import { DenomqSeat, LibzmqSeat } from "./model/seats.ts";
import { print, shrink } from "./model/shrink.ts";
import type { Steps } from "./model/steps.ts";
import { type Ordeal, type Part, type Tally, tally } from "./part.ts";
import { Random } from "./random.ts";

/** Who plays the sockets: this library all of them, libzmq every other one, or libzmq all of them. */
export type Cast = "denomq" | "both" | "libzmq";

/** A way for sockets to reach each other, and who plays them. */
export interface Stage {
  readonly name: string;
  readonly ground: Ground;
  readonly cast: Cast;
  /** A fresh endpoint. */
  endpoint(folder: string): string;
}

/** Milliseconds that something may take which has to happen. */
const LIMIT = 10_000;

/** So many programs run at once. */
const AT_ONCE = 8;
/** So many are run, however long it takes: the first start the Workers and processes that they need. */
const LEAST = 20;

let serial = 0;

const WIRE: Ground = { wire: true, override: false, apart: false };
const IPC = { ground: { ...WIRE, override: true }, endpoint: (folder: string) => `ipc://${folder}/m${serial++}` };
const TCP = { ground: WIRE, endpoint: () => `tcp://127.0.0.1:${freshPort()}` };
const VMCI = { ground: WIRE, endpoint: () => `vmci://1:${2_000_000 + Deno.pid * 1000 + serial++}` };
const INPROC = { endpoint: () => `inproc://model-${crypto.randomUUID()}` };

/** vmci alone, in a virtual machine; elsewhere all the others. */
export const stages: readonly Stage[] = inGuest ? [{ name: "vmci", cast: "denomq", ...VMCI }] : [
  { name: "ipc", cast: "denomq", ...IPC },
  { name: "tcp", cast: "denomq", ...TCP },
  { name: "inproc", cast: "denomq", ground: { wire: false, override: false, apart: false }, ...INPROC },
  { name: "inproc to a Worker", cast: "denomq", ground: { wire: false, override: false, apart: true }, ...INPROC },
  { name: "ipc with libzmq", cast: "both", ...IPC },
  { name: "ipc of libzmq alone", cast: "libzmq", ...IPC },
];

/** Where a program runs on a stage. */
function arena(stage: Stage, folder: string, peer: LibzmqPeer | null): Arena {
  const endpoints = new Map<number, string>();
  const foreign = (socket: number) => stage.cast === "libzmq" || stage.cast === "both" && socket % 2 === 1;
  return {
    ground: stage.ground,
    foreign,
    async seat(socket, type, options) {
      if (foreign(socket)) return await LibzmqSeat.open(peer!, socket, type, options);
      return new DenomqSeat(socket, type, options);
    },
    endpoint(at) {
      const endpoint = endpoints.get(at) ?? stage.endpoint(folder);
      endpoints.set(at, endpoint);
      return endpoint;
    },
  };
}

/** What programs may do on a stage. */
function licence(stage: Stage): Licence {
  return stage.cast === "denomq" ? EVERYTHING : WITH_LIBZMQ;
}

/** How programs of a stage are run. */
export interface Runner {
  run(steps: Steps, limit?: number, tamper?: Tamper): Promise<Report>;
}

/** Sets a stage up for as long as `action` takes. */
export async function onStage(stage: Stage, folder: string, action: (runner: Runner) => Promise<void>): Promise<void> {
  const peer = stage.cast === "denomq" ? null : await LibzmqPeer.start();
  try {
    await spread(stage.ground.apart ? 1 : 0, () =>
      action({
        run: (steps, limit = LIMIT, tamper) => execute(steps, arena(stage, folder, peer), tamper ?? null, limit),
      }));
  } finally {
    await peer?.[Symbol.asyncDispose]();
  }
}

/** Why a stage cannot be played here, `null` where it can. */
export function missing(stage: Stage): string | null {
  return stage.cast === "denomq" ? null : LibzmqPeer.problem;
}

/** The program of a seed on a stage. */
export function program(stage: Stage, seed: number): Steps {
  return generate(new Random(seed), licence(stage));
}

/** Runs programs until the time is over, or so many have failed. */
export async function play(stage: Stage, ordeal: Ordeal, most = 3): Promise<Tally> {
  const result = tally();
  const late = performance.now() + ordeal.time;
  let seed = ordeal.seed;
  await onStage(stage, ordeal.folder, async ({ run }) => {
    const failed: { seed: number; failure: string }[] = [];
    // Most of the time a program waits: several go on beside each other.
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while ((performance.now() < late || seed < ordeal.seed + LEAST) && failed.length < most) {
        const own = seed++;
        const { failure, checked, allowed } = await run(program(stage, own));
        result.inputs++;
        result.checked += checked;
        result.allowed += allowed;
        if (failure !== null) failed.push({ seed: own, failure });
      }
    }));
    for (const { seed, failure } of failed) {
      ordeal.say(`${stage.name}: ${failure}`);
      const least = await shrink(
        program(stage, seed),
        failure,
        async (steps) => (await run(steps, LIMIT / 10)).failure,
      );
      const again = `DENOMQ_TORTURE_SEED=${seed}`;
      result.failures.push(`${stage.name}, ${again}: ${print(least.steps, least.failure)}`);
    }
  });
  ordeal.say(`${stage.name}: ${result.inputs} programs, ${result.checked} messages`);
  return result;
}

/** The part. */
export const model: Part = {
  name: "model",
  unavailable: () => null,
  async run(ordeal) {
    const sum = tally();
    const played = stages.filter((stage) => missing(stage) === null);
    for (const stage of played) {
      const one = await play(stage, { ...ordeal, time: ordeal.time / played.length });
      sum.inputs += one.inputs;
      sum.checked += one.checked;
      sum.allowed += one.allowed;
      sum.failures.push(...one.failures);
    }
    return sum;
  },
};

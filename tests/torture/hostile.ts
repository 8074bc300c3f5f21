/**
 * Hostile peers: connections that break the protocol, or abuse it, while honest clients of the same endpoints go on.
 *
 * @module
 */

import { freshPort } from "../support/ports.ts";
import { strike } from "./hostile/attacker.ts";
import { attacks } from "./hostile/attacks.ts";
import { pipeline, published, requests, routed, type Service } from "./hostile/good.ts";
import { type Part, tally } from "./part.ts";
import { Random } from "./random.ts";

/** So many attack an endpoint at a time. */
const ATTACKERS = 8;
/** An endpoint has this long (ms) to end what it has to end: its time for a handshake is far shorter. */
const PATIENCE = 15_000;
/** How many failures are told. */
const TOLD = 20;
/** Descriptors that are closed may take a while to be gone. */
const CLEARING = 10_000;
/** Descriptors that the runtime opens once for itself; an attack that leaves one leaves hundreds. */
const RUNTIME = 4;

function descriptors(): number {
  return Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
}

/** Waits until no more descriptors are open than there were, but for the runtime's. */
async function clear(before: number): Promise<string | null> {
  const end = performance.now() + CLEARING;
  while (descriptors() > before + RUNTIME) {
    if (performance.now() > end) return `${descriptors()} descriptors are open; before the attack it was ${before}`;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return null;
}

function percentile(times: number[], part: number): string {
  times.sort((a, b) => a - b);
  return `${times[Math.min(times.length - 1, Math.floor(times.length * part))]?.toFixed(1)} ms`;
}

/** The part. */
export const hostile: Part = {
  name: "hostile",
  unavailable: () => null,
  async run({ seed, time, folder, say }) {
    const result = tally();
    const before = descriptors();
    const services: Service[] = [];
    const tcp = () => `tcp://127.0.0.1:${freshPort()}`;
    for (const make of [pipeline, requests, routed, published]) {
      services.push(await make(`ipc://${folder}/${make.name}`), await make(tcp()));
    }
    const quiet = performance.now() + Math.min(time / 5, 5_000);
    const end = quiet + time;
    const over = () => performance.now() > end;
    const blame = (error: unknown) => {
      if (result.failures.length < TOLD) result.failures.push(`seed ${seed}: ${(error as Error).message}`);
    };
    const calm: number[] = [];
    const troubled: number[] = [];
    const honest = (until: () => boolean, times: number[]) =>
      Promise.all(services.map((service) => service.run(until, result, times).catch(blame)));
    await honest(() => performance.now() > quiet, calm);
    const attack = async (service: Service, random: Random) => {
      while (!over()) {
        await strike(service.target, random.pick(attacks), random, PATIENCE).catch(blame);
        result.inputs++;
        result.faults++;
      }
    };
    const hordes = services.flatMap((service, index) =>
      Array.from({ length: ATTACKERS }, (_, place) => attack(service, new Random(seed * 1000 + index * 100 + place)))
    );
    await Promise.all([honest(over, troubled), ...hordes]);
    for (const service of services) await service[Symbol.asyncDispose]();
    say(
      `hostile: a message took ${percentile(calm, 0.5)}, in 99 of 100 cases ${percentile(calm, 0.99)} at most; under ` +
        `attack ${percentile(troubled, 0.5)} and ${percentile(troubled, 0.99)}`,
    );
    const left = await clear(before);
    if (left !== null) result.failures.push(left);
    return result;
  },
};

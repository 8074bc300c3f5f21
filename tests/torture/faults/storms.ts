/**
 * Storms of bind, unbind, connect and disconnect, after which everything is as it was.
 *
 * @module
 */

import { Pull, Push, type Socket } from "../../../mod.ts";
import { onLinux } from "../../support/platform.ts";
import { codeOf, Couple, demand, type Fault, LIMIT, type Site } from "./fault.ts";
import { wires } from "./wire.ts";

/** Steps of a round. */
const STEPS = 20;

function descriptors(): number {
  return onLinux ? Array.from(Deno.readDirSync("/proc/self/fd")).length : 0;
}

async function storm(site: Site): Promise<void> {
  const { random } = site;
  const before = descriptors();
  const endpoints = wires().flatMap((wire) => Array.from({ length: 2 }, () => wire.endpoint(site.folder)));
  // What was sent before may be lost with its connection, and what comes is not this fault's business.
  const sockets: (Push | Pull)[] = [];
  for (let i = 0; i < 3; i++) {
    sockets.push(
      new Push({ linger: random.pick([0, 5]), reconnectInterval: 1 }),
      new Pull({ linger: 0, reconnectInterval: 1 }),
    );
  }
  const has = new Map<Socket, Map<string, "bound" | "connected">>(sockets.map((socket) => [socket, new Map()]));
  const remove = async (socket: Socket, endpoint: string): Promise<void> => {
    const how = has.get(socket)!.get(endpoint);
    has.get(socket)!.delete(endpoint);
    const code = await codeOf(() => socket.unbind(endpoint));
    // What is connected may have ended: at a peer of the wrong type, and over inproc with its peer.
    demand(code === null || how === "connected" && code === "ENOENT", `the end of ${how} ${endpoint}: ${code}`);
  };
  const endings: Promise<void>[] = [];
  for (let step = 0; step < STEPS * site.rounds && site.goesOn(); step++) {
    const socket = random.pick(sockets);
    const own = has.get(socket)!;
    const endpoint = random.pick(endpoints);
    const act = random.below(3);
    if (act < 2 && own.has(endpoint)) {
      const ending = remove(socket, endpoint);
      if (random.chance(0.5)) await ending;
      else endings.push(ending);
    } else if (act === 0) {
      const code = await codeOf(() => socket.bind(endpoint));
      demand(code === null || code === "EADDRINUSE", `bind ${endpoint}: ${code}`);
      if (code === null) own.set(endpoint, "bound");
    } else if (act === 1) {
      socket.connect(endpoint);
      own.set(endpoint, "connected");
    } else if (socket instanceof Push) {
      socket.trySend("x");
    } else {
      socket.tryReceive();
    }
    if (random.chance(0.1)) await new Promise((resolve) => setTimeout(resolve, random.below(3)));
  }
  await Promise.all(endings);
  await Promise.all(sockets.map(async (socket) => {
    // Some leave everything to close().
    if (random.chance(0.5)) { for (const endpoint of [...has.get(socket)!.keys()]) await remove(socket, endpoint); }
    await socket[Symbol.asyncDispose]();
  }));
  for (const endpoint of endpoints) {
    // Over inproc what was sent to a name waits for it, even if its sender is closed.
    await using couple = await Couple.over(site, endpoint.replace(/^inproc:.*/, "$&-afterwards"));
    await couple.flow(3);
  }
  const late = performance.now() + LIMIT;
  while (descriptors() > before && performance.now() < late) await new Promise((resolve) => setTimeout(resolve, 5));
  demand(descriptors() <= before, `there were ${before} descriptors and are ${descriptors()}`);
}

/** Faults of programs that change their mind. */
export const storms: readonly Fault[] = [{ name: "endpoints come and go in a storm", run: storm }];

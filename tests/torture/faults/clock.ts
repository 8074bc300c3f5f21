/**
 * A clock on the wall that jumps, which nothing may go by.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";
import { Log } from "../../api/support.ts";
import { Couple, demand, demandCode, type Fault, patient, type Site } from "./fault.ts";

/** The longest jump (ms): some years. */
const JUMP = 1e11;
/** Between two signs of life (ms), and how long a peer may be silent. */
const HEARTBEAT = 20;
const SILENCE = 5000;

async function jumps(site: Site): Promise<void> {
  const { now } = Date;
  const { random } = site;
  Date.now = () => Math.floor(now() + (random.next() - 0.5) * JUMP);
  try {
    const beating = { heartbeatInterval: HEARTBEAT, heartbeatTimeout: SILENCE, heartbeatTimeToLive: SILENCE };
    const push = new Push({ linger: 0, reconnectInterval: 5, ...beating });
    await using couple = new Couple(site, push, new Pull(beating));
    const log = new Log(push);
    const endpoint = `ipc://${site.folder}/socket`;
    await couple.pull.bind(endpoint);
    push.connect(endpoint);
    for (let round = 0; round < 3; round++) {
      await couple.flow();
      const time = random.between(2 * HEARTBEAT, 4 * HEARTBEAT);
      const begin = performance.now();
      await demandCode(() => couple.pull.receive({ timeout: time }), "EAGAIN", "a receive() that waits for nothing");
      const passed = performance.now() - begin;
      demand(passed > time - 2 && passed < time + SILENCE, `a wait of ${time} ms took ${passed} ms`);
    }
    demand(log.count("disconnect") === 0, "a peer that is there was given up");
    // A wait for the next attempt, and one for what lingers.
    await couple.pull.unbind(endpoint);
    await log.wait("connect:retry", 3);
    await couple.pull.bind(endpoint);
    await push.waitForPeers(1, patient);
    await couple.flow();
    const lingering = new Push({ linger: 50 });
    lingering.connect(`ipc://${site.folder}/nobody`);
    await lingering.send("for nobody");
    const begin = performance.now();
    await lingering[Symbol.asyncDispose]();
    const passed = performance.now() - begin;
    demand(passed > 48 && passed < SILENCE, `a linger of 50 ms took ${passed} ms`);
  } finally {
    Date.now = now;
  }
}

/** Faults of the clock. */
export const clock: readonly Fault[] = [{ name: "the clock jumps", run: jumps }];

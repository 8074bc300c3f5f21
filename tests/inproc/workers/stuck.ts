/**
 * A Worker that has a peer and then does nothing at all, not even run its event loop, until it is let go: then it reads.
 *
 * @module
 */

import { Pull } from "../../../mod.ts";
import { hear, say } from "./here.ts";

/** What the Worker is told. */
export interface Orders {
  readonly endpoint: string;
  readonly binds: boolean;
  readonly receiveHighWaterMark: number;
  /** Its first element becomes 1 when the Worker may go on. */
  readonly gate: Int32Array<SharedArrayBuffer>;
}

// Not at the top level: of a Worker that is terminated while an await there is pending, Deno 2.9 keeps the memory.
live();

async function live(): Promise<void> {
  const { endpoint, binds, receiveHighWaterMark, gate } = await hear<Orders>();
  const pull = new Pull({ receiveHighWaterMark });
  if (binds) await pull.bind(endpoint);
  else pull.connect(endpoint);
  say("there");
  await pull.waitForPeers();
  say("stuck");
  Atomics.wait(gate, 0, 0);
  const taken: string[] = [];
  while (taken.at(-1) !== "end") taken.push(new TextDecoder().decode((await pull.receive())[0]));
  say(taken);
}

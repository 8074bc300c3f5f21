/**
 * A Worker that sends and receives as fast as it can until it is terminated.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";
import { hear, say } from "./here.ts";
import { Inspector, pour } from "./numbered.ts";

/** What the Worker is told. */
export interface Sentence {
  /** Its number, which its messages carry. */
  readonly id: number;
  readonly binds: boolean;
  /** Where its messages go, and where others come from. */
  readonly up: string;
  readonly down: string;
}

// Not at the top level: of a Worker that is terminated while an await there is pending, Deno 2.9 keeps the memory.
live();

async function live(): Promise<void> {
  const { id, binds, up, down } = await hear<Sentence>();
  const push = new Push({ sendHighWaterMark: 50 });
  const pull = new Pull({ receiveHighWaterMark: 50 });
  for (const [socket, endpoint] of [[push, up], [pull, down]] as const) {
    if (binds) await socket.bind(endpoint);
    else socket.connect(endpoint);
  }
  pour(push, id, () => say("started"));
  const inspector = new Inspector();
  for await (const frames of pull) inspector.inspect(frames);
}

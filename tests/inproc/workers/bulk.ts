/**
 * A Worker that sends a small message and then a large one, or receives what comes.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";
import { hear, say } from "./here.ts";

/** What the Worker is told. */
export interface Bulk {
  readonly endpoint: string;
  readonly binds: boolean;
  readonly act: "send" | "receive";
  /** The sizes of the large message's frames. */
  readonly shape: readonly number[];
}

// Not at the top level: of a Worker that is terminated while an await there is pending, Deno 2.9 keeps the memory.
live();

async function live(): Promise<void> {
  const { endpoint, binds, act, shape } = await hear<Bulk>();
  const socket = act === "send" ? new Push() : new Pull();
  if (binds) await socket.bind(endpoint);
  else socket.connect(endpoint);
  say("there");
  if (socket instanceof Push) {
    await socket.send("first");
    await socket.send(shape.map((size) => new Uint8Array(size)));
  } else {
    for await (const [frame] of socket) say(frame!.length < 10 ? new TextDecoder().decode(frame) : frame!.length);
  }
}

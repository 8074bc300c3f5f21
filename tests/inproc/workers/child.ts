/**
 * A Worker that has a Worker of its own, and so on, each with a socket that is connected to what the test is bound to.
 *
 * @module
 */

import { Dealer } from "../../../mod.ts";
import { hear, say } from "./here.ts";

/** What the Worker is told. */
export interface Descent {
  readonly endpoint: string;
  /** How many generations there are still to come. */
  readonly depth: number;
}

// Not at the top level: of a Worker that is terminated while an await there is pending, Deno 2.9 keeps the memory.
live();

async function live(): Promise<void> {
  const { endpoint, depth } = await hear<Descent>();
  const id = `generation ${depth}`;
  const dealer = new Dealer({ routingId: id });
  dealer.connect(endpoint);
  await dealer.send("born");
  if (depth > 0) {
    const child = new Worker(import.meta.url, { type: "module" });
    child.postMessage({ endpoint, depth: depth - 1 } satisfies Descent);
    // Of itself nothing goes this way.
    child.onmessage = ({ data }) => say(data);
  }
  for await (const frames of dealer) await dealer.send(frames);
}

/**
 * A Worker with a socket in a context of its own, in one that it is sent the handle of, or in the default one.
 *
 * @module
 */

import { Context, context, type ContextHandle, Dealer } from "../../../mod.ts";
import { exit, hear, say } from "./here.ts";

/** What the Worker does. */
export interface Task {
  /** `null` for the default context, `"own"` for a new one. */
  readonly handle: ContextHandle | "own" | null;
  readonly act: "bind" | "connect" | "peers" | "close" | "exit";
  readonly endpoint: string;
  /** What the socket sends at once. */
  readonly words: readonly string[];
}

let dealer = new Dealer();

for (let task = await hear<Task>();; task = await hear<Task>()) {
  if (task.act === "exit") break;
  if (task.act === "close") {
    await dealer[Symbol.asyncDispose]();
    say("closed");
    continue;
  }
  if (task.act === "peers") {
    say(dealer.peerCount);
    continue;
  }
  dealer = new Dealer({ context: contextOf(task.handle) });
  if (task.act === "bind") await dealer.bind(task.endpoint);
  else dealer.connect(task.endpoint);
  for (const word of task.words) await dealer.send(word);
  say("done");
  listen(dealer);
}
exit();

function contextOf(handle: Task["handle"]): Context {
  if (handle === null) return context;
  return handle === "own" ? new Context() : Context.from(handle);
}

/** Reports what comes. */
async function listen(socket: Dealer): Promise<void> {
  for await (const [frame] of socket) say(new TextDecoder().decode(frame));
}

/**
 * A Worker that stays while others come and go: it is bound to two names, receives from one and sends to the other.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";
import { exit, hear, say } from "./here.ts";
import { Inspector, numbered } from "./numbered.ts";

const { up, down } = await hear<{ readonly up: string; readonly down: string }>();
const pull = new Pull({ receiveHighWaterMark: 50 });
const push = new Push({ sendHighWaterMark: 50, linger: 0 });
await pull.bind(up);
await push.bind(down);
say("bound");
const inspector = new Inspector();
receive();
send();

for (let question = await hear();; question = await hear()) {
  if (question === "end") break;
  // The kinds of what waits do not matter: who is gone is gone, whatever is unread.
  say({ up: pull.peerCount, down: push.peerCount, received: inspector.count });
}
await Promise.all([pull[Symbol.asyncDispose](), push[Symbol.asyncDispose]()]);
say("ended");
exit();

async function receive(): Promise<void> {
  for await (const frames of pull) inspector.inspect(frames);
}

/** Several read, and none gets all: who gets a message is known to nobody, so that each has a number of its own sender. */
async function send(): Promise<void> {
  for (let sender = 1_000_000; !push.closed; sender++) {
    await push.send(numbered(sender, 0)).catch(() => {});
  }
}

/**
 * A Worker that binds to a name, and gives it up in one way or another.
 *
 * @module
 */

import { Push, ZmqError } from "../../../mod.ts";
import { exit, hear, say } from "./here.ts";

/** What the Worker does. */
export type Act =
  | { readonly act: "bind" | "bindSync"; readonly endpoint: string; readonly word: string }
  | { readonly act: "unbind" | "unbindSync"; readonly endpoint: string }
  | { readonly act: "dispose" | "close" | "exit" | "throw" | "leave" }
  | { readonly act: "race"; readonly endpoint: string; readonly word: string; readonly start: Int32Array };

let push = new Push();

for (let task = await hear<Act>();; task = await hear<Act>()) say(await perform(task));

/** Does what the test says, and has something to say of it. */
async function perform(task: Act): Promise<string> {
  switch (task.act) {
    case "bind":
    case "bindSync":
      return await bind(task.endpoint, task.word, task.act);
    case "race":
      ready(task.start);
      return await bind(task.endpoint, task.word, "bind");
    case "unbind":
      await push.unbind(task.endpoint);
      return "unbound";
    case "unbindSync":
      push.unbindSync(task.endpoint);
      return "unbound";
    case "dispose":
      await push[Symbol.asyncDispose]();
      return "disposed";
    case "close":
      push.close();
      return "closed";
    case "exit":
      // Nothing that it says later is heard.
      say("exit");
      exit();
      return "";
    case "throw":
      setTimeout(() => {
        throw new Error("on purpose");
      });
      return "throw";
    case "leave":
      return "left";
  }
}

/** Binds; whoever connects is sent a word. */
async function bind(endpoint: string, word: string, act: "bind" | "bindSync"): Promise<string> {
  push = new Push({ linger: 0 });
  const evicted = new Promise<string>((resolve) => push.events.on("bind:error", () => resolve("evicted")));
  try {
    if (act === "bind") await push.bind(endpoint);
    else push.bindSync(endpoint);
  } catch (error) {
    push.close();
    if (!(error instanceof ZmqError)) throw error;
    return error.code;
  }
  evicted.then(say);
  // It waits until there is somebody.
  push.send(word).catch(() => {});
  return "bound";
}

/** Waits until the other racer is here, too, without giving up the processor. */
function ready(start: Int32Array): void {
  Atomics.add(start, 0, 1);
  const late = performance.now() + 1000;
  while (Atomics.load(start, 0) < 2 && performance.now() < late);
}

/**
 * A Worker that sends, mostly once it has a peer, and then closes itself at once.
 *
 * @module
 */

import { Push } from "../../../mod.ts";
import { exit, hear } from "./here.ts";

/** What the Worker is told. */
export interface Notice {
  readonly endpoint: string;
  readonly how:
    | "send"
    | "trySend"
    | "send, close"
    | "send much, close"
    | "send much, dispose"
    | "send much alone, dispose";
}

const { endpoint, how } = await hear<Notice>();
const push = new Push();
push.connect(endpoint);
if (!how.includes("alone")) await push.waitForPeers();
if (how === "trySend") push.trySend("0");
else await push.send("0");
if (how.startsWith("send much")) { for (let i = 1; i < 100; i++) await push.send(`${i}`); }
if (how.endsWith(", close")) push.close();
if (how.endsWith(", dispose")) await push[Symbol.asyncDispose]();
exit();

/**
 * Sends a message, then half of a large one, by a peer that knows nothing of the other half; and stays.
 *
 * @module
 */

import { vmci } from "../../../transports/vmci.ts";
import { bytes, command, greeting, property } from "../../zmtp/support.ts";

const stream = await vmci.connect(Deno.args[0]!.slice("vmci://".length));

async function write(data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await stream.write(data.subarray(at));
}

await write(greeting({ minor: 1 }));
await write(command("READY", property("Socket-Type", "PUSH")));
await write(bytes(0, 5, "whole"));
// A frame of 1 MB with a frame to follow, and half of it.
await write(bytes(3, 0, 0, 0, 0, 0, 15, 66, 64, new Uint8Array(500_000)));
const into = new Uint8Array(1000);
while (await stream.read(into) !== null);

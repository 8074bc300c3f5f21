/**
 * Runs out of file descriptors, accepts, frees some, accepts again. Prints what `accept()` gave both times.
 *
 * @module
 */

import { ipc } from "../../transports/ipc.ts";
import type { ByteStream } from "../../transports/transport.ts";
import { ZmqError } from "../../transports/error.ts";

const listener = ipc.bind("@denomq-emfile-" + Deno.pid, { backlog: 100 });
const streams: ByteStream[] = [];
let refused: unknown;
while (refused === undefined) {
  try {
    streams.push(await ipc.connect(listener.endpoint.slice("ipc://".length)));
  } catch (error) {
    refused = error;
  }
}
console.log("connect", refused instanceof ZmqError && refused.code);
try {
  await listener.accept();
} catch (error) {
  console.log("accept", error instanceof ZmqError && error.code);
}
streams.pop()?.close();
const accepted = await listener.accept();
console.log("accept", accepted?.peerAddress);
accepted?.close();
for (const stream of streams) stream.close();
await listener.close();

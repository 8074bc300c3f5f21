/**
 * A Worker that sends numbered small messages, or receives them and looks whether they are all there, in order.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";
import { hear, say } from "./here.ts";

/** What the Worker is told. */
export interface Course {
  readonly endpoint: string;
  readonly binds: boolean;
  readonly act: "send" | "receive";
  readonly count: number;
}

// Not at the top level: of a Worker that is terminated while an await there is pending, Deno 2.9 keeps the memory.
live();

async function live(): Promise<void> {
  const { endpoint, binds, act, count } = await hear<Course>();
  const socket = act === "send" ? new Push() : new Pull();
  if (binds) await socket.bind(endpoint);
  else socket.connect(endpoint);
  say("there");
  if (socket instanceof Push) await send(socket, count);
  else await receive(socket, count);
  say("done");
}

/** Sends numbers, all from one buffer. */
export async function send(push: Push, count: number): Promise<void> {
  const buffer = new Uint8Array(4);
  const view = new DataView(buffer.buffer);
  for (let number = 0; number < count; number++) {
    view.setUint32(0, number);
    // Both ways to send, and frames of several sizes.
    const message = number % 3 === 0 ? [buffer, buffer.subarray(0, number % 5)] : buffer;
    if (number % 2 === 0 || !push.trySend(message)) await push.send(message);
    buffer.fill(255);
  }
}

/** Receives numbers, and throws at the first that is not what was sent. */
export async function receive(pull: Pull, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const frames = await pull.receive({ timeout: 20_000 });
    const first = frames[0]!;
    const value = new DataView(first.buffer, first.byteOffset, first.length).getUint32(0);
    const expected = number % 3 === 0 ? number % 5 : undefined;
    if (first.length !== 4 || value !== number || frames[1]?.length !== expected) {
      throw new Error(`Instead of message ${number} came ${value} of ${frames.map((frame) => frame.length)} bytes`);
    }
  }
}

/**
 * What a proxy is told through its control socket (zmq_proxy_steerable(3)).
 *
 * @module
 */

import { countMessage } from "../link/flusher.ts";
import { EMPTY } from "./message.ts";
import type { Side, SocketTraffic } from "./relay.ts";

/** A command. */
export type Command = "PAUSE" | "RESUME" | "TERMINATE" | "STATISTICS";

const commands: ReadonlySet<string> = new Set<Command>(["PAUSE", "RESUME", "TERMINATE", "STATISTICS"]);
const LONGEST = 10;
const decoder = new TextDecoder();

/** Takes the next command and answers it; `null` for a message that is none, `undefined` when there is no message. */
export function takeCommand(
  { core: { pattern } }: Side,
  canSend: boolean,
  statistics: readonly SocketTraffic[],
): Command | null | undefined {
  const replies = pattern.type === "REP";
  // Where an answer finds no room, questions have to wait. A REP has room for one once it has been asked.
  if (canSend && !replies && !pattern.sendable) return undefined;
  const frames = pattern.receive() as Uint8Array[] | undefined;
  if (frames === undefined) return undefined;
  const command = read(frames);
  const answer = command === "STATISTICS" ? statistics.flatMap(encode) : replies ? [EMPTY] : null;
  if (canSend && answer !== null && pattern.send(answer)) countMessage();
  return command;
}

function read(frames: readonly Uint8Array[]): Command | null {
  const [frame] = frames;
  if (frames.length > 1 || frame === undefined || frame.length > LONGEST) return null;
  const text = decoder.decode(frame);
  return commands.has(text) ? text as Command : null;
}

/** Four numbers of 64 bits in the order of bytes that every platform of Deno has. */
function encode({ received, sent }: SocketTraffic): Uint8Array[] {
  return [received.frames, received.bytes, sent.frames, sent.bytes].map((value) => {
    const frame = new Uint8Array(8);
    new DataView(frame.buffer).setBigUint64(0, BigInt(value), true);
    return frame;
  });
}

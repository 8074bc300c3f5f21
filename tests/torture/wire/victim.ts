/**
 * A machine that hostile bytes are fed to, and what becomes of it.
 *
 * @module
 */

import type { Authenticate } from "../../../zmtp/authentication.ts";
import { ProtocolError } from "../../../zmtp/error.ts";
import { Machine, type MachineSink } from "../../../zmtp/machine.ts";
import { PlainServer } from "../../../zmtp/plain.ts";
import type { Conversation } from "./conversation.ts";

/** What has become of a machine. */
export interface Fate {
  readonly messages: Uint8Array[][];
  /** The commands, as text. */
  readonly commands: string[];
  /** What it failed with, if it did. */
  readonly failure: ProtocolError | null;
}

/** A chunk, and what it grows to when a frame lies across its end. */
const HELD = 512 * 1024;
/** Answers to PING that a peer does not read, and a handshake. */
const SAID = 8 * 1024;

const admit: Authenticate = (_request, answer) => answer({ status: 200, userId: "", metadata: new Map() });

/** How bytes are fed. */
export interface Diet {
  /** The size of the next piece. */
  piece(): number;
  /** How many messages the machine may deliver at once. */
  limit(): number;
}

/**
 * Feeds bytes to a machine.
 *
 * @param conversation What the bytes were before they were changed.
 * @throws Error where the machine does what no machine may do, whatever the bytes.
 */
export function feed(conversation: Conversation, data: Uint8Array, maximum: number, diet: Diet): Fate {
  const messages: Uint8Array[][] = [];
  const commands: string[] = [];
  const sink: MachineSink = {
    ready() {},
    message: (frames) => void messages.push(frames),
    command: (name, body) => void commands.push(`${name} ${body.join()}`),
  };
  const machine = new Machine({
    socketType: conversation.to,
    routingId: new Uint8Array(),
    maxMessageSize: maximum,
    handshakeInterval: 0,
    heartbeatInterval: 0,
    heartbeatTimeToLive: 0,
    heartbeatTimeout: -1,
    ...(conversation.plain && { mechanism: (ask) => new PlainServer(ask), authenticate: admit }),
  }, sink);
  machine.start(0);
  let failure: ProtocolError | null = null;
  try {
    for (let at = 0; at < data.length;) {
      const space = machine.space();
      if (space.length === 0) throw new Error(`There is no space for byte ${at}`);
      const held = space.buffer.byteLength;
      if (held > HELD + 2 * at) throw new Error(`It holds ${held} bytes after ${at} have come`);
      const count = Math.min(space.length, data.length - at, diet.piece());
      space.set(data.subarray(at, at + count));
      machine.filled(count, 0);
      at += count;
      // Each round but the last brings a message, or subscriptions, of two bytes at least.
      for (let rounds = 2 + at; machine.advance(diet.limit());) {
        if (--rounds < 0) throw new Error(`It goes on for ever at byte ${at}`);
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    failure = error;
    if (machine.phase !== "failed") throw new Error(`It is in ${machine.phase} after: ${error.message}`);
  }
  const said = machine.takeOutput()?.length ?? 0;
  if (said > SAID) throw new Error(`It would say ${said} bytes to a peer that reads nothing`);
  return { messages, commands, failure };
}

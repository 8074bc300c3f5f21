/**
 * Valid bytes of a peer, from its greeting on.
 *
 * @module
 */

import type { SocketTypeName } from "../../../zmtp/machine.ts";
import { encodeCommand } from "../../../zmtp/command.ts";
import { encodeFrame, MORE } from "../../../zmtp/framing.ts";
import { bytes, command, greeting, property } from "../../zmtp/support.ts";
import type { Random } from "../random.ts";

/** What a peer says. */
export interface Conversation {
  /** The type of the socket that it talks to. */
  readonly to: SocketTypeName;
  /** Whether it has to say who it is (PLAIN). */
  readonly plain: boolean;
  /** All of it. */
  readonly bytes: Uint8Array;
  /** Where the traffic begins. */
  readonly traffic: number;
}

/** Who may talk to whom. */
const PAIRS: readonly (readonly [SocketTypeName, SocketTypeName])[] = [
  ["PULL", "PUSH"],
  ["SUB", "PUB"],
  ["XPUB", "SUB"],
  ["PUB", "XSUB"],
  ["REP", "REQ"],
  ["ROUTER", "DEALER"],
  ["DEALER", "ROUTER"],
  ["PAIR", "PAIR"],
  ["DISH", "RADIO"],
  ["RADIO", "DISH"],
];

const COMMANDS = ["SUBSCRIBE", "CANCEL", "PING", "PONG", "JOIN", "LEAVE", "ERROR", "READY", "OTHER"];

function size(random: Random): number {
  const kind = random.next();
  if (kind < 0.6) return random.below(40);
  if (kind < 0.95) return random.between(250, 600);
  return random.chance(0.9) ? random.below(5_000) : random.between(60_000, 140_000);
}

function message(random: Random): Uint8Array {
  const count = random.chance(0.6) ? 1 : random.between(2, 5);
  const frames = Array.from({ length: count }, (_, index) => {
    const body = new Uint8Array(size(random)).fill(random.below(256));
    return encodeFrame(index < count - 1 ? MORE : 0, body);
  });
  return bytes(...frames);
}

/** Invents a conversation. */
export function converse(random: Random): Conversation {
  const [to, from] = random.pick(PAIRS);
  const plain = random.chance(0.2);
  const data = bytes(property("Socket-Type", from), random.chance(0.3) ? property("Identity", "somebody") : "");
  const hello = plain
    ? bytes(
      greeting({ minor: random.below(2), mechanism: "PLAIN" }),
      command("HELLO", 4, "user", 4, "word"),
      command("INITIATE", data),
    )
    : bytes(greeting({ minor: random.below(2) }), command("READY", data));
  const traffic = Array.from({ length: random.between(1, 12) }, () => {
    if (random.chance(0.75)) return message(random);
    return encodeCommand(random.pick(COMMANDS), random.bytes(random.below(random.chance(0.9) ? 20 : 400)));
  });
  return { to, plain, bytes: bytes(hello, ...traffic), traffic: hello.length };
}

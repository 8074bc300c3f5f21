/**
 * What hostile peers do to an endpoint.
 *
 * @module
 */

import { encodeFrame, MORE } from "../../../zmtp/framing.ts";
import { bytes, command, greeting, property } from "../../zmtp/support.ts";
import type { Random } from "../random.ts";

/** A connection of a hostile peer. */
export interface Victim {
  /** Writes; `false` when the endpoint has closed the connection. */
  write(data: Uint8Array): Promise<boolean>;
  /** Waits until the endpoint closes the connection, reading all that comes. */
  closed(): Promise<void>;
  /** The type of a socket that may talk to the endpoint's. */
  readonly type: string;
}

/** One way to be hostile. An attack that does not say that it is `over` has to be ended by the endpoint. */
export interface Attack {
  readonly name: string;
  /** @returns Whether the attacker closes the connection; else the endpoint has to. */
  run(victim: Victim, random: Random): Promise<"leaves" | "stays">;
}

function hello(type: string): Uint8Array {
  return bytes(greeting(), command("READY", property("Socket-Type", type)));
}

/** A long frame of which the header alone is sent. */
function promise(flags: number, length: bigint): Uint8Array {
  const header = new Uint8Array(9);
  header[0] = flags | 2;
  new DataView(header.buffer).setBigUint64(1, length);
  return header;
}

/** Writes again and again, until enough or refused. */
async function flood(victim: Victim, count: number, make: (index: number) => Uint8Array): Promise<void> {
  for (let index = 0; index < count; index++) if (!await victim.write(make(index))) return;
}

/** Writes once, and stays to be cut off. */
function says(name: string, what: (victim: Victim, random: Random) => Uint8Array): Attack {
  return {
    name,
    async run(victim, random) {
      await victim.write(what(victim, random));
      return "stays";
    },
  };
}

/** All attacks. */
export const attacks: readonly Attack[] = [
  {
    name: "leaves at once",
    run: () => Promise.resolve("leaves"),
  },
  // What does not begin with 0xff is of another protocol.
  says("no greeting", (_, random) => bytes(random.below(255), random.bytes(100))),
  says("another mechanism", () => greeting({ mechanism: "GSSAPI" })),
  {
    name: "half a greeting",
    async run(victim, random) {
      await victim.write(greeting().subarray(0, random.between(1, 63)));
      return random.chance(0.5) ? "leaves" : "stays";
    },
  },
  {
    name: "says nothing",
    run: () => Promise.resolve("stays"),
  },
  {
    name: "drips",
    async run(victim) {
      const all = hello(victim.type);
      // It never gets to the end: the time for the handshake is over before.
      for (let at = 0; at < all.length - 1; at++) {
        if (!await victim.write(all.subarray(at, at + 1))) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return "stays";
    },
  },
  {
    name: "endless metadata",
    async run(victim) {
      await victim.write(bytes(greeting(), promise(4, 1n << 40n), "\x05READY"));
      await flood(victim, 20, () => new Uint8Array(64 * 1024));
      return "stays";
    },
  },
  says("garbage for a handshake", (_, random) => bytes(greeting(), 4, 60, random.bytes(60))),
  says("a type that does not fit", () => hello("NONESUCH")),
  says("a huge command", (victim) => bytes(hello(victim.type), promise(4, 1n << 30n))),
  says("an impossible length", (victim) => bytes(hello(victim.type), promise(0, 1n << 63n))),
  says("a frame above the limit", (victim) => bytes(hello(victim.type), promise(0, 1n << 25n))),
  {
    name: "half a frame",
    async run(victim, random) {
      const frame = encodeFrame(0, random.bytes(random.between(2, 400)));
      await victim.write(bytes(hello(victim.type), frame.subarray(0, -1)));
      return "leaves";
    },
  },
  {
    name: "a message that never ends",
    async run(victim) {
      const parts = bytes(...new Array<Uint8Array>(500).fill(encodeFrame(MORE, Uint8Array.of(1))));
      await victim.write(hello(victim.type));
      await flood(victim, 50, () => parts);
      return "leaves";
    },
  },
  {
    name: "pings and does not read",
    async run(victim, random) {
      const ping = command("PING", 0, random.below(3), random.bytes(random.below(16)));
      const pings = bytes(...new Array<Uint8Array>(200).fill(ping));
      await victim.write(hello(victim.type));
      await flood(victim, 30, () => pings);
      return "leaves";
    },
  },
  {
    name: "subscribes again and again",
    async run(victim, random) {
      const prefix = random.bytes(6);
      await victim.write(hello(victim.type));
      await flood(victim, 20, (index) => {
        const one = (serial: number) => command("SUBSCRIBE", prefix, index, serial >> 8, serial & 255);
        return bytes(...Array.from({ length: 200 }, (_, serial) => one(serial)));
      });
      return "leaves";
    },
  },
  {
    name: "garbage after the handshake",
    async run(victim, random) {
      await victim.write(hello(victim.type));
      await flood(victim, random.between(1, 10), () => random.bytes(random.between(1, 500)));
      return "leaves";
    },
  },
  {
    name: "one byte at a time",
    async run(victim, random) {
      const all = bytes(hello(victim.type), encodeFrame(0, random.bytes(20)));
      await flood(victim, all.length, (index) => all.subarray(index, index + 1));
      return "leaves";
    },
  },
];

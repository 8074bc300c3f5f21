/**
 * What the tests of the protocol share: machines, bytes by hand, and ways to bring both together.
 *
 * @module
 */

import { ProtocolError, type ProtocolErrorKind } from "../../zmtp/error.ts";
import { Machine, type MachineOptions, type MachineSink } from "../../zmtp/machine.ts";
import { assertEquals, assertThrows } from "@std/assert";

/** What a machine has told its sink, in order. */
export type Event = ["ready"] | ["message", ...string[]] | ["command", string, string];

/** A sink that writes down what it is told; bytes become strings of one character each when they are looked at. */
export class Recorder implements MachineSink {
  /** The messages alone, as they came. */
  readonly messages: Uint8Array[][] = [];
  readonly #events: (() => Event)[] = [];

  /** Everything, in order. */
  get events(): Event[] {
    return this.#events.map((event) => event());
  }

  ready(): void {
    this.#events.push(() => ["ready"]);
  }

  message(frames: Uint8Array[]): void {
    this.messages.push(frames);
    this.#events.push(() => ["message", ...frames.map(text)]);
  }

  command(name: string, body: Uint8Array): void {
    this.#events.push(() => ["command", name, text(body)]);
  }
}

/** A machine with its sink. */
export class Side {
  readonly sink: Recorder = new Recorder();
  readonly machine: Machine;

  constructor(options: Partial<MachineOptions> = {}, now = 0) {
    this.machine = new Machine({
      socketType: "DEALER",
      routingId: new Uint8Array(),
      maxMessageSize: -1,
      handshakeInterval: 0,
      heartbeatInterval: 0,
      heartbeatTimeToLive: 0,
      heartbeatTimeout: -1,
      ...options,
    }, this.sink);
    this.machine.start(now);
  }

  /** Hands over bytes, `piece` at a time at most, and delivers all messages. */
  feed(data: Uint8Array, piece = Infinity, now = 0): void {
    for (let at = 0; at < data.length;) {
      const space = this.machine.space();
      const count = Math.min(space.length, data.length - at, piece);
      space.set(data.subarray(at, at + count));
      this.machine.filled(count, now);
      this.machine.advance(Infinity);
      at += count;
    }
  }

  /** Takes the output; empty where there is none. */
  output(): Uint8Array {
    return this.machine.takeOutput() ?? new Uint8Array();
  }

  /** The events of the traffic: what came after `ready`. */
  get traffic(): Event[] {
    assertEquals(this.sink.events[0], ["ready"]);
    return this.sink.events.slice(1);
  }
}

/** Carries the output of each side to the other until both are silent. */
export function join(a: Side, b: Side, piece = Infinity): void {
  for (;;) {
    const there = a.output();
    b.feed(there, piece);
    const back = b.output();
    a.feed(back, piece);
    if (there.length === 0 && back.length === 0) return;
  }
}

/** One byte per character. */
export function bytes(...parts: (string | number | Uint8Array)[]): Uint8Array {
  const list: number[] = [];
  for (const part of parts) {
    if (typeof part === "number") list.push(part);
    else if (typeof part === "string") list.push(...Array.from(part, (character) => character.charCodeAt(0)));
    else for (const byte of part) list.push(byte);
  }
  return Uint8Array.from(list);
}

/** One character per byte. */
export function text(data: Uint8Array): string {
  let result = "";
  for (const byte of data) result += String.fromCharCode(byte);
  return result;
}

/** A greeting by hand. */
export function greeting({ major = 3, minor = 1, mechanism = "NULL" } = {}): Uint8Array {
  return bytes(0xff, new Uint8Array(8), 0x7f, major, minor, mechanism.padEnd(20, "\0"), new Uint8Array(32));
}

/** A property by hand. */
export function property(name: string, value: string): Uint8Array {
  return bytes(name.length, name, 0, 0, value.length >> 8, value.length & 255, value);
}

/** A short command by hand. */
export function command(name: string, ...data: (string | number | Uint8Array)[]): Uint8Array {
  const body = bytes(name.length, name, ...data);
  return bytes(4, body.length, body);
}

/** A READY by hand. */
export function readyCommand(socketType = "DEALER"): Uint8Array {
  return command("READY", property("Socket-Type", socketType));
}

/** A side whose peer, played by hand, has shaken hands with it. */
export function readySide(options: Partial<MachineOptions> = {}, minor = 1, now = 0): Side {
  const side = new Side(options, now);
  side.feed(bytes(greeting({ minor }), readyCommand("ROUTER")), Infinity, now);
  side.output();
  return side;
}

/** Expects a protocol error, and that the machine has failed with it. */
export function assertFails(side: Side, kind: ProtocolErrorKind, work: () => void): ProtocolError {
  const error = assertThrows(work, ProtocolError);
  assertEquals(error.kind, kind);
  assertEquals(side.machine.phase, "failed");
  assertEquals(side.machine.deadline, Infinity);
  assertEquals(assertThrows(() => side.machine.advance(1), ProtocolError), error);
  return error;
}

/** Pseudo-random numbers below `limit`, the same ones in each run. */
export function randomness(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 0x1_0000_0000 * limit);
  };
}

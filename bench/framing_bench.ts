/**
 * What framing costs: headers written, and bytes turned into messages. Each call handles one batch; the line of a benchmark
 * tells how many messages that is.
 *
 * Run it with `deno bench bench/framing_bench.ts`.
 *
 * @module
 */

import { headerSize, writeHeader } from "../zmtp/framing.ts";
import { Machine, type MachineOptions, type MachineSink } from "../zmtp/machine.ts";

const READ = 128 * 1024;

class Counter implements MachineSink {
  messages = 0;
  bytes = 0;

  ready(): void {}

  message(frames: Uint8Array[]): void {
    this.messages++;
    for (let i = 0; i < frames.length; i++) this.bytes += frames[i]!.length;
  }

  command(): void {}
}

function options(socketType: "PUSH" | "PULL"): MachineOptions {
  return {
    socketType,
    routingId: new Uint8Array(),
    maxMessageSize: -1,
    handshakeInterval: 0,
    heartbeatInterval: 0,
    heartbeatTimeToLive: 0,
    heartbeatTimeout: -1,
  };
}

/** A machine that has shaken hands. */
function ready(sink: MachineSink): Machine {
  const machine = new Machine(options("PULL"), sink);
  const peer = new Machine(options("PUSH"), new Counter());
  machine.start(0);
  peer.start(0);
  for (let busy = true; busy;) {
    const there = peer.takeOutput();
    if (there !== null) feed(machine, there);
    const back = machine.takeOutput();
    if (back !== null) feed(peer, back);
    busy = there !== null || back !== null;
  }
  if (machine.phase !== "traffic") throw new Error("The handshake has failed");
  return machine;
}

/** Hands over the bytes as a stream would, at most 128 KiB at a time. */
function feed(machine: Machine, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const space = machine.space();
    const count = Math.min(space.length, bytes.length - at, READ);
    space.set(bytes.subarray(at, at + count));
    machine.filled(count, 0);
    machine.advance(Infinity);
    at += count;
  }
}

function encode(into: Uint8Array, body: Uint8Array, count: number): number {
  const length = body.length;
  let at = 0;
  for (let n = 0; n < count; n++) {
    at = writeHeader(into, at, 0, length);
    if (length <= 48) {
      for (let i = 0; i < length; i++) into[at + i] = body[i]!;
    } else {
      into.set(body, at);
    }
    at += length;
  }
  return at;
}

for (const [label, size, count] of [["10 B", 10, 20_000], ["64 B", 64, 4_000], ["1 KiB", 1024, 250]] as const) {
  const body = new Uint8Array(size).fill(7);
  const wire = new Uint8Array((headerSize(size) + size) * count);
  encode(wire, body, count);
  Deno.bench(`encode ${label}, ${count} messages`, { group: label }, () => {
    encode(wire, body, count);
  });
  decode(label, wire, count);
}

{
  const body = new Uint8Array(64 * 1024).fill(7);
  const wire = new Uint8Array((headerSize(body.length) + body.length) * 16);
  encode(wire, body, 16);
  decode("64 KiB", wire, 16);
}

/** The cost of filling the chunks is in it, as `space.set`. */
function decode(label: string, wire: Uint8Array, count: number): void {
  const counter = new Counter();
  const machine = ready(counter);
  feed(machine, wire);
  if (counter.messages !== count) throw new Error(`Expected ${count} messages, got ${counter.messages}`);
  Deno.bench(`decode ${label}, ${count} messages`, { group: label }, () => {
    feed(machine, wire);
  });
}

// The writer on a stream that takes bytes when the test says so, and two stretches at once.

import { assertEquals } from "@std/assert";
import { WirePipe } from "../../link/wire_pipe.ts";
import { Writer, type WriterOwner } from "../../link/writer.ts";
import type { ByteStream } from "../../transports/transport.ts";
import { Machine, type MachineSink } from "../../zmtp/machine.ts";
import { frameLength } from "../../link/part.ts";
import { Host, settings } from "./memory.ts";

/** A stream that is full until it is opened. */
class Valve implements ByteStream {
  readonly peerAddress = "valve";
  /** What has come. */
  readonly bytes: number[] = [];
  #waiting: ((most: number) => void) | undefined;

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  write(from: Uint8Array): Promise<number> {
    return this.writeBoth(from, new Uint8Array(0));
  }

  /** As a system call that waits for room: what goes out is looked at when there is some. */
  writeBoth(first: Uint8Array, second: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting = (most) => {
        const taken = [...first, ...second].slice(0, most);
        for (const byte of taken) this.bytes.push(byte);
        resolve(taken.length);
      };
    });
  }

  /** Takes as many bytes as that from the write that waits, and lets things take their course. */
  async open(most: number): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(most);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  close(): void {}

  /** The frames: how long each is, its first byte, and whether it is whole. */
  frames(): [length: number, first: number | undefined, whole: boolean][] {
    const bytes = Uint8Array.from(this.bytes);
    const frames: [number, number | undefined, boolean][] = [];
    for (let at = 0; at < bytes.length;) {
      const header = (bytes[at]! & 2) === 0 ? 2 : 9;
      const end = at + frameLength(bytes, at);
      frames.push([end - at - header, bytes[at + header], end <= bytes.length]);
      at = end;
    }
    return frames;
  }
}

Deno.test("a message that is on its way is not torn when another takes the place of what follows", async () => {
  const valve = new Valve();
  const host = new Host();
  const unused = (): void => {};
  const sink: MachineSink = { ready: unused, message: unused, command: unused };
  const owner: WriterOwner = { idle: unused, broken: unused, failed: unused, stopped: unused };
  const writer = new Writer(valve, new Machine(settings("PUSH").machine, sink), owner);
  const pipe = new WirePipe(host, { ...settings("PUSH"), conflate: true, endpoint: "memory://here" }, unused);
  writer.attach(pipe);
  const large = (value: number): Uint8Array => new Uint8Array(65_536).fill(value);
  pipe.write([large(1), Uint8Array.of(2)]);
  writer.write();
  // The end of the first message and the header of the second are one part, which follows the body that is being written.
  pipe.write([large(3), Uint8Array.of(4)]);
  await valve.open(1000);
  pipe.write([Uint8Array.of(5, 5, 5)]);
  for (let i = 0; i < 5; i++) await valve.open(Infinity);
  writer.flush();
  for (let i = 0; i < 5; i++) await valve.open(Infinity);
  const expected = [[65_536, 1], [1, 2], [3, 5]];
  assertEquals(valve.frames(), expected.map(([length = 0, first]) => [length, first, true]));
});

import { assert, assertEquals } from "@std/assert";
import { tally } from "./part.ts";
import { difference, wire } from "./wire.ts";
import { Random } from "./random.ts";
import { converse } from "./wire/conversation.ts";
import { read } from "./wire/reading.ts";
import { type Fate, feed } from "./wire/victim.ts";
import { secondsOr } from "./time.ts";

Deno.test("torture: a machine stands hostile bytes", async () => {
  const lines: string[] = [];
  const time = secondsOr(5) * 1000;
  const result = await wire.run({ seed: 1, time, folder: "", say: (line) => void lines.push(line) });
  assertEquals(result.failures, []);
  assert(result.inputs > time / 2, `${result.inputs} inputs`);
  assert(result.faults > result.inputs / 20, `${result.faults} of ${result.inputs} ended the connection`);
  assert(result.checked > result.inputs, `${result.checked} messages`);
});

Deno.test("torture: valid conversations come through whole and byte by byte", () => {
  const random = new Random(2);
  for (let count = 0; count < 100; count++) {
    const conversation = converse(random);
    const { bytes, traffic } = conversation;
    const whole = feed(conversation, bytes, -1, { piece: () => Infinity, limit: () => Infinity });
    assertEquals(whole.failure, null);
    assertEquals(whole.messages, read(bytes, traffic, -1).messages.map((frames) => [...frames]));
    if (bytes.length > 10_000) continue;
    assertEquals(difference(whole, feed(conversation, bytes, -1, { piece: () => 1, limit: () => 1 })), null);
  }
});

Deno.test("torture: what differs between two fates is noticed", () => {
  const frames = [Uint8Array.of(1), Uint8Array.of(2, 3)];
  const fate = (change: Partial<Fate> = {}): Fate => ({ messages: [frames], commands: [], failure: null, ...change });
  assertEquals(difference(fate(), fate()), null);
  const others: Partial<Fate>[] = [
    { messages: [] },
    { messages: [frames, frames] },
    { messages: [[frames[0]!]] },
    { messages: [[frames[0]!, Uint8Array.of(2, 4)]] },
    { commands: ["SUBSCRIBE 1"] },
  ];
  for (const other of others) assert(difference(fate(), fate(other)) !== null, JSON.stringify(other));
});

Deno.test("torture: a tally begins with nothing", () => {
  assertEquals(tally(), { inputs: 0, faults: 0, checked: 0, allowed: 0, failures: [] });
});

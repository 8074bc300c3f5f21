import { assertEquals } from "@std/assert";
import { COMMAND, encodeFrame, headerSize, MORE, writeHeader } from "../../zmtp/framing.ts";
import { encodeCommand } from "../../zmtp/command.ts";
import { assertFails, bytes, command, randomness, readySide, text } from "./support.ts";

Deno.test("framing: headers are short up to 255 bytes", () => {
  const cases: [number, number, number[]][] = [
    [0, 0, [0, 0]],
    [MORE, 1, [1, 1]],
    [0, 255, [0, 255]],
    [0, 256, [2, 0, 0, 0, 0, 0, 0, 1, 0]],
    [MORE, 65536, [3, 0, 0, 0, 0, 0, 1, 0, 0]],
    [COMMAND, 300, [6, 0, 0, 0, 0, 0, 0, 1, 44]],
    [0, 0xfedcba98, [2, 0, 0, 0, 0, 0xfe, 0xdc, 0xba, 0x98]],
    [0, 2 ** 40 + 5, [2, 0, 0, 1, 0, 0, 0, 0, 5]],
  ];
  for (const [flags, length, header] of cases) {
    const into = new Uint8Array(12).fill(0xee);
    assertEquals(writeHeader(into, 2, flags, length), 2 + header.length);
    assertEquals([...into.subarray(2, 2 + header.length)], header);
    assertEquals([into[0], into[1], into[2 + header.length] ?? 0xee], [0xee, 0xee, 0xee]);
    assertEquals(headerSize(length), header.length);
  }
});

Deno.test("framing: whole frames and commands", () => {
  assertEquals(encodeFrame(MORE, bytes("ab")), bytes(1, 2, "ab"));
  assertEquals(encodeCommand("PING", bytes(0, 5)), bytes(4, 7, 4, "PING", 0, 5));
  const long = encodeCommand("JOIN", new Uint8Array(251));
  assertEquals(long.subarray(0, 14), bytes(6, 0, 0, 0, 0, 0, 0, 1, 0, 4, "JOIN"));
});

Deno.test("framing: every form of frame is read, wherever it is split", () => {
  const data = bytes(
    bytes(0, 0),
    bytes(0, 3, "abc"),
    bytes(2, 0, 0, 0, 0, 0, 0, 0, 2, "lo"),
    bytes(2, 0, 0, 0, 0, 0, 0, 0, 0),
    bytes(2, 0, 0, 0, 0, 0, 0, 1, 0, "x".repeat(256)),
    bytes(0, 255, "y".repeat(255)),
    bytes(0xf8, 1, "r"),
    bytes(0xfa, 0, 0, 0, 0, 0, 0, 0, 1, "R"),
    bytes(1, 1, "1", 3, 0, 0, 0, 0, 0, 0, 0, 1, "2", 1, 0, 0, 1, "4"),
    command("SUBSCRIBE", "t"),
    bytes(0, 1, "e"),
  );
  const expected = [
    ["message", ""],
    ["message", "abc"],
    ["message", "lo"],
    ["message", ""],
    ["message", "x".repeat(256)],
    ["message", "y".repeat(255)],
    ["message", "r"],
    ["message", "R"],
    ["message", "1", "2", "", "4"],
    ["command", "SUBSCRIBE", "t"],
    ["message", "e"],
  ];
  for (let split = 0; split <= data.length; split++) {
    const side = readySide();
    side.feed(data.subarray(0, split));
    side.feed(data.subarray(split));
    assertEquals(side.traffic, expected as typeof side.traffic, `split at ${split}`);
  }
  const slow = readySide();
  slow.feed(data, 1);
  assertEquals(slow.traffic, expected as typeof slow.traffic);
});

Deno.test("framing: random messages in random pieces arrive as they were sent", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomness(seed);
    const parts: Uint8Array[] = [];
    const expected: string[][] = [];
    let total = 0;
    while (total < 300_000) {
      const frames: string[] = [];
      const count = 1 + (random(4) === 0 ? random(5) : 0);
      for (let i = 0; i < count; i++) {
        const size = random(3) === 0 ? random(3000) : random(80);
        const frame = String.fromCharCode(random(256)).repeat(size);
        frames.push(frame);
        parts.push(encodeFrame(i < count - 1 ? MORE : 0, bytes(frame)));
        total += size;
        if (random(9) === 0) parts.push(command("PING", 0, 0));
      }
      expected.push(frames);
    }
    const side = readySide();
    const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    for (at = 0; at < data.length;) {
      const count = 1 + random(random(10) === 0 ? 100_000 : 700);
      side.feed(data.subarray(at, at + count), seed % 3 === 0 ? 64 : Infinity);
      at += count;
      side.output();
    }
    // Checked at the end: bytes that were handed out must not be written again.
    assertEquals(side.sink.messages.map((frames) => frames.map(text)), expected, `seed ${seed}`);
  }
});

Deno.test("framing: commands that nobody knows are passed on, broken ones and late ones ignored", () => {
  const side = readySide();
  side.feed(bytes(
    bytes(4, 0),
    bytes(4, 1, 0),
    bytes(4, 3, 9, "ab"),
    command("READY"),
    command("ERROR", 2, "no"),
    command("PONG", "x"),
    command("JOIN", "g"),
    command("WHAT", 1, 2),
    bytes(5, 7, 6, "CANCEL"),
    bytes(6, 0, 0, 0, 0, 0, 0, 0, 6, 5, "LEAVE"),
  ));
  assertEquals(side.traffic, [
    ["command", "JOIN", "g"],
    ["command", "WHAT", "\x01\x02"],
    ["command", "CANCEL", ""],
    ["command", "LEAVE", ""],
  ]);
  assertEquals(side.output().length, 0);
});

Deno.test("framing: commands between the frames of a message do not tear it", () => {
  const side = readySide();
  side.feed(bytes(1, 1, "a", command("PING", 0, 0, "c"), 1, 1, "b", command("SUBSCRIBE", "t"), 0, 1, "c"), 1);
  assertEquals(side.traffic, [["command", "SUBSCRIBE", "t"], ["message", "a", "b", "c"]]);
  assertEquals(side.output(), command("PONG", "c"));
});

Deno.test("framing: a message is delivered only when it is complete", () => {
  const side = readySide();
  side.feed(bytes(1, 1, "a", 1, 1, "b"));
  assertEquals(side.traffic, []);
  side.feed(bytes(0, 0));
  assertEquals(side.traffic, [["message", "a", "b", ""]]);
});

Deno.test("framing: a length of 2^63 or more is an error, whatever the limit", () => {
  for (const high of [0x80, 0xff]) {
    const side = readySide();
    const error = assertFails(side, "malformed-frame", () => side.feed(bytes(2, high, 0, 0, 0, 0, 0, 0, 1), 1));
    assertEquals(error.value, 0x10000000);
  }
});

Deno.test("framing: a message of endlessly many frames is refused", () => {
  const side = readySide();
  const many = new Uint8Array(200_000);
  for (let i = 0; i < many.length; i += 2) many[i] = MORE;
  assertFails(side, "message-too-large", () => {
    for (let i = 0; i < 11; i++) side.feed(many);
  });
});

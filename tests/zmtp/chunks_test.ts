import { assert, assertEquals } from "@std/assert";
import { encodeFrame } from "../../zmtp/framing.ts";
import { assertFails, bytes, command, greeting, randomness, readySide, Side } from "./support.ts";

const KIB = 1024;

/** A body whose every byte tells where it is. */
function pattern(size: number, seed: number): Uint8Array {
  const body = new Uint8Array(size);
  for (let i = 0; i < size; i++) body[i] = i * 7 + (i >> 8) * 13 + seed;
  return body;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

Deno.test("chunks: a quiet connection keeps a small one and uses it again", () => {
  const side = new Side();
  const { buffer } = side.machine.space();
  assert(buffer.byteLength <= 4 * KIB);
  side.feed(bytes(greeting(), command("READY")));
  for (let i = 0; i < 5000; i++) {
    side.feed(command("PING", 0, 0, "context"));
    side.feed(command("SUBSCRIBE", "topic"));
    side.output();
  }
  assert(side.machine.space().buffer === buffer, "control traffic does not need another chunk");
});

Deno.test("chunks: bytes that were handed out stay as they are", () => {
  const side = readySide();
  for (let i = 0; i < 5000; i++) side.feed(bytes(0, 3, i & 255, i >> 8, "z"));
  side.sink.messages.forEach(([frame], i) => assertEquals([frame![0], frame![1]], [i & 255, i >> 8]));
  assertEquals(side.sink.messages.length, 5000);
  assert(side.machine.space().buffer.byteLength <= 4 * KIB, "small reads do not make it grow");
});

Deno.test("chunks: they grow while reads fill them, and shrink when reads get small", () => {
  const side = readySide();
  const busy = new Uint8Array(3000).map((_, i) => i % 3 === 1 ? 1 : 0);
  let largest = 0;
  for (let i = 0; i < 1000; i++) {
    side.feed(busy);
    largest = Math.max(largest, side.machine.space().buffer.byteLength);
  }
  assert(largest >= 8 * KIB && largest <= 256 * KIB, `${largest}`);
  const flood = new Uint8Array(3_000_000).map((_, i) => i % 3 === 1 ? 1 : 0);
  side.feed(flood);
  assertEquals(side.machine.space().buffer.byteLength, 256 * KIB);
  for (let i = 0; i < 20_000; i++) side.feed(bytes(0, 30, new Uint8Array(30)));
  assert(side.machine.space().buffer.byteLength <= 16 * KIB, `${side.machine.space().buffer.byteLength}`);
});

Deno.test("chunks: they grow too when nothing of them is handed out", () => {
  const side = readySide();
  const commands = bytes(...Array.from({ length: 64 }, () => command("SUBSCRIBE", "topic of 20 letters!")));
  for (let i = 0; i < 400; i++) side.feed(commands);
  const small = side.machine.space().length;
  const flood = new Uint8Array(commands.length * 300);
  for (let i = 0; i < 300; i++) flood.set(commands, i * commands.length);
  side.feed(flood);
  assert(side.machine.space().length > 2 * small, `${small} to ${side.machine.space().length}`);
});

Deno.test("chunks: one is made to fit a frame that has begun", () => {
  const side = readySide();
  const wire = encodeFrame(0, pattern(60_000, 1));
  side.feed(wire.subarray(0, 100));
  const space = side.machine.space();
  assert(space.length >= wire.length - 100, `${space.length}`);
  assert(space.buffer.byteLength <= 256 * KIB);
  side.feed(wire.subarray(100));
  assert(side.sink.messages[0]![0]!.buffer === space.buffer, "the rest was read in one go");
  assert(equal(side.sink.messages[0]![0]!, pattern(60_000, 1)));
});

Deno.test("chunks: what is known of the peer outlives the chunk that it came in", () => {
  const side = new Side();
  side.feed(bytes(greeting(), command("READY", 8, "Identity", 0, 0, 0, 4, "name")));
  for (let i = 0; i < 100; i++) side.feed(command("SUBSCRIBE", "?".repeat(200)));
  assertEquals(side.machine.peer!.routingId, bytes("name"));
});

Deno.test("chunks: space() is never empty", () => {
  const random = randomness(5);
  const side = readySide();
  for (let i = 0; i < 3000; i++) {
    const space = side.machine.space();
    assert(space.length > 0);
    side.feed(encodeFrame(0, new Uint8Array(random(random(20) === 0 ? 200_000 : 300))), 1 + random(5000));
  }
});

Deno.test("large bodies: they are read straight into their own buffer and not beyond", () => {
  const side = readySide();
  const size = 200 * KIB;
  const wire = encodeFrame(0, pattern(size, 1));
  side.feed(wire.subarray(0, 100));
  const space = side.machine.space();
  assertEquals([space.length, space.buffer.byteLength], [size - 91, size]);
  side.feed(wire.subarray(100));
  const [frame] = side.sink.messages[0]!;
  assert(frame!.buffer === space.buffer, "no copy");
  assert(equal(frame!, pattern(size, 1)));
  assert(side.machine.space().buffer !== space.buffer, "what follows goes to a chunk");
});

Deno.test("large bodies: of any size, in random pieces, among small ones and PINGs", () => {
  const sizes = [
    65535,
    65536,
    65537,
    100_000,
    262_143,
    262_144,
    262_145,
    300_000,
    524_288,
    524_289,
    1 << 20,
    3_500_001,
  ];
  for (let seed = 1; seed <= 3; seed++) {
    const random = randomness(seed);
    const side = readySide();
    for (const size of sizes) {
      const piece = [1000, 70_000, 1 << 20][random(3)]!;
      side.feed(bytes(1, 1, "i"), piece);
      side.feed(encodeFrame(1, pattern(size, size)), piece);
      side.feed(command("PING", 0, 0, "p"));
      side.feed(encodeFrame(0, pattern(size, seed)), piece);
      side.feed(bytes(0, 1, "s"), piece);
      assertEquals(side.output(), command("PONG", "p"));
    }
    assertEquals(side.sink.messages.length, 2 * sizes.length);
    sizes.forEach((size, i) => {
      const [id, first, second, ...more] = side.sink.messages[2 * i]!;
      assertEquals([id!.length, more.length], [1, 0]);
      assert(equal(first!, pattern(size, size)) && equal(second!, pattern(size, seed)), `${size}`);
      assertEquals(side.sink.messages[2 * i + 1]!.map((frame) => frame.length), [1]);
    });
  }
});

Deno.test("large bodies: a connection that has completed one is trusted with as much at once", () => {
  const side = readySide();
  const size = 2 ** 21;
  const wire = encodeFrame(0, pattern(size, 3));
  side.feed(wire);
  side.feed(wire.subarray(0, 9));
  assertEquals(side.machine.space().length, size);
  side.feed(wire.subarray(9));
  const [frame] = side.sink.messages[1]!;
  assertEquals([frame!.byteOffset, frame!.buffer.byteLength], [0, size]);
  // But not with more.
  side.feed(bytes(2, 0, 0, 0, 1, 0, 0, 0, 0));
  assertEquals(side.machine.space().length, size);
});

Deno.test("large bodies: behind a huge one, little of the next is read into a chunk, once", () => {
  const side = readySide();
  assert(side.machine.space().length > 0);
  side.feed(new Uint8Array(600_000).map((_, i) => i % 3 === 1 ? 1 : 0));
  assert(side.machine.space().length > 16 * KIB);
  side.feed(encodeFrame(0, pattern(2 ** 20, 1)));
  assertEquals(side.machine.space().length, 16 * KIB);
  side.feed(bytes(0, 1, "x"));
  assert(side.machine.space().length > 16 * KIB);
});

Deno.test("large bodies: the end of a body is not the end of the rules", () => {
  const side = readySide({ maxMessageSize: 300_000 });
  side.feed(encodeFrame(0, pattern(300_000, 1)), 10_000);
  assertEquals(side.sink.messages[0]![0]!.length, 300_000);
  assertFails(side, "message-too-large", () => side.feed(encodeFrame(0, new Uint8Array(300_001)).subarray(0, 9)));
});

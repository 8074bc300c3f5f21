import { assert, assertEquals } from "@std/assert";
import { assertFails, bytes, command, greeting, readyCommand, readySide, Side } from "./support.ts";

/** A frame header in the long form, by hand. */
function long(flags: number, length: number): Uint8Array {
  const high = Math.floor(length / 2 ** 32);
  const octets = [high, length].flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255));
  return bytes(flags | 2, Uint8Array.from(octets));
}

Deno.test("limits: maxMessageSize goes by the declared size of each frame", () => {
  for (const piece of [Infinity, 1]) {
    const side = readySide({ maxMessageSize: 60 });
    side.feed(
      bytes(0, 60, "x".repeat(60), long(0, 60), "y".repeat(60), 1, 60, "z".repeat(60), 0, 60, "z".repeat(60)),
      piece,
    );
    assertEquals(side.traffic.length, 3);
    const error = assertFails(side, "message-too-large", () => side.feed(bytes(0, 61), piece));
    assertEquals([error.code, error.timeout, error.value], ["EMSGSIZE", false, undefined]);
  }
  for (const flags of [0, 1, 4]) {
    const whole = readySide({ maxMessageSize: 60 });
    assertFails(whole, "message-too-large", () => whole.feed(bytes(flags, 61, "x".repeat(61))));
    assertEquals(whole.traffic, []);
  }
  for (const header of [long(0, 61), bytes(1, 61), bytes(4, 61), long(4, 61), long(0, 2 ** 53), long(0, 2 ** 62)]) {
    const side = readySide({ maxMessageSize: 60 });
    assertFails(side, "message-too-large", () => side.feed(header));
  }
});

Deno.test("limits: maxMessageSize applies to the handshake, and 0 lets only empty frames through", () => {
  const side = new Side({ maxMessageSize: 27 });
  assertFails(side, "message-too-large", () => side.feed(bytes(greeting(), readyCommand())));
  const fits = new Side({ maxMessageSize: 28 });
  fits.feed(bytes(greeting(), command("READY", 11, "Socket-Type", 0, 0, 0, 6, "DEALER").subarray(0, 2)));
  fits.feed(readyCommand().subarray(2));
  assertEquals(fits.machine.phase, "traffic");
  const none = new Side({ maxMessageSize: 0 });
  assertFails(none, "message-too-large", () => none.feed(bytes(greeting(), 4, 1)));
});

Deno.test("limits: a command of the handshake is bounded even without maxMessageSize", () => {
  const side = new Side();
  side.feed(greeting());
  assertFails(side, "message-too-large", () => side.feed(long(4, 65537)));
  const fits = new Side();
  const rest = 65536 - 28 - 6;
  fits.feed(bytes(greeting(), long(4, 65536), readyCommand().subarray(2)));
  fits.feed(bytes(1, "X", 0, 0, rest >> 8, rest & 255));
  fits.feed(new Uint8Array(rest));
  assertEquals(fits.machine.peer?.metadata.get("X")?.length, rest);
});

Deno.test("limits: a command of the traffic is bounded even without maxMessageSize", () => {
  const side = readySide();
  assertFails(side, "message-too-large", () => side.feed(long(4, 2 ** 20 + 1)));
  const fits = readySide();
  fits.feed(bytes(long(4, 2 ** 20), 9, "SUBSCRIBE"));
  fits.feed(new Uint8Array(2 ** 20 - 10));
  assertEquals(fits.traffic, [["command", "SUBSCRIBE", "\0".repeat(2 ** 20 - 10)]]);
});

Deno.test("limits: a declared length allocates nothing by itself", () => {
  for (const length of [65536, 2 ** 20, 2 ** 31, 2 ** 32 + 5, 2 ** 40, 2 ** 53 - 1]) {
    for (const flags of [0, 1]) {
      const side = readySide();
      side.feed(bytes(long(flags, length), "begin"));
      assert(side.machine.space().buffer.byteLength <= 256 * 1024, `${length}`);
      side.feed(new Uint8Array(1000));
      assert(side.machine.space().buffer.byteLength <= 256 * 1024, `${length}`);
    }
  }
  const side = readySide();
  assertFails(side, "message-too-large", () => side.feed(long(0, 2 ** 53)));
});

Deno.test("limits: what is allocated doubles with what has come", () => {
  const side = readySide();
  side.feed(long(0, 2 ** 40));
  const piece = new Uint8Array(64 * 1024);
  for (let came = 0; came < 8 * 2 ** 20; came += piece.length) {
    const size = side.machine.space().buffer.byteLength;
    assert(size <= Math.max(2 * came, 256 * 1024), `${size} bytes for ${came}`);
    side.feed(piece);
  }
});

Deno.test("limits: advance() delivers as many messages as it may, and says whether that was why it stopped", () => {
  const side = readySide();
  const put = (data: Uint8Array) => {
    side.machine.space().set(data);
    side.machine.filled(data.length, 0);
  };
  put(
    bytes(0, 1, "a", 0, 1, "b", 1, 1, "c", 0, 1, "d", command("SUBSCRIBE", "s"), 2, 0, 0, 0, 0, 0, 0, 0, 1, "e", 0, 1),
  );
  assertEquals([side.machine.advance(0), side.traffic.length], [true, 0]);
  assertEquals([side.machine.advance(1), side.traffic.length], [true, 1]);
  assertEquals([side.machine.advance(2), side.traffic.length], [true, 3]);
  assertEquals(side.traffic[2], ["message", "c", "d"]);
  assertEquals([side.machine.advance(5), side.traffic.length], [false, 5]);
  assertEquals([side.machine.advance(5), side.machine.advance(0)], [false, true]);
  put(bytes("f"));
  assertEquals([side.machine.advance(1), side.machine.advance(1), side.machine.advance(0)], [false, false, false]);
  assertEquals(side.traffic.slice(3), [["command", "SUBSCRIBE", "s"], ["message", "e"], ["message", "f"]]);
});

Deno.test("limits: reading on while messages wait loses nothing", () => {
  const side = readySide();
  let sent = 0;
  for (let round = 0; round < 200; round++) {
    const space = side.machine.space();
    const count = Math.min(space.length >> 2, 1000);
    for (let i = 0; i < count; i++, sent++) space.set([0, 2, sent >> 8 & 255, sent & 255], i * 4);
    side.machine.filled(count * 4, 0);
    side.machine.advance(3);
  }
  while (side.machine.advance(100));
  assertEquals(side.sink.messages.length, sent);
  side.sink.messages.forEach(([frame], i) => assertEquals(frame![0]! << 8 | frame![1]!, i & 0xffff));
});

Deno.test("limits: a sink that throws does not get the same message again", () => {
  const side = readySide();
  const { message } = side.sink;
  let throws = 1;
  side.sink.message = (frames) => {
    message.call(side.sink, frames);
    if (throws-- > 0) throw new RangeError("mine");
  };
  const data = bytes(0, 1, "a", 0, 1, "b");
  side.machine.space().set(data);
  side.machine.filled(data.length, 0);
  try {
    side.machine.advance(9);
  } catch (error) {
    assert(error instanceof RangeError);
  }
  assertEquals([throws, side.machine.phase], [0, "traffic"]);
  side.machine.advance(9);
  assertEquals(side.traffic, [["message", "a"], ["message", "b"]]);
});

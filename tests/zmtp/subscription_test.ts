import { assertEquals } from "@std/assert";
import { bytes, readySide } from "./support.ts";

Deno.test("subscriptions: commands for 3.1, long ones when the body passes 255 bytes", () => {
  const { machine } = readySide({}, 1);
  assertEquals(machine.subscription(bytes("ab"), true), bytes(4, 12, 9, "SUBSCRIBE", "ab"));
  assertEquals(machine.subscription(bytes("ab"), false), bytes(4, 9, 6, "CANCEL", "ab"));
  assertEquals(machine.subscription(bytes(), true), bytes(4, 10, 9, "SUBSCRIBE"));
  for (const size of [245, 246, 248, 249]) {
    const topic = "t".repeat(size);
    const subscribe = size < 246 ? bytes(4, size + 10) : bytes(6, 0, 0, 0, 0, 0, 0, 1, size - 246);
    assertEquals(machine.subscription(bytes(topic), true), bytes(subscribe, 9, "SUBSCRIBE", topic), `${size}`);
    const cancel = size < 249 ? bytes(4, size + 7) : bytes(6, 0, 0, 0, 0, 0, 0, 1, size - 249);
    assertEquals(machine.subscription(bytes(topic), false), bytes(cancel, 6, "CANCEL", topic), `${size}`);
  }
});

Deno.test("subscriptions: messages for 3.0, long ones when the body passes 255 bytes", () => {
  const { machine } = readySide({}, 0);
  assertEquals(machine.subscription(bytes("ab"), true), bytes(0, 3, 1, "ab"));
  assertEquals(machine.subscription(bytes("ab"), false), bytes(0, 3, 0, "ab"));
  for (const size of [245, 254, 255]) {
    const topic = "t".repeat(size);
    const header = size < 255 ? bytes(0, size + 1) : bytes(2, 0, 0, 0, 0, 0, 0, 1, 0);
    assertEquals(machine.subscription(bytes(topic), true), bytes(header, 1, topic), `${size}`);
    assertEquals(machine.subscription(bytes(topic), false), bytes(header, 0, topic), `${size}`);
  }
});

Deno.test("subscriptions: both forms are read, whatever the version", () => {
  for (const minor of [0, 1]) {
    for (const size of [0, 1, 245, 246, 248, 249, 300, 70_000]) {
      const topic = "t".repeat(size);
      const side = readySide({}, minor);
      for (const sender of [readySide({}, 0), readySide({}, 1)]) {
        side.feed(sender.machine.subscription(bytes(topic), true), 1000);
        side.feed(sender.machine.subscription(bytes(topic), false), 1000);
      }
      assertEquals(side.traffic, [
        ["message", "\x01" + topic],
        ["message", "\x00" + topic],
        ["command", "SUBSCRIBE", topic],
        ["command", "CANCEL", topic],
      ]);
    }
  }
});

Deno.test("subscriptions: what the sink gets of a command is its own", () => {
  const side = readySide();
  const kept: Uint8Array[] = [];
  side.sink.command = (_, body) => kept.push(body);
  for (let i = 0; i < 2000; i++) side.feed(side.machine.subscription(bytes(`${i}`), true));
  kept.forEach((topic, i) => {
    assertEquals(topic, bytes(`${i}`));
    assertEquals(topic.buffer.byteLength, topic.length);
  });
  assertEquals(kept.length, 2000);
});

Deno.test("commands: any other one is encoded for the peer as well", () => {
  assertEquals(readySide().machine.command("JOIN", bytes("group")), bytes(4, 10, 4, "JOIN", "group"));
});

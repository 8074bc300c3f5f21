import { assertEquals } from "@std/assert";
import { assertFails, bytes, greeting, join, readyCommand, Side } from "./support.ts";

Deno.test("greeting: the signature and the version go out at once, the rest on the peer's version", () => {
  const side = new Side();
  assertEquals(side.output(), bytes(0xff, new Uint8Array(8), 0x7f, 3));
  side.feed(greeting().subarray(0, 10));
  assertEquals(side.output().length, 0);
  side.feed(greeting().subarray(10, 11));
  assertEquals(side.output(), greeting().subarray(11));
  side.feed(greeting().subarray(11, 63));
  assertEquals([side.output().length, side.machine.phase], [0, "greeting"]);
  side.feed(greeting().subarray(63));
  assertEquals(
    side.output(),
    bytes(4, 41, 5, "READY", 11, "Socket-Type", 0, 0, 0, 6, "DEALER", 8, "Identity", 0, 0, 0, 0),
  );
  assertEquals(side.machine.phase, "handshake");
});

Deno.test("greeting: two patient sides do not wait for each other", () => {
  const a = new Side({ socketType: "PAIR" });
  const b = new Side({ socketType: "PAIR" });
  join(a, b, 1);
  assertEquals([a.machine.phase, b.machine.phase], ["traffic", "traffic"]);
});

Deno.test("greeting: padding, as-server and filler are not looked at", () => {
  const side = new Side();
  const wild = greeting();
  for (let i = 1; i < 9; i++) wild[i] = 0xa0 + i;
  wild[9] = 0x01;
  for (let i = 32; i < 64; i++) wild[i] = 0xff;
  side.feed(bytes(wild, readyCommand()), 1);
  assertEquals(side.machine.phase, "traffic");
});

Deno.test("greeting: the minor version is the lower one, and a major above 3 means 3.1", () => {
  for (
    const [major, minor, common] of [[3, 0, 0], [3, 1, 1], [3, 2, 1], [3, 255, 1], [4, 0, 1], [255, 0, 1]] as const
  ) {
    const side = new Side();
    side.feed(bytes(greeting({ major, minor }), readyCommand()));
    assertEquals([side.machine.peer?.major, side.machine.peer?.minor], [3, common], `${major}.${minor}`);
  }
});

Deno.test("greeting: what is no ZMTP is told from what is an old one", () => {
  const cases: [string, Uint8Array, "greeting" | "old-version", string][] = [
    ["HTTP", bytes("GET / HTTP/1.1\r\n"), "greeting", "ZMTP"],
    ["zeros", new Uint8Array(64), "greeting", "ZMTP"],
    ["two bytes", bytes("GE"), "greeting", "ZMTP"],
    ["TLS", bytes(0x16, 0x03, 0x01, 0x02, 0x00), "greeting", "ZMTP"],
    ["1.0 without identity", bytes(1, 0), "old-version", "ZMTP 1.0"],
    ["1.0 with identity", bytes(4, 0, "abc"), "old-version", "ZMTP 1.0"],
    ["1.0 with a long identity", bytes(0xff, new Uint8Array(6), 1, 0, 0), "old-version", "ZMTP 1.0"],
    ["bad byte 9", bytes(0xff, new Uint8Array(8), 0x7e), "greeting", "signature"],
    ["rubbish after FF", bytes(0xff, "rubbish!", 0x40), "greeting", "signature"],
    ["rubbish with flags 0", bytes(0xff, "rubbish!", 0), "greeting", "signature"],
    ["revision 0", bytes(0xff, new Uint8Array(8), 0x7f, 0), "old-version", "ZMTP 1.0"],
    ["revision 1", bytes(0xff, new Uint8Array(8), 0x7f, 1), "old-version", "ZMTP 2.0"],
    ["revision 2", bytes(0xff, new Uint8Array(8), 0x7f, 2), "old-version", "ZMTP 2.1"],
  ];
  for (const [label, data, kind, words] of cases) {
    for (const piece of [Infinity, 1]) {
      const side = new Side();
      side.output();
      const error = assertFails(side, kind, () => side.feed(data, piece));
      assertEquals(error.message.includes(words), true, `${label}: ${error.message}`);
      assertEquals([error.timeout, error.code], [false, "ERR_ZMTP_UNSPECIFIED"]);
      assertEquals(side.output().length, 0, label);
    }
  }
});

Deno.test("greeting: all 20 bytes of the mechanism count", () => {
  for (
    const mechanism of [
      "CURVE",
      "PLAIN",
      "NUL",
      "null",
      "NULLS",
      "",
      "NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x",
      "NULL\0\0\x01",
    ]
  ) {
    const side = new Side();
    const error = assertFails(side, "mechanism-mismatch", () => side.feed(greeting({ mechanism })));
    assertEquals(error.value, 0x11000002);
    // The peer gets to see our whole greeting, so that it can tell why as well.
    assertEquals(side.output().length, 64);
  }
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../zmtp/error.ts";
import { assertFails, bytes, command, greeting, join, property, readyCommand, Side, text } from "./support.ts";

Deno.test("handshake: both sides learn the other's properties", () => {
  for (const piece of [Infinity, 1, 7]) {
    const a = new Side({
      socketType: "REQ",
      routingId: bytes("me"),
      metadata: new Map([["X-Colour", bytes("red")]]),
    });
    const b = new Side({ socketType: "ROUTER" });
    join(a, b, piece);
    assertEquals([a.sink.events, b.sink.events], [[["ready"]], [["ready"]]]);
    const { peer } = b.machine;
    assert(peer !== null);
    assertEquals([peer.socketType, text(peer.routingId)], ["REQ", "me"]);
    assertEquals([...peer.metadata].map(([name, value]) => [name, text(value)]), [
      ["Socket-Type", "REQ"],
      ["Identity", "me"],
      ["X-Colour", "red"],
    ]);
    assertEquals(a.machine.peer?.socketType, "ROUTER");
    assertEquals(a.machine.peer?.routingId.length, 0);
  }
});

Deno.test("handshake: only REQ, DEALER and ROUTER send an identity", () => {
  for (const socketType of ["PAIR", "PUB", "SUB", "REP", "PUSH", "PULL", "XPUB", "XSUB", "CLIENT", "PEER"] as const) {
    const side = new Side({ socketType, routingId: bytes("me") });
    side.feed(greeting());
    assertEquals(text(side.output()).includes("Identity"), false, socketType);
  }
  for (const socketType of ["REQ", "DEALER", "ROUTER"] as const) {
    const side = new Side({ socketType, routingId: bytes("me") });
    side.feed(greeting());
    assert(text(side.output()).includes("\x08Identity\0\0\0\x02me"), socketType);
  }
});

Deno.test("handshake: a READY above 255 bytes is a long command", () => {
  const a = new Side({ metadata: new Map([["X-Long", new Uint8Array(300).fill(120)]]) });
  a.feed(greeting());
  assertEquals(a.output().subarray(64, 73), bytes(6, 0, 0, 0, 0, 0, 0, 1, 96));
  const b = new Side();
  join(new Side({ metadata: new Map([["X-Long", new Uint8Array(300).fill(120)]]) }), b, 100);
  assertEquals(b.machine.peer?.metadata.get("X-Long")?.length, 300);
});

Deno.test("handshake: nothing follows READY before the peer's READY has come", () => {
  const side = new Side();
  side.feed(greeting());
  assertEquals([side.machine.phase, side.sink.events.length, side.machine.peer], ["handshake", 0, null]);
  side.feed(readyCommand());
  assertEquals([side.machine.phase, side.sink.events.length], ["traffic", 1]);
});

Deno.test("handshake: traffic right behind READY is not lost", () => {
  const data = bytes(greeting(), readyCommand(), 0, 2, "hi", command("SUBSCRIBE", "a"), 1, 1, "x", 0, 1, "y");
  for (let split = 0; split <= data.length; split++) {
    const side = new Side();
    side.feed(data.subarray(0, split));
    side.feed(data.subarray(split));
    assertEquals(side.sink.events, [["ready"], ["message", "hi"], ["command", "SUBSCRIBE", "a"], [
      "message",
      "x",
      "y",
    ]]);
  }
});

Deno.test("handshake: READY is accepted in every form that peers send", () => {
  const socketType = property("Socket-Type", "DEALER");
  const ready = bytes(5, "READY", socketType);
  const forms: [string, Uint8Array][] = [
    ["without the command flag", bytes(0, ready.length, ready)],
    ["with MORE", bytes(5, ready.length, ready)],
    ["with reserved flags", bytes(0xf8 | 4, ready.length, ready)],
    ["in the long form", bytes(6, 0, 0, 0, 0, 0, 0, 0, ready.length, ready)],
    ["with names in other cases", command("READY", property("SOCKET-TYPE", "DEALER"), property("identity", "z"))],
    ["with a nameless property", command("READY", property("", "?"), socketType)],
    ["with Socket-Type twice, of which the first counts", command("READY", socketType, property("socket-type", "PUB"))],
    ["without Socket-Type", command("READY")],
  ];
  for (const [label, form] of forms) {
    const side = new Side();
    side.feed(bytes(greeting(), form), 3);
    assertEquals(side.sink.events, [["ready"]], label);
  }
  const side = new Side();
  side.feed(bytes(greeting(), forms[4]![1]));
  assertEquals(text(side.machine.peer!.routingId), "z");
  assertEquals([...side.machine.peer!.metadata.keys()], ["Socket-Type", "Identity"]);
});

Deno.test("handshake: what has no place in it ends it", () => {
  const cases: [string, Uint8Array, "unexpected-command" | "malformed-command" | "malformed-metadata", number][] = [
    ["a message", bytes(0, 5, "hello"), "unexpected-command", 0x10000001],
    ["an empty message", bytes(0, 0), "unexpected-command", 0x10000001],
    ["a frame of a message", bytes(1, 5, "hello"), "unexpected-command", 0x10000001],
    ["a large message", bytes(2, 0, 0, 0, 0, 0, 2, 0, 0), "unexpected-command", 0x10000001],
    ["PING", command("PING", 0, 0), "unexpected-command", 0x10000001],
    ["HELLO", command("HELLO"), "unexpected-command", 0x10000001],
    ["ready in lower case", command("ready"), "unexpected-command", 0x10000001],
    ["an empty command", bytes(4, 0), "malformed-command", 0x10000011],
    ["a command without a name", bytes(4, 1, 0), "malformed-command", 0x10000011],
    ["a name longer than the body", bytes(4, 4, 5, "REA"), "malformed-command", 0x10000011],
    ["a name that is cut by one", bytes(4, 5, 5, "READ"), "malformed-command", 0x10000011],
    ["metadata cut in a name", command("READY", 11, "Socket"), "malformed-metadata", 0x10000018],
    ["metadata cut in a length", command("READY", 1, "X", 0, 0, 0), "malformed-metadata", 0x10000018],
    ["metadata cut in a value", command("READY", 1, "X", 0, 0, 0, 3, "ab"), "malformed-metadata", 0x10000018],
    ["metadata of 4 GiB", command("READY", 1, "X", 255, 255, 255, 255, "ab"), "malformed-metadata", 0x10000018],
    ["one byte of metadata", command("READY", 9), "malformed-metadata", 0x10000018],
    ["one byte after the metadata", command("READY", property("X", "y"), 0), "malformed-metadata", 0x10000018],
    ["ERROR without a reason", command("ERROR"), "malformed-command", 0x10000015],
    ["ERROR with a long reason", command("ERROR", 9, "no"), "malformed-command", 0x10000015],
    ["ERROR with a short reason", command("ERROR", 1, "no"), "malformed-command", 0x10000015],
  ];
  for (const [label, data, kind, value] of cases) {
    for (const piece of [Infinity, 1]) {
      const side = new Side();
      const error = assertFails(side, kind, () => side.feed(bytes(greeting(), data), piece));
      assertEquals(error.value, value, label);
      assertEquals(side.sink.events, [], label);
    }
  }
});

Deno.test("handshake: an ERROR of the peer carries its reason", () => {
  const side = new Side();
  const error = assertFails(side, "peer-error", () => side.feed(bytes(greeting(), command("ERROR", 4, "why?")), 1));
  assertEquals([error.reason, error.status, error.timeout], ["why?", undefined, false]);
  assert(error.message.includes("why?"));
  const other = new Side();
  const refused = assertFails(other, "peer-error", () => other.feed(bytes(greeting(), command("ERROR", 3, "400"))));
  assertEquals(refused.status, 400);
});

Deno.test("handshake: what a peer writes does nothing to a terminal or a log", () => {
  const escape = "\x1b[2J\n\x9b1m\x7f";
  const plain = (message: string) => assert(!/\p{C}/u.test(message), JSON.stringify(message));
  const [a, b, c] = [new Side(), new Side(), new Side()];
  const refused = assertFails(
    a,
    "peer-error",
    () => a.feed(bytes(greeting(), command("ERROR", escape.length, escape))),
  );
  plain(refused.message);
  plain(refused.reason!);
  plain(assertFails(b, "unexpected-command", () => b.feed(bytes(greeting(), command(escape)))).message);
  const metadata = property("Socket-Type", escape);
  plain(assertFails(c, "type-mismatch", () => c.feed(bytes(greeting(), command("READY", metadata)))).message);
});

Deno.test("handshake: a wrong socket type is told to the peer", () => {
  const a = new Side({ socketType: "PUSH" });
  const b = new Side({ socketType: "PUB" });
  const there = a.output();
  a.feed(b.output());
  a.feed(b.output());
  b.feed(there);
  b.feed(a.output());
  a.feed(b.output().subarray(0, 53));
  const error = assertFails(a, "type-mismatch", () => a.feed(readyCommand("PUB")));
  assert(error.message.includes("PUSH and PUB"));
  // READY is in the output from before, behind it ERROR.
  assert(/READY.*ERROR.Socket types/s.test(text(a.output())));

  const pull = new Side({ socketType: "PULL" });
  pull.feed(greeting());
  pull.output();
  assertFails(pull, "type-mismatch", () => pull.feed(readyCommand("SUB")));
  const last = pull.output();
  const victim = new Side({ socketType: "SUB" });
  victim.feed(greeting());
  assertEquals(
    assertFails(victim, "peer-error", () => victim.feed(last)).reason,
    "Socket types do not go together: PULL and SUB",
  );
});

Deno.test("handshake: it must end in time", () => {
  const side = new Side({ handshakeInterval: 30_000 }, 1000);
  assertEquals(side.machine.deadline, 31_000);
  side.feed(greeting(), Infinity, 30_000);
  assertEquals(side.machine.deadline, 31_000);
  side.machine.tick(30_999);
  assertEquals(side.machine.phase, "handshake");
  const error = assertFails(side, "handshake-timeout", () => side.machine.tick(31_000));
  assertEquals([error.timeout, error.code], [true, "ETIMEDOUT"]);

  const silent = new Side({ handshakeInterval: 10 });
  assertFails(silent, "handshake-timeout", () => silent.machine.tick(10));

  const done = new Side({ handshakeInterval: 10 });
  done.feed(bytes(greeting(), readyCommand()));
  assertEquals(done.machine.deadline, Infinity);
  done.machine.tick(1000);
  assertEquals(done.machine.phase, "traffic");

  assertEquals(new Side().machine.deadline, Infinity);
});

Deno.test("handshake: what a sink throws is not a failure of the connection", () => {
  const side = new Side();
  side.sink.ready = () => {
    throw new RangeError("mine");
  };
  const error = assertThrows(() => side.feed(bytes(greeting(), readyCommand())));
  assertEquals(error instanceof ProtocolError, false);
  assertEquals(side.machine.phase, "traffic");
});

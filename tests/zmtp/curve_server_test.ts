import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Verdict } from "../../zmtp/authentication.ts";
import { ProtocolError, ProtocolErrorValue } from "../../zmtp/error.ts";
import {
  admitted,
  clientKeys,
  commandOf,
  crypto,
  frame,
  greeting,
  HandClient,
  longCommand,
  metadata,
  number,
  open,
  server,
  serverKeys,
  welcomed,
  type Whims,
} from "./curve_support.ts";
import { assertFails, bytes, command, type Side, text } from "./support.ts";

const { UNEXPECTED_COMMAND, MALFORMED_COMMAND_HELLO, MALFORMED_COMMAND_INITIATE, MALFORMED_COMMAND_MESSAGE } =
  ProtocolErrorValue;
const { CRYPTOGRAPHIC, KEY_EXCHANGE, INVALID_SEQUENCE, INVALID_METADATA } = ProtocolErrorValue;
const stranger = crypto.keyPair();

/** A server that has been greeted. */
function greeted(): Side {
  const side = server();
  side.feed(greeting());
  side.output();
  return side;
}

function fails(side: Side, data: Uint8Array, kind: ProtocolError["kind"], value: number): void {
  const error = assertFails(side, kind, () => side.feed(data));
  assertEquals(error.value, value, error.message);
  assertEquals(side.output().length, 0, "a client that is not genuine is told nothing");
}

Deno.test("CURVE server: its greeting says who it is", () => {
  const side = server();
  side.feed(greeting());
  assertEquals(side.output(), greeting(1));
});

Deno.test("CURVE server: a client by hand comes in, byte by byte", () => {
  for (const piece of [1, 7, Infinity]) {
    const side = server();
    const hand = new HandClient();
    side.feed(greeting(), piece);
    side.output();
    const hello = longCommand("HELLO", hand.hello());
    assertEquals([hello.length, hello[1]], [2 + 200, 200]);
    side.feed(hello, piece);
    const welcome = side.output();
    assertEquals(text(welcome.subarray(0, 10)), "\x04\xa8\x07WELCOME");
    assertEquals(welcome.length, 2 + 168);
    const initiate = longCommand("INITIATE", hand.initiate(commandOf(welcome, "WELCOME")));
    assertEquals(initiate.length, 9 + 257 + metadata.length);
    side.feed(initiate, piece);
    assertEquals([side.machine.phase, side.machine.peer?.socketType], ["traffic", "DEALER"]);
    const ready = side.output();
    assertEquals(text(ready.subarray(2, 8)), "\x05READY");
    const data = commandOf(ready, "READY");
    assertEquals(data.subarray(0, 8), number(1));
    const properties = open(hand.session, "CurveZMQREADY---", number(1), data.subarray(8));
    assertEquals(text(properties), "\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0");
    side.feed(bytes(hand.message(3, 1, "a"), hand.message(4, 0, "")), piece);
    assertEquals(side.traffic, [["message", "a", ""]]);
  }
});

Deno.test("CURVE server: every connection has keys and a cookie of its own", () => {
  const [a, b] = [welcomed(), welcomed()].map(({ hand, welcome }) =>
    open(hand.shared, "WELCOME-", welcome.subarray(0, 16), welcome.subarray(16))
  );
  assertEquals(a!.length, 128);
  assert(text(a!.subarray(0, 32)) !== text(b!.subarray(0, 32)), "S'");
  assert(text(a!.subarray(32)) !== text(b!.subarray(32)), "cookie");
});

for (
  const [what, whims, value] of [
    ["another version", { version: [2, 0] }, MALFORMED_COMMAND_HELLO],
    ["another minor version", { version: [1, 1] }, MALFORMED_COMMAND_HELLO],
    ["another server's key", { serverKey: stranger.publicKey }, CRYPTOGRAPHIC],
    ["a box of something else", { zeros: new Uint8Array(64).fill(1, 63) }, MALFORMED_COMMAND_HELLO],
    ["the number 0", { helloNumber: 0 }, INVALID_SEQUENCE],
  ] as [string, Whims, number][]
) {
  Deno.test(`CURVE server: HELLO with ${what}`, () => {
    const kind = value === MALFORMED_COMMAND_HELLO ? "malformed-command" : "cryptographic";
    fails(greeted(), longCommand("HELLO", new HandClient(whims).hello()), kind, value);
  });
}

Deno.test("CURVE server: HELLO of another size", () => {
  const hello = new HandClient().hello();
  for (const data of [hello.subarray(0, 193), bytes(hello, 0), hello.subarray(0, 0)]) {
    fails(greeted(), longCommand("HELLO", data), "malformed-command", MALFORMED_COMMAND_HELLO);
  }
});

Deno.test("CURVE server: HELLO that was tampered with", () => {
  for (const at of [74, 90, 105, 113, 114, 193]) {
    const hello = new HandClient().hello();
    hello[at]! ^= 0x40;
    fails(greeted(), longCommand("HELLO", hello), "cryptographic", CRYPTOGRAPHIC);
  }
  const hello = new HandClient().hello();
  hello.fill(0, 74, 106);
  fails(greeted(), longCommand("HELLO", hello), "cryptographic", CRYPTOGRAPHIC);
});

Deno.test("CURVE server: other commands in the place of HELLO and of INITIATE", () => {
  for (const name of ["READY", "WELCOME", "INITIATE", "MESSAGE", "ERROR", "HELL", "HELLOO", "hello"]) {
    fails(greeted(), longCommand(name, new HandClient().hello()), "unexpected-command", UNEXPECTED_COMMAND);
  }
  const { side, hand } = welcomed();
  fails(side, longCommand("HELLO", hand.hello()), "unexpected-command", UNEXPECTED_COMMAND);
  fails(greeted(), command("ERROR", 3, "400"), "unexpected-command", UNEXPECTED_COMMAND);
  fails(welcomed().side, command("ERROR", 3, "400"), "unexpected-command", UNEXPECTED_COMMAND);
  const message = greeted();
  fails(message, frame(bytes("x")), "unexpected-command", UNEXPECTED_COMMAND);
});

for (
  const [what, whims, kind, value] of [
    ["a number again", { initiateNumber: 1 }, "cryptographic", INVALID_SEQUENCE],
    ["a voucher by another", { vouchKey: stranger.secretKey }, "cryptographic", CRYPTOGRAPHIC],
    ["another's long-term key", { longTerm: stranger.publicKey }, "cryptographic", CRYPTOGRAPHIC],
    ["a long-term key that is none", { longTerm: new Uint8Array(32) }, "cryptographic", CRYPTOGRAPHIC],
    [
      "a voucher for another C'",
      { vouched: bytes(stranger.publicKey, serverKeys.publicKey) },
      "cryptographic",
      KEY_EXCHANGE,
    ],
    ["properties that are cut", { metadata: metadata.subarray(0, 9) }, "malformed-metadata", INVALID_METADATA],
  ] as [string, Whims, ProtocolError["kind"], number][]
) {
  Deno.test(`CURVE server: INITIATE with ${what}`, () => {
    const { side, hand, welcome } = welcomed(whims);
    const error = assertFails(side, kind, () => side.feed(longCommand("INITIATE", hand.initiate(welcome))));
    assertEquals(error.value, value);
  });
}

Deno.test("CURVE server: INITIATE with a voucher for another S", () => {
  const { side, hand, welcome } = welcomed({});
  const forged = new HandClient({ vouched: bytes(hand.transient.publicKey, stranger.publicKey) });
  Object.assign(forged, { transient: hand.transient, shared: hand.shared });
  fails(side, longCommand("INITIATE", forged.initiate(welcome)), "cryptographic", KEY_EXCHANGE);
});

Deno.test("CURVE server: INITIATE that is too short", () => {
  for (const size of [0, 1, 95, 96, 247]) {
    const { side, hand, welcome } = welcomed();
    const data = hand.initiate(welcome).subarray(0, size);
    fails(side, longCommand("INITIATE", data), "malformed-command", MALFORMED_COMMAND_INITIATE);
  }
  const { side, hand, welcome } = welcomed();
  const data = hand.initiate(welcome).subarray(0, 248);
  fails(side, longCommand("INITIATE", data), "cryptographic", CRYPTOGRAPHIC);
});

Deno.test("CURVE server: INITIATE that was tampered with", () => {
  // The cookie's nonce and box, the number, and the box with its C, its voucher and its properties.
  for (const at of [0, 15, 16, 32, 64, 95, 103, 104, 120, 152, 170, 200, 250]) {
    const { side, hand, welcome } = welcomed();
    const initiate = hand.initiate(welcome);
    initiate[at]! ^= 0x80;
    fails(side, longCommand("INITIATE", initiate), "cryptographic", CRYPTOGRAPHIC);
  }
});

Deno.test("CURVE server: INITIATE of another connection", () => {
  const other = welcomed();
  const { side } = welcomed();
  const initiate = other.hand.initiate(other.welcome);
  fails(side, longCommand("INITIATE", initiate), "cryptographic", CRYPTOGRAPHIC);
});

Deno.test("CURVE server: one without a secret key takes nobody", () => {
  const side = server({ keys: null });
  const error = assertFails(side, "cryptographic", () => side.feed(greeting()));
  assertEquals(error.message, "Server of CURVE has no secretKey");
});

Deno.test("CURVE server: it asks about the long-term key, and lets in or refuses", () => {
  for (const status of [200, 300, 400, 500] as const) {
    for (const late of [false, true]) {
      const asked: unknown[] = [];
      let decide = () => {};
      const { side, hand, welcome } = welcomed({}, {
        authenticate(request, answer) {
          asked.push(request);
          const verdict: Verdict = { status, userId: "", metadata: new Map() };
          if (late) decide = () => answer(verdict);
          else answer(verdict);
        },
      });
      const initiate = longCommand("INITIATE", hand.initiate(welcome));
      if (!late && status >= 400) assertThrows(() => side.feed(initiate), ProtocolError);
      else side.feed(initiate);
      if (late) assertEquals([side.machine.phase, side.output().length], ["handshake", 0]);
      decide();
      assertEquals(asked, [{ mechanism: "CURVE", credentials: [clientKeys.publicKey] }]);
      if (status === 200) {
        assertEquals(side.machine.phase, "traffic");
        assertEquals(text(commandOf(side.output(), "")).slice(0, 5), "READY");
      } else if (status === 300) {
        assertEquals([side.machine.phase, side.output().length], ["handshake", 0]);
        fails(side, hand.message(3, 0, "early"), "unexpected-command", UNEXPECTED_COMMAND);
      } else {
        const error = assertFails(side, "refused", () => side.machine.advance(1));
        assertEquals(error.status, status);
        assertEquals(side.output(), command("ERROR", 3, String(status)));
      }
    }
  }
});

Deno.test("CURVE server: why there is no verdict ends the connection", () => {
  const reason = new ProtocolError("handshake-timeout", "Nobody answers");
  const { side, hand, welcome } = welcomed({}, { authenticate: (_, answer) => answer(reason) });
  const thrown = assertThrows(() => side.feed(longCommand("INITIATE", hand.initiate(welcome))), ProtocolError);
  assertEquals([thrown, side.output().length], [reason, 0]);
});

Deno.test("CURVE server: MESSAGEs that are too short, no MESSAGE, or not genuine", () => {
  const cases: [(hand: HandClient) => Uint8Array, ProtocolError["kind"], number][] = [
    [() => frame(bytes("x")), "unexpected-command", UNEXPECTED_COMMAND],
    [() => frame(new Uint8Array()), "unexpected-command", UNEXPECTED_COMMAND],
    [() => longCommand("PING", bytes(0, 0)), "unexpected-command", UNEXPECTED_COMMAND],
    [() => frame(bytes(7, "MESSAGE")), "malformed-command", MALFORMED_COMMAND_MESSAGE],
    [() => frame(bytes(7, "MESSAGE", new Uint8Array(24))), "malformed-command", MALFORMED_COMMAND_MESSAGE],
    [() => frame(bytes(7, "MESSAGE", number(3), new Uint8Array(17))), "cryptographic", CRYPTOGRAPHIC],
    [(hand) => hand.message(2, 0, "again"), "cryptographic", INVALID_SEQUENCE],
    [(hand) => hand.message(0, 0, "wrapped"), "cryptographic", INVALID_SEQUENCE],
  ];
  for (const at of [10, 16, 17, 18, 33, 34, 38]) {
    cases.push([
      (hand) => {
        const message = hand.message(3, 0, "hello");
        message[at]! ^= 0x40;
        return message;
      },
      "cryptographic",
      CRYPTOGRAPHIC,
    ]);
  }
  for (const [make, kind, value] of cases) {
    const { side, hand } = admitted();
    fails(side, make(hand), kind, value);
    assertEquals(side.traffic, []);
  }
});

Deno.test("CURVE server: a MESSAGE that comes again, or after a later one", () => {
  const again = admitted();
  const message = again.hand.message(3, 0, "once");
  again.side.feed(message);
  fails(again.side, message, "cryptographic", INVALID_SEQUENCE);
  assertEquals(again.side.traffic, [["message", "once"]]);

  const swapped = admitted();
  swapped.side.feed(swapped.hand.message(5, 0, "second"));
  fails(swapped.side, swapped.hand.message(4, 0, "first"), "cryptographic", INVALID_SEQUENCE);
});

Deno.test("CURVE server: numbers may leave gaps and take all of 64 bits", () => {
  const { side, hand } = admitted();
  const numbers = [
    3n,
    10n,
    0xffff_ffffn,
    0x1_0000_0000n,
    0x1_0000_0001n,
    2n ** 53n + 1n,
    2n ** 53n + 2n,
    2n ** 64n - 1n,
  ];
  for (const count of numbers) side.feed(hand.message(count, 0, String(count)));
  assertEquals(side.traffic, numbers.map((count) => ["message", String(count)]));
  for (const count of [0n, 1n, 2n ** 64n - 1n, 2n ** 63n]) {
    const next = admitted();
    next.side.feed(next.hand.message(2n ** 64n - 1n, 0, "last"));
    fails(next.side, next.hand.message(count, 0, "x"), "cryptographic", INVALID_SEQUENCE);
  }
});

Deno.test("CURVE server: commands within are libzmq's flag 2", () => {
  const { side, hand } = admitted();
  side.feed(bytes(
    hand.message(3, 2, "\x09SUBSCRIBEtopic"),
    hand.message(4, 2, "\x04PING\0\0context"),
    hand.message(5, 0, "\x04PING\0\0"),
  ));
  assertEquals(side.traffic, [["command", "SUBSCRIBE", "topic"], ["message", "\x04PING\0\0"]]);
  const pong = side.output();
  const plain = open(hand.session, "CurveZMQMESSAGES", number(2), pong.subarray(2 + 16));
  assertEquals([pong[0], text(plain)], [0, "\x02\x04PONGcontext"]);
});

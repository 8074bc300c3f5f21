import { assertEquals, assertThrows } from "@std/assert";
import { CurveCipher } from "../../zmtp/curve_cipher.ts";
import { OwnNonce, PeerNonce } from "../../zmtp/curve_nonce.ts";
import { ProtocolError, ProtocolErrorValue } from "../../zmtp/error.ts";
import { sealFrame } from "../../zmtp/sealing.ts";
import {
  client,
  clientKeys,
  commandOf,
  crypto,
  frame,
  greeting,
  longCommand,
  metadata,
  number,
  open,
  seal,
  server,
  serverKeys,
} from "./curve_support.ts";
import { assertFails, bytes, command, join, type Side, text } from "./support.ts";

const { UNEXPECTED_COMMAND, MALFORMED_COMMAND_WELCOME, MALFORMED_COMMAND_READY, MALFORMED_COMMAND_ERROR } =
  ProtocolErrorValue;
const { CRYPTOGRAPHIC, INVALID_METADATA, INVALID_SEQUENCE } = ProtocolErrorValue;

/** A server by hand, from RFC 26 alone, that has read HELLO of a client. */
class HandServer {
  readonly side: Side;
  readonly transient = crypto.keyPair();
  readonly cookie = crypto.random(96);
  /** C'. */
  readonly client: Uint8Array;
  readonly hello: Uint8Array;

  constructor(side: Side = client()) {
    this.side = side;
    side.feed(greeting(1));
    const output = side.output();
    assertEquals(output.subarray(0, 64), greeting(0));
    assertEquals(text(output.subarray(64, 72)), "\x04\xc8\x05HELLO");
    this.hello = output.subarray(72);
    this.client = this.hello.subarray(74, 106);
  }

  /** The data of WELCOME. */
  welcome(content = bytes(this.transient.publicKey, this.cookie), secretKey = serverKeys.secretKey): Uint8Array {
    const nonce = crypto.random(16);
    return bytes(nonce, seal(crypto.shared(this.client, secretKey)!, "WELCOME-", nonce, content));
  }

  /** What is shared by C' and S'. */
  get session(): Uint8Array {
    return crypto.shared(this.client, this.transient.secretKey)!;
  }

  /** The data of READY. */
  ready(count = 1, properties = metadata): Uint8Array {
    return bytes(number(count), seal(this.session, "CurveZMQREADY---", number(count), properties));
  }
}

function fails(side: Side, data: Uint8Array, kind: ProtocolError["kind"], value: number): void {
  const error = assertFails(side, kind, () => side.feed(data));
  assertEquals(error.value, value, error.message);
  assertEquals(side.output().length, 0);
}

function welcomedClient(): HandServer {
  const hand = new HandServer();
  hand.side.feed(longCommand("WELCOME", hand.welcome()));
  hand.side.output();
  return hand;
}

Deno.test("CURVE client: what it sends is what RFC 26 says", () => {
  for (const piece of [1, Infinity]) {
    const hand = new HandServer();
    const { side, hello } = hand;
    assertEquals(hello.length, 194);
    assertEquals(hello.subarray(0, 74), bytes(1, 0, new Uint8Array(72)));
    assertEquals(hello.subarray(106, 114), number(1));
    const shared = crypto.shared(hand.client, serverKeys.secretKey)!;
    assertEquals(open(shared, "CurveZMQHELLO---", number(1), hello.subarray(114)), new Uint8Array(64));

    const welcome = longCommand("WELCOME", hand.welcome());
    assertEquals(welcome.length, 2 + 168);
    side.feed(welcome, piece);
    const initiate = commandOf(side.output(), "INITIATE");
    assertEquals(initiate.subarray(0, 96), hand.cookie);
    assertEquals(initiate.subarray(96, 104), number(2));
    const proof = open(hand.session, "CurveZMQINITIATE", number(2), initiate.subarray(104));
    assertEquals(proof.subarray(0, 32), clientKeys.publicKey);
    const vouchKey = crypto.shared(clientKeys.publicKey, hand.transient.secretKey)!;
    const vouch = open(vouchKey, "VOUCH---", proof.subarray(32, 48), proof.subarray(48, 128));
    assertEquals(vouch, bytes(hand.client, serverKeys.publicKey));
    assertEquals(text(proof.subarray(128)), "\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0");

    side.feed(longCommand("READY", hand.ready()), piece);
    assertEquals([side.machine.phase, side.machine.peer?.socketType], ["traffic", "DEALER"]);

    const { cipher } = side.machine;
    for (const [flags, inner] of [[0, 0], [1, 1], [4, 2]] as const) {
      const message = cipher!.seal(flags, bytes("body"));
      assertEquals([message[0], message[1], text(message.subarray(2, 10))], [0, 37, "\x07MESSAGE"]);
      const count = message.subarray(10, 18);
      const box = message.subarray(18);
      assertEquals(open(hand.session, "CurveZMQMESSAGEC", count, box), bytes(inner, "body"));
      assertEquals(count, number(3 + [0, 1, 4].indexOf(flags)));
    }
  }
});

Deno.test("CURVE client: a missing key ends the handshake", () => {
  for (const name of ["publicKey", "secretKey", "serverKey"] as const) {
    const side = client({ keys: { ...clientKeys, [name]: null } });
    const error = assertFails(side, "cryptographic", () => side.feed(greeting()));
    assertEquals(error.message, `Client of CURVE has no ${name}`);
  }
});

Deno.test("CURVE client: a server key with which every secret is the same", () => {
  const side = client({ keys: { ...clientKeys, serverKey: new Uint8Array(32) } });
  assertFails(side, "cryptographic", () => side.feed(greeting()));
});

Deno.test("CURVE client: WELCOME of a wrong size, from another server, tampered with, or with a key that is none", () => {
  for (const change of [(data: Uint8Array) => data.subarray(1), (data: Uint8Array) => bytes(data, 0)]) {
    const hand = new HandServer();
    fails(hand.side, longCommand("WELCOME", change(hand.welcome())), "malformed-command", MALFORMED_COMMAND_WELCOME);
  }
  const other = new HandServer();
  const forged = other.welcome(undefined, crypto.keyPair().secretKey);
  fails(other.side, longCommand("WELCOME", forged), "cryptographic", CRYPTOGRAPHIC);
  for (const at of [0, 15, 16, 40, 159]) {
    const hand = new HandServer();
    const welcome = hand.welcome();
    welcome[at]! ^= 4;
    fails(hand.side, longCommand("WELCOME", welcome), "cryptographic", CRYPTOGRAPHIC);
  }
  const none = new HandServer();
  const zero = none.welcome(new Uint8Array(128));
  fails(none.side, longCommand("WELCOME", zero), "cryptographic", CRYPTOGRAPHIC);
  const replayed = new HandServer();
  fails(replayed.side, longCommand("WELCOME", new HandServer().welcome()), "cryptographic", CRYPTOGRAPHIC);
});

Deno.test("CURVE client: other commands in the place of WELCOME and of READY", () => {
  for (const name of ["HELLO", "READY", "INITIATE", "MESSAGE"]) {
    const hand = new HandServer();
    fails(hand.side, longCommand(name, hand.welcome()), "unexpected-command", UNEXPECTED_COMMAND);
  }
  for (const name of ["HELLO", "WELCOME", "INITIATE", "MESSAGE"]) {
    const hand = welcomedClient();
    fails(hand.side, longCommand(name, hand.ready()), "unexpected-command", UNEXPECTED_COMMAND);
  }
});

Deno.test("CURVE client: READY that is too short, tampered with, or without properties that make sense", () => {
  const short = welcomedClient();
  fails(short.side, longCommand("READY", short.ready().subarray(0, 23)), "malformed-command", MALFORMED_COMMAND_READY);
  const empty = welcomedClient();
  fails(empty.side, longCommand("READY", new Uint8Array(24)), "cryptographic", INVALID_SEQUENCE);
  for (const at of [7, 8, 24]) {
    const hand = welcomedClient();
    const ready = hand.ready();
    ready[at]! ^= 2;
    fails(hand.side, longCommand("READY", ready), "cryptographic", CRYPTOGRAPHIC);
  }
  const cut = welcomedClient();
  const ready = cut.ready(1, metadata.subarray(0, 5));
  fails(cut.side, longCommand("READY", ready), "malformed-metadata", INVALID_METADATA);
  const bare = welcomedClient();
  bare.side.feed(longCommand("READY", bare.ready(1, new Uint8Array())));
  assertEquals(bare.side.machine.phase, "traffic");
});

Deno.test("CURVE client: the server's messages go on from the number of READY", () => {
  const hand = welcomedClient();
  hand.side.feed(longCommand("READY", hand.ready(7)));
  const message = (count: number) =>
    frame(bytes(7, "MESSAGE", number(count), seal(hand.session, "CurveZMQMESSAGES", number(count), bytes(0, "x"))));
  hand.side.feed(message(8));
  assertEquals(hand.side.traffic, [["message", "x"]]);
  fails(hand.side, message(8), "cryptographic", INVALID_SEQUENCE);
  const low = welcomedClient();
  low.side.feed(longCommand("READY", low.ready(7)));
  const box = seal(low.session, "CurveZMQMESSAGES", number(7), bytes(0, "x"));
  fails(low.side, frame(bytes(7, "MESSAGE", number(7), box)), "cryptographic", INVALID_SEQUENCE);
});

Deno.test("CURVE client: its own messages do not pass for the server's", () => {
  const hand = welcomedClient();
  hand.side.feed(longCommand("READY", hand.ready()));
  fails(hand.side, hand.side.machine.cipher!.seal(0, bytes("echo")), "cryptographic", CRYPTOGRAPHIC);
});

Deno.test("CURVE client: ERROR at any step", () => {
  for (const hand of [new HandServer(), welcomedClient()]) {
    const error = assertFails(hand.side, "peer-error", () => hand.side.feed(command("ERROR", 3, "400")));
    assertEquals([error.reason, error.status], ["400", 400]);
  }
  const hand = new HandServer();
  fails(hand.side, command("ERROR", 9, "400"), "malformed-command", MALFORMED_COMMAND_ERROR);
});

Deno.test("CURVE: two clients do not get on, two servers wait", () => {
  const [a, b] = [client(), client()];
  const error = assertThrows(() => join(a, b), ProtocolError);
  assertEquals([error.kind, error.value], ["unexpected-command", UNEXPECTED_COMMAND]);
  const [c, d] = [server(), server()];
  join(c, d);
  assertEquals([c.machine.phase, d.machine.phase], ["handshake", "handshake"]);
});

Deno.test("CURVE: types that do not go together are refused", () => {
  const [a, b] = [client({ socketType: "PUSH" }), server({ socketType: "PUB" })];
  const error = assertThrows(() => join(a, b), ProtocolError);
  assertEquals(error.kind, "type-mismatch");
});

Deno.test("CURVE: client and server in memory, byte by byte, with traffic of all sizes", () => {
  const [a, b] = [client(), server({ heartbeatInterval: 100, heartbeatTimeToLive: 500 })];
  join(a, b, 1);
  assertEquals([a.machine.phase, b.machine.phase], ["traffic", "traffic"]);
  for (const size of [0, 1, 222, 223, 255, 256, 8192, 65_536, 1_048_576]) {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const before = to.sink.messages.length;
      const bodies = [new Uint8Array(size).fill(size), bytes("end")];
      const { cipher } = from.machine;
      to.feed(bytes(cipher!.seal(1, bodies[0]!), cipher!.seal(0, bodies[1]!)), size > 10_000 ? 5000 : 1);
      assertEquals(to.sink.messages.slice(before), [bodies]);
    }
  }
  // What the machine says itself is sealed when it is taken, not when it is queued.
  b.machine.tick(100);
  const before = b.machine.cipher!.seal(0, bytes("before"));
  const ping = b.output();
  assertEquals(text(ping).includes("PING"), false);
  a.feed(bytes(before, ping));
  b.feed(a.output());
  assertEquals(a.traffic.at(-1), ["message", "before"]);
  assertEquals(a.machine.deadline, 500);
});

Deno.test("CURVE: subscriptions and commands are sealed by whoever writes them", () => {
  const [a, b] = [client({ socketType: "SUB" }), server({ socketType: "PUB" })];
  join(a, b);
  const { cipher } = a.machine;
  const frames = [a.machine.subscription(bytes("t"), true), a.machine.command("JOIN", bytes("g"))];
  for (const frame of frames) b.feed(sealFrame(cipher!, frame, 0, frame.length));
  assertEquals(b.traffic, [["command", "SUBSCRIBE", "t"], ["command", "JOIN", "g"]]);
});

Deno.test("CURVE: every connection has other keys", () => {
  const sealed = [1, 2].map(() => {
    const [a, b] = [client(), server()];
    join(a, b);
    return text(a.machine.cipher!.seal(0, bytes("the same")));
  });
  assertEquals(sealed[0]!.slice(0, 18), sealed[1]!.slice(0, 18));
  assertEquals(sealed[0]!.slice(18) === sealed[1]!.slice(18), false);
});

Deno.test("CURVE: numbers are used up rather than used again", () => {
  const last = Number.MAX_SAFE_INTEGER;
  const nonces = { own: new OwnNonce(last - 2), peer: new PeerNonce() };
  const cipher = new CurveCipher(crypto, crypto.random(32), false, nonces);
  for (const count of [last - 1, last]) {
    assertEquals(cipher.seal(0, bytes("x")).subarray(10, 18), number(count));
  }
  for (let i = 0; i < 3; i++) {
    const error = assertThrows(() => cipher.seal(0, bytes("x")), ProtocolError);
    assertEquals([error.kind, error.message], ["worn-out", "Connection has used up its nonces"]);
  }
});

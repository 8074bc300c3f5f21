import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../zmtp/error.ts";
import { encodeFrame } from "../../zmtp/framing.ts";
import type { Cipher, Mechanism, MechanismHost, OpenedFrame } from "../../zmtp/mechanism.ts";
import { sealFrame } from "../../zmtp/sealing.ts";
import { assertFails, bytes, join, readyCommand, Side, text } from "./support.ts";

/** A toy cipher in the manner of CURVE: a MESSAGE in a frame that is no command, flags inside. */
class Xor implements Cipher {
  seal(flags: number, body: Uint8Array): Uint8Array {
    return encodeFrame(0, bytes("M", flags, body).map((byte) => byte ^ 0x55));
  }

  open(_: number, body: Uint8Array): OpenedFrame {
    const inner = body.map((byte) => byte ^ 0x55);
    if (inner[0] !== 77) throw new ProtocolError("cryptographic", "Frame is not genuine");
    return { flags: inner[1]!, body: inner.slice(2) };
  }
}

/** A toy mechanism with roles: the client says HELLO, the server thinks about it for as long as the test wants. */
class Toy implements Mechanism {
  readonly name = "TOY";
  readonly asServer: boolean;
  host: MechanismHost | null = null;
  metadata: Uint8Array | null = null;

  constructor(asServer: boolean) {
    this.asServer = asServer;
  }

  start(host: MechanismHost): void {
    this.host = host;
    if (!this.asServer) host.send("HELLO", host.metadata);
  }

  receive(name: string, data: Uint8Array): void {
    if (name !== (this.asServer ? "HELLO" : "READY")) throw new ProtocolError("unexpected-command", `Not now: ${name}`);
    if (this.asServer) this.metadata = data.slice();
    else this.host!.done(data, new Xor());
  }

  decide(): void {
    this.host!.send("READY", this.host!.metadata);
    this.host!.done(this.metadata!, new Xor());
  }
}

function pair(): { client: Side; server: Side; toy: Toy } {
  const toy = new Toy(true);
  const client = new Side({ mechanism: () => new Toy(false), heartbeatInterval: 100, heartbeatTimeToLive: 500 });
  const server = new Side({ mechanism: () => toy });
  join(client, server, 3);
  return { client, server, toy };
}

Deno.test("mechanism: it may take its time, then traffic begins", () => {
  const { client, server, toy } = pair();
  assertEquals([client.machine.phase, server.machine.phase], ["handshake", "handshake"]);
  toy.decide();
  assertEquals(server.machine.phase, "traffic");
  join(client, server, 3);
  assertEquals([client.machine.phase, client.machine.peer?.socketType], ["traffic", "DEALER"]);
  assertEquals([client.sink.events, server.sink.events], [[["ready"]], [["ready"]]]);
});

Deno.test("mechanism: the greeting carries its name and role", () => {
  const server = new Side({ mechanism: () => new Toy(true) });
  server.feed(bytes(0xff, new Uint8Array(8), 0x7f, 3));
  const opening = server.output();
  assertEquals(opening.subarray(12, 33), bytes("TOY", new Uint8Array(17), 1));
});

Deno.test("mechanism: it may refuse late", () => {
  const { server, toy } = pair();
  toy.host!.send("ERROR", bytes(3, "400"));
  const error = new ProtocolError("peer-error", "No");
  toy.host!.fail(error);
  assertEquals(server.machine.phase, "failed");
  assertEquals(assertThrows(() => server.machine.advance(1), ProtocolError), error);
  assertEquals(text(server.output()), "\x04\x0a\x05ERROR\x03400");
});

Deno.test("mechanism: when time has run out, its decision comes too late", () => {
  const toy = new Toy(true);
  const server = new Side({ mechanism: () => toy, handshakeInterval: 100 });
  join(new Side({ mechanism: () => new Toy(false) }), server);
  assertFails(server, "handshake-timeout", () => server.machine.tick(100));
  toy.decide();
  assertEquals([server.machine.phase, server.machine.peer, server.sink.events], ["failed", null, []]);
});

Deno.test("mechanism: properties are checked whenever it ends", () => {
  const { server, toy } = pair();
  toy.metadata = bytes(9, "cut");
  assertFails(server, "malformed-metadata", () => toy.decide());
});

Deno.test("mechanism: all traffic goes through its cipher", () => {
  const { client, server, toy } = pair();
  toy.decide();
  join(client, server);
  const { cipher } = client.machine;
  const seal = (frame: Uint8Array) => sealFrame(cipher!, frame, 0, frame.length);
  const large = new Uint8Array(400_000).fill(9);
  server.feed(
    bytes(
      cipher!.seal(1, bytes("a")),
      seal(client.machine.subscription(bytes("topic"), true)),
      cipher!.seal(0, bytes("b")),
      seal(client.machine.command("JOIN", bytes("g"))),
      cipher!.seal(0, large),
    ),
    5000,
  );
  assertEquals(server.traffic.slice(0, 3), [["command", "SUBSCRIBE", "topic"], ["message", "a", "b"], [
    "command",
    "JOIN",
    "g",
  ]]);
  assertEquals(server.sink.messages[1]![0], large);

  client.machine.tick(100);
  const ping = client.output();
  assertEquals(text(ping).includes("PING"), false);
  server.feed(ping, 1, 1000);
  assertEquals(server.machine.deadline, 1500);
  client.feed(server.output(), 1, 150);
  assertEquals(client.machine.deadline, 200);

  const forged = assertFails(server, "cryptographic", () => server.feed(bytes(0, 1, "x")));
  assertEquals(forged.value, 0x11000001);
});

Deno.test("mechanism: advance() keeps to its limit with a cipher too", () => {
  const { client, server, toy } = pair();
  toy.decide();
  join(client, server);
  const data = bytes(...["a", "b", "c"].map((body) => client.machine.cipher!.seal(0, bytes(body))));
  server.machine.space().set(data);
  server.machine.filled(data.length, 0);
  assertEquals([server.machine.advance(2), server.traffic.length], [true, 2]);
  assertEquals([server.machine.advance(2), server.traffic.length], [false, 3]);
  assertEquals(server.machine.advance(0), false);
});

Deno.test("mechanism: a command within is no larger than one without", () => {
  const { client, server, toy } = pair();
  toy.decide();
  join(client, server);
  const limit = 1024 * 1024;
  const subscribe = (size: number) => client.machine.cipher!.seal(4, bytes(9, "SUBSCRIBE", new Uint8Array(size - 10)));
  server.feed(subscribe(limit));
  assertEquals(server.traffic.length, 1);
  assertFails(server, "message-too-large", () => server.feed(subscribe(limit + 1)));
});

Deno.test("mechanism: NULL has no cipher", () => {
  const side = new Side();
  join(side, new Side());
  assertEquals([side.machine.phase, side.machine.cipher], ["traffic", null]);
  side.feed(readyCommand());
  assertEquals(side.traffic, []);
});

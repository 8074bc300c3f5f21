// What the types of single frames have in common: CLIENT, SERVER, SCATTER, GATHER, PEER, CHANNEL, RADIO and DISH.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { RawPeer } from "./raw_peer.ts";
import { patient } from "./support.ts";

/** Each type that sends, and what it takes besides the message. */
const senders: readonly [name: string, make: () => zmq.Socket, options: object][] = [
  ["Client", () => new zmq.Client(), {}],
  ["Server", () => new zmq.Server(), { routingId: 1 }],
  ["Radio", () => new zmq.Radio(), { group: "g" }],
  ["Scatter", () => new zmq.Scatter(), {}],
  ["Peer", () => new zmq.Peer(), { routingId: 1 }],
  ["Channel", () => new zmq.Channel(), {}],
];

interface Sender {
  send(message: unknown, options: object): Promise<void>;
  trySend(message: unknown, options: object): boolean;
}

for (const [name, make, options] of senders) {
  Deno.test(`single frames: a ${name} refuses messages of several`, async () => {
    using socket = make();
    const sender = socket as unknown as Sender;
    for (const message of [["a", "b"], [], ["a", "b", "c"]]) {
      await assertRejects(
        () => sender.send(message, options),
        TypeError,
        `Cannot send a message of ${message.length} frames`,
      );
      assertThrows(() => sender.trySend(message, options), TypeError, "this type of socket has single ones");
    }
    await assertRejects(() => sender.send({}, options), TypeError);
  });
}

Deno.test("single frames: whom a message is for must be said, and be possible", async () => {
  using server = new zmq.Server();
  using peer = new zmq.Peer();
  using radio = new zmq.Radio();
  const sender = (socket: unknown) => socket as Sender;
  for (const socket of [server, peer]) {
    for (const options of [undefined, {}, { routingId: "1" }, { routingId: null }]) {
      await assertRejects(
        () => sender(socket).send("x", options as object),
        TypeError,
        "the routingId must be a number",
      );
      assertThrows(() => sender(socket).trySend("x", options as object), TypeError);
    }
    for (const routingId of [-1, 1.5, 2 ** 32, NaN]) {
      await assertRejects(() => sender(socket).send("x", { routingId }), RangeError, `it is ${routingId}`);
    }
    for (const routingId of [0, 1, 2 ** 32 - 1]) {
      const error = await assertRejects(() => sender(socket).send("x", { routingId }), zmq.ZmqError);
      assertEquals(error.code, "EHOSTUNREACH");
    }
  }
  for (const options of [undefined, {}, { group: 1 }]) {
    await assertRejects(() => sender(radio).send("x", options as object), TypeError, "neither a string nor");
  }
  await assertRejects(() => sender(radio).send("x", { group: "é".repeat(128) }), RangeError, "it has up to 255");
  await radio.send("x", { group: "é".repeat(127) + "e" });
});

Deno.test("single frames: what is written to a stream is checked as what is sent", async () => {
  const types = [
    [() => new zmq.Server(), { routingId: 1 }, "the routingId must be a number"],
    [() => new zmq.Peer(), { routingId: 1 }, "the routingId must be a number"],
    [() => new zmq.Radio(), { group: "g" }, "neither a string nor"],
  ] as const;
  for (const [make, to, complaint] of types) {
    const write = async (chunk: unknown) => {
      using socket = make();
      await (socket as zmq.Writable<unknown>).writableStream().getWriter().write(chunk);
    };
    for (const chunk of [["x"], ["x", null], ["x", {}]]) await assertRejects(() => write(chunk), TypeError, complaint);
    await assertRejects(() => write([["a", "b"], to]), TypeError, "Cannot send a message of 2 frames");
  }
  await using radio = new zmq.Radio();
  await radio.writableStream().getWriter().write([["x"] as unknown as string, { group: "g" }]);
});

/** Each type that receives, the type of a peer, what such a peer sends, and what comes of it. */
const receivers: readonly [make: () => zmq.ReadableSocket<unknown>, peer: string, frames: string[]][] = [
  [() => new zmq.Client(), "SERVER", ["whole"]],
  [() => new zmq.Server(), "CLIENT", ["whole"]],
  [() => new zmq.Gather(), "SCATTER", ["whole"]],
  [() => new zmq.Peer(), "PEER", ["whole"]],
  [() => new zmq.Channel(), "CHANNEL", ["whole"]],
];

for (const [make, type, frames] of receivers) {
  Deno.test(`single frames: several from a ${type} are dropped, and cost nothing else`, async () => {
    using directory = new TempDirectory();
    await within(
      (async () => {
        await using socket = make();
        await socket.bind(`ipc://${directory.at("s")}`);
        using peer = await RawPeer.connect(socket.lastEndpoint!, type);
        await peer.message("two", "frames");
        await peer.message("", "", "three");
        await peer.message(...frames);
        const [frame] = await socket.receive(patient) as [Uint8Array];
        assertEquals(new TextDecoder().decode(frame), "whole");
        assertEquals([socket.tryReceive(), socket.peerCount], [null, 1]);
      })(),
      type,
    );
  });
}

Deno.test("single frames: who waits for room at a peer that goes is told EHOSTUNREACH", async () => {
  using directory = new TempDirectory();
  await within(
    (async () => {
      for (const [server, type] of [[new zmq.Server(), "CLIENT"], [new zmq.Peer(), "PEER"]] as const) {
        await using socket = server;
        socket.sendHighWaterMark = 2;
        await socket.bind(`ipc://${directory.at(type)}`);
        const peer = await RawPeer.connect(socket.lastEndpoint!, type);
        await peer.message("x");
        const [, from] = await socket.receive(patient);
        const large = new Uint8Array(100_000);
        while (await socket.send(large, { ...from, timeout: 50 }).then(() => true, () => false));
        const failing = assertRejects(() => socket.send(large, { ...from, ...patient }), zmq.ZmqError);
        peer[Symbol.dispose]();
        assertEquals((await failing).code, "EHOSTUNREACH");
      }
    })(),
    "the refusal",
  );
});

// CURVE with libzmq as the client and as the server.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { curveKeyPair, curvePublicKey, Pull, Push } from "../../mod.ts";
import { ProtocolError, ProtocolErrorValue } from "../../zmtp/error.ts";
import { Log, until } from "../api/support.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { arrangements, describe, pairs } from "../peer/pairs.ts";
import { LibzmqPeer, type Sendable } from "../peer/peer.ts";
import { freshPort } from "../support/ports.ts";
import { TempDirectory } from "../support/temp.ts";
import { open } from "./conversation.ts";
import type { Player, SideOptions } from "./side.ts";

/** Seconds for all arrangements of a pair. */
const LIMIT = 60;

const server = curveKeyPair();
const client = { ...curveKeyPair(), serverKey: server.publicKey };

/** The options of both players when one of them is the server. */
function keys(ofServer: Player): Record<Player, SideOptions> {
  const [first, second] = [{ curve: server }, { curve: client }];
  return ofServer === "denomq" ? { denomq: first, libzmq: second } : { denomq: second, libzmq: first };
}

const frame = (size: number, part = 0): Sendable => ({ size, seed: 42, sequence: size, part });
const SIZES = [0, 1, 222, 223, 255, 256, 65_535, 65_536, 1_048_576];
const MESSAGES: readonly (readonly Sendable[])[] = [
  ["text"],
  ...SIZES.map((size) => [frame(size)]),
  ["", "after an empty frame"],
  SIZES.map((size, part) => frame(size, part)),
];

for (const pair of pairs) {
  libzmqTest(`interop: CURVE, ${pair.a} – ${pair.b}`, async (test) => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    for (const ofServer of ["denomq", "libzmq"] as const) {
      for (const [index, arrangement] of arrangements([pair]).entries()) {
        await test.step(`${describe(arrangement)}, ${ofServer} is the server`, async () => {
          const endpoint = `ipc://${directory.at(`${ofServer}.${index}`)}`;
          await using conversation = await open(arrangement, peer, endpoint, {}, keys(ofServer));
          for (const frames of MESSAGES) await conversation.exchange(...frames);
        });
      }
    }
  }, LIMIT);
}

for (const pair of pairs.filter(({ a, b }) => ["PUSH", "DEALER"].includes(a) && ["PULL", "DEALER"].includes(b))) {
  libzmqTest(`interop: CURVE, ${pair.a} – ${pair.b}, 10,000 messages with heartbeats in between`, async (test) => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    const heartbeats = { heartbeatInterval: 5, heartbeatTimeout: 20_000, heartbeatTimeToLive: 20_000 };
    for (const ofServer of ["denomq", "libzmq"] as const) {
      for (const [index, arrangement] of arrangements([pair]).entries()) {
        await test.step(`${describe(arrangement)}, ${ofServer} is the server`, async () => {
          const endpoint = `ipc://${directory.at(`${ofServer}.${index}`)}`;
          await using conversation = await open(arrangement, peer, endpoint, heartbeats, keys(ofServer));
          await conversation.stream({ count: 10_000, sizes: [10, 0, 64, 222, 223, 1, 256, 700], frames: 2 });
          await conversation.stream({ count: 20, sizes: [70_000, 1_000_000, 3] });
        });
      }
    }
  }, LIMIT);
}

libzmqTest("interop: CURVE over tcp, in both roles, whoever binds", async (test) => {
  await using peer = await LibzmqPeer.start();
  const [pair] = pairs.filter(({ a, b }) => a === "DEALER" && b === "DEALER");
  for (const ofServer of ["denomq", "libzmq"] as const) {
    for (const arrangement of arrangements([pair!])) {
      await test.step(`${describe(arrangement)}, ${ofServer} is the server`, async () => {
        const endpoint = `tcp://127.0.0.1:${freshPort()}`;
        await using conversation = await open(arrangement, peer, endpoint, {}, keys(ofServer));
        for (const frames of MESSAGES) await conversation.exchange(...frames);
      });
    }
  }
}, LIMIT);

libzmqTest("interop: CURVE, a libzmq that does not know the key is refused, and so is one without CURVE", async () => {
  await using peer = await LibzmqPeer.start();
  using directory = new TempDirectory();
  await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, linger: 0 });
  const log = new Log(pull);
  const endpoint = `ipc://${directory.at("server")}`;
  await pull.bind(endpoint);
  const wrong = await peer.open("PUSH", {
    CURVE_PUBLICKEY: client.publicKey,
    CURVE_SECRETKEY: client.secretKey,
    CURVE_SERVERKEY: curvePublicKey(client.secretKey),
    RECONNECT_IVL: 10_000,
  });
  await wrong.connect(endpoint);
  await wrong.waitEvent("HANDSHAKE_FAILED_NO_DETAIL");
  const first = (await log.wait("handshake:error:protocol")).error;
  assertInstanceOf(first, ProtocolError);
  assertEquals(first.value, ProtocolErrorValue.CRYPTOGRAPHIC);
  const plain = await peer.open("PUSH", { RECONNECT_IVL: 10_000 });
  await plain.connect(endpoint);
  const second = (await log.wait("handshake:error:protocol", 2)).error;
  assertInstanceOf(second, ProtocolError);
  assertEquals(second.value, ProtocolErrorValue.MECHANISM_MISMATCH);
  assertEquals(pull.peerCount, 0);
});

libzmqTest("interop: CURVE, a libzmq server refuses a wrong key and tells its monitor why", async () => {
  await using peer = await LibzmqPeer.start();
  using directory = new TempDirectory();
  const pull = await peer.open("PULL", { CURVE_SERVER: 1, CURVE_SECRETKEY: server.secretKey });
  const endpoint = await pull.bind(`ipc://${directory.at("server")}`);
  const options = { curvePublicKey: client.publicKey, curveSecretKey: client.secretKey, linger: 0 };
  await using wrong = new Push({ ...options, curveServerKey: client.publicKey, reconnectInterval: 10_000 });
  const log = new Log(wrong);
  wrong.connect(endpoint);
  const { value } = await pull.waitEvent("HANDSHAKE_FAILED_PROTOCOL");
  assertEquals(value, ProtocolErrorValue.CRYPTOGRAPHIC);
  await log.wait("handshake:error:other");
  await using right = new Push({ ...options, curveServerKey: server.publicKey });
  right.connect(endpoint);
  await right.send("hello");
  assertEquals(await pull.receiveText(), ["hello"]);
});

libzmqTest("interop: CURVE, what is queued outlives a libzmq server", async () => {
  await using peer = await LibzmqPeer.start();
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("server")}`;
  await using push = new Push({
    curvePublicKey: client.publicKey,
    curveSecretKey: client.secretKey,
    curveServerKey: server.publicKey,
    reconnectInterval: 10,
    linger: 0,
  });
  push.connect(endpoint);
  for (const life of ["first", "second"]) {
    for (let i = 0; i < 10; i++) await push.send(`${life} ${i}`);
    const pull = await peer.open("PULL", { CURVE_SERVER: 1, CURVE_SECRETKEY: server.secretKey });
    await pull.bind(endpoint);
    for (let i = 0; i < 10; i++) assertEquals(await pull.receiveText(), [`${life} ${i}`]);
    await pull.unbind(endpoint);
    await pull.close();
    await until(() => push.peerCount === 0, "the connection has gone");
  }
});

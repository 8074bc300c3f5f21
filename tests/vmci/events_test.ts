// Attempts that fail, connections that are lost, and what a socket says of them.

import { assert, assertEquals } from "@std/assert";
import { Pair, Pull, Push, ZmqError } from "../../mod.ts";
import { Log, until } from "../api/support.ts";
import { expect, patient } from "../sockets/support.ts";
import { freshPort, test } from "./support.ts";

const quick = { linger: 0, reconnectInterval: 20 };

test("an attempt that nobody answers is reset, and followed by another", async () => {
  await using push = new Push(quick);
  const log = new Log(push);
  const endpoint = `vmci://1:${freshPort()}`;
  push.connect(endpoint);
  await log.wait("connect:retry", 3);
  assertEquals(log.types.slice(0, 6), [
    ...["connect:delay", "close", "connect:retry"],
    ...["connect:delay", "close", "connect:retry"],
  ]);
  const [delay, close, retry] = log.events;
  assertEquals([delay!.address, close!.address, retry!.address], [endpoint, endpoint, endpoint]);
  assert(close!.error instanceof ZmqError);
  assertEquals([close!.error.code, close!.error.address], ["ECONNRESET", endpoint]);
  assert(retry!.interval! >= 20 && retry!.interval! < 40);
});

test("a machine that is not there is tried again and again", async () => {
  for (const address of ["7777:5555", "*:5555", "1:*"]) {
    await using push = new Push({ ...quick, vmciConnectTimeout: 100 });
    const log = new Log(push);
    push.connect(`vmci://${address}`);
    await log.wait("connect:retry", 2);
    const { error } = await log.wait("close");
    assert(error instanceof ZmqError);
    const reasons = ["ENODEV", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET", "EINVAL"];
    assert(reasons.includes(error.code), `${address}: ${error.message}`);
    assert(error.message.endsWith(`vmci://${address}`), error.message);
  }
});

test("a socket that is closed while it connects is gone at once", async () => {
  for (const address of ["7777:5555", `1:${freshPort()}`]) {
    const push = new Push({ ...quick, vmciConnectTimeout: 30_000 });
    push.connect(`vmci://${address}`);
    const start = performance.now();
    await push[Symbol.asyncDispose]();
    assert(performance.now() - start < 1500, "it waited");
  }
});

test("messages wait for a peer that comes later, goes, and comes again", async () => {
  await using push = new Push(quick);
  const endpoint = `vmci://1:${freshPort()}`;
  push.connect(endpoint);
  for (let round = 0; round < 3; round++) {
    await push.send(`first of ${round}`);
    const pull = new Pull();
    await pull.bind(endpoint);
    await expect(pull, `first of ${round}`);
    await push.send(`second of ${round}`);
    await expect(pull, `second of ${round}`);
    await pull[Symbol.asyncDispose]();
    await until(() => push.peerCount === 0, "the peer has gone");
  }
});

test("unbind ends the connections, and the port is free", async () => {
  await using pair = new Pair();
  await using peer = new Pair(quick);
  const endpoint = `vmci://1:${freshPort()}`;
  await pair.bind(endpoint);
  peer.connect(endpoint);
  await peer.waitForPeers(1, patient);
  await pair.unbind(endpoint);
  await until(() => peer.peerCount === 0, "the peer has noticed");
  await using other = new Pair();
  await other.bind(endpoint);
  await peer.send("to the other");
  await expect(other, "to the other");
});

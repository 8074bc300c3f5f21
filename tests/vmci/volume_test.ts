// Much at once: messages, bytes, connections.

import { assert, assertEquals } from "@std/assert";
import { Pair, Pull, Push } from "../../mod.ts";
import { openDescriptors, threads } from "../ffi/support.ts";
import { within } from "../support/deadline.ts";
import { patient } from "../sockets/support.ts";
import { checksum, freshPort, pattern, test } from "./support.ts";

test("100,000 messages arrive in their order, each as it was", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind("vmci://*:*");
  push.connect(`vmci://1:${pull.lastEndpoint!.split(":").at(-1)}`);
  const count = 100_000;
  const sums = [0, 0];
  const add = (side: number, index: number, byte: number) => sums[side] = Math.imul(sums[side]! + index, 31) + byte | 0;
  const sending = (async () => {
    const body = new Uint8Array(64);
    const view = new DataView(body.buffer);
    for (let i = 0; i < count; i++) {
      view.setUint32(i % 15 * 4, i);
      add(0, i, body[63]! + body[3]! + body[31]!);
      if (!push.trySend(body)) await push.send(body);
    }
  })();
  for (let i = 0; i < count; i++) {
    const [body] = pull.tryReceive() ?? await pull.receive(patient);
    const got = new DataView(body!.buffer, body!.byteOffset, 64).getUint32(i % 15 * 4);
    if (got !== i) assertEquals(got, i);
    add(1, i, body![63]! + body![3]! + body![31]!);
  }
  await sending;
  assertEquals(sums[1], sums[0]);
});

test("messages of 64 MiB go both ways", async () => {
  await using near = new Pair();
  await using far = new Pair();
  await near.bind("vmci://*:*");
  far.connect(`vmci://1:${near.lastEndpoint!.split(":").at(-1)}`);
  const bodies = [pattern(64 * 2 ** 20, 1), pattern(64 * 2 ** 20, 2)] as const;
  await Promise.all([near.send(["near", bodies[0]]), far.send(["far", bodies[1]])]);
  const [atFar, atNear] = await Promise.all([within(far.receive(), "one"), within(near.receive(), "the other")]);
  assertEquals([atFar.length, atNear.length], [2, 2]);
  assertEquals([checksum(atFar[1]!), checksum(atNear[1]!)], [checksum(bodies[0]), checksum(bodies[1])]);
});

test("200 connections at once need no thread of their own, and leave no descriptor", async () => {
  const before = openDescriptors();
  const tasks = threads();
  {
    const endpoint = `vmci://1:${freshPort()}`;
    await using pull = new Pull({ backlog: 200 });
    await pull.bind(endpoint);
    const pushes = Array.from({ length: 200 }, () => new Push({ reconnectInterval: 20 }));
    for (const push of pushes) push.connect(endpoint);
    await within(pull.waitForPeers(200), "200 peers");
    for (let round = 0; round < 3; round++) {
      await Promise.all(pushes.map((push, i) => push.send(`${i}`)));
      const got = new Set<string>();
      while (got.size < 200) got.add(new TextDecoder().decode((await pull.receive(patient))[0]));
    }
    assert(openDescriptors() >= before + 401, "not every connection has its descriptors");
    // One waits for all of them.
    assert(threads() <= tasks + 1, `${tasks} threads became ${threads()}`);
    await Promise.all(pushes.map((push) => push[Symbol.asyncDispose]()));
  }
  assertEquals(openDescriptors(), before);
});

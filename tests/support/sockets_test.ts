// Stand-ins: sockets that live in a Worker look to a test like those that do not.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../mod.ts";
import { patient, until, words } from "../sockets/support.ts";
import { spread } from "./placement.ts";
import { Pair, Pull, Push, Subscriber } from "./sockets.ts";
import { TempDirectory } from "./temp.ts";

/** Registers a test whose first socket is here and whose second is in a Worker. */
function withWorker(name: string, test: (endpoint: string) => Promise<void>): void {
  Deno.test(`stand-in: ${name}`, async () => {
    using directory = new TempDirectory();
    await spread(1, () => test(`ipc://${directory.at("s")}`));
  });
}

withWorker("members, types and what is no member", async (endpoint) => {
  await using here = new Push();
  await using there = new Pull({ linger: 5 });
  assertEquals([there.type, there.closed, there.lastEndpoint, there.linger], [7, false, null, 5]);
  there.linger = 7;
  assertEquals(there.linger, 7);
  assert(there instanceof Pull && there instanceof zmq.Pull && there instanceof zmq.ReadableSocket);
  assert(!(there instanceof Push) && here instanceof Push && there.constructor === zmq.Pull);
  assertEquals(["receive" in there, "send" in there], [true, false]);
  assertThrows(() => Object.assign(there, { lingre: 1 }), TypeError, "lingre");
  there.bindSync(endpoint);
  assertEquals(there.lastEndpoint, endpoint);
  there.close();
  assertEquals([there.closed, here.closed], [true, false]);
});

withWorker("errors are of their classes, whether thrown or rejected", async () => {
  await using _here = new Pair();
  await using there = new Pair();
  const error = assertThrows(() => there.connect("nowhere://x"), zmq.ZmqError);
  const same = assertThrows(() => _here.connect("nowhere://x"), zmq.ZmqError);
  assertEquals([error.code, error.errno, error.address, error.message], [
    same.code,
    same.errno,
    same.address,
    same.message,
  ]);
  assertEquals((await assertRejects(() => there.unbind("ipc:///x"), zmq.ZmqError)).code, "ENOENT");
  assertThrows(() => there.linger = -2, RangeError, "linger");
  assertThrows(() => new Pair({ lingre: 1 } as never), TypeError, "lingre");
  await assertRejects(() => there.send(true as never), TypeError);
});

withWorker("a signal ends a call with its own reason", async () => {
  await using _here = new Pair();
  await using there = new Pair();
  class Reason extends Error {}
  const controller = new AbortController();
  const received = there.receive({ signal: controller.signal, timeout: 20_000 });
  controller.abort(new Reason());
  await assertRejects(() => received, Reason);
  await assertRejects(() => there.receive({ signal: controller.signal }), Reason);
  const waiting = there.waitForPeers(1, { signal: AbortSignal.timeout(1) });
  assertEquals((await assertRejects(() => waiting, DOMException)).name, "TimeoutError");
});

withWorker("messages of every size, one by one, in batches and in iterations", async (endpoint) => {
  await using here = new Pair();
  await using there = new Pair();
  await here.bind(endpoint);
  there.connect(endpoint);
  await there.waitForPeers(1, patient);
  const large = new Uint8Array(6_000_000).map((_, i) => i);
  assert(there.trySend(["", large, large.subarray(1, 3)]));
  const [empty, body, view] = await here.receive(patient);
  assertEquals([empty!.length, view], [0, new Uint8Array([1, 2])]);
  assert(body!.every((byte, i) => byte === large[i]));
  here.trySend(large);
  await until(() => there.readable);
  assert(there.tryReceive()![0]!.every((byte, i) => byte === large[i]));
  assertEquals(there.tryReceive(), null);
  for (let i = 0; i < 6; i++) await here.send(["a", `${i}`]);
  const batch: string[][] = [];
  await until(() => batch.push(...there.tryReceiveBatch(3 - batch.length).map(words)) === 3);
  assertEquals(batch, [["a", "0"], ["a", "1"], ["a", "2"]]);
  const iterated: string[][] = [];
  for await (const message of there) {
    iterated.push(words(message));
    if (iterated.length === 3) there.close();
  }
  assertEquals(iterated, [["a", "3"], ["a", "4"], ["a", "5"]]);
});

withWorker("events", async (endpoint) => {
  await using _here = new Push();
  await using there = new Pull();
  const bound = new Promise<zmq.SocketEvent>((resolve) => there.events.on("bind", resolve));
  await there.bind(endpoint);
  const { type, address } = await bound;
  assertEquals([type, address], ["bind", endpoint]);
});

withWorker("what a test leaves open is closed, and what waits is forgotten", async (endpoint) => {
  const _here = new Pull();
  using _ = _here;
  const there = new Subscriber();
  await there.bind(endpoint);
  there.receive();
  there.subscribe("x");
});

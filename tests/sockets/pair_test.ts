// PAIR: one peer, both ways (RFC 31).

import { assert, assertEquals } from "@std/assert";
import { Pair } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { expect, expectNothing, fill, join, patient, peersLeft, refuses } from "./support.ts";

// libzmq: test_pair_ipc, test_pair_inproc, test_pair_tcp
overTransports("pair: messages go both ways", async (fresh) => {
  await using a = new Pair();
  await using b = new Pair();
  await join(a, fresh(), b);
  await a.send("there");
  await b.send(["back", "", "again"]);
  await expect(b, "there");
  await expect(a, "back", "", "again");
});

overTransports("pair: without a peer it neither sends nor receives", async (fresh) => {
  await using a = new Pair();
  assertEquals([a.trySend("x"), a.tryReceive(), a.writable, a.readable], [false, null, false, false]);
  await refuses(a.send("x", { timeout: 0 }), "EAGAIN");
  await refuses(a.receive({ timeout: 0 }), "EAGAIN");
  await a.bind(fresh());
  assertEquals(a.trySend("x"), false);
  const sent = a.send("waits", patient);
  await using b = new Pair();
  b.connect(a.lastEndpoint!);
  await sent;
  await expect(b, "waits");
});

// In memory a peer that is refused does not come again.
overWires("pair: a second peer is refused until the first has gone", async (fresh) => {
  await using a = new Pair();
  const first = new Pair();
  await using second = new Pair({ reconnectInterval: 20 });
  await join(a, fresh(), first);
  const refused = new Promise((resolve) => second.events.on("connect:retry", resolve));
  second.connect(a.lastEndpoint!);
  await refused;
  assertEquals(a.peerCount, 1);
  await a.send("to the first");
  await expect(first, "to the first");
  first.close();
  await second.waitForPeers(1, patient);
  await peersLeft(a, 1);
  await a.waitForPeers(1, patient);
  await a.send("to the second");
  await expect(second, "to the second");
});

overTransports("pair: what a former peer sent can still be read", async (fresh) => {
  await using a = new Pair();
  const endpoint = fresh();
  await a.bind(endpoint);
  {
    await using first = new Pair();
    first.connect(endpoint);
    await a.waitForPeers(1, patient);
    await first.send(["first", "1"]);
    await first.send(["first", "2"]);
  }
  await peersLeft(a, 0);
  await using second = new Pair();
  second.connect(endpoint);
  await second.send("second");
  await expect(a, "first", "1");
  await expect(a, "first", "2");
  await expect(a, "second");
  expectNothing(a);
});

overTransports("pair: a full queue makes senders wait, and nothing is lost", async (fresh) => {
  await using a = new Pair({ sendHighWaterMark: 10 });
  await using b = new Pair({ receiveHighWaterMark: 10 });
  await join(a, fresh(), b);
  const body = new Uint8Array(100_000);
  const count = fill(a, ["n", body]);
  assert(count >= 10 && !a.writable);
  const last = a.send("last", patient);
  for (let i = 0; i < count; i++) assertEquals((await b.receive(patient)).map((frame) => frame.length), [1, 100_000]);
  await last;
  await expect(b, "last");
});

// SCATTER and GATHER (RFC 49), CHANNEL (RFC 52).

import { assertEquals } from "@std/assert";
import { Channel, Gather, Scatter } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { expect, expectNothing, fill, join, patient, peersLeft, refuses, take } from "./support.ts";

// libzmq: test_scatter_gather
overTransports("scatter/gather: messages go to the peers in turn, and come from them in turn", async (fresh) => {
  await using scatter = new Scatter();
  await using one = new Gather();
  await using other = new Gather();
  await join(scatter, fresh(), one, other);
  for (let i = 0; i < 6; i++) await scatter.send(`${i}`);
  const halves = [];
  for (const gather of [one, other]) halves.push([await take(gather), await take(gather), await take(gather)].flat());
  assertEquals(halves.flat().toSorted(), ["0", "1", "2", "3", "4", "5"]);
  assertEquals(halves.map((half) => new Set(half.map((number) => Number(number) % 2)).size), [1, 1]);

  await using gather = new Gather();
  await using a = new Scatter();
  await using b = new Scatter();
  await join(gather, fresh(), a, b);
  for (let i = 0; i < 3; i++) {
    await a.send("a");
    await b.send("b");
  }
  const all = [];
  while (all.length < 6) all.push(...await take(gather));
  assertEquals(all.toSorted(), ["a", "a", "a", "b", "b", "b"]);
});

overTransports("scatter/gather: without a peer, or without room, a scatter waits", async (fresh) => {
  await using scatter = new Scatter({ sendHighWaterMark: 2 });
  assertEquals(scatter.trySend("x"), false);
  await refuses(scatter.send("x", { timeout: 0 }), "EAGAIN");
  await using gather = new Gather({ receiveHighWaterMark: 2 });
  await join(gather, fresh(), scatter);
  const count = fill(scatter, new Uint8Array(100_000), 1000);
  const last = scatter.send("last", patient);
  for (let i = 0; i < count; i++) await take(gather);
  await last;
  await expect(gather, "last");
});

overWires("scatter/gather: with conflate only the newest message is kept", async (fresh) => {
  const endpoint = fresh();
  await using scatter = new Scatter({ conflate: true });
  scatter.connect(endpoint);
  for (let i = 0; i < 10; i++) await scatter.send(`${i}`);
  await using gather = new Gather({ conflate: true });
  await gather.bind(endpoint);
  await expect(gather, "9");
});

// libzmq: test_channel
overTransports("channel: messages go both ways between two", async (fresh) => {
  await using a = new Channel();
  await using b = new Channel();
  await join(a, fresh(), b);
  await a.send("there");
  await b.send(new Uint8Array(0));
  await expect(b, "there");
  await expect(a, "");
  expectNothing(a);
});

overWires("channel: a second peer is refused until the first has gone", async (fresh) => {
  await using a = new Channel();
  const first = new Channel();
  await using second = new Channel({ reconnectInterval: 20 });
  await join(a, fresh(), first);
  const refused = new Promise((resolve) => second.events.on("connect:retry", resolve));
  second.connect(a.lastEndpoint!);
  await refused;
  assertEquals(a.peerCount, 1);
  first.close();
  await second.waitForPeers(1, patient);
  await peersLeft(a, 1);
  await a.waitForPeers(1, patient);
  await a.send("to the second");
  await expect(second, "to the second");
});

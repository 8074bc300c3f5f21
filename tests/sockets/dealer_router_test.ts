// DEALER and ROUTER: asynchronous requests, and replies by name (RFC 28).

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../mod.ts";
import { Dealer, Reply, Request, Router } from "../support/sockets.ts";
import { TempDirectory } from "../support/temp.ts";
import { RawPeer } from "./raw_peer.ts";
import { overTransports } from "../support/transports.ts";
import {
  expect,
  expectNothing,
  fill,
  join,
  patient,
  peersLeft,
  refuses,
  take,
  takeMany,
  until,
  words,
} from "./support.ts";

function fails(operation: () => unknown, code: string): void {
  assertEquals(assertThrows(operation, ZmqError).code, code);
}

// libzmq: test_spec_dealer (round robin out)
overTransports("dealer: sends to its peers in turn, of whatever type they are", async (fresh) => {
  await using dealer = new Dealer();
  await using reply = new Reply();
  await using router = new Router();
  await using other = new Dealer();
  await join(dealer, fresh(), reply, router, other);
  for (let i = 0; i < 6; i++) await dealer.send(["", `${i}`]);
  const [first] = await take(reply);
  await reply.send("ok");
  const [second] = await take(reply);
  assertEquals(Number(second) - Number(first), 3);
  const named = [await take(router), await take(router)].map((frames) => Number(frames[2]));
  const plain = [await take(other), await take(other)].map((frames) => Number(frames[1]));
  assertEquals([named[1]! - named[0]!, plain[1]! - plain[0]!], [3, 3]);
  await expect(dealer, "", "ok");
});

// libzmq: test_spec_dealer (fair queue in)
overTransports("dealer: receives from its peers in turn", async (fresh) => {
  await using dealer = new Dealer();
  await using disposables = new AsyncDisposableStack();
  const others = Array.from({ length: 3 }, () => disposables.use(new Dealer()));
  await join(dealer, fresh(), ...others);
  for (let k = 0; k < 3; k++) for (const [i, other] of others.entries()) await other.send(`${i}`);
  assertEquals((await takeMany(dealer, 9)).toSorted(), ["0", "0", "0", "1", "1", "1", "2", "2", "2"]);
});

// libzmq: test_spec_dealer (block on send no peers)
overTransports("dealer: without peers it waits", async (fresh) => {
  await using dealer = new Dealer();
  assertEquals([dealer.trySend("x"), dealer.tryReceive()], [false, null]);
  await refuses(dealer.send("x", { timeout: 0 }), "EAGAIN");
  const sent = dealer.send("later", patient);
  await using other = new Dealer();
  await join(other, fresh(), dealer);
  await sent;
  await expect(other, "later");
});

// libzmq: test_spec_router (fair queue in)
overTransports("router: receives from its peers in turn, each message with the name in front", async (fresh) => {
  await using router = new Router();
  await using disposables = new AsyncDisposableStack();
  const dealers = ["X", "Y", "Z"].map((routingId) => disposables.use(new Dealer({ routingId })));
  await join(router, fresh(), ...dealers);
  for (let k = 0; k < 2; k++) for (const dealer of dealers) await dealer.send(["", "M"]);
  const all: string[] = [];
  for (let i = 0; i < 6; i++) all.push((await take(router)).join("|"));
  assertEquals(all.toSorted(), ["X||M", "X||M", "Y||M", "Y||M", "Z||M", "Z||M"]);
});

overTransports("router: a peer without a name gets five bytes that begin with zero, and keeps them", async (fresh) => {
  await using router = new Router();
  await using a = new Dealer();
  await using b = new Dealer();
  await join(router, fresh(), a, b);
  await a.send("a");
  await b.send("b");
  await a.send("a");
  const ids = new Map<string, Set<string>>([["a", new Set()], ["b", new Set()]]);
  for (let i = 0; i < 3; i++) {
    const [id, body] = await take(router);
    assertEquals([id!.length, id!.charCodeAt(0)], [5, 0]);
    ids.get(body!)!.add(id!);
  }
  assertEquals([ids.get("a")!.size, ids.get("b")!.size, ids.get("a")!.isDisjointFrom(ids.get("b")!)], [1, 1, true]);
});

overTransports("router: what the program does to a received name changes nobody's name", async (fresh) => {
  await using router = new Router();
  await using dealer = new Dealer({ routingId: "dealer" });
  await join(router, fresh(), dealer);
  for (const text of ["1", "2", "3"]) await dealer.send(text);
  const [first] = await router.receive(patient);
  first!.fill(120);
  await expect(router, "dealer", "2");
  const [, body] = await router.receive(patient);
  assertEquals(words([body!]), ["3"]);
  await dealer.send("4");
  const [moved] = await router.receive(patient);
  structuredClone(moved, { transfer: [moved!.buffer as ArrayBuffer] });
  await dealer.send("5");
  await expect(router, "dealer", "5");
  await router.send(["dealer", "answer"]);
  await expect(dealer, "answer");
});

overTransports("router: sends to the one that is named and drops what nobody can take", async (fresh) => {
  await using router = new Router();
  await using a = new Dealer({ routingId: "a" });
  await using b = new Dealer({ routingId: "b" });
  await join(router, fresh(), a, b);
  await router.send(["nobody", "x"]);
  await router.send("a");
  await router.send(["b", "to b", "more"]);
  await router.send(["a", "to a"]);
  await expect(a, "to a");
  await expect(b, "to b", "more");
  expectNothing(a);
  assertEquals(router.writable, true);
});

// libzmq: test_router_mandatory
overTransports("router: with mandatory an unknown peer is an error", async (fresh) => {
  await using router = new Router({ mandatory: true });
  await using dealer = new Dealer({ routingId: "X" });
  fails(() => router.trySend(["UNKNOWN", "x"]), "EHOSTUNREACH");
  await refuses(router.send(["UNKNOWN", "x"], { timeout: 0 }), "EHOSTUNREACH");
  await join(router, fresh(), dealer);
  fails(() => router.trySend(["UNKNOWN", "x"]), "EHOSTUNREACH");
  await refuses(router.send(["UNKNOWN", "x"]), "EHOSTUNREACH");
  // A name without a message is dropped all the same.
  await router.send("UNKNOWN");
  await router.send(["X", "Hello"]);
  await expect(dealer, "Hello");
});

overTransports("router: with mandatory and no peers at all a send waits", async (fresh) => {
  await using router = new Router({ mandatory: true });
  const sent = router.send(["X", "waits"], patient);
  await using dealer = new Dealer({ routingId: "X" });
  await join(router, fresh(), dealer);
  await sent;
  await expect(dealer, "waits");
});

// libzmq: test_router_mandatory_hwm
overTransports("router: with mandatory a full queue makes the sender wait", async (fresh) => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1, linger: 0 });
  await using dealer = new Dealer({ routingId: "X", receiveHighWaterMark: 1 });
  await join(router, fresh(), dealer);
  const count = fill(router, ["X", new Uint8Array(100_000)]);
  assert(count > 0 && count < 1000);
  assertEquals(router.writable, false);
  await refuses(router.send(["X", "y"], { timeout: 0 }), "EAGAIN");
  const sent = router.send(["X", "last"], patient);
  for (let i = 0; i < count; i++) assertEquals((await dealer.receive(patient))[0]!.length, 100_000);
  await sent;
  await expect(dealer, "last");
});

/** Has a peer "X" connect that reads nothing, and sends to it until the system takes no more. */
async function clog(router: Router): Promise<RawPeer> {
  const count = router.peerCount;
  const peer = await RawPeer.connect(router.lastEndpoint!, "DEALER", 1, "X");
  await router.waitForPeers(count + 1, patient);
  const body = new Uint8Array(100_000);
  while (await router.send(["X", body], { timeout: 50 }).then(() => true, () => false));
  return peer;
}

Deno.test("router: a send that waits for a peer fails when the peer goes", async () => {
  using directory = new TempDirectory();
  await using router = new Router({ mandatory: true, sendHighWaterMark: 1 });
  await using other = new Dealer({ routingId: "other" });
  await join(router, `ipc://${directory.at("s")}`, other);
  const peer = await clog(router);
  const sent = router.send(["X", "y"], patient);
  peer[Symbol.dispose]();
  await refuses(sent, "EHOSTUNREACH");
});

Deno.test("router: with handover a send that waits goes to the new peer of that name", async () => {
  using directory = new TempDirectory();
  await using router = new Router({ mandatory: true, handover: true, sendHighWaterMark: 1 });
  await using other = new Dealer({ routingId: "other" });
  await join(router, `ipc://${directory.at("s")}`, other);
  using _ = await clog(router);
  const sent = router.send(["X", "y"], patient);
  await using heir = new Dealer({ routingId: "X" });
  heir.connect(router.lastEndpoint!);
  await sent;
  await expect(heir, "y");
});

overTransports("router: without mandatory a full queue drops", async (fresh) => {
  await using router = new Router({ sendHighWaterMark: 1, linger: 0 });
  await using dealer = new Dealer({ routingId: "X", receiveHighWaterMark: 1 });
  await join(router, fresh(), dealer);
  const body = new Uint8Array(100_000);
  for (let i = 0; i < 300; i++) assert(router.trySend(["X", `${i}`, body]));
  const first = (await take(dealer))[0];
  assertEquals(first, "0");
  // Room comes back, and with it messages that are not the next in order.
  let [last, count] = [0, 1];
  await until(() => {
    for (let got = dealer.tryReceive(); got !== null; got = dealer.tryReceive(), count++) last = Number(words(got)[0]);
    router.trySend(["X", "marker"]);
    return Number.isNaN(last);
  });
  assert(count < 300, `${count} messages of 300 arrived`);
});

// libzmq: test_router_handover (with)
overTransports("router: with handover a new peer takes the name, and the old one is disconnected", async (fresh) => {
  await using router = new Router({ handover: true });
  await using first = new Dealer({ routingId: "X", reconnectInterval: -1 });
  await using second = new Dealer({ routingId: "X" });
  await join(router, fresh(), first);
  await first.send("Hello");
  await expect(router, "X", "Hello");
  second.connect(router.lastEndpoint!);
  await second.send("World");
  await expect(router, "X", "World");
  await router.send(["X", "Welcome"]);
  await expect(second, "Welcome");
  await peersLeft(first, 0);
  expectNothing(first);
});

// libzmq: test_router_handover (without)
overTransports("router: without handover the old peer keeps the name, and the new one is not heard", async (fresh) => {
  await using router = new Router();
  await using first = new Dealer({ routingId: "X" });
  await using second = new Dealer({ routingId: "X", linger: 0 });
  await join(router, fresh(), first);
  await first.send("Hello");
  await expect(router, "X", "Hello");
  second.connect(router.lastEndpoint!);
  await router.waitForPeers(2, patient);
  await second.send("unheard");
  await first.send("heard");
  await expect(router, "X", "heard");
  await router.send(["X", "Welcome"]);
  await expect(first, "Welcome");
  expectNothing(second);
  expectNothing(router);
});

overTransports("router: a name is free again when its peer has gone", async (fresh) => {
  await using router = new Router({ mandatory: true });
  await using other = new Dealer();
  await join(router, fresh(), other);
  for (const text of ["1", "2"]) {
    await using dealer = new Dealer({ routingId: "X" });
    dealer.connect(router.lastEndpoint!);
    await router.waitForPeers(2, patient);
    await router.send(["X", text]);
    await expect(dealer, text);
    dealer.close();
    await peersLeft(router, 1);
    fails(() => router.trySend(["X", "gone"]), "EHOSTUNREACH");
  }
});

overTransports("router: the name of a peer that has gone still stands before what it sent", async (fresh) => {
  await using router = new Router();
  await router.bind(fresh());
  {
    await using dealer = new Dealer({ routingId: "X" });
    dealer.connect(router.lastEndpoint!);
    for (const text of ["1", "2", "3"]) await dealer.send(text);
  }
  await peersLeft(router, 0);
  await using dealer = new Dealer({ routingId: "X" });
  dealer.connect(router.lastEndpoint!);
  await dealer.send("4");
  const all: string[] = [];
  for (let i = 0; i < 4; i++) all.push((await take(router)).join(" "));
  // It is the new peer's turn after one message of the old one's.
  assertEquals(all.toSorted(), ["X 1", "X 2", "X 3", "X 4"]);
});

overTransports("router: a router and a REQ, and a router and a router", async (fresh) => {
  await using a = new Router({ routingId: "a" });
  await using b = new Router({ routingId: "b" });
  await using request = new Request({ routingId: "r" });
  await join(a, fresh(), b, request);
  await request.send("question");
  await expect(a, "r", "", "question");
  await a.send(["r", "", "answer"]);
  await expect(request, "answer");
  await a.send(["b", "hello"]);
  await expect(b, "a", "hello");
});

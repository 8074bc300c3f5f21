// What a ROUTER is told and says when peers come and go, and the names that it gives.

import { assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../mod.ts";
import { Dealer, Router } from "../support/sockets.ts";
import { TempDirectory } from "../support/temp.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { RawPeer } from "./raw_peer.ts";
import { expect, expectNothing, join, patient, peersLeft, take, until } from "./support.ts";

// libzmq: test_router_notify (option range)
Deno.test("router: notify takes 0 to 3", () => {
  using router = new Router();
  for (const value of [0, 1, 2, 3]) {
    router.notify = value;
    assertEquals(router.notify, value);
  }
  for (const value of [-1, 4]) assertThrows(() => router.notify = value, RangeError);
  assertEquals(router.notify, 3);
});

// libzmq: test_router_notify (connect, disconnect, both)
overTransports("router: notify tells of peers that come and go", async (fresh) => {
  for (const notify of [0, 1, 2, 3]) {
    await using router = new Router({ notify });
    const dealer = new Dealer({ routingId: "X" });
    await join(router, fresh(), dealer);
    if ((notify & 1) !== 0) await expect(router, "X", "");
    await dealer.send("Hello");
    await expect(router, "X", "Hello");
    dealer.close();
    await peersLeft(router, 0);
    if ((notify & 2) !== 0) await expect(router, "X", "");
    await using marker = new Dealer({ routingId: "marker" });
    marker.connect(router.lastEndpoint!);
    await marker.send("end");
    if ((notify & 1) !== 0) await expect(router, "marker", "");
    await expect(router, "marker", "end");
  }
});

// libzmq: test_router_notify (failed handshake)
Deno.test("router: notify says nothing of a handshake that failed", async () => {
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("s")}`;
  await using router = new Router({ notify: 3 });
  await router.bind(endpoint);
  const failed = new Promise((resolve) => router.events.on("handshake:error:protocol", resolve));
  using peer = await Deno.connect({ transport: "unix", path: directory.at("s") });
  await peer.write(new Uint8Array(64).fill(7));
  await failed;
  await using dealer = new Dealer({ routingId: "X" });
  dealer.connect(endpoint);
  await expect(router, "X", "");
  expectNothing(router);
});

// libzmq: test_router_notify (error during multipart)
Deno.test("router: a peer that goes in the middle of a message leaves the notice alone", async () => {
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("s")}`;
  await using router = new Router({ notify: 2 });
  await router.bind(endpoint);
  {
    using peer = await RawPeer.connect(endpoint, "DEALER", 1, "X");
    await peer.message("whole", "message");
    await peer.send(1, 5, "begun", 1, 3, "and");
    await expect(router, "X", "whole", "message");
  }
  await expect(router, "X", "");
  await using dealer = new Dealer({ routingId: "X" });
  dealer.connect(endpoint);
  await dealer.send("next");
  await expect(router, "X", "next");
});

// libzmq: test_probe_router
overTransports("router: probeRouter makes a socket known before it has anything to say", async (fresh) => {
  for (
    const probe of [
      new Router({ probeRouter: true, routingId: "X" }),
      new Dealer({ probeRouter: true, routingId: "X" }),
    ]
  ) {
    await using router = new Router();
    await using peer = probe;
    await join(router, fresh(), peer);
    await expect(router, "X", "");
    await router.send(["X", "Hello"]);
    assertEquals((await take(peer)).at(-1), "Hello");
    expectNothing(router);
  }
});

overTransports("router: a probe goes out with every new connection", async (fresh, { lives }) => {
  const endpoint = fresh();
  await using dealer = new Dealer({ probeRouter: true, routingId: "X", reconnectInterval: 10 });
  dealer.connect(endpoint);
  for (let i = 0; i < lives; i++) {
    await using router = new Router();
    await router.bind(endpoint);
    await expect(router, "X", "");
  }
});

// libzmq: test_connect_rid
overTransports("router: connect() can name the peer, which can be sent to at once", async (fresh) => {
  for (const routingId of [null, "its own"]) {
    await using router = new Router({ mandatory: true });
    await using dealer = new Dealer({ routingId });
    const endpoint = fresh();
    await dealer.bind(endpoint);
    router.connect(endpoint, { routingId: "conn1" });
    await router.send(["conn1", "hi 1"]);
    await expect(dealer, "hi 1");
    await dealer.send("back");
    await expect(router, "conn1", "back");
    // It concerns this connect() alone.
    await using second = new Dealer({ routingId: "second" });
    await join(second, fresh(), router);
    await second.send("named");
    await expect(router, "second", "named");
  }
});

overWires("router: the name given by connect() outlives a connection", async (fresh) => {
  const endpoint = fresh();
  await using router = new Router({ mandatory: true, reconnectInterval: 10 });
  router.connect(endpoint, { routingId: "conn1" });
  for (const text of ["1", "2"]) {
    await using dealer = new Dealer();
    await dealer.bind(endpoint);
    await dealer.waitForPeers(1, patient);
    await router.send(["conn1", text]);
    await expect(dealer, text);
    await dealer.send(text);
    await expect(router, "conn1", text);
    dealer.close();
    await peersLeft(router, 0);
  }
});

overTransports("router: a name given by connect() must be free", async (fresh) => {
  await using router = new Router();
  router.connect(fresh(), { routingId: "X" });
  assertEquals(assertThrows(() => router.connect(fresh(), { routingId: "X" }), ZmqError).code, "EINVAL");
  for (const routingId of ["", "x".repeat(256)]) assertThrows(() => router.connect(fresh(), { routingId }), RangeError);
  router.disconnect(router.lastEndpoint!);
  router.connect(fresh(), { routingId: "X" });
});

overWires("router: with immediate a name that is taken refuses the connection", async (fresh) => {
  await using router = new Router({ immediate: true, reconnectInterval: 10 });
  await using a = new Dealer();
  await using b = new Dealer();
  await Promise.all([a.bind(fresh()), b.bind(fresh())]);
  router.connect(a.lastEndpoint!, { routingId: "X" });
  await router.waitForPeers(1, patient);
  const refused = new Promise((resolve) => router.events.on("connect:retry", resolve));
  router.connect(b.lastEndpoint!, { routingId: "X" });
  await refused;
  await a.send("still here");
  await expect(router, "X", "still here");
  router.disconnect(a.lastEndpoint!);
  await b.waitForPeers(1, patient);
  await b.send("now");
  await expect(router, "X", "now");
});

// libzmq: test_hello_msg
overTransports("hello: helloMessage is the first that a peer receives", async (fresh, { lives }) => {
  const endpoint = fresh();
  await using dealer = new Dealer({ reconnectInterval: 10 });
  dealer.connect(endpoint);
  for (let i = 0; i < lives; i++) {
    await using router = new Router({ helloMessage: ["HELLO", `${i}`] });
    await router.bind(endpoint);
    await expect(dealer, "HELLO", `${i}`);
    router.close();
    await peersLeft(dealer, 0);
  }
});

// libzmq: test_hello_msg (both sides, late bind)
overTransports("hello: a socket that connects says it with every connection", async (fresh, { lives }) => {
  const endpoint = fresh();
  await using dealer = new Dealer({ helloMessage: "HELLO", routingId: "X", reconnectInterval: 10 });
  dealer.connect(endpoint);
  for (let i = 0; i < lives; i++) {
    await using router = new Router();
    await router.bind(endpoint);
    await expect(router, "X", "HELLO");
    await router.send(["X", "hi"]);
    await expect(dealer, "hi");
    expectNothing(router);
    router.close();
    await peersLeft(dealer, 0);
  }
});

// libzmq: test_disconnect_msg
overTransports("disconnect: disconnectMessage is received when an accepted peer has gone", async (fresh) => {
  await using router = new Router({ disconnectMessage: "D" });
  const dealer = new Dealer({ routingId: "X" });
  await join(router, fresh(), dealer);
  await dealer.send("Hello");
  await expect(router, "X", "Hello");
  dealer.close();
  await expect(router, "X", "D");
});

// libzmq: test_hiccup_msg
overWires("hiccup: hiccupMessage is received when a connection that was made is lost", async (fresh) => {
  const endpoint = fresh();
  await using dealer = new Dealer({ hiccupMessage: ["HICCUP", "!"], reconnectInterval: 10 });
  {
    await using router = new Router();
    await join(router, endpoint, dealer);
  }
  await expect(dealer, "HICCUP", "!");
  await using router = new Router();
  await router.bind(endpoint);
  await dealer.send("again");
  assertEquals((await take(router))[1], "again");
  await until(() => dealer.peerCount === 1);
  expectNothing(dealer);
});

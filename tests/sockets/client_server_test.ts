// CLIENT and SERVER (RFC 41), PEER (RFC 51).

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as zmq from "../../mod.ts";
import { Client, Peer, Server } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { join, patient, peersLeft, refuses, until } from "./support.ts";

const text = (frame: Uint8Array | undefined) => new TextDecoder().decode(frame);

// libzmq: test_client_server
overTransports("client/server: a server answers whom it likes, in any order", async (fresh) => {
  await using server = new Server();
  const clients = [new Client(), new Client(), new Client()];
  await using stack = new AsyncDisposableStack();
  for (const client of clients) stack.use(client);
  await join(server, fresh(), ...clients);
  const ids = new Map<string, number>();
  for (const [i, client] of clients.entries()) {
    await client.send(`${i}`);
    await client.send(`${i} again`);
  }
  for (let i = 0; i < 6; i++) {
    const [frame, { routingId }] = await server.receive(patient);
    const name = text(frame)[0]!;
    assertEquals(ids.get(name) ?? routingId, routingId);
    ids.set(name, routingId);
  }
  assertEquals(new Set(ids.values()).size, 3);
  assert(!ids.has("0") || ids.get("0") !== 0);
  for (const [name, routingId] of [...ids].reverse()) {
    await server.send(`to ${name}`, { routingId });
    assert(server.trySend(new Uint8Array([7]), { routingId }));
  }
  for (const [i, client] of clients.entries()) {
    assertEquals(text((await client.receive(patient))[0]), `to ${i}`);
    assertEquals([...(await client.receive(patient))[0]!], [7]);
  }
});

overTransports("client/server: a client sends to its servers in turn, and receives from all", async (fresh) => {
  await using client = new Client();
  await using one = new Server();
  await using other = new Server();
  for (const server of [one, other]) {
    await server.bind(fresh());
    client.connect(server.lastEndpoint!);
  }
  await client.waitForPeers(2, patient);
  for (let i = 0; i < 4; i++) await client.send(`${i}`);
  for (const server of [one, other]) {
    for (let i = 0; i < 2; i++) {
      const [frame, from] = await server.receive(patient);
      await server.send(frame, from);
    }
  }
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(text((await client.receive(patient))[0]));
  assertEquals(answers.toSorted(), ["0", "1", "2", "3"]);
});

overTransports("client/server: messages come one by one and in batches, and by iteration", async (fresh) => {
  await using server = new Server();
  await using client = new Client();
  await join(server, fresh(), client);
  for (let i = 0; i < 5; i++) await client.send(`${i}`);
  const seen: string[] = [];
  for await (const [frame, { routingId }] of server) {
    assertEquals(typeof routingId, "number");
    seen.push(text(frame));
    if (seen.length === 2) break;
  }
  await until(() => server.readable);
  while (seen.length < 5) {
    const one = server.tryReceive();
    if (one !== null) seen.push(text(one[0]));
    for (const [frame] of server.tryReceiveBatch(1)) seen.push(text(frame));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(seen, ["0", "1", "2", "3", "4"]);
});

overTransports("client/server: a client that has gone is EHOSTUNREACH", async (fresh) => {
  await using server = new Server({ sendHighWaterMark: 2 });
  const client = new Client({ receiveHighWaterMark: 2 });
  await join(server, fresh(), client);
  await client.send("here");
  const [, from] = await server.receive(patient);
  const large = new Uint8Array(100_000);
  let sent = 0;
  while (server.trySend(large, from)) sent++;
  assert(sent >= 2 && sent < 1000, `${sent}`);
  await refuses(server.send(large, { ...from, timeout: 0 }), "EAGAIN");
  client.close();
  await peersLeft(server, 0);
  await refuses(server.send("late", from), "EHOSTUNREACH");
});

overTransports("client/server: a full client holds up nobody but who sends to it", async (fresh) => {
  await using server = new Server({ sendHighWaterMark: 1 });
  await using slow = new Client({ receiveHighWaterMark: 1 });
  await using quick = new Client();
  await join(server, fresh(), slow, quick);
  await slow.send("slow");
  const [, toSlow] = await server.receive(patient);
  await quick.send("quick");
  const [, toQuick] = await server.receive(patient);
  assertNotEquals(toSlow.routingId, toQuick.routingId);
  const large = new Uint8Array(100_000);
  let count = 0;
  while (server.trySend(large, toSlow)) count++;
  assert(server.trySend("still here", toQuick));
  assertEquals(text((await quick.receive(patient))[0]), "still here");
  const last = server.send("last", { ...toSlow, ...patient });
  for (let i = 0; i < count; i++) assertEquals((await slow.receive(patient))[0]!.length, large.length);
  await last;
  assertEquals(text((await slow.receive(patient))[0]), "last");
});

overTransports("client/server: without a server a client waits", async (fresh) => {
  await using client = new Client();
  assertEquals([client.trySend("x"), client.tryReceive(), client.writable], [false, null, false]);
  await refuses(client.send("x", { timeout: 0 }), "EAGAIN");
  const sent = client.send("waits", patient);
  await using server = new Server();
  await server.bind(fresh());
  client.connect(server.lastEndpoint!);
  await sent;
  assertEquals(text((await server.receive(patient))[0]), "waits");
});

overWires("client/server: helloMessage comes first, disconnectMessage when a client has gone", async (fresh) => {
  await using server = new Server({ helloMessage: "welcome", disconnectMessage: "gone" });
  const client = new Client({ helloMessage: "hello" });
  await join(server, fresh(), client);
  assertEquals(text((await client.receive(patient))[0]), "welcome");
  const [hello, from] = await server.receive(patient);
  assertEquals(text(hello), "hello");
  client.close();
  const [gone, whom] = await server.receive(patient);
  assertEquals([text(gone), whom], ["gone", from]);
});

overWires("client/server: hiccupMessage comes when the server is lost", async (fresh) => {
  const endpoint = fresh();
  await using client = new Client({ hiccupMessage: "hiccup", reconnectInterval: 10 });
  await using server = new Server();
  await join(server, endpoint, client);
  await server.unbind(endpoint);
  assertEquals(text((await client.receive(patient))[0]), "hiccup");
});

// libzmq: test_peer
overTransports("peer: who connects knows the other by number, and the other learns one", async (fresh) => {
  await using one = new Peer();
  await using other = new Peer();
  await one.bind(fresh());
  const routingId = other.connectPeer(one.lastEndpoint!);
  assert(Number.isInteger(routingId) && routingId > 0);
  await other.send("hello", { routingId });
  const [hello, from] = await one.receive(patient);
  assertEquals(text(hello), "hello");
  await one.send("back", from);
  const [back, whom] = await other.receive(patient);
  assertEquals([text(back), whom], ["back", { routingId }]);
});

overTransports("peer: each has a number of its own", async (fresh) => {
  await using hub = new Peer();
  await using one = new Peer();
  await using other = new Peer();
  await one.bind(fresh());
  await other.bind(fresh());
  const ids = [
    hub.connectPeer(one.lastEndpoint!),
    hub.connectPeer(other.lastEndpoint!),
    hub.connectPeer(one.lastEndpoint!),
  ];
  assertEquals(new Set(ids).size, 3);
  await hub.send("to other", { routingId: ids[1]! });
  assertEquals(text((await other.receive(patient))[0]), "to other");
  await hub.send("to one", { routingId: ids[0]! });
  await hub.send("to one", { routingId: ids[2]! });
  for (let i = 0; i < 2; i++) assertEquals(text((await one.receive(patient))[0]), "to one");
  assertEquals(one.tryReceive(), null);
});

// libzmq: test_peer_disconnect
overWires("peer: disconnectMessage tells which has gone, whose number means nobody then", async (fresh) => {
  await using one = new Peer({ disconnectMessage: "gone" });
  const other = new Peer();
  await one.bind(fresh());
  const routingId = other.connectPeer(one.lastEndpoint!);
  await other.send("hello", { routingId });
  const [, from] = await one.receive(patient);
  other.close();
  const [gone, whom] = await one.receive(patient);
  assertEquals([text(gone), whom], ["gone", from]);
  await refuses(one.send("x", from), "EHOSTUNREACH");
});

overTransports("peer: with immediate there is none to number", async (fresh) => {
  await using peer = new Peer({ immediate: true });
  const endpoint = fresh();
  let code = "";
  try {
    peer.connectPeer(endpoint);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  assertEquals([code, peer.lastEndpoint], ["EFAULT", null]);
});

overTransports(
  "client/server: a stream of what comes, and one of what is sent, have the same chunks",
  async (fresh) => {
    await using server = new zmq.Server();
    await using client = new zmq.Client();
    await join(server, fresh(), client);
    const echoing = server.readableStream().pipeTo(server.writableStream()).catch(() => {});
    const writer = client.writableStream().getWriter();
    for (const word of ["one", "two"]) await writer.write(word);
    for (const word of ["one", "two"]) assertEquals(text((await client.receive(patient))[0]), word);
    server.close();
    await echoing;
  },
);

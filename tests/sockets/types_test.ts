// The table of types: which go together, and what each does when it has no peer.

import { assertEquals } from "@std/assert";
import { DuplexSocket, ReadableSocket, type Socket, WritableSocket, ZmqError } from "../../mod.ts";
import {
  Channel,
  Client,
  Dealer,
  Dish,
  Gather,
  Pair,
  Peer,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Scatter,
  Server,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { patient } from "./support.ts";

const options = { linger: 0, reconnectInterval: 10 };

interface TypeCase {
  readonly name: string;
  readonly make: () => Socket;
  /** The types that it talks to. */
  readonly peers: readonly string[];
  /** What `trySend()` and `tryReceive()` come to without peers: a value, an error's code, or no such method. */
  readonly send: boolean | string;
  readonly receive: null | string;
}

const types: readonly TypeCase[] = [
  { name: "PAIR", make: () => new Pair(options), peers: ["PAIR"], send: false, receive: null },
  { name: "PUB", make: () => new Publisher(options), peers: ["SUB", "XSUB"], send: true, receive: "none" },
  { name: "SUB", make: () => new Subscriber(options), peers: ["PUB", "XPUB"], send: "none", receive: null },
  { name: "REQ", make: () => new Request(options), peers: ["REP", "ROUTER"], send: false, receive: "EFSM" },
  { name: "REP", make: () => new Reply(options), peers: ["REQ", "DEALER"], send: "EFSM", receive: null },
  { name: "DEALER", make: () => new Dealer(options), peers: ["REP", "DEALER", "ROUTER"], send: false, receive: null },
  { name: "ROUTER", make: () => new Router(options), peers: ["REQ", "DEALER", "ROUTER"], send: true, receive: null },
  { name: "PULL", make: () => new Pull(options), peers: ["PUSH"], send: "none", receive: null },
  { name: "PUSH", make: () => new Push(options), peers: ["PULL"], send: false, receive: "none" },
  { name: "XPUB", make: () => new XPublisher(options), peers: ["SUB", "XSUB"], send: true, receive: null },
  { name: "XSUB", make: () => new XSubscriber(options), peers: ["PUB", "XPUB"], send: true, receive: null },
];

/** The types of single frames, whose numbers are after STREAM's, and before and after DGRAM's. */
const single: readonly {
  readonly name: string;
  readonly number: number;
  readonly make: () => Socket;
  readonly peer: string;
}[] = [
  { name: "SERVER", number: 12, make: () => new Server(options), peer: "CLIENT" },
  { name: "CLIENT", number: 13, make: () => new Client(options), peer: "SERVER" },
  { name: "RADIO", number: 14, make: () => new Radio(options), peer: "DISH" },
  { name: "DISH", number: 15, make: () => new Dish(options), peer: "RADIO" },
  { name: "GATHER", number: 16, make: () => new Gather(options), peer: "SCATTER" },
  { name: "SCATTER", number: 17, make: () => new Scatter(options), peer: "GATHER" },
  { name: "PEER", number: 19, make: () => new Peer(options), peer: "PEER" },
  { name: "CHANNEL", number: 20, make: () => new Channel(options), peer: "CHANNEL" },
];

function codeOf(operation: () => unknown): unknown {
  try {
    return operation();
  } catch (error) {
    if (error instanceof ZmqError) return error.code;
    throw error;
  }
}

Deno.test("types: the numbers are zmq.h's, and subscribers do not linger", () => {
  for (const [number, { name, make }] of types.entries()) {
    using socket = make();
    assertEquals(socket.type, number, name);
  }
  for (const { name, number, make } of single) {
    using socket = make();
    assertEquals(socket.type, number, name);
  }
  using subscriber = new Subscriber();
  using xsubscriber = new XSubscriber();
  using push = new Push();
  assertEquals([subscriber.linger, xsubscriber.linger, push.linger], [0, 0, -1]);
});

Deno.test("types: what each does without a peer", () => {
  for (const { name, make, send, receive } of types) {
    using socket = make();
    const sent = socket instanceof WritableSocket || socket instanceof DuplexSocket
      ? codeOf(() => socket.trySend(["peer", "message"]))
      : "none";
    const received = socket instanceof ReadableSocket ? codeOf(() => socket.tryReceive()) : "none";
    assertEquals([sent, received], [send, receive], name);
  }
});

overTransports("types: those that go together do, in both directions", async (fresh) => {
  for (const { make, peers } of types) {
    for (const peer of peers) {
      await using bound = make();
      await using connected = types.find(({ name }) => name === peer)!.make();
      await bound.bind(fresh());
      connected.connect(bound.lastEndpoint!);
      await Promise.all([bound.waitForPeers(1, patient), connected.waitForPeers(1, patient)]);
    }
  }
});

overWires("types: of single frames, each has peers of one type", async (fresh) => {
  for (const { make, peer } of single) {
    await using bound = make();
    await bound.bind(fresh());
    for (const { name, make } of single) {
      await using other = make();
      const failed = new Promise((resolve) => bound.events.on("handshake:error:protocol", resolve));
      other.connect(bound.lastEndpoint!);
      if (name === peer) await Promise.all([bound.waitForPeers(1, patient), other.waitForPeers(1, patient)]);
      else await failed;
      assertEquals(other.peerCount, name === peer ? 1 : 0);
    }
  }
});

// In memory nobody asks.
overWires("types: those that do not go together are no peers, and others are not harmed", async (fresh) => {
  for (const { make, peers } of types) {
    await using bound = make();
    await bound.bind(fresh());
    let refused = 0;
    for (const other of types.filter(({ name }) => !peers.includes(name))) {
      await using stranger = other.make();
      const failed = new Promise((resolve) => bound.events.on("handshake:error:protocol", resolve));
      stranger.connect(bound.lastEndpoint!);
      await failed;
      refused++;
      assertEquals([bound.peerCount, stranger.peerCount], [0, 0]);
    }
    assertEquals(refused, types.length - peers.length);
    await using friend = types.find(({ name }) => name === peers[0])!.make();
    friend.connect(bound.lastEndpoint!);
    await bound.waitForPeers(1, patient);
    assertEquals(bound.peerCount, 1);
  }
});

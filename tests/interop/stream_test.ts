// Stream and libzmq's ZMQ_STREAM: each is the other's plain peer, and tells its program the same.

import { assertEquals } from "@std/assert";
import { Stream } from "../../mod.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { LibzmqPeer, type PeerOptions } from "../peer/peer.ts";
import { within } from "../support/deadline.ts";

/** A socket of either side. */
interface Side {
  bind(): Promise<string>;
  connect(endpoint: string): unknown;
  send(id: Uint8Array, bytes: string): Promise<void>;
  receive(): Promise<Uint8Array[]>;
}

function denomqSide(stream: Stream): Side {
  return {
    bind: () => stream.bind("tcp://127.0.0.1:*").then(() => stream.lastEndpoint!),
    connect: (endpoint) => stream.connect(endpoint),
    send: (id, bytes) => stream.send([id, bytes]),
    receive: () => within(stream.receive(), "a message"),
  };
}

async function libzmqSide(peer: LibzmqPeer, options: PeerOptions): Promise<Side> {
  const socket = await peer.open("STREAM", options);
  return {
    bind: () => socket.bind("tcp://127.0.0.1:*"),
    connect: (endpoint) => socket.connect(endpoint),
    send: (id, bytes) => socket.send([id, bytes]),
    receive: () => socket.receive(),
  };
}

/** Takes messages of one peer until so much text has come, and tells its id. */
async function take(side: Side, text: string): Promise<Uint8Array> {
  let id = new Uint8Array();
  let all = "";
  do {
    const [from, bytes] = await side.receive();
    if (id.length > 0) assertEquals(from, id);
    id = from!.slice();
    all += new TextDecoder().decode(bytes);
  } while (all.length < text.length);
  assertEquals(all, text);
  return id;
}

/** What happens to the two ends of a connection; each step is seen by the program that it concerns. */
async function converse(server: Side, client: Side): Promise<void> {
  client.connect(await server.bind());
  const visitor = await take(server, "");
  const host = await take(client, "");
  assertEquals([visitor.length, visitor[0], host.length, host[0]], [5, 0, 5, 0]);
  await client.send(host, "a question");
  assertEquals(await take(server, "a question"), visitor);
  const answer = "an answer of some length ".repeat(4000);
  await server.send(visitor, answer);
  assertEquals(await take(client, answer), host);
  await server.send(visitor, "farewell");
  await server.send(visitor, "");
  assertEquals(await take(client, "farewell"), host);
  // The client hears of the end, and comes again: under the same name there, and as somebody new here.
  assertEquals(await take(client, ""), host);
  assertEquals(await take(client, ""), host);
  const again = await take(server, "");
  await client.send(host, "once more");
  assertEquals(await take(server, "once more"), again);
  // The client ends it for good.
  await client.send(host, "");
  assertEquals(await take(server, ""), again);
}

for (const role of ["server", "client"] as const) {
  libzmqTest(`interop: a Stream as ${role} of libzmq's`, async () => {
    await using peer = await LibzmqPeer.start();
    await using stream = new Stream({ linger: 0, reconnectInterval: 20 });
    const [here, there] = [denomqSide(stream), await libzmqSide(peer, { RECONNECT_IVL: 20 })];
    await (role === "server" ? converse(here, there) : converse(there, here));
  });
}

libzmqTest("interop: a Stream sees what a ZeroMQ socket says, and can answer", async () => {
  await using peer = await LibzmqPeer.start();
  await using stream = new Stream({ linger: 0, notify: false });
  const push = await peer.open("DEALER");
  await stream.bind("tcp://127.0.0.1:*");
  await push.connect(stream.lastEndpoint!);
  const read = async (count: number) => {
    const all: number[] = [];
    let id = new Uint8Array();
    while (all.length < count) {
      const [from, bytes] = await within(stream.receive(), "bytes");
      id = from!;
      all.push(...bytes!);
    }
    return { id, all };
  };
  const { id, all } = await read(10);
  assertEquals([all[0], all[9]], [0xff, 0x7f]);
  // A greeting of version 3.0 without security, and READY of a DEALER.
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
  greeting.set(new TextEncoder().encode("NULL"), 12);
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const body = [...name("READY"), ...name("Socket-Type"), 0, 0, 0, ...name("DEALER")];
  await stream.send([id, greeting]);
  // libzmq takes no more than a greeting at first: the rest of its own, and its READY, say that it has.
  assertEquals((await read(54 + 43)).all.slice(54, 62), [4, 41, ...name("READY")]);
  await stream.send([id, Uint8Array.of(4, body.length, ...body)]);
  await stream.send([id, Uint8Array.of(0, 5, ...new TextEncoder().encode("hello"))]);
  assertEquals(await push.receiveText(), ["hello"]);
});

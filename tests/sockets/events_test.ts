// What a socket reports of its endpoints, in what order, and with what, over every wire (zmq_socket_monitor(3)).

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type EventType, type Socket, type SocketEvent, Stream, ZmqError } from "../../mod.ts";
import { Log, rejectsCode } from "../api/support.ts";
import { Pair, Pull, Push } from "../support/sockets.ts";
import { overWires, type TransportCase } from "../support/transports.ts";
import { greeting } from "../zmtp/support.ts";
import { join, patient } from "./support.ts";
import { WirePeer } from "./wire_peer.ts";

/** What comes with the events that have more than an address. */
const DETAILS: { readonly [type in EventType]?: "error" | "interval" | "maybe" } = {
  "accept:error": "error",
  "bind:error": "error",
  "close:error": "error",
  "handshake:error:auth": "error",
  "handshake:error:other": "error",
  "handshake:error:protocol": "error",
  "connect:retry": "interval",
  // A connection that fails has a reason, and one that ends has none. An attempt that fails is closed.
  close: "maybe",
  disconnect: "maybe",
};

/** Closes a socket and expects these events of it, all of them at one endpoint, with what belongs to them. */
async function closesWith(socket: Socket, log: Log, endpoint: string, ...types: string[]): Promise<void> {
  socket.close();
  assertEquals(await log.end(), [...types, "end"]);
  for (const event of log.events) {
    const place = event.type === "end" ? undefined : endpoint;
    assertEquals([event.address, event.endpoint], [place, place], event.type);
    const detail = DETAILS[event.type];
    if (detail !== "maybe") assertEquals(event.error instanceof Error, detail === "error", event.type);
    assertEquals(typeof event.interval, detail === "interval" ? "number" : "undefined", event.type);
  }
}

/** An attempt to connect takes its time, except over ipc, where the system knows at once. */
const attempt = ({ name }: TransportCase): string[] => name.startsWith("ipc") ? [] : ["connect:delay"];

/** Codes of an attempt that finds nobody. */
const NOBODY: readonly string[] = ["ECONNREFUSED", "ENOENT", "ECONNRESET"];

const once = { linger: 0, reconnectInterval: -1 };
const rarely = { linger: 0, reconnectInterval: 100_000 };

overWires("events: of a connection that the binding side ends", async (fresh, transport) => {
  const [pull, push] = [new Pull(), new Push(rarely)];
  const [server, client] = [new Log(pull), new Log(push)];
  await join(pull, fresh(), push);
  const endpoint = pull.lastEndpoint!;
  await pull.unbind(endpoint);
  const { interval } = await client.wait("connect:retry");
  assert(interval! >= 100_000 && interval! < 200_000);
  await server.wait("disconnect");
  await closesWith(pull, server, endpoint, "bind", "accept", "handshake", "close", "disconnect");
  const ended = ["connect", "handshake", "disconnect", "connect:retry"];
  await closesWith(push, client, endpoint, ...attempt(transport), ...ended);
});

overWires("events: of a connection that the connecting side ends", async (fresh, transport) => {
  const [pull, push] = [new Pull(), new Push(rarely)];
  const [server, client] = [new Log(pull), new Log(push)];
  await join(pull, fresh(), push);
  const endpoint = pull.lastEndpoint!;
  push.disconnect(endpoint);
  await server.wait("disconnect");
  await closesWith(pull, server, endpoint, "bind", "accept", "handshake", "disconnect", "close");
  await closesWith(push, client, endpoint, ...attempt(transport), "connect", "handshake", "disconnect");
});

// libzmq: test_monitor (basic)
overWires("events: of sockets that are closed while they are connected", async (fresh, transport) => {
  const [pull, push] = [new Pull(), new Push(rarely)];
  const [server, client] = [new Log(pull), new Log(push)];
  await join(pull, fresh(), push);
  const endpoint = pull.lastEndpoint!;
  await closesWith(push, client, endpoint, ...attempt(transport), "connect", "handshake", "disconnect");
  await server.wait("disconnect");
  await closesWith(pull, server, endpoint, "bind", "accept", "handshake", "disconnect", "close");
});

// libzmq: test_reconnect_options (default and success)
overWires("events: of attempts that fail, and of one that does not", async (fresh, transport) => {
  const endpoint = fresh();
  const [pull, push] = [new Pull(), new Push({ linger: 0, reconnectInterval: 20 })];
  const [server, client] = [new Log(pull), new Log(push)];
  push.connect(endpoint);
  const { interval } = await client.wait("connect:retry", 2);
  assert(interval! >= 20 && interval! < 40, `${interval} ms`);
  const { error } = await client.wait("close");
  assert(error instanceof ZmqError && NOBODY.includes(error.code), error?.message);
  assertEquals(error.address, endpoint);
  await pull.bind(endpoint);
  await client.wait("handshake");
  const failures = client.count("close");
  const failed = Array.from({ length: failures }, () => [...attempt(transport), "close", "connect:retry"]).flat();
  await closesWith(push, client, endpoint, ...failed, ...attempt(transport), "connect", "handshake", "disconnect");
  await server.wait("disconnect");
  await closesWith(pull, server, endpoint, "bind", "accept", "handshake", "disconnect", "close");
});

overWires("events: of the only attempt", async (fresh, transport) => {
  const endpoint = fresh();
  const push = new Push(once);
  const client = new Log(push);
  push.connect(endpoint);
  await client.wait("close");
  await closesWith(push, client, endpoint, ...attempt(transport), "close");
});

/** What a peer may do instead of a handshake: with what kind of failure, and with which codes. */
const BREACHES: [name: string, kind: string, codes: string[], breach: (peer: WirePeer) => Promise<void>][] = [
  ["goes", "other", ["EPIPE", "ECONNRESET"], async (peer) => {
    await peer.send(greeting());
    await peer.hangUp();
  }],
  ["is silent", "other", ["ETIMEDOUT"], (peer) => peer.closed()],
  ["speaks HTTP", "protocol", ["ERR_ZMTP_UNSPECIFIED"], async (peer) => {
    await peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    await peer.closed();
  }],
  ["wants another mechanism", "protocol", ["ERR_ZMTP_MECHANISM_MISMATCH"], async (peer) => {
    await peer.send(greeting({ mechanism: "CURVE" }));
    await peer.closed();
  }],
  ["sends an unknown command", "protocol", ["ERR_ZMTP_UNEXPECTED_COMMAND"], async (peer) => {
    await peer.send(greeting(), 4, 3, 2, "XX");
    await peer.closed();
  }],
];

for (const [name, kind, codes, breach] of BREACHES) {
  const failure = `handshake:error:${kind}`;
  const code = (event: SocketEvent) => (event.error as Error & { code?: string }).code ?? "";

  overWires(`events: of a peer that connects and ${name}`, async (fresh) => {
    const pull = new Pull({ handshakeInterval: name === "is silent" ? 50 : 20_000 });
    const server = new Log(pull);
    await pull.bind(fresh());
    const endpoint = pull.lastEndpoint!;
    await using peer = WirePeer.connect(endpoint);
    await breach(peer);
    const event = await server.wait(failure);
    assert(codes.includes(code(event)), `${code(event)}: ${event.error!.message}`);
    await server.wait("disconnect");
    await closesWith(pull, server, endpoint, "bind", "accept", failure, "disconnect", "close");
  });

  overWires(`events: of a peer that is connected to and ${name}`, async (fresh, transport) => {
    const endpoint = fresh();
    await using peer = await WirePeer.bind(endpoint);
    const push = new Push({ ...rarely, handshakeInterval: name === "is silent" ? 50 : 20_000 });
    const client = new Log(push);
    push.connect(endpoint);
    await breach(peer);
    const event = await client.wait(failure);
    assert(codes.includes(code(event)), `${code(event)}: ${event.error!.message}`);
    await client.wait("disconnect");
    // Whoever breaks the protocol would do so again.
    const next = kind === "other" ? ["connect:retry"] : [];
    for (const type of next) await client.wait(type);
    await closesWith(push, client, endpoint, ...attempt(transport), "connect", failure, "disconnect", ...next);
  });
}

overWires("events: of a socket that is closed during a handshake", async (fresh, transport) => {
  const endpoint = fresh();
  await using peer = await WirePeer.bind(endpoint);
  const push = new Push(rarely);
  const client = new Log(push);
  push.connect(endpoint);
  await peer.connected();
  await client.wait("connect");
  await closesWith(push, client, endpoint, ...attempt(transport), "connect", "disconnect");

  const pull = new Pull();
  const server = new Log(pull);
  await pull.bind(fresh());
  await using silent = WirePeer.connect(pull.lastEndpoint!);
  await server.wait("accept");
  await closesWith(pull, server, pull.lastEndpoint!, "bind", "accept", "close", "disconnect");
  await silent.closed();
});

overWires("events: of peers whose types do not go together", async (fresh, transport) => {
  const [pull, pair] = [new Pull(), new Pair(rarely)];
  const [server, client] = [new Log(pull), new Log(pair)];
  await pull.bind(fresh());
  const endpoint = pull.lastEndpoint!;
  pair.connect(endpoint);
  await Promise.all([server.wait("disconnect"), client.wait("disconnect")]);
  const failed = ["handshake:error:protocol", "disconnect"];
  await closesWith(pair, client, endpoint, ...attempt(transport), "connect", ...failed);
  await closesWith(pull, server, endpoint, "bind", "accept", ...failed, "close");
});

overWires("events: of traffic that breaks the protocol", async (fresh) => {
  const pull = new Pull({ maxMessageSize: 100 });
  const server = new Log(pull);
  await pull.bind(fresh());
  const endpoint = pull.lastEndpoint!;
  await using peer = WirePeer.connect(endpoint);
  await peer.shake("PUSH");
  await peer.send(0, 101, new Uint8Array(101));
  await peer.closed();
  const { error } = await server.wait("disconnect");
  assertEquals((error as Error & { code?: string }).code, "EMSGSIZE");
  await closesWith(pull, server, endpoint, "bind", "accept", "handshake", "disconnect", "close");
});

overWires("events: of an endpoint that cannot be bound", async (fresh, { name }) => {
  await using other = new Pull();
  const pull = new Pull();
  const log = new Log(pull);
  // A path can be bound again and again, though not in a directory that does not exist.
  let endpoint = `${fresh()}/x`;
  if (name !== "ipc") {
    await other.bind(fresh());
    endpoint = other.lastEndpoint!;
  }
  const error = await rejectsCode(() => pull.bind(endpoint), name === "ipc" ? "ENOENT" : "EADDRINUSE");
  assertEquals([(await log.wait("bind:error")).error, error.address], [error, endpoint]);
  await closesWith(pull, log, endpoint, "close", "bind:error");
});

overWires("events: of an endpoint that is malformed", async (fresh, { name }) => {
  const pull = new Pull();
  const log = new Log(pull);
  const scheme = fresh().split("://")[0]!;
  const endpoint = name.startsWith("ipc") ? "ipc://@" : `${scheme}://nonsense`;
  const error = await rejectsCode(() => pull.bind(endpoint), "EINVAL");
  await rejectsCode(() => pull.bind("nonsense://x"), "EPROTONOSUPPORT");
  assertEquals((await log.wait("bind:error")).error, error);
  await closesWith(pull, log, endpoint, "bind:error");
});

overWires("events: of a Stream there are none of handshakes", async (fresh, transport) => {
  const [server, client] = [new Stream(), new Stream(rarely)];
  const [there, here] = [new Log(server), new Log(client)];
  await server.bind(fresh());
  const endpoint = server.lastEndpoint!;
  client.connect(endpoint);
  await server.receive(patient);
  await here.wait("connect");
  await server.unbind(endpoint);
  await here.wait("connect:retry");
  await closesWith(server, there, endpoint, "bind", "accept", "close", "disconnect");
  await closesWith(client, here, endpoint, ...attempt(transport), "connect", "disconnect", "connect:retry");
  const stream = new Stream(once);
  const log = new Log(stream);
  const nowhere = fresh();
  stream.connect(nowhere);
  assertInstanceOf((await log.wait("close")).error, ZmqError);
  await closesWith(stream, log, nowhere, ...attempt(transport), "close");
});

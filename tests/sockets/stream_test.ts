// Stream sockets and peers that know nothing of ZeroMQ.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Message, Stream, ZmqError } from "../../mod.ts";
import { Log, next, rejectsCode, throwsCode, until } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { onWindows } from "../support/platform.ts";
import { freshPort } from "../support/ports.ts";
import { TempDirectory } from "../support/temp.ts";

function test(name: string, fn: () => Promise<void>, options: Partial<Deno.TestDefinition> = {}): void {
  Deno.test({ name: `stream: ${name}`, ...options, fn: () => within(fn(), name) });
}

const HOST = "127.0.0.1";
const decoder = new TextDecoder();

function portOf(stream: Stream): number {
  return Number(/\d+$/.exec(stream.lastEndpoint!)![0]);
}

/** A plain client of a bound Stream. */
function dial(stream: Stream): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: HOST, port: portOf(stream) });
}

/** The next message of a socket, though not for ever. */
async function take(stream: Stream): Promise<[id: Uint8Array, bytes: Uint8Array]> {
  const message: Message = await within(stream.receive(), "a message");
  assertEquals(message.length, 2);
  return message as [Uint8Array, Uint8Array];
}

/** Takes the empty message that tells of a connection made or lost, and says whose. */
async function notice(stream: Stream): Promise<Uint8Array> {
  const [id, bytes] = await take(stream);
  assertEquals(decoder.decode(bytes), "");
  return id;
}

/** Takes so many bytes of one peer, in whatever pieces they come. */
async function collect(stream: Stream, count: number): Promise<Uint8Array> {
  const all = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const [, bytes] = await take(stream);
    assert(bytes.length > 0, `only ${at} of ${count} bytes have come`);
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

/** Reads so many bytes of a plain connection, or all up to its end. */
async function read(conn: Deno.Conn, count = Infinity): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const buffer = new Uint8Array(65536);
  while (length < count) {
    const got = await within(conn.read(buffer), `${count} bytes after ${length}`);
    if (got === null) break;
    pieces.push(buffer.slice(0, got));
    length += got;
  }
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function write(conn: Deno.Conn, bytes: string | Uint8Array): Promise<void> {
  const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  for (let at = 0; at < all.length;) at += await conn.write(all.subarray(at));
}

/** Waits until a count has begun to grow and does so no more. */
async function standstill(count: () => number): Promise<void> {
  let before = 0;
  for (let quiet = 0; quiet < 5; before = count()) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    quiet = count() === before && before > 0 ? quiet + 1 : 0;
  }
}

/** Bytes that differ from place to place. */
function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 255;
  return bytes;
}

function same(a: Uint8Array, b: Uint8Array): void {
  assertEquals(a.length, b.length);
  const at = a.findIndex((byte, i) => byte !== b[i]);
  assertEquals(at, -1, `byte ${at} differs`);
}

// libzmq: test_stream
test("a plain client comes, exchanges bytes and goes", async () => {
  await using stream = new Stream();
  assertEquals(stream.type, 11);
  await stream.bind(`tcp://${HOST}:*`);
  const conn = await dial(stream);
  const id = await notice(stream);
  assertEquals([id.length, id[0], stream.peerCount], [5, 0, 1]);
  await write(conn, "hello");
  assertEquals(await take(stream).then(([from, bytes]) => [from, decoder.decode(bytes)]), [id, "hello"]);
  await stream.send([id, "to "]);
  await stream.send([id, "you"]);
  assertEquals(decoder.decode(await read(conn, 6)), "to you");
  conn.close();
  assertEquals(await notice(stream), id);
  assertEquals(stream.peerCount, 0);
  await rejectsCode(() => stream.send([id, "too late"]), "EHOSTUNREACH");
  throwsCode(() => stream.trySend([id, "too late"]), "EHOSTUNREACH");
});

test("every peer has an id of its own, and bytes go to the one that is named", async () => {
  await using stream = new Stream();
  await stream.bind(`tcp://${HOST}:*`);
  const conns: Deno.TcpConn[] = [];
  const ids: Uint8Array[] = [];
  for (let i = 0; i < 3; i++) {
    conns.push(await dial(stream));
    ids.push(await notice(stream));
  }
  assertEquals(new Set(ids.map(String)).size, 3);
  for (const i of [2, 0, 1]) await stream.send([ids[i]!, `for ${i}`]);
  for (const [i, conn] of conns.entries()) {
    assertEquals(decoder.decode(await read(conn, 5)), `for ${i}`);
    await write(conn, `from ${i}`);
    assertEquals(await take(stream).then(([id, bytes]) => [id, decoder.decode(bytes)]), [ids[i], `from ${i}`]);
  }
  for (const conn of conns) conn.close();
});

// libzmq: test_connect_rid (stream)
test("what is sent to the routing id of connect() waits for the connection", async () => {
  await using stream = new Stream({ reconnectInterval: 5, linger: 0 });
  const port = freshPort();
  const log = new Log(stream);
  stream.connect(`tcp://${HOST}:${port}`, { routingId: "server" });
  await stream.send(["server", "first "]);
  await stream.send(["server", "second"]);
  throwsCode(() => stream.connect(`tcp://${HOST}:${port}`, { routingId: "server" }), "EINVAL");
  await log.wait("connect:retry");
  using listener = Deno.listen({ hostname: HOST, port });
  using conn = await listener.accept();
  assertEquals(decoder.decode(await read(conn, 12)), "first second");
  assertEquals(await next(stream), ["server", ""]);
  await write(conn, "answer");
  assertEquals(await next(stream), ["server", "answer"]);
});

test("a peer that ends the connection is connected again, under the same id", async () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream({ reconnectInterval: 1, linger: 0 });
  stream.connect(`tcp://${HOST}:${listener.addr.port}`);
  (await listener.accept()).close();
  const id = await notice(stream);
  assertEquals(await notice(stream), id);
  using conn = await listener.accept();
  assertEquals(await notice(stream), id);
  await stream.send([id, "again"]);
  assertEquals(decoder.decode(await read(conn, 5)), "again");
});

test("with reconnectInterval -1 it is not", async () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream({ reconnectInterval: -1 });
  const endpoint = `tcp://${HOST}:${listener.addr.port}`;
  stream.connect(endpoint, { routingId: "once" });
  const conn = await listener.accept();
  await write(conn, "last words");
  conn.close();
  for (const expected of ["", "last words", ""]) assertEquals(await next(stream), ["once", expected]);
  await rejectsCode(() => stream.send(["once", "x"]), "EHOSTUNREACH");
  throwsCode(() => stream.disconnect(endpoint), "ENOENT");
});

// libzmq: test_stream_disconnect, test_stream_empty
test("an empty frame closes the connection, once what is queued has gone out", async () => {
  for (const linger of [-1, 0]) {
    await using stream = new Stream({ linger });
    await stream.bind(`tcp://${HOST}:*`);
    using conn = await dial(stream);
    const id = await notice(stream);
    const bytes = pattern(5_000_000);
    for (let at = 0; at < bytes.length; at += 100_000) await stream.send([id, bytes.subarray(at, at + 100_000)]);
    await stream.send([id, null]);
    await rejectsCode(() => stream.send([id, "too late"]), "EHOSTUNREACH");
    same(await read(conn), bytes);
    // Whoever closes is not told that the peer has gone.
    await until(() => stream.peerCount === 0, "the connection has ended");
    assertEquals(stream.tryReceive(), null);
  }
});

test("an empty frame ends what connect() began", async () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream({ reconnectInterval: 1 });
  const log = new Log(stream);
  const endpoint = `tcp://${HOST}:${listener.addr.port}`;
  stream.connect(endpoint, { routingId: "server" });
  await stream.send(["server", "bye"]);
  using conn = await listener.accept();
  assertEquals(await next(stream), ["server", ""]);
  await stream.send(["server", ""]);
  assertEquals(decoder.decode(await read(conn)), "bye");
  throwsCode(() => stream.disconnect(endpoint), "ENOENT");
  stream.close();
  assertEquals(await log.end(), ["connect:delay", "connect", "disconnect", "end"]);
});

test("a peer that does not read cannot hold a closed connection longer than the linger period", async () => {
  await using stream = new Stream({ linger: 50, sendHighWaterMark: 0 });
  await stream.bind(`tcp://${HOST}:*`);
  using _conn = await dial(stream);
  const id = await notice(stream);
  for (let i = 0; i < 100; i++) await stream.send([id, new Uint8Array(1_000_000)]);
  await stream.send([id, ""]);
  assertEquals(stream.peerCount, 1);
  await until(() => stream.peerCount === 0, "the connection has ended");
});

test("disconnect() and unbind() let what is queued go out", async () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream();
  const endpoint = `tcp://${HOST}:${listener.addr.port}`;
  stream.connect(endpoint, { routingId: "server" });
  await stream.send(["server", pattern(3_000_000)]);
  stream.disconnect(endpoint);
  using accepted = await listener.accept();
  same(await read(accepted), pattern(3_000_000));

  await stream.bind(`tcp://${HOST}:*`);
  using conn = await dial(stream);
  await stream.send([await notice(stream), pattern(3_000_000)]);
  await stream.unbind(stream.lastEndpoint!);
  same(await read(conn), pattern(3_000_000));
});

test("close() gives what is queued the linger period", async () => {
  const stream = new Stream();
  await stream.bind(`tcp://${HOST}:*`);
  using conn = await dial(stream);
  await stream.send([await notice(stream), pattern(3_000_000)]);
  const disposed = stream[Symbol.asyncDispose]();
  same(await read(conn), pattern(3_000_000));
  await within(disposed, "the end of the socket");
});

// zeromq.js: socket-stream, "should receive requests"
test("a web server: requests of fetch() are answered", async () => {
  await using stream = new Stream();
  await stream.bind(`tcp://${HOST}:*`);
  const serving = (async () => {
    const requests = new Map<string, string>();
    for await (const [id, bytes] of stream) {
      const key = id!.toHex();
      const request = (requests.get(key) ?? "") + decoder.decode(bytes);
      requests.set(key, request);
      const [, path] = /^GET (\S+) HTTP\/1\.1\r\n[^]*\r\n\r\n$/.exec(request) ?? [];
      if (path === undefined) continue;
      requests.delete(key);
      const body = `you asked for ${path}`;
      const head = [
        "HTTP/1.1 200 OK",
        "Connection: close",
        "Content-Type: text/plain",
        `Content-Length: ${body.length}`,
      ];
      await stream.send([id!, [...head, "", body].join("\r\n")]);
      await stream.send([id!, null]);
    }
  })();
  for (const path of ["/one", "/two", "/three"]) {
    const response = await within(fetch(`http://${HOST}:${portOf(stream)}${path}`), "a response");
    assertEquals([response.status, response.headers.get("content-type")], [200, "text/plain"]);
    assertEquals(await response.text(), `you asked for ${path}`);
  }
  stream.close();
  await serving;
});

// zeromq.js: socket-stream, "should deliver requests"
test("a web client: Deno.serve() answers", async () => {
  await using server = Deno.serve({ hostname: HOST, port: 0, onListen() {} }, async (request) => {
    return new Response(`${request.method} ${new URL(request.url).pathname}: ${await request.text()}`);
  });
  await using stream = new Stream({ reconnectInterval: -1 });
  stream.connect(`tcp://${HOST}:${server.addr.port}`, { routingId: "web" });
  const body = "x".repeat(100_000);
  const head = ["POST /form HTTP/1.1", `Host: ${HOST}`, "Connection: close", `Content-Length: ${body.length}`];
  await stream.send(["web", [...head, "", body].join("\r\n")]);
  assertEquals(await next(stream), ["web", ""]);
  let response = "";
  for (let [, bytes] = await next(stream); bytes !== ""; [, bytes] = await next(stream)) response += bytes;
  const [top, ...rest] = response.split("\r\n");
  assertEquals(top, "HTTP/1.1 200 OK");
  assertEquals(rest.at(-1), `POST /form: ${body}`);
});

test("without notify there are no empty messages", async () => {
  await using stream = new Stream({ notify: false });
  assertEquals(stream.notify, false);
  await stream.bind(`tcp://${HOST}:*`);
  for (const word of ["one", "two"]) {
    const conn = await dial(stream);
    await write(conn, word);
    conn.close();
    assertEquals(decoder.decode((await take(stream))[1]), word);
    await until(() => stream.peerCount === 0, "the connection has ended");
  }
  assertEquals(stream.tryReceive(), null);
  await using other = new Stream();
  assertEquals(other.notify, true);
  assertThrows(
    () => stream.notify = 1 as unknown as boolean,
    TypeError,
    "Cannot set notify: the value must be a boolean",
  );
});

test("a message has an id and bytes", async () => {
  await using stream = new Stream();
  await assertRejects(() => stream.send("x"), TypeError, "Cannot send a message of 1 frames");
  await assertRejects(() => stream.send(["x", "y", "z"]), TypeError, "Cannot send a message of 3 frames");
  assertThrows(() => stream.trySend(["x"]), TypeError);
  await rejectsCode(() => stream.send(["nobody", "x"]), "EHOSTUNREACH");
});

test("a small frame can be written into once it is sent", async () => {
  await using stream = new Stream();
  await stream.bind(`tcp://${HOST}:*`);
  using conn = await dial(stream);
  const id = await notice(stream);
  const frame = new TextEncoder().encode("before");
  const sent = stream.send([id, frame]);
  frame.fill(0);
  await sent;
  assertEquals(decoder.decode(await read(conn, 6)), "before");
});

test("a received frame can be written into, the id too", async () => {
  await using stream = new Stream();
  await stream.bind(`tcp://${HOST}:*`);
  using conn = await dial(stream);
  const id = await notice(stream);
  const kept = id.slice();
  id.fill(9);
  await write(conn, "x");
  const [again, bytes] = await take(stream);
  assertEquals(again, kept);
  bytes.fill(0);
  await stream.send([again, "y"]);
  assertEquals(decoder.decode(await read(conn, 1)), "y");
});

// libzmq: test_stream_exceeds_buffer
test("the receive high water mark holds up a peer that sends without end, and loses nothing", async () => {
  await using stream = new Stream({ receiveHighWaterMark: 10 });
  await stream.bind(`tcp://${HOST}:*`);
  const conn = await dial(stream);
  const id = await notice(stream);
  const bytes = pattern(50_000_000);
  let written = 0;
  const writing = (async () => {
    while (written < bytes.length) written += await conn.write(bytes.subarray(written));
    conn.close();
  })();
  // It is held up once the buffers of the system are full.
  await standstill(() => written);
  assert(written < 40_000_000, `${written} bytes were taken`);
  // Ten messages of 16 KiB at most wait in the socket.
  const waiting = stream.tryReceiveBatch(10);
  const size = waiting.reduce((sum, [, part]) => sum + part!.length, 0);
  assert(waiting.length === 10 && size <= 10 * 16 * 1024, `${size} bytes in ${waiting.length} messages`);
  same(new Uint8Array(await new Blob(waiting.map(([, part]) => part!)).arrayBuffer()), bytes.subarray(0, size));
  same(await collect(stream, bytes.length - size), bytes.subarray(size));
  await writing;
  assertEquals(await notice(stream), id);
});

test("the send high water mark holds up whoever sends to a peer that does not read", async () => {
  await using stream = new Stream({ sendHighWaterMark: 4, linger: 0 });
  await stream.bind(`tcp://${HOST}:*`);
  using conn = await dial(stream);
  const id = await notice(stream);
  const block = pattern(1_000_000);
  let sent = 0;
  const giveUp = new AbortController();
  const sending = (async () => {
    try {
      for (;; sent++) await stream.send([id, block], { signal: giveUp.signal });
    } catch (error) {
      if (error !== giveUp.signal.reason) throw error;
    }
  })();
  await standstill(() => sent);
  assert(sent < 100, `${sent} MB were taken`);
  assertEquals([stream.writable, stream.trySend([id, "x"])], [false, false]);
  const before = sent;
  const reading = read(conn, 100_000_000);
  await until(() => sent > before + 20, "more is sent");
  giveUp.abort();
  await sending;
  await stream.send([id, ""]);
  const all = await reading;
  same(all.subarray(-1_000_000), block);
});

test("whoever waits for room learns that the peer has gone", async () => {
  await using stream = new Stream({ sendHighWaterMark: 1, linger: 0 });
  await stream.bind(`tcp://${HOST}:*`);
  const conn = await dial(stream);
  const id = await notice(stream);
  let sent = 0;
  const sending = (async () => {
    for (;; sent++) await stream.send([id, new Uint8Array(1_000_000)]);
  })();
  await standstill(() => sent);
  conn.close();
  const error = await assertRejects(() => within(sending, "the refusal"), ZmqError);
  assertEquals(error.code, "EHOSTUNREACH");
});

test("whoever waits for room learns that the endpoint is unbound", async () => {
  await using stream = new Stream({ sendHighWaterMark: 1 });
  await stream.bind(`tcp://${HOST}:*`);
  using _conn = await dial(stream);
  const id = await notice(stream);
  let sent = 0;
  const sending = (async () => {
    for (;; sent++) await stream.send([id, new Uint8Array(1_000_000)]);
  })();
  await standstill(() => sent);
  stream.unbindSync(stream.lastEndpoint!);
  const error = await assertRejects(() => within(sending, "the refusal"), ZmqError);
  assertEquals(error.code, "EHOSTUNREACH");
  stream.linger = 0;
});

test("a frame that is transferred while it waits for room does not close the connection", async () => {
  await using stream = new Stream({ sendHighWaterMark: 1, linger: 0 });
  await stream.bind(`tcp://${HOST}:*`);
  using conn = await dial(stream);
  const id = await notice(stream);
  let sent = 0;
  const frames: Uint8Array<ArrayBuffer>[] = [];
  const sending = (async () => {
    for (;; sent++) await stream.send([id, frames[sent] = new Uint8Array(1_000_000)]);
  })();
  await standstill(() => sent);
  const { buffer } = frames[sent]!;
  structuredClone(buffer, { transfer: [buffer] });
  const reading = read(conn, sent * 1_000_000 + 5);
  const error = await assertRejects(() => within(sending, "the refusal"), ZmqError);
  assertEquals(error.code, "EFAULT");
  await stream.send([id, "after"]);
  assertEquals(decoder.decode((await reading).subarray(-5)), "after");
});

test("whoever ends a connection is not told that the peer has gone", async () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream({ linger: 0 });
  const log = new Log(stream);
  const endpoint = `tcp://${HOST}:${listener.addr.port}`;
  for (const times of [1, 2]) {
    stream.connect(endpoint);
    using _conn = await listener.accept();
    await notice(stream);
    stream.disconnect(endpoint);
    await log.wait("disconnect", times);
    assertEquals([stream.peerCount, stream.tryReceive()], [0, null]);
  }
});

test("attempts stop while nobody reads what they bring", async () => {
  const listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream({ reconnectInterval: 1, receiveHighWaterMark: 6, linger: 0 });
  let accepted = 0;
  const accepting = (async () => {
    try {
      for (;; accepted++) (await listener.accept()).close();
    } catch (error) {
      if (!stream.closed) throw error;
    }
  })();
  const log = new Log(stream);
  stream.connect(`tcp://${HOST}:${listener.addr.port}`, { routingId: "fickle" });
  await log.wait("connect:retry", 3);
  // Two messages for each: three connections are enough for the mark.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals([log.count("connect"), accepted], [3, 3]);
  for (let i = 0; i < 6; i++) assertEquals(await next(stream), ["fickle", ""]);
  await log.wait("connect", 4);
  stream.close();
  listener.close();
  await accepting;
});

test("immediate: a peer is named when it is connected, and each connection is a new peer", async () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  await using stream = new Stream({ immediate: true, reconnectInterval: 50, linger: 0 });
  stream.connect(`tcp://${HOST}:${listener.addr.port}`, { routingId: "server" });
  await rejectsCode(() => stream.send(["server", "x"]), "EHOSTUNREACH");
  const conn = await listener.accept();
  assertEquals(await next(stream), ["server", ""]);
  await stream.send(["server", "x"]);
  assertEquals(decoder.decode(await read(conn, 1)), "x");
  conn.close();
  assertEquals(await next(stream), ["server", ""]);
  await rejectsCode(() => stream.send(["server", "x"]), "EHOSTUNREACH");
  using again = await listener.accept();
  assertEquals(await next(stream), ["server", ""]);
  await stream.send(["server", "y"]);
  assertEquals(decoder.decode(await read(again, 1)), "y");
});

test("events tell of connections, and of no handshake", async () => {
  await using server = new Stream();
  await using client = new Stream({ reconnectInterval: 1, reconnectStop: 1, linger: 0 });
  const [there, here] = [new Log(server), new Log(client)];
  await server.bind(`tcp://${HOST}:*`);
  client.connect(server.lastEndpoint!);
  const id = await notice(server);
  await notice(client);
  server.close();
  assertEquals(await there.end(), ["bind", "accept", "close", "disconnect", "end"]);
  assertEquals(id.length, 5);
  // Nobody listens there any more: a refusal, which reconnectStop makes the last.
  await here.wait("close");
  client.close();
  assertEquals(await here.end(), [
    "connect:delay",
    "connect",
    "disconnect",
    "connect:retry",
    "connect:delay",
    "close",
    "end",
  ]);
});

test("a frame whose buffer is transferred while it is in use costs its connection only", async () => {
  await using stream = new Stream({ linger: 0 });
  await stream.bind(`tcp://${HOST}:*`);
  const log = new Log(stream);
  using conn = await dial(stream);
  const id = await notice(stream);
  await write(conn, "x");
  const [, bytes] = await take(stream);
  structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
  await write(conn, "y");
  assertEquals(await notice(stream), id);
  assertEquals(
    (await log.wait("disconnect")).error!.message.slice(0, 46),
    "Bad address: the buffer of a received frame wa",
  );

  using slow = await dial(stream);
  const victim = await notice(stream);
  const frames = Array.from({ length: 40 }, () => new Uint8Array(1_000_000));
  for (const frame of frames) await stream.send([victim, frame]);
  structuredClone(frames[39], { transfer: [frames[39]!.buffer] });
  await assertRejects(
    async () => {
      const all = await read(slow);
      throw new Error(`${all.length} bytes came`);
    },
    Error,
    "39000000 bytes came",
  );
  assertEquals(
    (await log.wait("disconnect", 2)).error!.message.slice(0, 42),
    "Bad address: the buffer of a sent frame wa",
  );
});

test("inproc has no bytes to exchange", async () => {
  await using stream = new Stream();
  await rejectsCode(() => stream.bind("inproc://x"), "ENOCOMPATPROTO");
  throwsCode(() => stream.connect("inproc://x"), "ENOCOMPATPROTO");
});

test("ipc will do as well", async () => {
  using directory = new TempDirectory();
  await using stream = new Stream();
  await stream.bind(`ipc://${directory.at("socket")}`);
  using conn = await Deno.connect({ transport: "unix", path: directory.at("socket") });
  const id = await notice(stream);
  await write(conn, "ping");
  assertEquals(decoder.decode((await take(stream))[1]), "ping");
  await stream.send([id, "pong"]);
  assertEquals(decoder.decode(await read(conn, 4)), "pong");
}, { ignore: onWindows });

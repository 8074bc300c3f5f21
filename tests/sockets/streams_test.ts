// Sockets as streams, over every transport. Their streams are of this isolate; their peers may live in Workers.

import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import * as zmq from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { Pull, Push, Reply } from "../support/sockets.ts";
import { TempDirectory } from "../support/temp.ts";
import { overTransports } from "../support/transports.ts";
import { expect, join, patient, refuses, take, takeMany, until, words } from "./support.ts";

overTransports("streams: a file is piped from one end to the other", async (fresh) => {
  using directory = new TempDirectory();
  const content = Uint8Array.from({ length: 1_000_003 }, (_, i) => i * i >> 7);
  await Deno.writeFile(directory.at("from"), content);
  await using pull = new zmq.Pull();
  const push = new zmq.Push();
  await join(pull, fresh(), push);
  const end = new TransformStream<Uint8Array, zmq.Sendable>({
    flush: (controller) => controller.enqueue(null),
  });
  const sending = (await Deno.open(directory.at("from"))).readable.pipeThrough(end)
    .pipeTo(push.writableStream({ close: true }));
  const unpack = new TransformStream<zmq.Message, Uint8Array<ArrayBuffer>>({
    transform([frame], controller) {
      if (frame!.length > 0) controller.enqueue(frame!);
      else controller.terminate();
    },
  });
  const file = await Deno.open(directory.at("to"), { write: true, create: true });
  await within(pull.readableStream().pipeThrough(unpack).pipeTo(file.writable), "the file");
  await within(sending, "the end");
  assertEquals(push.closed, true);
  assertEquals(pull.closed, false);
  assert((await Deno.readFile(directory.at("to"))).every((byte, i) => byte === content[i]));
  assertEquals((await Deno.stat(directory.at("to"))).size, content.length);
});

overTransports("streams: nothing is taken before it is read", async (fresh) => {
  await using push = new Push();
  await using pull = new zmq.Pull();
  await join(pull, fresh(), push);
  for (let i = 0; i < 4; i++) await push.send(`${i}`);
  await until(() => pull.readable);
  const reader = pull.readableStream().getReader();
  assertEquals(words((await reader.read()).value!), ["0"]);
  // The stream has had time to take another one.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(pull, "1");
  await reader.cancel();
  await expect(pull, "2");
  await expect(pull, "3");
});

overTransports("streams: what is cancelled takes nothing with it", async (fresh) => {
  await using push = new Push();
  await using pull = new zmq.Pull();
  await join(pull, fresh(), push);
  const reader = pull.readableStream().getReader();
  const reading = reader.read();
  // A stream that is new starts in a moment.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await reader.cancel("enough");
  assertEquals((await reading).done, true);
  await push.send("for somebody else");
  await expect(pull, "for somebody else");
  assertEquals(pull.closed, false);
});

overTransports("streams: several of a socket are served in turn, as calls are", async (fresh) => {
  await using push = new Push();
  await using pull = new zmq.Pull();
  await join(pull, fresh(), push);
  const readers = [pull.readableStream().getReader(), pull.readableStream().getReader()];
  const reads = [readers[0]!.read(), readers[1]!.read()];
  // A stream that is new starts in a moment.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const call = pull.receive(patient);
  reads.push(readers[0]!.read());
  for (let i = 0; i < 4; i++) await push.send(`${i}`);
  assertEquals(words((await reads[0]!).value!), ["0"]);
  assertEquals(words((await reads[1]!).value!), ["1"]);
  assertEquals(words(await call), ["2"]);
  assertEquals(words((await reads[2]!).value!), ["3"]);
});

overTransports("streams: a stream of a socket without room holds up what is piped into it", async (fresh) => {
  const push = new zmq.Push({ sendHighWaterMark: 10 });
  await push.bind(fresh());
  let made = 0;
  const source = new ReadableStream<string>({
    pull(controller) {
      controller.enqueue(`${made++}`);
      if (made === 100) controller.close();
    },
  }, { highWaterMark: 0 });
  const piping = source.pipeTo(push.writableStream({ close: true }));
  await until(() => made > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  // Nobody is there: one message waits in the socket's line.
  assertLessOrEqual(made, 2);
  await using pull = new Pull();
  pull.connect(push.lastEndpoint!);
  assertEquals(await takeMany(pull, 100), Array.from({ length: 100 }, (_, i) => `${i}`));
  await within(piping, "the end");
  assertEquals(push.closed, true);
});

overTransports("streams: REP as a pair of streams", async (fresh) => {
  await using request = new zmq.Request();
  await using reply = new Reply();
  await join(reply, fresh(), request);
  const writer = request.writableStream().getWriter();
  const reader = request.readableStream().getReader();
  for (let i = 0; i < 3; i++) {
    await writer.write(["question", `${i}`]);
    assertEquals(await take(reply), ["question", `${i}`]);
    await reply.send("answer");
    assertEquals(words((await reader.read()).value!), ["answer"]);
  }
});

Deno.test("streams: end with their socket", async () => {
  const pull = new zmq.Pull();
  const reader = pull.readableStream().getReader();
  const reading = reader.read();
  pull.close();
  assertEquals((await within(reading, "the end")).done, true);
  await within(reader.closed, "the end");
  const idle = new zmq.Pull();
  const stream = idle.readableStream();
  idle.close();
  assertEquals((await stream.getReader().read()).done, true);
  const push = new zmq.Push();
  const writer = push.writableStream().getWriter();
  const writing = writer.write("x");
  // A stream that is new starts in a moment.
  await new Promise((resolve) => setTimeout(resolve, 0));
  push.close();
  await refuses(writing, "EAGAIN");
  await refuses(writer.closed, "EAGAIN");
  for (const socket of [pull, push]) assertEquals(socket.closed, true);
});

Deno.test("streams: fail with ETERM and with the socket's timeouts", async () => {
  const context = new zmq.Context();
  using pull = new zmq.Pull({ context });
  const reading = pull.readableStream().getReader().read();
  context.shutdown();
  await refuses(reading, "ETERM");
  using hasty = new zmq.Pull({ receiveTimeout: 10 });
  await refuses(hasty.readableStream().getReader().read(), "EAGAIN");
  hasty.receiveTimeout = 0;
  await refuses(hasty.readableStream().getReader().read(), "EAGAIN");
  using push = new zmq.Push({ sendTimeout: 10 });
  await refuses(push.writableStream().getWriter().write("x"), "EAGAIN");
});

Deno.test("streams: a signal makes them fail", async () => {
  const reason = new Error("enough");
  for (const close of [false, true]) {
    using pull = new zmq.Pull();
    using push = new zmq.Push();
    const controller = new AbortController();
    const options = { signal: controller.signal, close };
    const reader = pull.readableStream(options).getReader();
    const writer = push.writableStream(options).getWriter();
    const calls = [reader.read(), writer.write("x"), reader.closed, writer.closed];
    controller.abort(reason);
    for (const call of calls) {
      assertEquals(await assertRejects(() => within(call as Promise<unknown>, "the end")), reason);
    }
    assertEquals([pull.closed, push.closed], [close, close]);
    if (close) continue;
    const late = push.writableStream(options).getWriter();
    assertEquals(await assertRejects(() => late.closed), reason);
    const read = pull.readableStream(options).getReader().read();
    assertEquals(await assertRejects(() => read), reason);
  }
});

Deno.test("streams: an abort takes back the message that waits", async () => {
  using push = new zmq.Push();
  await push.bind("inproc://denomq-stream-abort");
  const writer = push.writableStream().getWriter();
  const writing = writer.write("not this");
  await new Promise((resolve) => setTimeout(resolve, 0));
  const reason = new Error("enough");
  await Promise.all([
    within(writer.abort(reason), "the end"),
    assertRejects(() => writing),
  ]);
  assertEquals(push.closed, false);
  using pull = new zmq.Pull();
  pull.connect("inproc://denomq-stream-abort");
  await push.send("but this");
  await expect(pull, "but this");
});

Deno.test("streams: close is up to their options", async () => {
  for (const close of [false, true]) {
    const [pull, push, other] = [new zmq.Pull(), new zmq.Push(), new zmq.Push()];
    await pull.readableStream({ close }).cancel();
    await push.writableStream({ close }).close();
    await other.writableStream({ close }).abort();
    for (const socket of [pull, push, other]) {
      assertEquals(socket.closed, close, socket.constructor.name);
      socket.close();
    }
  }
});

overTransports("streams: one that closes its socket has ended when all has gone out", async (fresh) => {
  const push = new zmq.Push();
  const endpoint = fresh();
  push.connect(endpoint);
  const writer = push.writableStream({ close: true }).getWriter();
  await writer.write("the last word");
  let ended = false;
  const closing = writer.close().then(() => ended = true);
  await until(() => push.closed);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(ended, false);
  await using pull = new zmq.Pull();
  await pull.bind(endpoint);
  await expect(pull, "the last word");
  await within(closing, "the end");
}, ({ wire }) => wire);

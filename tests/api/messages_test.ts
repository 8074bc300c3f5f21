import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Dealer, type MessageLike, Pair, Push, type Sendable } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { next, Pipeline } from "./support.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("every form of a frame arrives as its bytes", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const memory = bytes(9, 1, 2, 3, 9).buffer;
  const shared = new SharedArrayBuffer(3);
  new Uint8Array(shared).set([4, 5, 6]);
  const resizable = new ArrayBuffer(2, { maxByteLength: 8 });
  new Uint8Array(resizable).set([7, 8]);
  const forms: [MessageLike, Uint8Array][] = [
    ["text é €", new TextEncoder().encode("text é €")],
    ["", bytes()],
    ["\ud800", bytes(0xef, 0xbf, 0xbd)],
    [null, bytes()],
    [0, bytes(48)],
    [-1.5, new TextEncoder().encode("-1.5")],
    [NaN, new TextEncoder().encode("NaN")],
    [1e21, new TextEncoder().encode("1e+21")],
    [bytes(0, 255), bytes(0, 255)],
    [new Uint8Array(memory, 1, 3), bytes(1, 2, 3)],
    [new DataView(memory, 1, 3), bytes(1, 2, 3)],
    [new Int16Array([0x0201]), bytes(1, 2)],
    [new Float64Array([0]), new Uint8Array(8)],
    [bytes(9, 1, 2, 3, 9).subarray(1, 4), bytes(1, 2, 3)],
    [memory, bytes(9, 1, 2, 3, 9)],
    [shared, bytes(4, 5, 6)],
    [new Uint8Array(shared, 1), bytes(5, 6)],
    [resizable, bytes(7, 8)],
    [new ArrayBuffer(0), bytes()],
  ];
  for (const [form, expected] of forms) {
    for (const message of [form, [form]]) {
      await push.send(message);
      const frames = await within(pull.receive(), "a message");
      assertEquals(frames.map((frame) => frame.slice()), [expected], `${String(form)} as ${typeof message}`);
      for (const frame of frames) assertEquals(Object.getPrototypeOf(frame), Uint8Array.prototype);
    }
  }
  await push.send(forms.map(([form]) => form));
  const frames = await within(pull.receive(), "all of them in one message");
  assertEquals(frames.map((frame) => frame.slice()), forms.map(([, expected]) => expected));
});

Deno.test("what is no message is a TypeError that names its type", async () => {
  await using pair = new Pair();
  class Thing {}
  const wrong: [unknown, string][] = [
    [undefined, "undefined"],
    [true, "boolean"],
    [1n, "bigint"],
    [Symbol("x"), "symbol"],
    [() => {}, "function"],
    [{}, "Object"],
    [new Thing(), "Thing"],
    [new Date(), "Date"],
    [Object.create(null), "object"],
    [new String("boxed"), "String"],
    [[undefined], "undefined"],
    [["fine", ["nested"]], "Array"],
    [["fine", {}], "Object"],
  ];
  for (const [value, name] of wrong) {
    const message = value as Sendable;
    await assertRejects(() => pair.send(message), TypeError, `got ${name}`);
    assertThrows(() => pair.trySend(message), TypeError, `got ${name}`);
  }
  await assertRejects(() => pair.send([]), TypeError, "no frame");
});

Deno.test("a refused message leaves the socket as it was", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  await assertRejects(() => push.send(["first frame", undefined as unknown as null]), TypeError);
  await push.send("whole");
  assertEquals(await next(pull), ["whole"]);
});

Deno.test("frames of every size about the limits of the wire arrive whole", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  const sizes = [0, 1, 47, 48, 49, 254, 255, 256, 4095, 4096, 65_534, 65_535, 65_536, 65_537, 300_000, 5_000_000];
  const frames = sizes.map((size) => {
    const frame = new Uint8Array(size);
    for (let i = 0; i < size; i++) frame[i] = (i * 7 + size) & 255;
    return frame;
  });
  const sending = (async () => {
    for (const frame of frames) await push.send(frame);
    await push.send(frames);
    await push.send([...frames].reverse());
  })();
  const compare = (got: Uint8Array, wanted: Uint8Array) => {
    assertEquals(got.length, wanted.length);
    assert(got.every((byte, i) => byte === wanted[i]), `a frame of ${wanted.length} bytes is changed`);
  };
  for (const frame of frames) {
    const received = await within(pull.receive(), `the frame of ${frame.length}`);
    assertEquals(received.length, 1);
    compare(received[0]!, frame);
  }
  for (const wanted of [frames, [...frames].reverse()]) {
    const received = await within(pull.receive(), "the multipart message");
    assertEquals(received.length, wanted.length);
    for (const [i, frame] of received.entries()) compare(frame, wanted[i]!);
  }
  await sending;
});

Deno.test("a message of many frames arrives as one", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  await push.send(Array.from({ length: 10_000 }, (_, i) => String(i)));
  await push.send("next");
  const frames = await next(pull);
  assertEquals([frames.length, frames[0], frames[9999]], [10_000, "0", "9999"]);
  assertEquals(await next(pull), ["next"]);
});

Deno.test("the sender may reuse its buffer once send() has resolved", async () => {
  await using pipeline = await Pipeline.make({
    push: { sendHighWaterMark: 5000 },
    pull: { receiveHighWaterMark: 5000 },
  });
  const { pull, push } = pipeline;
  for (const size of [16, 5000, 65_535]) {
    const buffer = new Uint8Array(size);
    const frames = [new Uint8Array(2), buffer];
    for (let i = 0; i < 50; i++) {
      buffer.fill(i);
      frames[0]!.fill(i);
      await push.send(i % 2 === 0 ? buffer : frames);
    }
    buffer.fill(255);
    frames.length = 0;
    for (let i = 0; i < 50; i++) {
      const received = await within(pull.receive(), "a message");
      assertEquals(received.length, 1 + i % 2);
      for (const frame of received) assert(frame.every((byte) => byte === i), `message ${i} of ${size} bytes`);
    }
  }
});

Deno.test("the buffer of a send that waits is read when it is sent, and free once it resolves", async () => {
  await using push = new Push({ linger: 0 });
  const buffer = bytes(1, 1);
  const waiting = push.send(buffer);
  await using pair = await Pipeline.make();
  push.connect(pair.pull.lastEndpoint!);
  await within(waiting, "the send");
  buffer.fill(9);
  assertEquals(Array.from((await within(pair.pull.receive(), "it"))[0]!), [1, 1]);
});

Deno.test("a received frame is its receiver's to change and to pass on", async () => {
  await using pipeline = await Pipeline.make();
  const { pull, push } = pipeline;
  await push.send([bytes(1, 2), bytes(3, 4)]);
  await push.send(bytes(5));
  const [first, second] = await within(pull.receive(), "the first");
  first!.fill(9);
  assertEquals(Array.from(second!), [3, 4]);
  assertEquals(Array.from((await within(pull.receive(), "the second"))[0]!), [5]);
  await push.send([first!, second!]);
  assertEquals((await within(pull.receive(), "it again")).map((frame) => Array.from(frame)), [[9, 9], [3, 4]]);
});

Deno.test("one array may be sent many times and changed in between", async () => {
  await using first = new Dealer({ linger: 0 });
  await using second = new Dealer();
  await second.bind("ipc://*");
  first.connect(second.lastEndpoint!);
  const message: string[] = [];
  for (let i = 0; i < 4; i++) {
    message.push(String(i));
    await first.send(message);
  }
  for (let i = 0; i < 4; i++) assertEquals((await next(second)).length, i + 1);
});

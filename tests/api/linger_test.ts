import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { isPending, next, Pipeline } from "./support.ts";

/** A socket that has sent `count` large messages to a peer that does not read them. */
async function stuck(pull: Pull, linger: number, count = 50): Promise<Push> {
  pull.receiveHighWaterMark = 1;
  await pull.bind("ipc://*");
  const push = new Push({ linger });
  push.connect(pull.lastEndpoint!);
  await push.waitForPeers();
  for (let i = 0; i < count; i++) await push.send(new Uint8Array(60_000).fill(i));
  // A turn later the system's buffers are full.
  await new Promise((resolve) => setTimeout(resolve, 20));
  return push;
}

Deno.test("close() returns at once and the messages still go out", async () => {
  await using pull = new Pull();
  const push = await stuck(pull, -1);
  push.close();
  assert(push.closed);
  push.close();
  for (let i = 0; i < 50; i++) assertEquals((await within(pull.receive(), `message ${i}`))[0]![0], i);
  await within(push[Symbol.asyncDispose](), "the end");
});

Deno.test("with linger 0 a close drops what a busy peer has not taken", async () => {
  await using pull = new Pull();
  const push = await stuck(pull, 0);
  await within(push[Symbol.asyncDispose](), "the end", 2000);
  let received = 0;
  while (await pull.receive({ timeout: 200 }).then(() => true, () => false)) received++;
  assert(received < 50, `${received} messages`);
});

Deno.test("with a linger period a close gives up in time", async () => {
  await using pull = new Pull();
  const push = await stuck(pull, 100);
  const start = performance.now();
  await within(push[Symbol.asyncDispose](), "the end", 5000);
  const took = performance.now() - start;
  assert(took >= 90, `${took} ms`);
});

Deno.test("with a linger period a close waits for a peer that is not there, in time", async () => {
  const push = new Push({ linger: 60 });
  push.connect("ipc://@denomq-nobody");
  await push.send("x");
  const start = performance.now();
  await within(push[Symbol.asyncDispose](), "the end", 5000);
  const took = performance.now() - start;
  assert(took >= 55 && took < 3000, `${took} ms`);
});

Deno.test("without limit a close waits for the peer, which may come later", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  const push = new Push({ reconnectInterval: 5 });
  push.connect(endpoint);
  for (let i = 0; i < 3; i++) await push.send(`${i}`);
  const ended = push[Symbol.asyncDispose]();
  assert(await isPending(ended));
  await using pull = new Pull();
  await pull.bind(endpoint);
  for (let i = 0; i < 3; i++) assertEquals(await next(pull), [`${i}`]);
  await within(ended, "the end");
});

Deno.test("disconnect follows linger: 0 drops, else the messages go out", async () => {
  for (const linger of [0, -1]) {
    using temp = new TempDirectory();
    const endpoint = `ipc://${temp.at("feed")}`;
    await using push = new Push({ linger, reconnectInterval: 5 });
    push.connect(endpoint);
    await push.send("queued");
    push.disconnect(endpoint);
    assertEquals(push.trySend("refused"), false);
    await using pull = new Pull();
    await pull.bind(endpoint);
    if (linger === 0) assert(await pull.receive({ timeout: 100 }).then(() => false, () => true));
    else assertEquals(await next(pull), ["queued"]);
  }
});

Deno.test("a close with less patience than the disconnect before it has the last word", async () => {
  for (const linger of [0, 50]) {
    const push = new Push();
    push.connect("ipc://@denomq-nobody");
    await push.send("x");
    push.disconnect("ipc://@denomq-nobody");
    push.linger = linger;
    await within(push[Symbol.asyncDispose](), "the end", 5000);
  }
});

Deno.test("a close with less patience than the unbind before it has the last word", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  const push = new Push();
  await push.bind("ipc://*");
  pull.connect(push.lastEndpoint!);
  await within(push.waitForPeers(), "the peer");
  for (let i = 0; i < 50; i++) await push.send(new Uint8Array(60_000));
  await push.unbind(push.lastEndpoint!);
  push.linger = 0;
  await within(push[Symbol.asyncDispose](), "the end", 5000);
});

Deno.test("using closes and await using waits for the end", async () => {
  using temp = new TempDirectory();
  await using pull = new Pull();
  await pull.bind(`ipc://${temp.at("feed")}`);
  let outer: Push;
  {
    using push = new Push();
    outer = push;
    push.connect(pull.lastEndpoint!);
    await push.send("one");
  }
  assert(outer.closed);
  assertEquals(await next(pull), ["one"]);
  {
    await using push = new Push();
    push.connect(pull.lastEndpoint!);
    await push.send("two");
  }
  assertEquals(await next(pull), ["two"]);
});

Deno.test("an idle socket ends at once, whatever its linger", async () => {
  await using pipeline = await Pipeline.make({ push: { linger: -1 } });
  await within(pipeline.push[Symbol.asyncDispose](), "the end", 2000);
  const dealer = new Dealer();
  dealer.connect("ipc://@denomq-nobody");
  await within(dealer[Symbol.asyncDispose](), "the end of a socket without a peer", 2000);
});

Deno.test("closing drops what was received and frees the peer", async () => {
  await using pipeline = await Pipeline.make({ pull: { receiveHighWaterMark: 1 }, push: { sendHighWaterMark: 2 } });
  const { pull, push } = pipeline;
  while (push.trySend(new Uint8Array(60_000)));
  pull.close();
  assertEquals(pull.readable, false);
  await within(pull[Symbol.asyncDispose](), "the end of the receiver");
});

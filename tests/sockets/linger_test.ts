// What becomes of messages that are queued when a socket or an endpoint is closed, over every wire.

import { assert, assertEquals } from "@std/assert";
import { isPending, next } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { Dealer, Pull, Push } from "../support/sockets.ts";
import { overWires } from "../support/transports.ts";
import { join, patient } from "./support.ts";

/** So many messages of so many bytes are more than the system's buffers take: those of tcp grow to some megabytes. */
const [COUNT, SIZE] = [250, 60_000];

/** A socket that has sent large messages to a peer that does not read them. */
async function stuck(pull: Pull, endpoint: string, linger: number): Promise<Push> {
  pull.receiveHighWaterMark = 1;
  await pull.bind(endpoint);
  const push = new Push({ linger });
  push.connect(pull.lastEndpoint!);
  await push.waitForPeers(1, patient);
  for (let i = 0; i < COUNT; i++) await push.send(new Uint8Array(SIZE).fill(i));
  return push;
}

overWires("close() returns at once and the messages still go out", async (fresh) => {
  await using pull = new Pull();
  const push = await stuck(pull, fresh(), -1);
  push.close();
  assert(push.closed);
  push.close();
  for (let i = 0; i < COUNT; i++) assertEquals((await within(pull.receive(), `message ${i}`))[0]![0], i);
  await within(push[Symbol.asyncDispose](), "the end");
});

overWires("with linger 0 a close drops what a busy peer has not taken", async (fresh) => {
  await using pull = new Pull();
  const push = await stuck(pull, fresh(), 0);
  await within(push[Symbol.asyncDispose](), "the end", 2000);
  let received = 0;
  while (await pull.receive({ timeout: 200 }).then(() => true, () => false)) received++;
  assert(received < COUNT, `${received} messages`);
});

overWires("with a linger period a close gives up in time", async (fresh) => {
  await using pull = new Pull();
  const push = await stuck(pull, fresh(), 100);
  const start = performance.now();
  await within(push[Symbol.asyncDispose](), "the end", 5000);
  const took = performance.now() - start;
  assert(took >= 90, `${took} ms`);
});

overWires("with a linger period a close waits for a peer that is not there, in time", async (fresh) => {
  const push = new Push({ linger: 60 });
  push.connect(fresh());
  await push.send("x");
  const start = performance.now();
  await within(push[Symbol.asyncDispose](), "the end", 5000);
  const took = performance.now() - start;
  assert(took >= 55 && took < 3000, `${took} ms`);
});

overWires("without limit a close waits for the peer, which may come later", async (fresh) => {
  const endpoint = fresh();
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

overWires("disconnect follows linger: 0 drops, else the messages go out", async (fresh) => {
  for (const linger of [0, -1]) {
    const endpoint = fresh();
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

overWires("a close with less patience than the disconnect before it has the last word", async (fresh) => {
  for (const linger of [0, 50]) {
    const endpoint = fresh();
    const push = new Push();
    push.connect(endpoint);
    await push.send("x");
    push.disconnect(endpoint);
    push.linger = linger;
    await within(push[Symbol.asyncDispose](), "the end", 5000);
  }
});

overWires("a close with less patience than the unbind before it has the last word", async (fresh) => {
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  const push = new Push();
  await push.bind(fresh());
  pull.connect(push.lastEndpoint!);
  await within(push.waitForPeers(), "the peer");
  for (let i = 0; i < COUNT; i++) await push.send(new Uint8Array(SIZE));
  await push.unbind(push.lastEndpoint!);
  push.linger = 0;
  await within(push[Symbol.asyncDispose](), "the end", 5000);
});

overWires("using closes and await using waits for the end", async (fresh) => {
  await using pull = new Pull();
  await pull.bind(fresh());
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

overWires("an idle socket ends at once, whatever its linger", async (fresh) => {
  await using pull = new Pull();
  const push = new Push({ linger: -1 });
  await join(pull, fresh(), push);
  await within(push[Symbol.asyncDispose](), "the end", 2000);
  const dealer = new Dealer();
  dealer.connect(fresh());
  await within(dealer[Symbol.asyncDispose](), "the end of a socket without a peer", 2000);
});

overWires("closing drops what was received and frees the peer", async (fresh) => {
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await using push = new Push({ sendHighWaterMark: 2, linger: 0 });
  await join(pull, fresh(), push);
  while (push.trySend(new Uint8Array(60_000)));
  pull.close();
  assertEquals(pull.readable, false);
  await within(pull[Symbol.asyncDispose](), "the end of the receiver");
});

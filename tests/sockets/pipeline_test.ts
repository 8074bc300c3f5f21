// PUSH and PULL: round robin out, fair queue in (RFC 30).

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../mod.ts";
import { Pull, Push } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { expect, expectNothing, fill, join, patient, peersLeft, refuses, take, takeMany, until } from "./support.ts";

// libzmq: test_spec_pushpull (push round robin out)
overTransports("pipeline: PUSH sends to its peers in turn", async (fresh) => {
  await using push = new Push();
  await using disposables = new AsyncDisposableStack();
  const pulls = Array.from({ length: 5 }, () => disposables.use(new Pull()));
  await join(push, fresh(), ...pulls);
  for (let i = 0; i < 15; i++) await push.send(`${i % 5}`);
  const all = await Promise.all(pulls.map((pull) => takeMany(pull, 3)));
  for (const received of all) assertEquals(new Set(received).size, 1);
  assertEquals(new Set(all.flat()).size, 5);
});

// libzmq: test_spec_pushpull (pull fair queue in), test_fair_queue
overTransports("pipeline: PULL receives from its peers in turn", async (fresh) => {
  await using pull = new Pull();
  await using disposables = new AsyncDisposableStack();
  const pushes = Array.from({ length: 5 }, () => disposables.use(new Push()));
  await join(pull, fresh(), ...pushes);
  // The first has a head start of a hundred messages, of two frames each.
  for (let i = 0; i < 100; i++) await pushes[0]!.send(["0", "more"]);
  await expect(pull, "0", "more");
  for (const [i, push] of pushes.entries()) if (i > 0) { for (let k = 0; k < 2; k++) await push.send(`${i}`); }
  // Everything of the others has come when it is not their turn any more.
  const received: string[] = [];
  for (let i = 0; i < 107; i++) received.push((await take(pull))[0]!);
  const counts = [0, 0, 0, 0, 0];
  for (const sender of received) counts[Number(sender)]!++;
  assertEquals(counts, [99, 2, 2, 2, 2]);
  expectNothing(pull);
});

overTransports("pipeline: fair queueing goes message by message", async (fresh) => {
  await using pull = new Pull();
  await using a = new Push();
  await using b = new Push();
  await join(pull, fresh(), a, b);
  for (let i = 0; i < 4; i++) {
    await a.send([`a${i}`, "", "end"]);
    await b.send([`b${i}`, "", "end"]);
  }
  await pull.receive(patient);
  // All of it is there once the last message of each is: wait without taking any.
  const rest: string[] = [];
  while (rest.length < 7) rest.push((await take(pull)).join("|"));
  for (const sender of ["a", "b"]) {
    const own = rest.filter((text) => text.startsWith(sender));
    assertEquals(own, own.toSorted());
    assert(own.every((text) => /^.\d\|\|end$/.test(text)));
  }
});

// libzmq: test_spec_pushpull (push block on send no peers)
overTransports("pipeline: without peers PUSH waits", async (fresh) => {
  await using push = new Push();
  assertEquals([push.trySend("x"), push.writable], [false, false]);
  await refuses(push.send("x", { timeout: 0 }), "EAGAIN");
  await refuses(push.send("x", { timeout: 10 }), "EAGAIN");
  await push.bind(fresh());
  const sent = push.send("later", patient);
  await using pull = new Pull();
  pull.connect(push.lastEndpoint!);
  await sent;
  await expect(pull, "later");
});

overTransports("pipeline: PULL cannot send and PUSH cannot receive", async () => {
  await using push = new Push();
  await using pull = new Pull();
  assert(!("receive" in push) && !("send" in pull));
  await Promise.resolve();
});

// libzmq: test_bind_after_connect, test_hwm (connect and close first)
overTransports("pipeline: what is sent before the peer is there arrives when it comes", async (fresh) => {
  const endpoint = fresh();
  {
    using push = new Push({ reconnectInterval: 10 });
    push.connect(endpoint);
    for (let i = 0; i < 3; i++) assert(push.trySend(`${i}`));
  }
  await using pull = new Pull();
  await pull.bind(endpoint);
  assertEquals(await takeMany(pull, 3), ["0", "1", "2"]);
});

// libzmq: test_spec_pushpull (destroy queue on disconnect)
overTransports("pipeline: the queue of an accepted peer goes with it", async (fresh) => {
  await using push = new Push({ sendHighWaterMark: 2 });
  const first = new Pull({ receiveHighWaterMark: 1 });
  await join(push, fresh(), first);
  fill(push, ["old", new Uint8Array(1_000_000)]);
  first.close();
  await peersLeft(push, 0);
  assertEquals(push.trySend("x"), false);
  await using second = new Pull();
  second.connect(push.lastEndpoint!);
  await push.send("new", patient);
  await expect(second, "new");
});

overTransports("pipeline: what an accepted peer sent before it went can be read", async (fresh) => {
  await using pull = new Pull();
  const endpoint = fresh();
  await pull.bind(endpoint);
  {
    await using push = new Push();
    push.connect(endpoint);
    for (let i = 0; i < 100; i++) await push.send(`${i}`);
  }
  await peersLeft(pull, 0);
  assertEquals(await takeMany(pull, 100), Array.from({ length: 100 }, (_, i) => `${i}`));
});

// libzmq: test_rebind_ipc
overWires("pipeline: a PULL that stays connected finds the next PUSH at the same endpoint", async (fresh) => {
  const endpoint = fresh();
  await using pull = new Pull({ reconnectInterval: 10 });
  pull.connect(endpoint);
  for (const name of ["first", "second"]) {
    await using push = new Push();
    await push.bind(endpoint);
    await push.send(name, patient);
    await expect(pull, name);
  }
});

// libzmq: test_immediate
overTransports(
  "pipeline: without immediate half of the messages wait for the peer that is not there",
  async (fresh) => {
    await using pull = new Pull();
    await using push = new Push({ linger: 0 });
    await join(pull, fresh(), push);
    push.connect(fresh());
    for (let i = 0; i < 10; i++) assert(push.trySend(`${i}`));
    assertEquals(await takeMany(pull, 5), ["0", "2", "4", "6", "8"]);
    expectNothing(pull);
  },
);

// libzmq: test_immediate. In memory a pipe is there at once, whoever is bound.
overWires("pipeline: with immediate all messages go to the peer that is there", async (fresh) => {
  await using pull = new Pull();
  await using push = new Push({ immediate: true });
  push.connect(fresh());
  await join(pull, fresh(), push);
  for (let i = 0; i < 10; i++) assert(push.trySend(`${i}`));
  assertEquals(await takeMany(pull, 10), Array.from({ length: 10 }, (_, i) => `${i}`));
});

// libzmq: test_immediate
overWires(
  "pipeline: with immediate the loss of the only peer stops the sender until it is back",
  async (fresh) => {
    const endpoint = fresh();
    await using push = new Push({ immediate: true, reconnectInterval: 10 });
    {
      await using pull = new Pull();
      await join(pull, endpoint, push);
      await push.send("one");
      await expect(pull, "one");
    }
    await until(() => !push.writable);
    assertEquals(push.trySend("lost"), false);
    await using pull = new Pull();
    await pull.bind(endpoint);
    await push.send("two", patient);
    await expect(pull, "two");
  },
);

// libzmq: test_term_endpoint
overTransports("pipeline: after unbind a PUSH has nobody to send to, except in memory", async (fresh, { wire }) => {
  await using push = new Push();
  await using pull = new Pull({ reconnectInterval: -1 });
  await join(push, fresh(), pull);
  await push.send("bound");
  await expect(pull, "bound");
  await push.unbind(push.lastEndpoint!);
  if (wire) return await until(() => !push.trySend("x"));
  // There unbind() frees the name and no more.
  await push.send("still there");
  await expect(pull, "still there");
});

// libzmq: test_term_endpoint
overTransports("pipeline: after disconnect a PUSH has nobody to send to", async (fresh) => {
  await using push = new Push();
  await using other = new Pull();
  await join(other, fresh(), push);
  await push.send("connected");
  await expect(other, "connected");
  push.disconnect(push.lastEndpoint!);
  assertEquals(push.trySend("x"), false);
  assertEquals(assertThrows(() => push.disconnect(fresh()), ZmqError).code, "ENOENT");
});

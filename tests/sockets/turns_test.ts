// Fair queue and load balancer: whose turn it is.

import { assert, assertEquals } from "@std/assert";
import type { WirePipe } from "../../link/wire_pipe.ts";
import { FairQueue } from "../../sockets/fair_queue.ts";
import { LoadBalancer } from "../../sockets/load_balancer.ts";
import { randomness } from "../zmtp/support.ts";
import { loosePipe } from "../support/loose_pipe.ts";
import { frame, words } from "./support.ts";

/** Messages come from a peer. */
function arrive(queue: FairQueue, pipe: WirePipe, ...texts: string[]): void {
  for (const text of texts) pipe.receive([frame(text), frame("more")]);
  queue.activate(pipe);
}

/** Everything that can be read, in order. */
function readAll(queue: FairQueue): string[] {
  const read: string[] = [];
  for (let frames = queue.read(); frames !== undefined; frames = queue.read()) read.push(words(frames)[0]!);
  return read;
}

// libzmq: test_spec_pushpull, test_spec_dealer, test_spec_router, test_spec_rep (fair queue in)
Deno.test("fair queue: one message of each in turn, however many the others have", () => {
  const queue = new FairQueue();
  const [a, b, c] = [loosePipe(), loosePipe(), loosePipe()];
  arrive(queue, a, "a1", "a2", "a3", "a4", "a5");
  arrive(queue, b, "b1", "b2");
  arrive(queue, c, "c1");
  assertEquals(readAll(queue), ["a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"]);
  assertEquals([queue.readable, queue.read()], [false, undefined]);
});

Deno.test("fair queue: who comes later stands behind those who wait, and each message knows its pipe", () => {
  const queue = new FairQueue();
  const [a, b] = [loosePipe(), loosePipe()];
  arrive(queue, a, "a1", "a2", "a3");
  queue.read();
  assertEquals(queue.from, a);
  arrive(queue, b, "b1");
  const order: unknown[] = [];
  while (queue.read() !== undefined) order.push(queue.from!);
  assertEquals(order.length, 3);
  assert(order.indexOf(b) < 2, "b waits for one message of a at most");
});

Deno.test("fair queue: nobody waits longer than for one message of each of the others", () => {
  const random = randomness(7);
  const queue = new FairQueue();
  const pipes = Array.from({ length: 6 }, () => loosePipe());
  const waited = new Map<WirePipe, number>(pipes.map((pipe) => [pipe, 0]));
  let sent = 0;
  let read = 0;
  for (let step = 0; step < 20_000; step++) {
    if (random(2) === 0) {
      arrive(queue, pipes[random(random(pipes.length) + 1)]!, `${sent++}`);
      continue;
    }
    const expected = pipes.some((pipe) => pipe.readable);
    assertEquals(queue.readable, expected);
    if (queue.read() === undefined) {
      assert(!expected);
      continue;
    }
    read++;
    for (const pipe of pipes) waited.set(pipe, pipe.readable && pipe !== queue.from ? waited.get(pipe)! + 1 : 0);
    assert(Math.max(...waited.values()) < 2 * pipes.length);
  }
  assertEquals(read + readAll(queue).length, sent);
});

// libzmq: test_spec_pushpull, test_spec_dealer, test_spec_req (round robin out)
Deno.test("load balancer: one message to each in turn, leaving out those that are full or gone", () => {
  const balancer = new LoadBalancer();
  const [a, b, c] = [loosePipe(), loosePipe(2), loosePipe()];
  assertEquals(balancer.send([frame("x")]), undefined);
  for (const pipe of [a, b, c]) balancer.activate(pipe);
  balancer.activate(a);
  const send = () => {
    const pipe = balancer.send([frame("x"), frame("more")]);
    return pipe === a ? "a" : pipe === b ? "b" : pipe === c ? "c" : "-";
  };
  assertEquals(Array.from({ length: 6 }, send).join(""), "abcabc");
  assert(b.full);
  assertEquals(Array.from({ length: 4 }, send).join(""), "acac");
  b.outbox.clear();
  b.drained();
  balancer.activate(b);
  assertEquals(Array.from({ length: 6 }, send).toSorted().join(""), "aabbcc");
  a.end();
  balancer.activate(a);
  assertEquals(Array.from({ length: 2 }, send).join(""), "cc");
  c.end();
  assertEquals([send(), balancer.next], ["-", undefined]);
});

Deno.test("load balancer: a pipe that is full again and again gets as much as it takes", () => {
  const random = randomness(8);
  const balancer = new LoadBalancer();
  const pipes = Array.from({ length: 5 }, (_, i) => loosePipe(i + 1));
  for (const pipe of pipes) balancer.activate(pipe);
  for (let step = 0; step < 10_000; step++) {
    const free = pipes.some((pipe) => !pipe.full);
    assertEquals(balancer.next !== undefined, free);
    const before = pipes.map((pipe) => pipe.outbox.messages);
    const chosen = balancer.send([frame("x")]);
    assertEquals(chosen !== undefined, free);
    for (const [i, pipe] of pipes.entries()) {
      assertEquals(pipe.outbox.messages, before[i]! + (pipe === chosen ? 1 : 0));
      assert(pipe.outbox.messages <= i + 1);
    }
    if (random(3) > 0) continue;
    const pipe = pipes[random(pipes.length)]!;
    pipe.outbox.clear();
    pipe.drained();
    balancer.activate(pipe);
  }
});

// The queue of a pipe: a chain of chunks.

import { assertEquals } from "@std/assert";
import { Queue } from "../../link/queue.ts";

Deno.test("queue: what comes out is what went in, in its order, however it grows and shrinks", () => {
  const queue = new Queue<number>();
  const model: number[] = [];
  let next = 0;
  let dice = 7;
  for (let step = 0; step < 20_000; step++) {
    dice = (dice * 1_103_515_245 + 12_345) & 0x7fffffff;
    // Waves, so that it crosses the ends of chunks both nearly empty and long.
    const filling = (step >> 9) % 2 === 0;
    if ((dice >> 8) % 8 < (filling ? 6 : 2)) {
      queue.push(next);
      model.push(next++);
    } else {
      assertEquals(queue.shift(), model.shift());
    }
    assertEquals(queue.length, model.length);
  }
  while (model.length > 0) assertEquals(queue.shift(), model.shift());
  assertEquals([queue.shift(), queue.length], [undefined, 0]);
});

Deno.test("queue: the last item can be taken back, and another put in its place", () => {
  const queue = new Queue<number>();
  assertEquals([queue.last, queue.pop()], [undefined, undefined]);
  const model: number[] = [];
  for (let i = 0; i < 300; i++) {
    queue.push(i);
    assertEquals(queue.last, i);
    assertEquals(queue.pop(), i);
    assertEquals(queue.length, model.length);
    queue.push(-i);
    model.push(-i);
    if (i % 3 === 0) assertEquals(queue.shift(), model.shift());
  }
  while (model.length > 0) assertEquals(queue.shift(), model.shift());
  assertEquals([queue.shift(), queue.last, queue.length], [undefined, undefined, 0]);
});

Deno.test("queue: items that are undefined are items", () => {
  const queue = new Queue<number | undefined>();
  queue.push(undefined);
  queue.push(1);
  assertEquals(queue.length, 2);
  assertEquals([queue.shift(), queue.length, queue.shift(), queue.length], [undefined, 1, 1, 0]);
});

Deno.test("queue: a cleared one is as new", () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 200; i++) queue.push(i);
  for (let i = 0; i < 70; i++) queue.shift();
  queue.clear();
  assertEquals([queue.length, queue.shift()], [0, undefined]);
  for (let i = 0; i < 200; i++) queue.push(i);
  for (let i = 0; i < 200; i++) assertEquals(queue.shift(), i);
});

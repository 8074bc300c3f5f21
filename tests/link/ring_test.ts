// The ring against an array that does the same.

import { assertEquals } from "@std/assert";
import { Ring } from "../../link/ring.ts";
import { randomness } from "../zmtp/support.ts";

function assertSame(ring: Ring<number>, model: number[]): void {
  assertEquals(ring.length, model.length);
  assertEquals(ring.peek(), model[0]);
  assertEquals([...ring], model);
}

Deno.test("ring: an empty one has nothing to give", () => {
  const ring = new Ring<number>();
  assertSame(ring, []);
  assertEquals(ring.shift(), undefined);
  ring.clear();
  assertSame(ring, []);
});

Deno.test("ring: first in, first out, across every growth", () => {
  const ring = new Ring<number>();
  for (let i = 0; i < 1000; i++) ring.push(i);
  assertEquals(ring.length, 1000);
  for (let i = 0; i < 1000; i++) assertEquals(ring.shift(), i);
  assertEquals(ring.shift(), undefined);
});

Deno.test("ring: random operations leave what an array has", () => {
  const random = randomness(1);
  const ring = new Ring<number>();
  const model: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    switch (random(step % 2000 < 1000 ? 9 : 12)) {
      case 0:
        ring.unshift(step);
        model.unshift(step);
        break;
      case 1:
        if (random(100) === 0) {
          ring.clear();
          model.length = 0;
        }
        break;
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        ring.push(step);
        model.push(step);
        break;
      default:
        assertEquals(ring.shift(), model.shift());
    }
    if (step % 50 === 0) assertSame(ring, model);
    else assertEquals(ring.length, model.length);
  }
});

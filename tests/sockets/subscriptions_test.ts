// The table of subscriptions against sets of strings that do the same.

import { assert, assertEquals } from "@std/assert";
import type { Pipe } from "../../link/pipe.ts";
import { Subscriptions } from "../../sockets/subscriptions.ts";
import { bytes, randomness, text } from "../zmtp/support.ts";
import { loosePipe as pipe } from "../support/loose_pipe.ts";

Deno.test("subscriptions: a peer that is matched by several topics is found once", () => {
  const table = new Subscriptions();
  const [a, b] = [pipe(), pipe()];
  table.admit(a);
  table.admit(b);
  for (const topic of ["", "x", "xy"]) table.add(a, bytes(topic));
  assertEquals(table.match(bytes("xyz"), false).length, 1);
  assertEquals(table.match(bytes("xyz"), true), [b]);
  assertEquals([table.topics, [...table.pipes].length], [3, 1]);
});

Deno.test("subscriptions: only the first and the last peer of a topic make a difference", () => {
  const table = new Subscriptions();
  const [a, b] = [pipe(), pipe()];
  const topic = bytes("x");
  assertEquals([table.add(a, topic), table.add(b, topic), table.add(a, topic)], [true, false, false]);
  assertEquals([table.remove(a, topic), table.remove(a, topic), table.remove(b, topic)], [false, false, true]);
  assertEquals(table.remove(b, bytes("never")), false);
});

Deno.test("subscriptions: drop() tells every topic of the peer, and which are nobody's any more", () => {
  const table = new Subscriptions();
  const [a, b] = [pipe(), pipe()];
  for (const topic of ["x", "y"]) table.add(a, bytes(topic));
  table.add(b, bytes("y"));
  const told: [string, boolean][] = [];
  table.drop(a, (topic, last) => told.push([text(topic), last]));
  assertEquals(told, [["x", true], ["y", false]]);
  assertEquals([table.topics, [...table.pipes].length], [1, 1]);
});

Deno.test("subscriptions: random operations find whom sets find", () => {
  const random = randomness(5);
  const table = new Subscriptions();
  const model = new Map<Pipe, Set<string>>();
  const topic = () => Array.from({ length: random(5) }, () => "abc"[random(3)]).join("");
  const wanted = (name: string) => [...model.values()].some((topics) => topics.has(name));
  for (let step = 0; step < 20_000; step++) {
    const pipes = [...model.keys()];
    const one = pipes[random(pipes.length)];
    const name = topic();
    if (one === undefined || (pipes.length < 12 && random(50) === 0)) {
      const fresh = pipe();
      table.admit(fresh);
      model.set(fresh, new Set());
    } else if (random(150) === 0) {
      const topics = model.get(one)!;
      model.delete(one);
      const told = new Map<string, boolean>();
      table.drop(one, (topic, last) => void told.set(text(topic), last));
      assertEquals(told, new Map(Array.from(topics, (name) => [name, !wanted(name)])));
    } else if (random(2) === 0) {
      assertEquals(table.add(one, bytes(name)), !wanted(name));
      model.get(one)!.add(name);
    } else {
      const had = model.get(one)!.delete(name);
      assertEquals(table.remove(one, bytes(name)), had && !wanted(name));
    }
    const asked = topic();
    for (const invert of [false, true]) {
      const found = table.match(bytes(asked), invert);
      const expected = [...model].filter(([, topics]) =>
        [...topics].some((prefix) => asked.startsWith(prefix)) !== invert
      );
      assertEquals(found.length, expected.length);
      assert(expected.every(([pipe]) => found.includes(pipe)));
    }
    assertEquals([...table.pipes].length, [...model.values()].filter((topics) => topics.size > 0).length);
    assertEquals(table.topics, new Set([...model.values()].flatMap((topics) => [...topics])).size);
  }
});

// The trie against a map of strings that does the same.

import { assert, assertEquals } from "@std/assert";
import { Trie } from "../../sockets/trie.ts";
import { bytes, randomness, text } from "../zmtp/support.ts";

function found(trie: Trie<number>, topic: string): number[] {
  const values: number[] = [];
  trie.walk(bytes(topic), (value) => void values.push(value));
  return values;
}

Deno.test("trie: an empty one finds nothing", () => {
  const trie = new Trie<number>();
  assertEquals([trie.size, [...trie.entries()].length], [0, 0]);
  assertEquals([trie.get(bytes("")), trie.matches(bytes("a")), trie.delete(bytes(""))], [undefined, false, false]);
});

Deno.test("trie: finds every prefix of a topic, the shortest first", () => {
  const trie = new Trie<number>();
  for (const [i, key] of ["abcd", "", "ab", "abd", "b", "abc"].entries()) trie.set(bytes(key), i);
  assertEquals(found(trie, "abcde"), [1, 2, 5, 0]);
  assertEquals(found(trie, "abd"), [1, 2, 3]);
  assertEquals(found(trie, "a"), [1]);
  assertEquals(found(trie, ""), [1]);
});

Deno.test("trie: walk() ends when it is told to", () => {
  const trie = new Trie<number>();
  for (const [i, key] of ["", "a", "ab"].entries()) trie.set(bytes(key), i);
  const seen: number[] = [];
  assertEquals(trie.walk(bytes("abc"), (value) => seen.push(value) === 2), true);
  assertEquals(seen, [0, 1]);
});

Deno.test("trie: a key is kept though its bytes change afterwards", () => {
  const trie = new Trie<number>();
  const key = bytes("abc");
  trie.set(key, 1);
  key.fill(0);
  assertEquals(trie.get(bytes("abc")), 1);
});

Deno.test("trie: random operations leave what a map has", () => {
  const random = randomness(4);
  const trie = new Trie<number>();
  const model = new Map<string, number>();
  const key = () => Array.from({ length: random(7) }, () => "ab\0\xff"[random(random(3) === 0 ? 4 : 2)]).join("");
  for (let step = 0; step < 20_000; step++) {
    const name = key();
    // Phases in which it grows, and phases in which it shrinks.
    if (random(10) < (step % 4000 < 2000 ? 6 : 3)) {
      trie.set(bytes(name), step);
      model.set(name, step);
    } else {
      assertEquals(trie.delete(bytes(name)), model.delete(name));
    }
    assertEquals(trie.size, model.size);
    const topic = key();
    assertEquals(trie.get(bytes(topic)), model.get(topic));
    const prefixes = Array.from({ length: topic.length + 1 }, (_, i) => model.get(topic.slice(0, i)));
    const expected = prefixes.filter((value) => value !== undefined);
    assertEquals(found(trie, topic), expected);
    assertEquals(trie.matches(bytes(topic)), expected.length > 0);
    if (step % 500 !== 0) continue;
    const entries = Array.from(trie.entries(), ([key, value]) => [text(key), value] as const);
    assertEquals(new Map(entries), model);
    assertEquals(entries.length, model.size);
  }
  for (const name of model.keys()) assert(trie.delete(bytes(name)));
  assertEquals(trie.size, 0);
});

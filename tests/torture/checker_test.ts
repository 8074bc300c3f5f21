// The checker itself: it is content with what is right, and notices each way to be wrong.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Checker, compose, HEADER, inspect, type Label, Replies, TornError } from "./checker.ts";

const SIZES = [0, 5, 300];

function label(sequence: number, more: Partial<Label> = {}): Label {
  return { topic: 65, sender: 7, incarnation: 2, sequence, ...more };
}

/** A checker that has seen these messages of one stream. */
function after(...sequences: number[]): Checker {
  const checker = new Checker();
  for (const sequence of sequences) checker.take("a", compose(label(sequence), SIZES));
  return checker;
}

/** Expects one failure, which begins so. */
function fails(checker: { failures: string[] }, beginning: string): void {
  assertEquals(checker.failures.length, 1, checker.failures.join("\n"));
  assertMatch(checker.failures[0]!, new RegExp(`^${beginning}`));
}

Deno.test("checker: a message is known again, wherever in memory its frames lie", () => {
  for (const sizes of [[0], [1], SIZES, [70_001, 0, 3, 2]]) {
    const frames = compose(label(9), sizes);
    assertEquals(frames.map(({ length }) => length - HEADER), sizes);
    assertEquals(frames[0]![0], 65);
    assertEquals(inspect(frames), label(9));
    const shifted = frames.map((frame) => {
      const copy = new Uint8Array(frame.length + 1).subarray(1);
      copy.set(frame);
      return copy;
    });
    assertEquals(inspect(shifted), label(9));
  }
});

Deno.test("checker: what is whole, in order and complete is no failure", () => {
  const checker = after(0, 1, 2, 3);
  checker.take("b", compose(label(0, { incarnation: 3 }), SIZES));
  checker.take("b", compose(label(4), SIZES));
  checker.expectAll(7, 2, 5);
  checker.expectWhole(7, 2, "", 0);
  checker.expectLossWithin(7, 2, 5, 0);
  checker.expectHeard(7, 3);
  assertEquals([checker.failures, checker.checked, checker.allowed], [[], 6, 0]);
  assertEquals([checker.received(7, 2), checker.received(7, 3), checker.received(8, 2)], [5, 1, 0]);
});

Deno.test("checker: a duplicate is noticed, at the same receiver and at another", () => {
  fails(after(0, 1, 1), "duplicate at a: message 1 of sender 7");
  const checker = after(0, 1);
  checker.take("b", compose(label(1), SIZES));
  fails(checker, "duplicate at b: message 1");
  const all = new Checker("all of them");
  for (const receiver of ["a", "b"]) all.take(receiver, compose(label(1), SIZES));
  assertEquals(all.failures, []);
  all.take("b", compose(label(1), SIZES));
  fails(all, "duplicate at b: message 1");
});

Deno.test("checker: another order is noticed, but two receivers have each their own", () => {
  fails(after(0, 2, 1), "reordered at a: message 1 .* came after 2");
  const checker = after(0, 3);
  for (const sequence of [1, 2]) checker.take("b", compose(label(sequence), SIZES));
  assertEquals(checker.failures, []);
});

const torn: Record<string, (frames: Uint8Array[], other: Uint8Array[]) => Uint8Array[]> = {
  "without its last frame": (frames) => frames.slice(0, -1),
  "without its first frame": (frames) => frames.slice(1),
  "with a frame too many": (frames) => [...frames, frames[1]!],
  "with a frame of another": (frames, other) => frames.with(1, other[1]!),
  "with the rest of another": (frames, other) => [frames[0]!, ...other.slice(1)],
  "with two frames swapped": (frames) => [frames[0]!, frames[2]!, frames[1]!],
  "with a frame cut short": (frames) => frames.with(2, frames[2]!.subarray(0, -1)),
  "with less than a header": (frames) => frames.with(0, frames[0]!.subarray(0, HEADER - 1)),
  "with a byte changed": (frames) => frames.with(2, frames[2]!.with(HEADER + 299, frames[2]!.at(-1)! ^ 1)),
  "with another label": (frames) => frames.with(0, frames[0]!.with(15, 3)),
  "with another checksum": (frames) => frames.with(0, frames[0]!.with(27, frames[0]![27]! ^ 1)),
  "of no frames": () => [],
};
for (const [name, tear] of Object.entries(torn)) {
  Deno.test(`checker: a message ${name} is noticed`, () => {
    const checker = after(0);
    const frames = tear(compose(label(1), SIZES), compose(label(2), SIZES));
    assertThrows(() => inspect(frames), TornError);
    assertEquals(checker.take("a", frames), null);
    fails(checker, "torn at a: ");
    assertEquals(checker.received(7, 2), 1);
    const replies = new Replies();
    replies.asked(label(1));
    replies.answered(frames);
    fails(replies, "torn reply: ");
  });
}

Deno.test("checker: a loss is noticed where nothing may be lost", () => {
  let checker = after(0, 1, 3);
  checker.expectAll(7, 2, 4);
  fails(checker, "lost: message 2 of sender 7");
  checker = after(0, 1);
  checker.expectAll(7, 2, 3);
  fails(checker, "lost: message 2");
  checker = after(1, 2, 4);
  checker.expectWhole(7, 2);
  fails(checker, "lost: message 3");
  checker = after(1, 2);
  checker.expectWhole(7, 2);
  assertEquals(checker.failures, []);
  checker.expectWhole(7, 2, "", 0);
  fails(checker, "lost: message 0");
  checker = new Checker("all of them");
  for (const sequence of [0, 1]) checker.take("a", compose(label(sequence), SIZES));
  checker.take("b", compose(label(0), SIZES));
  checker.expectAll(7, 2, 2, "a");
  assertEquals(checker.failures, []);
  checker.expectAll(7, 2, 2, "b");
  fails(checker, "lost at b: message 1");
});

Deno.test("checker: a larger loss than may be is noticed, and a smaller one is counted", () => {
  let checker = after(0, 1, 4);
  checker.expectLossWithin(7, 2, 6, 3);
  assertEquals([checker.failures, checker.allowed], [[], 3]);
  checker = after(0, 1, 4);
  checker.expectLossWithin(7, 2, 6, 2);
  fails(checker, "lost on the way from sender 7, life 2: 3 of 6, where 2 may be");
});

Deno.test("checker: a topic that was not subscribed to is noticed, and a subscription that is not back", () => {
  const checker = new Checker("all of them");
  checker.subscribed("a", [65]);
  for (const topic of [65, 66]) checker.take("b", compose(label(0, { topic, sender: topic }), SIZES));
  checker.take("a", compose(label(0), SIZES));
  checker.expectHeard(7, 2, "a");
  assertEquals(checker.failures, []);
  checker.take("a", compose(label(1, { topic: 66 }), SIZES));
  fails(checker, "unwanted at a: message 1");
  checker.failures.length = 0;
  checker.expectHeard(7, 3, "a");
  fails(checker, "not restored: a has heard nothing of sender 7, life 3");
});

Deno.test("checker: replies that cross are noticed", () => {
  const replies = new Replies();
  replies.asked(label(0));
  replies.asked(label(1));
  replies.answered(compose(label(1), SIZES));
  assertEquals([replies.failures, replies.checked], [[], 1]);
  replies.answered(compose(label(1), SIZES));
  fails(replies, "crossed: a reply to message 1 .*, where no question is open");
  replies.failures.length = 0;
  replies.asked(label(2));
  replies.answered(compose(label(0), SIZES));
  fails(replies, "crossed: a reply to message 0 .*, where message 2 .* is open");
});

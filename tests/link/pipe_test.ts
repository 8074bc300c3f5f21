import { assertEquals } from "@std/assert";
import type { WirePipe } from "../../link/wire_pipe.ts";
import { loosePipe } from "../support/loose_pipe.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What would be written next. */
function next(from: WirePipe): string {
  const part = from.outbox.take();
  return part === undefined ? "" : new TextDecoder().decode(part.bytes.subarray(part.start + 2, part.end));
}

Deno.test("pipe: what a lost connection did not write goes first on the next one", () => {
  const queue = loosePipe();
  queue.write([bytes("older")]);
  const part = queue.outbox.take();
  queue.write([bytes("newer")]);
  queue.takeBack(part, 3);
  assertEquals(queue.outbox.messages, 2);
  assertEquals([next(queue), next(queue)], ["older", "newer"]);
});

Deno.test("pipe: of a conflating one only the newest message goes out on the next connection", () => {
  const queue = loosePipe(0, true);
  queue.write([bytes("older")]);
  const part = queue.outbox.take();
  queue.write([bytes("newer")]);
  queue.takeBack(part, 3);
  assertEquals(queue.outbox.messages, 1);
  assertEquals([next(queue), next(queue)], ["newer", ""]);
});

Deno.test("pipe: a conflating one keeps the message that was cut off when there is no newer one", () => {
  const queue = loosePipe(0, true);
  queue.write([bytes("only")]);
  queue.takeBack(queue.outbox.take(), 3);
  assertEquals(next(queue), "only");
});

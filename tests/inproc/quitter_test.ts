// inproc between Workers: what is delivered of a Worker that closes itself as soon as it has sent.

import { assertEquals } from "@std/assert";
import { Pull } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { peersLeft, takeMany } from "../sockets/support.ts";
import { fresh, Thread } from "./support.ts";
import type { Notice } from "./workers/quitter.ts";

/** A single message is with the peer when it is sent; of many those that are not are when the socket is closed. */
const WAYS: readonly [Notice["how"], number][] = [
  ["send", 1],
  ["trySend", 1],
  ["send, close", 1],
  ["send much, close", 100],
  ["send much, dispose", 100],
  ["send much alone, dispose", 100],
];

for (const [how, count] of WAYS) {
  Deno.test(`inproc: a Worker that closes itself in the turn in which it has sent is heard (${how})`, async () => {
    // Without a peer one has to wait: the runtime has broadcasts wait for the end of the turn, and there might be none.
    for (let round = 0; round < 10; round++) {
      const endpoint = fresh();
      await using pull = new Pull();
      await pull.bind(endpoint);
      using _worker = new Thread("quitter", { endpoint, how } satisfies Notice);
      assertEquals(await takeMany(pull, count), Array.from({ length: count }, (_, i) => `${i}`));
      await within(peersLeft(pull, 0), "the Worker's end", 1000);
      assertEquals(pull.tryReceive(), null);
    }
  });
}

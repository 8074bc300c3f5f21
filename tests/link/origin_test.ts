// Which connection a message came by, whatever comes between its coming and its being read.

import { assertEquals } from "@std/assert";
import type { PipeLink } from "../../link/wire_pipe.ts";
import type { Peer } from "../../zmtp/machine.ts";
import { loosePipe } from "../support/loose_pipe.ts";

const link: PipeLink = { flush() {}, resume() {}, subscription: () => new Uint8Array(), reset() {} };
const peer = {} as Peer;
/** The same stories each time. */
const SEED = 20_260_725;

/** Numbers below 1 that look like chance (Lehmer). */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = state * 48_271 % 0x7fffffff) / 0x7fffffff;
}

for (const conflate of [false, true]) {
  const kind = conflate ? "a conflating pipe" : "a pipe";
  Deno.test(`origin: ${kind} knows of each message which connection brought it`, () => {
    const chance = random(SEED);
    for (let story = 0; story < 300; story++) {
      const pipe = loosePipe(0, conflate);
      /** The connections that the messages that wait have come by. */
      let expected: string[] = [];
      let connection = -1;
      const bring = () => {
        pipe.deliver([new Uint8Array()]);
        if (conflate) expected = [];
        expected.push(`${connection}`);
      };
      for (let step = 0; step < 100; step++) {
        const what = chance();
        if (connection < 0 || what < 0.2) {
          pipe.detach();
          pipe.attach(link, peer, `${++connection}`);
        } else if (what < 0.6) bring();
        else if (what < 0.97) assertEquals(pipe.read() && pipe.origin.address, expected.shift());
        else {
          pipe.deafen();
          expected = [];
          break;
        }
      }
      while (expected.length > 0) assertEquals(pipe.read() && pipe.origin.address, expected.shift());
      assertEquals(pipe.read(), undefined);
    }
  });
}

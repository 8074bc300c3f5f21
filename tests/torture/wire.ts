/**
 * Hostile bytes: mutations of valid conversations, fed to a machine whole and in pieces.
 *
 * The machine may end the connection with a protocol error and nothing else; it delivers what a simple reader finds in the
 * bytes, however they come, and holds no more memory than what has come accounts for.
 *
 * @module
 */

import { type Part, tally } from "./part.ts";
import { Random } from "./random.ts";
import { converse } from "./wire/conversation.ts";
import { mutate } from "./wire/mutation.ts";
import { read } from "./wire/reading.ts";
import { type Fate, feed } from "./wire/victim.ts";

/** So many conversations are changed again and again. */
const CONVERSATIONS = 200;
/** How many failures are told; the rest would be more of the same. */
const TOLD = 20;

function same(a: readonly (readonly Uint8Array[])[], b: readonly (readonly Uint8Array[])[]): boolean {
  return a.length === b.length && a.every((frames, index) => {
    const others = b[index]!;
    return frames.length === others.length && frames.every((frame, part) => equal(frame, others[part]!));
  });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** How two fates of the same bytes differ; `null` where they do not. */
export function difference(whole: Fate, pieces: Fate): string | null {
  if (whole.failure?.message !== pieces.failure?.message) {
    return `whole: ${whole.failure?.message ?? "no error"}; in pieces: ${pieces.failure?.message ?? "no error"}`;
  }
  if (!same(whole.messages, pieces.messages)) return "the messages depend on the pieces that they come in";
  return whole.commands.join() === pieces.commands.join()
    ? null
    : "the commands depend on the pieces that they come in";
}

/** The part. */
export const wire: Part = {
  name: "wire",
  unavailable: () => null,
  async run({ seed, time, say }) {
    const result = tally();
    const end = performance.now() + time;
    const source = new Random(seed);
    const conversations = Array.from({ length: CONVERSATIONS }, () => converse(source));
    for (let serial = 0; performance.now() < end; serial++) {
      const random = new Random(Math.imul(seed, 0x9e3779b1) + serial);
      const conversation = random.pick(conversations);
      const maximum = random.pick([-1, -1, 300, 70_000]);
      const { data, intact } = mutate(
        conversation.bytes,
        conversation.traffic,
        random.pick(conversations).bytes,
        random,
      );
      const largest = 2 ** random.below(14);
      const problem = (what: string) => {
        if (result.failures.length < TOLD) result.failures.push(`input ${serial} of seed ${seed}: ${what}`);
      };
      try {
        const whole = feed(conversation, data, maximum, { piece: () => Infinity, limit: () => Infinity });
        const pieces = feed(conversation, data, maximum, {
          piece: () => random.between(1, largest),
          limit: () => random.between(1, 5),
        });
        const differs = difference(whole, pieces);
        if (differs !== null) problem(differs);

        if (intact) {
          const expected = read(data, conversation.traffic, maximum);
          if (!same(whole.messages, expected.messages)) problem("other messages than the bytes hold");
          if ((whole.failure !== null) !== expected.broken) problem(`${whole.failure?.message ?? "no error"}`);
        }
        result.checked += whole.messages.length + pieces.messages.length;
        if (whole.failure !== null) result.faults++;
      } catch (error) {
        problem((error as Error).stack ?? `${error}`);
      }
      result.inputs++;
      if (serial % 10_000 === 9_999) {
        say(`wire: ${serial + 1} inputs`);
        // Whoever limits the time of this part has a turn.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    return result;
  },
};

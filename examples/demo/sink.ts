/**
 * The sink: pulls what the workers have counted and adds it up, publishes how
 * far it has come, and answers the question for the totals.
 */

import { Publisher, Pull, Reply } from "../../mod.ts";
import { add, decode, type Totals } from "./count.ts";
import { parentGone } from "./crew.ts";

const [results = "", progress = "", questions = ""] = Deno.args;
const totals: Totals = { lines: 0, bytes: 0, words: 0, letters: 0, shares: [] };
let awaited = Infinity;
let reached: () => void = () => {};

using pull = new Pull();
using publisher = new Publisher({ linger: 0 });
using reply = new Reply({ linger: 0 });
await Promise.all([pull.bind(results), publisher.bind(progress), reply.bind(questions)]);

/** Adds up until the socket is closed. */
async function addUp(): Promise<void> {
  for await (const [result] of pull) {
    if (!result) continue;
    const { worker, counts } = decode(result);
    add(totals, counts);
    totals.lines++;
    totals.shares[worker] = (totals.shares[worker] ?? 0) + 1;
    if (totals.lines === awaited) reached();
  }
}

/** Answers each question, a number of lines, with the totals once so many are counted. */
async function answer(): Promise<void> {
  for await (const [question] of reply) {
    const lines = Number(new TextDecoder().decode(question));
    if (totals.lines < lines) {
      await new Promise<void>((resolve) => {
        awaited = lines;
        reached = resolve;
      });
    }
    await reply.send(JSON.stringify(totals));
  }
}

const ticker = setInterval(() => publisher.trySend(`counted ${totals.lines}`), 100);
void addUp();
void answer();
await parentGone();
clearInterval(ticker);

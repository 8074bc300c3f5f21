/**
 * What the inner machine runs: it talks to the outer one in every way, and says
 * what has come, until its power is cut.
 *
 * @module
 */

import { Publisher, Pull, Push, Reply, Request, Subscriber } from "../../../mod.ts";
import { body, BOUND, check, COUNT, OUTER, TOPIC } from "./plan.ts";
import { answer, ask, hear, publish } from "./talk.ts";

const pull = new Pull();
const reply = new Reply();
const publisher = new Publisher();
await Promise.all([pull.bind(BOUND.pull), reply.bind(BOUND.reply), publisher.bind(BOUND.publisher)]);
const push = new Push();
const request = new Request();
const subscriber = new Subscriber();
push.connect(OUTER.push);
request.connect(OUTER.request);
subscriber.subscribe(TOPIC);
subscriber.connect(OUTER.subscriber);
console.log("listening");

/** Says when all messages of a kind have come in their order, and of the stream without end now and then that it goes on. */
async function receive(): Promise<void> {
  const counts = new Map<string, number>();
  for await (const [kind, bytes] of pull) {
    const name = new TextDecoder().decode(kind);
    const number = counts.get(name) ?? 0;
    counts.set(name, number + 1);
    if (name !== "stream") check(bytes, number);
    if ((number + 1) % COUNT === 0) console.log(`pulled ${name}`);
  }
}

async function send(): Promise<void> {
  for (let number = 0; number < COUNT; number++) await push.send(body(number));
}

await Promise.all([
  receive(),
  send(),
  answer(reply),
  publish(publisher),
  ask(request).then(() => console.log("asked all")),
  hear(subscriber).then(() => console.log("heard all")),
]);

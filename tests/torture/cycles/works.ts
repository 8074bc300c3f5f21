/**
 * What comes and goes. Each work leaves nothing behind when it resolves.
 *
 * @module
 */

import { Context, Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber, ZmqError } from "../../../mod.ts";
import { within } from "../../support/deadline.ts";

/** One cycle, at an endpoint that nobody is bound to. */
export type Cycle = (endpoint: string) => Promise<void>;

/** A message may take so long (ms). */
const LIMIT = 20_000;

async function pipeline(endpoint: string): Promise<void> {
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.send("there");
  await within(pull.receive(), "a message", LIMIT);
}

async function conversation(endpoint: string): Promise<void> {
  await using reply = new Reply();
  await using request = new Request();
  await reply.bind(endpoint);
  request.connect(endpoint);
  await request.send("question");
  await reply.send(await within(reply.receive(), "a request", LIMIT));
  await within(request.receive(), "a reply", LIMIT);
}

async function subscriptions(endpoint: string): Promise<void> {
  await using publisher = new Publisher();
  await using subscriber = new Subscriber();
  await publisher.bind(endpoint);
  subscriber.connect(endpoint);
  for (let topic = 0; topic < 20; topic++) subscriber.subscribe(`${topic}.`);
  await within(publisher.waitForSubscribers(1, { topic: "19." }), "a subscription", LIMIT);
  await publisher.send("19.");
  await within(subscriber.receive(), "what was published", LIMIT);
  for (let topic = 0; topic < 20; topic++) subscriber.unsubscribe(`${topic}.`);
}

/** Connects and disconnects, binds and unbinds, with the same sockets. */
async function moving(endpoint: string): Promise<void> {
  await using router = new Router();
  await using dealer = new Dealer({ linger: 0 });
  for (let time = 0; time < 3; time++) {
    await router.bind(endpoint);
    dealer.connect(endpoint);
    await dealer.send("there");
    await within(router.receive(), "a message", LIMIT);
    dealer.disconnect(endpoint);
    await router.unbind(endpoint);
  }
}

/** Calls that never come to anything. */
async function patience(endpoint: string): Promise<void> {
  await using pull = new Pull({ reconnectInterval: 1 });
  pull.connect(endpoint.startsWith("inproc:") ? `${endpoint}-nobody` : endpoint);
  const controller = new AbortController();
  const calls = Array.from({ length: 5 }, () => pull.receive({ signal: controller.signal }));
  const late = pull.receive({ timeout: 1 });
  controller.abort(new Error("enough"));
  for (const { status } of await Promise.allSettled(calls)) {
    if (status !== "rejected") throw new Error("A call was not aborted");
  }
  const error = await late.then(() => null, (error) => error);
  if (!(error instanceof ZmqError) || error.code !== "EAGAIN") throw error ?? new Error("A message from nobody");
}

async function streams(endpoint: string): Promise<void> {
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const reading = pull.readableStream();
  const reader = reading.getReader();
  const writer = push.writableStream().getWriter();
  await writer.write("there");
  await within(reader.read(), "a message", LIMIT);
  await reader.cancel();
  await writer.abort();
}

async function contexts(endpoint: string): Promise<void> {
  await using context = new Context();
  const pull = new Pull({ context });
  const push = new Push({ context, linger: 0 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.send("there");
  await within(pull.receive(), "a message", LIMIT);
  pull.close();
  push.close();
}

/** All works. */
export const works: Readonly<Record<string, Cycle>> = {
  pipeline,
  conversation,
  subscriptions,
  moving,
  patience,
  streams,
  contexts,
};

/**
 * What both machines say to each other.
 *
 * @module
 */

import type { Publisher, Reply, Request, Subscriber } from "../../../mod.ts";
import { body, check, COUNT, REQUESTS, TOPIC } from "./plan.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Asks so many times, and looks at the answers. */
export async function ask(request: Request): Promise<void> {
  for (let number = 0; number < REQUESTS; number++) {
    await request.send(`${number}`);
    const [answer] = await request.receive();
    const text = decoder.decode(answer);
    if (text !== `answer ${number}`) throw new Error(`"${text}" is no answer to ${number}`);
  }
}

/** Answers until the socket is closed. */
export async function answer(reply: Reply): Promise<void> {
  for await (const [question] of reply) await reply.send(encoder.encode(`answer ${decoder.decode(question)}`));
}

/** Publishes so many messages once there is a subscriber. */
export async function publish(publisher: Publisher): Promise<void> {
  await publisher.waitForSubscribers(1);
  for (let number = 0; number < COUNT; number++) await publisher.send([TOPIC, body(number)]);
}

/** Takes what is published, all of it and in its order. */
export async function hear(subscriber: Subscriber): Promise<void> {
  for (let number = 0; number < COUNT; number++) check((await subscriber.receive())[1], number);
}

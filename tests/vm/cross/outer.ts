/** Tests two machines that talk over vmci. This runs in the outer one and boots the inner one: see `main.ts`. */

import { Publisher, Pull, Push, Reply, Request, type Socket, Subscriber } from "../../../mod.ts";
import { within } from "../../support/deadline.ts";
import { InnerMachine } from "./inner_machine.ts";
import { body, BOUND, check, COUNT, INNER, TOPIC } from "./plan.ts";
import { answer, ask, hear, publish } from "./talk.ts";

const program = new URL("./inner.ts", import.meta.url);

/** How long what takes seconds when it works may take, ms. */
const LIMIT = 120_000;

/** Takes the messages of the inner machine. */
async function receiveAll(pull: Pull): Promise<void> {
  for (let number = 0; number < COUNT; number++) check((await pull.receive())[0], number);
}

/** Sends on and on, until the socket is closed or told to stop. */
async function stream(push: Push, stop: AbortSignal): Promise<void> {
  for (let number = 0; !stop.aborted; number++) await push.send(["stream", body(number)], { signal: stop });
}

/** Waits until nobody is connected. */
async function alone(sockets: readonly Socket[]): Promise<void> {
  while (sockets.some((socket) => socket.peerCount > 0)) await new Promise((resolve) => setTimeout(resolve, 50));
}

Deno.test("machines: every pattern both ways, a power cut in mid-stream, and all of it again", async (t) => {
  const step = (name: string, fn: () => Promise<void>): Promise<boolean> =>
    // Not sanitized: what begins in one step ends in another. The test as a whole is.
    t.step({ name, fn: () => within(fn(), name, LIMIT), sanitizeOps: false, sanitizeResources: false });

  await using pull = new Pull();
  await using reply = new Reply();
  await using publisher = new Publisher();
  await Promise.all([pull.bind(BOUND.pull), reply.bind(BOUND.reply), publisher.bind(BOUND.publisher)]);
  // These connect before there is a machine, and again to the one that follows.
  await using push = new Push({ linger: 0 });
  await using request = new Request({ linger: 0 });
  await using subscriber = new Subscriber();
  push.connect(INNER.push);
  request.connect(INNER.request);
  subscriber.subscribe(TOPIC);
  subscriber.connect(INNER.subscriber);
  const answering = answer(reply);

  for (const time of ["first", "second"]) {
    await using inner = await InnerMachine.boot(program);
    await inner.says("listening");
    await step(`${time} boot: PUSH/PULL from the inner machine to the outer one`, () => receiveAll(pull));
    await step(`${time} boot: REQ/REP from the inner machine to the outer one`, () => inner.says("asked all"));
    await step(`${time} boot: PUB/SUB from the inner machine to the outer one`, () => hear(subscriber));
    await step(`${time} boot: PUSH/PULL from the outer machine to the inner one`, async () => {
      for (let number = 0; number < COUNT; number++) await push.send([time, body(number)]);
      await inner.says(`pulled ${time}`);
    });
    await step(`${time} boot: REQ/REP from the outer machine to the inner one`, () => ask(request));
    await step(`${time} boot: PUB/SUB from the outer machine to the inner one`, async () => {
      await publish(publisher);
      await inner.says("heard all");
    });
    await step(`${time} boot: a power cut in mid-stream is the end of every connection`, async () => {
      const stop = new AbortController();
      const streaming = stream(push, stop.signal).catch((error) => {
        if (!stop.signal.aborted) throw error;
      });
      await inner.says("pulled stream");
      await inner.powerOff();
      await alone([pull, reply, publisher, push, request, subscriber]);
      stop.abort();
      await streaming;
    });
  }
  reply.close();
  await answering;
});

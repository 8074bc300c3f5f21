/**
 * Honest clients of the endpoints that are attacked: what they send arrives, once and in its order, and in time.
 *
 * @module
 */

import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from "../../../mod.ts";
import { within } from "../../support/deadline.ts";
import type { Tally } from "../part.ts";
import type { Target } from "./attacker.ts";

/** A message of an honest client may take so many ms at most, whatever others do. */
const STUCK = 10_000;
/** What an endpoint of this part takes, and how long it waits for a handshake. */
const LIMITS = { maxMessageSize: 1024 * 1024, handshakeInterval: 500, linger: 0 };
const MARK = "honest";

/** An endpoint and its honest client. */
export interface Service extends AsyncDisposable {
  readonly target: Target;
  /** Goes on until it is told to end. */
  run(until: () => boolean, result: Tally, times: number[]): Promise<void>;
}

const number = (frame: Uint8Array | undefined) => Number(new TextDecoder().decode(frame));
const honest = (frames: readonly Uint8Array[]) => frames.length === 2 && new TextDecoder().decode(frames[0]) === MARK;

/** Sends one message after the other, each when the last has come: the time of each. */
async function inTurns(
  name: string,
  until: () => boolean,
  result: Tally,
  times: number[],
  pass: (serial: number) => Promise<number>,
): Promise<void> {
  for (let serial = 0; !until(); serial++) {
    const begin = performance.now();
    const came = await within(pass(serial), `message ${serial} of the honest ${name}`, STUCK);
    times.push(performance.now() - begin);
    result.checked++;
    if (came !== serial) {
      result.failures.push(`the honest ${name} got ${came} instead of ${serial}`);
      return;
    }
  }
}

/** A pipeline: what others push is passed over. */
export async function pipeline(endpoint: string): Promise<Service> {
  const pull = new Pull(LIMITS);
  await pull.bind(endpoint);
  const push = new Push({ linger: 0 });
  push.connect(pull.lastEndpoint!);
  return {
    target: { endpoint: pull.lastEndpoint!, type: "PUSH" },
    run: (until, result, times) =>
      inTurns("PUSH", until, result, times, async (serial) => {
        await push.send([MARK, String(serial)]);
        for await (const frames of pull) if (honest(frames)) return number(frames[1]);
        throw new Error("The PULL socket was closed");
      }),
    async [Symbol.asyncDispose]() {
      await push[Symbol.asyncDispose]();
      await pull[Symbol.asyncDispose]();
    },
  };
}

/** Requests and replies. */
export function requests(endpoint: string): Promise<Service> {
  return echoed(endpoint, new Reply(LIMITS), new Request({ linger: 0 }), "REQ");
}

/** A router that sends back what comes. */
export function routed(endpoint: string): Promise<Service> {
  return echoed(endpoint, new Router(LIMITS), new Dealer({ linger: 0 }), "DEALER");
}

async function echoed(
  endpoint: string,
  server: Reply | Router,
  client: Request | Dealer,
  type: "REQ" | "DEALER",
): Promise<Service> {
  await server.bind(endpoint);
  const serving = (async () => {
    for await (const frames of server) await server.send(frames);
  })();
  client.connect(server.lastEndpoint!);
  return {
    target: { endpoint: server.lastEndpoint!, type },
    run: (until, result, times) =>
      inTurns(type, until, result, times, async (serial) => {
        await client.send([MARK, String(serial)]);
        const frames = await client.receive();
        return honest(frames) ? number(frames[1]) : NaN;
      }),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await serving;
    },
  };
}

/** A publisher: each message has come before the next is published, so that none is above the high water mark. */
export async function published(endpoint: string): Promise<Service> {
  const publisher = new Publisher(LIMITS);
  await publisher.bind(endpoint);
  const subscriber = new Subscriber({ linger: 0 });
  subscriber.connect(publisher.lastEndpoint!);
  subscriber.subscribe(MARK);
  await within(publisher.waitForSubscribers(1, { topic: MARK }), "the honest SUB");
  return {
    target: { endpoint: publisher.lastEndpoint!, type: "SUB" },
    run: (until, result, times) =>
      inTurns("SUB", until, result, times, async (serial) => {
        await publisher.send([MARK, String(serial)]);
        return number((await subscriber.receive())[1]);
      }),
    async [Symbol.asyncDispose]() {
      await subscriber[Symbol.asyncDispose]();
      await publisher[Symbol.asyncDispose]();
    },
  };
}

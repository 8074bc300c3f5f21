/**
 * What flows at full speed. Each flow keeps its sockets, and runs again and again.
 *
 * @module
 */

import {
  Dealer,
  Publisher,
  Pull,
  Push,
  type Readable,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
} from "../../../mod.ts";
import { within } from "../../support/deadline.ts";

/** Messages of one way. */
export interface Flow {
  /**
   * Sends until the time (`performance.now()`) has come, and receives all that was sent.
   *
   * @returns How many messages were received.
   */
  run(end: number): Promise<number>;
}

/** How long (ms) what was sent may take when nothing more is. */
const LIMIT = 60_000;
/** Bytes of a message before its body: its number, and whether another follows. */
const HEADER = 8;
/** So many messages are sent between two looks at the clock. */
const BURST = 64;

/** A message with a number. Most are short, some are not. */
function compose(number: number, last: boolean): Uint8Array {
  const size = number % 1000 === 999 ? 200_000 : number % 50 === 49 ? 2000 : number % 7 * 16;
  const frame = new Uint8Array(HEADER + size).fill(number);
  const view = new DataView(frame.buffer);
  view.setUint32(0, number);
  view.setUint32(4, last ? 1 : 0);
  return frame;
}

/** Checks that a message is the one that is due, and whole; `true` when it is the last. */
function inspect(frame: Uint8Array, due: number): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const number = view.getUint32(0);
  if (number !== due) throw new Error(`message ${number} came where ${due} was due`);
  const last = view.getUint32(4) === 1;
  const { length } = compose(number, last);
  if (frame.length !== length) throw new Error(`message ${number} has ${frame.length} bytes, not ${length}`);
  if (frame.length > HEADER && frame.at(-1) !== (number & 0xff)) {
    throw new Error(`message ${number} has another's bytes`);
  }
  return last;
}

/** One socket sends, another receives. */
function oneWay(send: (frame: Uint8Array) => Promise<void>, socket: Readable): Flow {
  return {
    async run(end) {
      let count = 0;
      const receiving = (async () => {
        for await (const message of socket) if (inspect(message.at(-1)!, count++)) return;
      })();
      const sending = (async () => {
        let number = 0;
        do await send(compose(number++, false)); while (number % BURST !== 0 || performance.now() < end);
        await send(compose(number, true));
      })();
      await within(Promise.all([sending, receiving]), "all that was sent", end - performance.now() + LIMIT);
      return count;
    },
  };
}

/** One asks, another answers. */
function questions(request: Request, reply: Reply): Flow {
  return {
    async run(end) {
      let count = 0;
      const answering = (async () => {
        for (let last = false; !last;) {
          const [frame] = await reply.receive();
          await reply.send(frame!);
          last = new DataView(frame!.buffer, frame!.byteOffset).getUint32(4) === 1;
        }
      })();
      const asking = (async () => {
        for (let last = false; !last; count += 2) {
          last = performance.now() >= end;
          await request.send(compose(count, last));
          inspect((await request.receive())[0]!, count);
        }
      })();
      await within(Promise.all([answering, asking]), "all answers", end - performance.now() + LIMIT);
      return count;
    },
  };
}

/** Sockets that are joined at an endpoint, and the flows between them. */
export async function open(endpoint: (name: string) => string, stack: AsyncDisposableStack): Promise<Flow[]> {
  async function join<B extends Socket, C extends Socket>(name: string, bound: B, connected: C): Promise<[B, C]> {
    stack.use(bound);
    stack.use(connected);
    await bound.bind(endpoint(name));
    connected.connect(bound.lastEndpoint!);
    return [bound, connected];
  }
  const [pull, push] = await join("pipeline", new Pull(), new Push());
  const [publisher, subscriber] = await join("publish", new Publisher({ noDrop: true }), new Subscriber());
  const [router, dealer] = await join("router", new Router(), new Dealer());
  const [reply, request] = await join("request", new Reply(), new Request());
  subscriber.subscribe();
  await publisher.waitForSubscribers(1, { timeout: LIMIT });
  return [
    oneWay((frame) => push.send(frame), pull),
    oneWay((frame) => publisher.send(frame), subscriber),
    oneWay((frame) => dealer.send([frame, "tail", frame]), router),
    questions(request, reply),
  ];
}

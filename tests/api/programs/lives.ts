/**
 * Programs whose end a test looks at. The first argument names one.
 *
 * @module
 */

import { Pair, Publisher, Pull, Push, Subscriber } from "../../../mod.ts";

const [name = "", endpoint = ""] = Deno.args;
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const programs: Record<string, () => unknown> = {
  /** Bound and connected sockets that nobody waits for. */
  idle: async () => {
    const pull = new Pull();
    const push = new Push();
    await pull.bind("ipc://*");
    console.log(pull.lastEndpoint);
    push.connect(pull.lastEndpoint!);
    await push.send("hello");
    await pull.receive();
    new Push().connect("ipc://@denomq-nobody");
    await new Publisher({ heartbeatInterval: 1000 }).bind("ipc://*");
    const events = pull.events[Symbol.asyncIterator]();
    void events.next();
  },
  /** A pending receive, served after a while by another program. */
  receives: async () => {
    const pull = new Pull();
    await pull.bind(endpoint);
    const [frame] = await pull.receive();
    console.log(new TextDecoder().decode(frame));
  },
  /** A receive that times out after all else has ended. */
  timeout: () => new Pull({ receiveTimeout: 100 }).receive().catch((error) => console.log(error.code)),
  /** Sockets that were closed, with calls that waited. */
  closed: async () => {
    const pull = new Pull();
    await pull.bind("ipc://*");
    const push = new Push();
    push.connect(pull.lastEndpoint!);
    await push.waitForPeers();
    const waiting = [pull.receive(), pull.waitForPeers(9)].map((call) =>
      call.catch((error) => console.log(error.code))
    );
    pull.close();
    push.close();
    await Promise.all(waiting);
  },
  /** Sends to a peer that comes later, and ends. */
  lingers: async () => {
    const push = new Push({ reconnectInterval: 10 });
    push.connect(endpoint);
    for (let i = 0; i < 3; i++) await push.send(`${i}`);
  },
  /** The same, closed. */
  closes: async () => {
    const push = new Push({ reconnectInterval: 10 });
    push.connect(endpoint);
    await push.send("closed");
    push.close();
  },
  /** Sends much to a peer that reads slowly, and ends. */
  floods: async () => {
    const push = new Push();
    push.connect(endpoint);
    for (let i = 0; i < 200; i++) await push.send(new Uint8Array(100_000).fill(i));
  },
  /** Sends to nobody without patience, and ends. */
  impatient: async () => {
    const push = new Push({ linger: 0 });
    push.connect("ipc://@denomq-nobody");
    await push.send("x");
  },
  /** Sends to nobody with some patience, and ends. */
  patient: async () => {
    const push = new Push({ linger: 200 });
    push.connect("ipc://@denomq-nobody");
    await push.send("x");
  },
  /** Waits for the end of a socket. */
  disposes: async () => {
    await using push = new Push();
    push.connect(endpoint);
    await push.send("disposed");
  },
  /** Exits with messages that are not sent and a receive that waits. */
  exits: async () => {
    const push = new Push();
    push.connect("ipc://@denomq-nobody");
    await push.send("x");
    const pull = new Pull();
    await pull.bind("ipc://*");
    console.log(pull.lastEndpoint);
    void pull.receive().catch(() => {});
    await later(10);
    Deno.exit(7);
  },
  /** Ends by an error. */
  throws: async () => {
    const pull = new Pull();
    await pull.bind(endpoint);
    void pull.receive().catch(() => {});
    throw new Error("on purpose");
  },
  /** A subscriber that waits for the iteration of another. */
  iterates: async () => {
    const subscriber = new Subscriber();
    subscriber.subscribe();
    await subscriber.bind(endpoint);
    for await (const [frame] of subscriber) {
      console.log(new TextDecoder().decode(frame));
      subscriber.close();
    }
  },
  /** A worker that is terminated in the midst of its work. */
  terminates: async () => {
    const pull = new Pull();
    await pull.bind("ipc://*");
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.postMessage({ task: "send", endpoint: pull.lastEndpoint });
    for (let i = 0; i < 100; i++) await pull.receive();
    worker.terminate();
    for (; pull.peerCount > 0; pull.tryReceiveBatch()) await later(5);
    console.log("terminated");
  },
  /** A worker that closes its sockets and itself. */
  ends: async () => {
    const pair = new Pair();
    await pair.bind("ipc://*");
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.postMessage({ task: "echo", endpoint: pair.lastEndpoint });
    await pair.send("hello");
    const [frame] = await pair.receive();
    console.log(new TextDecoder().decode(frame));
  },
};

await programs[name]!();
console.log("end");

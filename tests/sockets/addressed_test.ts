// Types whose messages name a peer: one that takes nothing holds up nobody else.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { Client, Dealer, Peer } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { join, patient, refuses, take } from "./support.ts";

const marks = { sendHighWaterMark: 2, receiveHighWaterMark: 2 };
/** Large enough that the system's own buffers hold few: those of tcp grow to several MB. */
const large = new Uint8Array(1_000_000);
const decoder = new TextDecoder();

/** Sends until a call would have to wait for long, and says how often. The system takes some of it, in its time. */
async function fillUp(send: (timeout: number) => Promise<void>): Promise<number> {
  for (let count = 0;; count++) {
    try {
      await send(200);
    } catch (error) {
      assertEquals((error as zmq.ZmqError).code, "EAGAIN");
      return count;
    }
  }
}

/** Calls for one peer that wait do so in their order, while another one is sent to in whatever way. */
async function check(
  send: (frame: zmq.MessageLike, to: "stuck" | "other", timeout?: number) => Promise<void>,
  trySend: (frame: zmq.MessageLike, to: "stuck" | "other") => boolean,
  other: () => Promise<string>,
  stuck: () => Promise<Uint8Array>,
): Promise<void> {
  const queued = await fillUp((timeout) => send(large, "stuck", timeout));
  const waiting = Promise.all([send("first", "stuck"), send("second", "stuck")]);
  waiting.catch(() => {}); // Should the test fail first.
  assertEquals(trySend("in between", "stuck"), false);
  for (let i = 0; i < 3; i++) {
    await send(`sent ${i}`, "other", 10_000);
    assertEquals(await other(), `sent ${i}`);
    assertEquals(trySend(`tried ${i}`, "other"), true);
    assertEquals(await other(), `tried ${i}`);
  }
  await refuses(send("too late", "stuck", 10), "EAGAIN");
  for (let i = 0; i < queued; i++) assertEquals((await stuck()).length, large.length);
  assertEquals([decoder.decode(await stuck()), decoder.decode(await stuck())], ["first", "second"]);
  await waiting;
  assertEquals(trySend("again", "stuck"), true);
  assertEquals(decoder.decode(await stuck()), "again");
}

overTransports(
  "addressed: a client that takes nothing does not hold up a SERVER's answers to others",
  async (fresh) => {
    await using server = new zmq.Server(marks);
    await using stuck = new Client(marks);
    await using other = new Client();
    await join(server, fresh(), stuck, other);
    await stuck.send("it is me");
    const [, me] = await server.receive(patient);
    await other.send("and me");
    const [, you] = await server.receive(patient);
    const to = { stuck: me, other: you };
    await check(
      (frame, name, timeout = 20_000) => server.send(frame, { ...to[name], timeout }),
      (frame, name) => server.trySend(frame, to[name]),
      async () => decoder.decode((await other.receive(patient))[0]),
      async () => (await stuck.receive(patient))[0]!,
    );
  },
);

overTransports("addressed: a PEER that takes nothing does not hold up others", async (fresh) => {
  await using hub = new zmq.Peer(marks);
  await using stuck = new Peer(marks);
  await using other = new Peer();
  const ends = { stuck, other };
  const ids: Record<string, number> = {};
  for (const name of ["stuck", "other"] as const) {
    const endpoint = fresh();
    await ends[name].bind(endpoint);
    ids[name] = hub.connectPeer(endpoint);
  }
  await hub.waitForPeers(2, patient);
  await check(
    (frame, name, timeout = 20_000) => hub.send(frame, { routingId: ids[name]!, timeout }),
    (frame, name) => hub.trySend(frame, { routingId: ids[name]! }),
    async () => decoder.decode((await other.receive(patient))[0]),
    async () => (await stuck.receive(patient))[0],
  );
});

overTransports("addressed: a peer that takes nothing does not hold up a mandatory ROUTER", async (fresh) => {
  await using router = new zmq.Router({ ...marks, mandatory: true });
  await using stuck = new Dealer({ ...marks, routingId: "stuck" });
  await using other = new Dealer({ routingId: "other" });
  await join(router, fresh(), stuck, other);
  await check(
    (frame, name, timeout = 20_000) => router.send([name, frame], { timeout }),
    (frame, name) => router.trySend([name, frame]),
    async () => (await take(other)).join(),
    async () => (await stuck.receive(patient))[0]!,
  );
});

overTransports("addressed: a peer that is full is not said to be unknown because another one is", async (fresh) => {
  await using router = new zmq.Router({ ...marks, linger: 0, mandatory: true });
  await using stuck = new Dealer({ ...marks, linger: 0, routingId: "stuck" });
  await join(router, fresh(), stuck);
  await fillUp((timeout) => router.send(["stuck", large], { timeout }));
  const waiting = assertRejects(() => router.send(["stuck", "x"]), zmq.ZmqError);
  assertThrows(() => router.trySend(["nobody", "x"]), zmq.ZmqError, "unreachable");
  assertEquals(router.trySend(["stuck", "x"]), false);
  await refuses(router.send(["stuck", "x"], { timeout: 0 }), "EAGAIN");
  router.close();
  await within(waiting, "the end of the call");
});

overTransports("addressed: calls for a peer that goes are refused, those for others wait on", async (fresh) => {
  await using router = new zmq.Router({ ...marks, mandatory: true });
  await using stuck = new Dealer({ ...marks, linger: 0, routingId: "stuck" });
  await using gone = new Dealer({ ...marks, linger: 0, routingId: "gone" });
  await join(router, fresh(), stuck, gone);
  const waiting: Record<string, Promise<void>> = {};
  for (const name of ["stuck", "gone"]) {
    await fillUp((timeout) => router.send([name, large], { timeout }));
    waiting[name] = router.send([name, "last"]);
  }
  gone.close();
  await refuses(within(waiting.gone!, "the refusal"), "EHOSTUNREACH");
  for (let message = ["x"]; message.join() !== "last";) message = await take(stuck);
  await waiting.stuck;
});

Deno.test("addressed: a raw peer that takes nothing does not hold up a STREAM", async () => {
  await using stream = new zmq.Stream({ ...marks, linger: 0, notify: false });
  await stream.bind("tcp://127.0.0.1:*");
  const port = Number(/\d+$/.exec(stream.lastEndpoint!)![0]);
  using stuck = await Deno.connect({ port });
  using other = await Deno.connect({ port });
  await stuck.write(Uint8Array.of(1));
  const [me] = await stream.receive(patient);
  await other.write(Uint8Array.of(2));
  const [you] = await stream.receive(patient);
  await fillUp((timeout) => stream.send([me!, large], { timeout }));
  const waiting = stream.send([me!, "x"]);
  for (let i = 0; i < 3; i++) await stream.send([you!, "word"], patient);
  assertEquals(stream.trySend([you!, "word"]), true);
  const piece = new Uint8Array(16);
  for (let count = 0; count < 16;) count += (await other.read(piece))!;
  stuck.close();
  await refuses(within(waiting, "the refusal"), "EHOSTUNREACH");
});

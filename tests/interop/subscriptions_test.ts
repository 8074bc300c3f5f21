// Subscriptions in both roles: what the publishing end is told, and what the subscribing end receives.

import { assertEquals } from "@std/assert";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { type Arrangement, arrangements, describe } from "../peer/pairs.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { label, labels, type Side, subscription } from "./side.ts";

/** A publishing and a subscribing end that are connected and have said nothing yet. */
interface Ends {
  readonly publisher: Side;
  readonly subscriber: Side;
}

type Scenario = (ends: Ends) => Promise<void>;

const told = (verb: 0 | 1, topic: string) => [label(subscription(verb, topic))];

/** The XPUB `publisher` is told exactly these, in this order. */
async function expectTold(publisher: Side, ...expected: [0 | 1, string][]): Promise<void> {
  for (const [verb, topic] of expected) assertEquals(await publisher.receive(), told(verb, topic));
}

/** Publish texts; of them these arrive, and nothing else. */
async function publish(
  { publisher, subscriber }: Ends,
  texts: readonly string[],
  arriving: readonly string[],
): Promise<void> {
  for (const text of texts) await publisher.send([text, "body"]);
  for (const text of arriving) assertEquals(await subscriber.receive(), labels([text, "body"]));
}

const scenarios: Readonly<Record<string, Scenario>> = {
  async "prefixes decide what arrives"({ publisher, subscriber }) {
    await subscriber.subscribe("a");
    await subscriber.subscribe("bc");
    await expectTold(publisher, [1, "a"], [1, "bc"]);
    await publish({ publisher, subscriber }, ["a", "ab", "b", "", "bc", "bcd", "c", "A", "a end"], [
      "a",
      "ab",
      "bc",
      "bcd",
      "a end",
    ]);
  },

  async "a cancelled prefix no longer counts"({ publisher, subscriber }) {
    await subscriber.subscribe("a");
    await subscriber.subscribe("b");
    await expectTold(publisher, [1, "a"], [1, "b"]);
    await publish({ publisher, subscriber }, ["a1", "b1"], ["a1", "b1"]);
    await subscriber.unsubscribe("a");
    await expectTold(publisher, [0, "a"]);
    await publish({ publisher, subscriber }, ["a2", "b2"], ["b2"]);
    await subscriber.subscribe("a");
    await expectTold(publisher, [1, "a"]);
    await publish({ publisher, subscriber }, ["a3", "b3"], ["a3", "b3"]);
  },

  async "the empty prefix is everything, and is cancelled like any other"({ publisher, subscriber }) {
    await subscriber.subscribe("");
    await subscriber.subscribe("x");
    await expectTold(publisher, [1, ""], [1, "x"]);
    await publish({ publisher, subscriber }, ["", "anything", "x"], ["", "anything", "x"]);
    await subscriber.unsubscribe("");
    await expectTold(publisher, [0, ""]);
    await publish({ publisher, subscriber }, ["", "anything", "x end"], ["x end"]);
  },

  async "a prefix subscribed to twice is cancelled by the second cancel"({ publisher, subscriber }) {
    await subscriber.subscribe("a");
    await subscriber.subscribe("a");
    await subscriber.unsubscribe("a");
    await subscriber.subscribe("mark");
    // Only the first subscription and the last cancel are news to the publisher's program.
    await expectTold(publisher, [1, "a"], [1, "mark"]);
    await publish({ publisher, subscriber }, ["a1", "mark"], ["a1", "mark"]);
    await subscriber.unsubscribe("a");
    await expectTold(publisher, [0, "a"]);
    await publish({ publisher, subscriber }, ["a2", "mark"], ["mark"]);
  },

  async "cancelling what was never subscribed to says nothing"({ publisher, subscriber }) {
    await subscriber.unsubscribe("never");
    await subscriber.subscribe("a");
    await expectTold(publisher, [1, "a"]);
    await publish({ publisher, subscriber }, ["never", "a"], ["a"]);
  },

  async "overlapping prefixes deliver once"({ publisher, subscriber }) {
    for (const topic of ["a", "ab", "abc"]) await subscriber.subscribe(topic);
    await expectTold(publisher, [1, "a"], [1, "ab"], [1, "abc"]);
    await publish({ publisher, subscriber }, ["abcd", "a end"], ["abcd", "a end"]);
    await subscriber.unsubscribe("a");
    await expectTold(publisher, [0, "a"]);
    await publish({ publisher, subscriber }, ["a", "ab", "abc"], ["ab", "abc"]);
  },

  async "long topics, on both sides of the short command"({ publisher, subscriber }) {
    // "\x09SUBSCRIBE" and "\x06CANCEL" count too: a short command ends at 245 and 248 bytes of topic. libzmq before 4.3.5
    // sends broken commands from there to 255; and its XPUB descends one level of its stack per byte.
    const own = subscriber.player === "denomq" ? [246, 247, 248, 249, 255] : [];
    for (const size of [244, 245, ...own, 256, 257, 1000]) {
      const topic = "t".repeat(size);
      await subscriber.subscribe(topic);
      await expectTold(publisher, [1, topic]);
      await publish({ publisher, subscriber }, [topic.slice(1), `${topic} end`], [`${topic} end`]);
      await subscriber.unsubscribe(topic);
      await expectTold(publisher, [0, topic]);
    }
  },

  async "binary topics"({ publisher, subscriber }) {
    const topic = new Uint8Array([0, 255, 1, 128]);
    await subscriber.subscribe(topic);
    assertEquals(await publisher.receive(), [label(subscription(1, topic))]);
    await publisher.send([new Uint8Array([0, 255, 2])]);
    await publisher.send([new Uint8Array([0, 255, 1, 128, 7])]);
    assertEquals(await subscriber.receive(), [label(new Uint8Array([0, 255, 1, 128, 7]))]);
  },

  async "a thousand topics"({ publisher, subscriber }) {
    // Fewer than a high water mark of 1000, above which libzmq may drop subscriptions.
    const topics = Array.from({ length: 900 }, (_, index) => `topic ${index}.`);
    for (const topic of topics) await subscriber.subscribe(topic);
    for (const topic of topics) await expectTold(publisher, [1, topic]);
    await publish({ publisher, subscriber }, ["topic 900.", "topic 1", "topic 899.x"], ["topic 899.x"]);
    for (const topic of topics) await subscriber.unsubscribe(topic);
    for (const topic of topics) await expectTold(publisher, [0, topic]);
  },

  async "a subscriber that leaves takes its subscriptions along"({ publisher, subscriber }) {
    await subscriber.subscribe("a");
    await expectTold(publisher, [1, "a"]);
    await subscriber.close();
    await expectTold(publisher, [0, "a"]);
  },

  async "an XSUB's other messages go to the XPUB's program"({ publisher, subscriber }) {
    if (subscriber.type !== "XSUB") return;
    await subscriber.send(["hello"]);
    assertEquals(await publisher.receive(), labels(["hello"]));
    await subscriber.send(["\x02several", "", "frames"]);
    assertEquals(await publisher.receive(), labels(["\x02several", "", "frames"]));
  },
};

async function connect(arrangement: Arrangement, peer: LibzmqPeer, endpoint: string): Promise<Ends & AsyncDisposable> {
  const libzmq = await LibzmqSide.open(peer, arrangement[arrangement.libzmq]);
  const denomq = new DenomqSide(arrangement.libzmq === "a" ? arrangement.b : arrangement.a);
  const [publisher, subscriber] = arrangement.libzmq === "a" ? [libzmq, denomq] : [denomq, libzmq];
  const [binder, connector] = arrangement.binds === "a" ? [publisher, subscriber] : [subscriber, publisher];
  await connector.connect(await binder.bind(endpoint));
  await Promise.all([publisher.connected(), subscriber.connected()]);
  return {
    publisher,
    subscriber,
    // libzmq's sockets go with their process.
    [Symbol.asyncDispose]: () => denomq.close(),
  };
}

const SUBSCRIBING = arrangements([
  { a: "XPUB", b: "SUB", flow: "publish" },
  { a: "XPUB", b: "XSUB", flow: "publish" },
]).filter(({ binds }) => binds === "a");

for (const arrangement of SUBSCRIBING) {
  libzmqTest(`interop: subscriptions, ${describe(arrangement)}`, async (test) => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    for (const [index, [name, scenario]] of Object.entries(scenarios).entries()) {
      await test.step(name, async () => {
        await using ends = await connect(arrangement, peer, `ipc://${directory.at(String(index))}`);
        await scenario(ends);
      });
    }
  });
}

libzmqTest("interop: subscriptions made before there is a publisher are sent when it comes", async (test) => {
  await using peer = await LibzmqPeer.start();
  using directory = new TempDirectory();
  for (const player of ["denomq", "libzmq"] as const) {
    await test.step(`${player} subscribes`, async () => {
      const denomq = new DenomqSide(player === "denomq" ? "SUB" : "XPUB");
      try {
        const libzmq = await LibzmqSide.open(peer, player === "denomq" ? "XPUB" : "SUB");
        const [subscriber, publisher] = player === "denomq" ? [denomq, libzmq] : [libzmq, denomq];
        const endpoint = `ipc://${directory.at(player)}`;
        await subscriber.subscribe("early");
        await subscriber.connect(endpoint);
        await subscriber.subscribe("late");
        await publisher.bind(endpoint);
        const seen = [await publisher.receive(), await publisher.receive()];
        assertEquals(seen.flat().sort(), [...told(1, "early"), ...told(1, "late")].sort());
        await publish({ publisher, subscriber }, ["other", "late 1", "early 1"], ["late 1", "early 1"]);
      } finally {
        await denomq.close();
      }
    });
  }
});

libzmqTest("interop: one publisher, several subscribers with prefixes of their own", async (test) => {
  await using peer = await LibzmqPeer.start();
  for (const player of ["denomq", "libzmq"] as const) {
    await test.step(`${player} publishes`, async () => {
      const publisher = player === "denomq" ? new DenomqSide("XPUB") : await LibzmqSide.open(peer, "XPUB");
      const subscribers: Side[] = [];
      try {
        const endpoint = await publisher.bind("ipc://*");
        for (const topic of ["a", "b", "ab"]) {
          const subscriber = player === "denomq" ? await LibzmqSide.open(peer, "SUB") : new DenomqSide("SUB");
          subscribers.push(subscriber);
          await subscriber.connect(endpoint);
          await subscriber.subscribe(topic);
          await expectTold(publisher, [1, topic]);
        }
        for (const text of ["a1", "ab2", "b3", "c4", "a5", "ab end", "b end"]) await publisher.send([text]);
        const expected = [["a1", "ab2", "a5", "ab end"], ["b3", "b end"], ["ab2", "ab end"]];
        for (const [index, subscriber] of subscribers.entries()) {
          for (const text of expected[index] ?? []) assertEquals(await subscriber.receive(), labels([text]));
        }
      } finally {
        await Promise.all([publisher, ...subscribers].map((side) => side.close()));
      }
    });
  }
});

// Publishers that connect, and whose subscriber is replaced by one with other wishes.

import { assertEquals } from "@std/assert";
import { Publisher, XPublisher } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { command } from "../zmtp/support.ts";
import { RawPeer } from "./raw_peer.ts";
import { expect, expectNothing, patient, peersLeft, until } from "./support.ts";

/** A publisher, and peers that it connects to one after the other. */
class Relay implements Disposable {
  #directory = new TempDirectory();
  #publisher: Publisher | XPublisher;
  #listener: Deno.Listener | null = null;
  #peer: RawPeer | null = null;

  constructor(publisher: Publisher | XPublisher) {
    this.#publisher = publisher;
  }

  get #path(): string {
    return this.#directory.at("s");
  }

  /** Connects the publisher to its first subscriber. */
  start(): Promise<RawPeer> {
    this.#publisher.connect(`ipc://${this.#path}`);
    return this.next();
  }

  /** A subscriber comes. */
  async next(): Promise<RawPeer> {
    this.#listener = Deno.listen({ transport: "unix", path: this.#path });
    this.#peer = await RawPeer.accept(this.#listener, "SUB");
    await this.#publisher.waitForPeers(1, patient);
    return this.#peer;
  }

  /** The subscriber goes, and nobody listens. */
  async leave(): Promise<void> {
    this.#listener?.close();
    this.#peer?.[Symbol.dispose]();
    this.#listener = this.#peer = null;
    await peersLeft(this.#publisher, 0);
  }

  [Symbol.dispose](): void {
    this.#listener?.close();
    this.#peer?.[Symbol.dispose]();
    this.#directory[Symbol.dispose]();
  }
}

const options = { linger: 0, reconnectInterval: 5 };

for (const Type of [Publisher, XPublisher]) {
  Deno.test(`${Type.name}: after a reconnection only what the new subscriber wants counts`, async () => {
    await using publisher = new Type(options);
    using relay = new Relay(publisher);
    let peer = await relay.start();
    await peer.command("SUBSCRIBE", "old");
    await peer.command("SUBSCRIBE", "older");
    await publisher.waitForSubscribers(1, { ...patient, topic: "older" });
    assertEquals([publisher.topicsCount, publisher.subscriberCount], [2, 1]);
    await relay.leave();
    assertEquals(publisher.subscriberCount, 0, "a subscriber that is away");
    peer = await relay.next();
    assertEquals([publisher.topicsCount, publisher.subscriberCount], [0, 0]);
    await peer.command("SUBSCRIBE", "new");
    await publisher.waitForSubscribers(1, { ...patient, topic: "new" });
    assertEquals([publisher.topicsCount, publisher.subscriberCount], [1, 1]);
    for (const text of ["old 1", "new 1", "older 1", "new 2"]) await publisher.send(text, patient);
    assertEquals(await within(peer.receive()), [0, "new 1"]);
    assertEquals(await within(peer.receive()), [0, "new 2"]);
  });

  Deno.test(`${Type.name}: what the old subscriber wanted is queued while nobody is there, and comes first`, async () => {
    await using publisher = new Type(options);
    using relay = new Relay(publisher);
    let peer = await relay.start();
    await peer.command("SUBSCRIBE", "old");
    await publisher.waitForSubscribers(1, patient);
    await relay.leave();
    for (const text of ["old 1", "new 1", "old 2"]) await publisher.send(text, patient);
    peer = await relay.next();
    await peer.command("SUBSCRIBE", "new");
    await publisher.waitForSubscribers(1, { ...patient, topic: "new" });
    for (const text of ["old 3", "new 2"]) await publisher.send(text, patient);
    assertEquals(await within(peer.receive()), [0, "old 1"]);
    assertEquals(await within(peer.receive()), [0, "old 2"]);
    assertEquals(await within(peer.receive()), [0, "new 2"]);
  });

  Deno.test(`${Type.name}: who waits for subscribers waits until they are back`, async () => {
    await using publisher = new Type(options);
    using relay = new Relay(publisher);
    let peer = await relay.start();
    await peer.command("SUBSCRIBE", "a");
    await publisher.waitForSubscribers(1, patient);
    await relay.leave();
    let waited = false;
    const waiting = publisher.waitForSubscribers(1, { ...patient, topic: "a" }).then(() => waited = true);
    peer = await relay.next();
    assertEquals(waited, false);
    await peer.command("SUBSCRIBE", "a");
    await waiting;
    await publisher.send("a", patient);
    assertEquals(await within(peer.receive()), [0, "a"]);
  });
}

for (const manual of [false, true]) {
  Deno.test(`XPublisher is told which subscriptions ended with a connection (manual: ${manual})`, async () => {
    await using publisher = new XPublisher({ ...options, manual, verbosity: "allSubsUnsubs" });
    using relay = new Relay(publisher);
    let peer = await relay.start();
    await peer.command("SUBSCRIBE", "old");
    await expect(publisher, "\x01old");
    if (manual) publisher.subscribe("old");
    await relay.leave();
    expectNothing(publisher);
    peer = await relay.next();
    await peer.command("SUBSCRIBE", "new");
    await expect(publisher, "\x00old");
    await expect(publisher, "\x01new");
    if (manual) publisher.subscribe("new");
    assertEquals(publisher.topicsCount, 1);
    for (const text of ["old", "new"]) await publisher.send(text, patient);
    assertEquals(await within(peer.receive()), [0, "new"]);
    expectNothing(publisher);
  });
}

Deno.test("XPublisher welcomes the subscriber of each connection", async () => {
  await using publisher = new XPublisher({ ...options, welcomeMessage: "welcome" });
  using relay = new Relay(publisher);
  assertEquals(await within((await relay.start()).receive()), [0, "welcome"]);
  await relay.leave();
  assertEquals(await within((await relay.next()).receive()), [0, "welcome"]);
});

Deno.test("XPublisher: notices beyond what it exempts from the high water mark do not take room for ever", async () => {
  using directory = new TempDirectory();
  const endpoint = `ipc://${directory.at("s")}`;
  // A million is exempt; those beyond count as messages.
  const count = 1_020_000;
  await using publisher = new XPublisher({ linger: 0, verbosity: "allSubs", receiveHighWaterMark: 10 });
  await publisher.bind(endpoint);
  using peer = await RawPeer.connect(endpoint, "SUB");
  const one = command("SUBSCRIBE", "a");
  const block = new Uint8Array(one.length * 20_000);
  for (let at = 0; at < block.length; at += one.length) block.set(one, at);
  const writing = (async () => {
    for (let left = count; left > 0; left -= 20_000) await peer.send(block);
  })();
  let read = 0;
  const drain = () => {
    while (publisher.tryReceive() !== null) read++;
    return read === count;
  };
  // They come while nobody reads.
  await within(Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 5000))]));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await within(until(drain), "all notices");
  await writing;
  await peer.command("SUBSCRIBE", "y");
  await peer.command("SUBSCRIBE", "z");
  await expect(publisher, "\x01y");
  await expect(publisher, "\x01z");
});

for (const Type of [Publisher, XPublisher]) {
  Deno.test(`${Type.name}: many subscriptions of a 3.0 peer come in however many messages it may queue`, async () => {
    using directory = new TempDirectory();
    await using publisher = new Type({ linger: 0 });
    await publisher.bind(`ipc://${directory.at("s")}`);
    using peer = await RawPeer.connect(`ipc://${directory.at("s")}`, "SUB", 0);
    const topics = Array.from({ length: 5000 }, (_, i) => `${i}`.padStart(4, "0"));
    await peer.send(...topics.flatMap((topic) => [0, 5, 1, topic]));
    await within(publisher.waitForSubscribers(1, { ...patient, topic: topics.at(-1)! }));
    assertEquals(publisher.topicsCount, 5000);
  });
}

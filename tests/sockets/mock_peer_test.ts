// Publishers and subscribers against a peer that speaks ZMTP 3.1 or 3.0 by hand.

import { assertEquals } from "@std/assert";
import { Dealer, Publisher, Pull, Push, Reply, Request, Subscriber, XPublisher, XSubscriber } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { RawPeer } from "./raw_peer.ts";
import { expect, frame, patient, peersLeft } from "./support.ts";

/** Registers a test with an endpoint that a raw peer can connect to. */
function withPeer(name: string, test: (endpoint: string) => Promise<void>): void {
  Deno.test(name, async () => {
    using directory = new TempDirectory();
    await within(test(`ipc://${directory.at("s")}`), name);
  });
}

for (const minor of [0, 1]) {
  // libzmq: test_mock_pub_sub (XPUB against commands and against messages)
  withPeer(`mock: XPUB understands subscriptions of both kinds from a 3.${minor} peer`, async (endpoint) => {
    await using publisher = new XPublisher();
    await publisher.bind(endpoint);
    using peer = await RawPeer.connect(endpoint, "SUB", minor);
    await peer.command("SUBSCRIBE", "A");
    await expect(publisher, "\x01A");
    await peer.message("\x01B");
    await expect(publisher, "\x01B");
    for (const topic of ["A", "B"]) {
      await publisher.send([topic, "body"]);
      assertEquals([await peer.receive(), await peer.receive()], [[1, topic], [0, "body"]]);
    }
    await peer.command("CANCEL", "B");
    await expect(publisher, "\x00B");
    await peer.message("\x00A");
    await expect(publisher, "\x00A");
    await peer.command("SUBSCRIBE", "");
    await expect(publisher, "\x01");
    await publisher.send("anything");
    assertEquals(await peer.receive(), [0, "anything"]);
  });

  // libzmq: test_mock_pub_sub (SUB sends what its peer understands)
  withPeer(`mock: SUB and XSUB speak to a 3.${minor} publisher in its own way`, async (endpoint) => {
    const listener = Deno.listen({ transport: "unix", path: endpoint.slice("ipc://".length) });
    using _ = { [Symbol.dispose]: () => listener.close() };
    for (const subscriber of [new Subscriber(), new XSubscriber()]) {
      await using socket = subscriber;
      const change = async (verb: 0 | 1, topic: string) => {
        if (socket instanceof XSubscriber) await socket.send([new Uint8Array([verb, ...frame(topic)])]);
        else if (verb === 1) socket.subscribe(topic);
        else socket.unsubscribe(topic);
      };
      await change(1, "A");
      socket.connect(endpoint);
      using peer = await RawPeer.accept(listener, "PUB", minor);
      const says = (verb: 0 | 1, topic: string) =>
        minor === 0
          ? [0, `${String.fromCharCode(verb)}${topic}`]
          : [4, verb === 1 ? `\x09SUBSCRIBE${topic}` : `\x06CANCEL${topic}`];
      assertEquals(await peer.receive(), says(1, "A") as [number, string]);
      await change(1, "B");
      assertEquals(await peer.receive(), says(1, "B") as [number, string]);
      await change(0, "A");
      assertEquals(await peer.receive(), says(0, "A") as [number, string]);
      await peer.message("A is filtered by SUB alone");
      await peer.message("B", "body");
      if (socket instanceof XSubscriber) await expect(socket, "A is filtered by SUB alone");
      await expect(socket, "B", "body");
    }
  });
}

withPeer("mock: PUB ignores what is no subscription", async (endpoint) => {
  await using publisher = new Publisher();
  await publisher.bind(endpoint);
  using peer = await RawPeer.connect(endpoint, "XSUB");
  await peer.message("hello", "world");
  await peer.message("");
  await peer.message("\x02A");
  await peer.message("\x01A");
  await publisher.waitForSubscribers(1, { topic: "A", ...patient });
  assertEquals(publisher.topicsCount, 1);
  await publisher.send("A message");
  assertEquals(await peer.receive(), [0, "A message"]);
});

withPeer("mock: an end of what was never subscribed to changes nothing", async (endpoint) => {
  await using publisher = new XPublisher();
  await publisher.bind(endpoint);
  using peer = await RawPeer.connect(endpoint, "SUB");
  await peer.command("CANCEL", "A");
  await peer.command("SUBSCRIBE", "A");
  await peer.command("SUBSCRIBE", "A");
  await expect(publisher, "\x01A");
  // Publishers do not count the subscriptions of a peer.
  await peer.command("CANCEL", "A");
  await expect(publisher, "\x00A");
});

// libzmq: test_spec_pushpull (multipart atomic drop), the receiving side
withPeer("mock: the beginning of a message whose end never comes is dropped", async (endpoint) => {
  await using pull = new Pull();
  await pull.bind(endpoint);
  {
    using peer = await RawPeer.connect(endpoint, "PUSH");
    await peer.message("whole", "1");
    await peer.send(1, 4, "half", 1, 3, "and");
  }
  await expect(pull, "whole", "1");
  await peersLeft(pull, 0);
  using peer = await RawPeer.connect(endpoint, "PUSH");
  await peer.message("whole", "2");
  await expect(pull, "whole", "2");
});

// libzmq: test_spec_pushpull (multipart atomic drop), the sending side
withPeer("mock: a message that was cut off is not continued on the next connection", async (endpoint) => {
  const listener = Deno.listen({ transport: "unix", path: endpoint.slice("ipc://".length) });
  using _ = { [Symbol.dispose]: () => listener.close() };
  await using push = new Push({ reconnectInterval: 10, linger: 0 });
  push.connect(endpoint);
  const body = new Uint8Array(2_000_000).fill(120);
  {
    using peer = await RawPeer.accept(listener, "PULL");
    await push.send(["first", body, "end"]);
    await push.send(["second", "end"]);
    assertEquals(await peer.receive(), [1, "first"]);
  }
  using peer = await RawPeer.accept(listener, "PULL");
  assertEquals([await peer.receive(), await peer.receive()], [[1, "second"], [0, "end"]]);
});

// libzmq: test_invalid_rep, fact 27: over the wire a bad delimiter drops the connection
withPeer("mock: REQ drops the connection of a peer that answers without a delimiter", async (endpoint) => {
  await using request = new Request();
  await request.bind(endpoint);
  using peer = await RawPeer.connect(endpoint, "REP");
  await request.send("question");
  assertEquals([await peer.receive(), await peer.receive()], [[1, ""], [0, "question"]]);
  const received = request.receive(patient);
  await peer.message("no", "delimiter");
  assertEquals(await peer.end(), 0);
  assertEquals(request.peerCount, 0);
  request.close();
  assertEquals(await received.then(() => "received", (error) => error.code), "EAGAIN");
});

// Fact 31: a malformed conversation costs its own connection only.
withPeer("mock: REP goes on with others whatever a peer sends", async (endpoint) => {
  await using reply = new Reply();
  await reply.bind(endpoint);
  for (const junk of [[""], ["a"], ["a", "b", ""], ["", "question"], ["a", "", "question"]]) {
    using peer = await RawPeer.connect(endpoint, "DEALER");
    await peer.message(...junk);
    await peer.send(1, 3, "cut");
  }
  await using dealer = new Dealer();
  dealer.connect(endpoint);
  const answers: string[] = [];
  await dealer.send(["", "good"]);
  while (answers.at(-1) !== "good") {
    answers.push(String.fromCharCode(...(await reply.receive(patient))[0]!));
    await reply.send("answer");
  }
  assertEquals(answers.filter((text) => text !== "good"), ["question", "question"]);
  await expect(dealer, "", "answer");
});

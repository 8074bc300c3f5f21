// REQ and REP: requests and replies in lock step (RFC 28).

import { assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../mod.ts";
import { Dealer, Reply, Request, Router } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { expect, expectNothing, frame, join, patient, peersLeft, refuses, take, until } from "./support.ts";

function fails(operation: () => unknown, code: string): void {
  assertEquals(assertThrows(operation, ZmqError).code, code);
}

// libzmq: test_reqrep_ipc, test_reqrep_inproc
overTransports("request/reply: a question and its answer", async (fresh) => {
  await using reply = new Reply();
  await using request = new Request();
  await join(reply, fresh(), request);
  for (let i = 0; i < 3; i++) {
    await request.send(["question", "", `${i}`]);
    await expect(reply, "question", "", `${i}`);
    await reply.send(["", "answer", `${i}`]);
    await expect(request, "", "answer", `${i}`);
  }
});

overTransports("request/reply: out of turn both refuse, and waiting calls are served in turn", async (fresh) => {
  await using reply = new Reply();
  await using request = new Request();
  await join(reply, fresh(), request);
  fails(() => request.tryReceive(), "EFSM");
  fails(() => reply.trySend("x"), "EFSM");
  await refuses(request.receive({ timeout: 0 }), "EFSM");
  await refuses(reply.send("x", { timeout: 0 }), "EFSM");
  assertEquals([request.writable, request.readable, reply.writable, reply.readable], [true, false, false, false]);
  // All calls at once: each waits for its turn.
  const done = Promise.all([
    reply.send("a1", patient),
    reply.send("a2", patient),
    request.send("q1", patient),
    request.send("q2", patient),
  ]);
  const questions = Promise.all([take(reply), take(reply)]);
  const answers = Promise.all([take(request), take(request)]);
  assertEquals([await questions, await answers], [[["q1"], ["q2"]], [["a1"], ["a2"]]]);
  await done;
  assertEquals(request.trySend("q3"), true);
  fails(() => request.trySend("q4"), "EFSM");
  await expect(reply, "q3");
  fails(() => reply.tryReceive(), "EFSM");
});

// libzmq: test_spec_req (round robin out)
overTransports("request/reply: REQ asks its peers in turn", async (fresh) => {
  await using request = new Request();
  await using disposables = new AsyncDisposableStack();
  const replies = Array.from({ length: 4 }, () => disposables.use(new Reply()));
  await join(request, fresh(), ...replies);
  const asked: number[] = [];
  for (let i = 0; i < 8; i++) {
    await request.send("ABC");
    await until(() => replies.some((reply) => reply.readable));
    const at = replies.findIndex((reply) => reply.readable);
    asked.push(at);
    await expect(replies[at]!, "ABC");
    await replies[at]!.send("DEF");
    await expect(request, "DEF");
  }
  assertEquals(new Set(asked.slice(0, 4)).size, 4);
  assertEquals(asked.slice(4), asked.slice(0, 4));
});

// libzmq: test_spec_req (message format)
overTransports("request/reply: on the wire an empty delimiter stands before the body", async (fresh) => {
  await using router = new Router();
  await using request = new Request({ routingId: "me" });
  await join(router, fresh(), request);
  await request.send(["ABC", "DEF"]);
  await expect(router, "me", "", "ABC", "DEF");
  await router.send(["me", "", "GHI", ""]);
  await expect(request, "GHI", "");
});

// libzmq: test_spec_req (block on send no peers)
overTransports("request/reply: without peers a REQ waits", async (fresh) => {
  await using request = new Request();
  assertEquals(request.trySend("x"), false);
  await refuses(request.send("x", { timeout: 0 }), "EAGAIN");
  await using reply = new Reply();
  const sent = request.send("later", patient);
  await join(reply, fresh(), request);
  await sent;
  await expect(reply, "later");
});

// libzmq: test_spec_req (only listens to current peer; disabled there)
overTransports("request/reply: only the peer that was asked can answer", async (fresh) => {
  await using request = new Request({ routingId: "me" });
  await using a = new Router();
  await using b = new Router();
  await join(request, fresh(), a, b);
  for (let i = 0; i < 4; i++) {
    await request.send(`${i}`);
    await until(() => a.readable || b.readable);
    const [asked, other] = a.readable ? [a, b] : [b, a];
    await expect(asked, "me", "", `${i}`);
    await other.send(["me", "", "wrong"]);
    await asked.send(["me", "", "right"]);
    await expect(request, "right");
  }
});

// libzmq: test_invalid_rep. In memory there is no connection that it could cost.
overWires("request/reply: an answer without a delimiter costs the peer its connection", async (fresh) => {
  await using request = new Request({ routingId: "me", reconnectInterval: 10 });
  await using router = new Router();
  await join(router, fresh(), request);
  await request.send("question");
  await expect(router, "me", "", "question");
  const gone = new Promise((resolve) => router.events.on("disconnect", resolve));
  const received = take(request);
  await router.send(["me", "no delimiter"]);
  await gone;
  await router.waitForPeers(1, patient);
  await until(() => router.peerCount === 1 && request.peerCount === 1);
  await router.send(["me", "", "answer"]);
  assertEquals(await received, ["answer"]);
});

// libzmq: test_req_correlate
overTransports("request/reply: with correlate a number tells the answer from others", async (fresh) => {
  await using request = new Request({ routingId: "me", correlate: true });
  await using router = new Router();
  await join(router, fresh(), request);
  await request.send(["ABC", "DEF"]);
  const [id, number, ...rest] = await router.receive(patient);
  assertEquals([number!.length, rest.map((part) => part.length)], [4, [0, 3, 3]]);
  const wrong = number!.map((byte) => byte ^ 255);
  await router.send([id!, wrong, "", "wrong"]);
  await router.send([id!, number!, "", "right"]);
  await expect(request, "right");
});

overTransports("request/reply: a number is asked of the peer only while correlate is on", async (fresh) => {
  await using request = new Request({ routingId: "me", relaxed: true });
  await using router = new Router();
  await join(router, fresh(), request);
  let lost = 0;
  router.events.on("disconnect", () => lost++);
  request.correlate = true;
  await request.send("first");
  const [id, number] = await router.receive(patient);
  request.correlate = false;
  await request.send("second");
  await expect(router, "me", "", "second");
  // The answer to the first is none to the second, and is no offence.
  await router.send([id!, number!, "", "to the first"]);
  await router.send([id!, "", "to the second"]);
  await expect(request, "to the second");
  assertEquals([lost, request.peerCount], [0, 1]);
});

// libzmq: test_req_relaxed
overTransports("request/reply: with relaxed a REQ may ask again, and older answers are dropped", async (fresh) => {
  await using request = new Request({ relaxed: true, correlate: true });
  await using router = new Router();
  await join(router, fresh(), request);
  await request.send("first");
  await request.send("second");
  const first = await router.receive(patient);
  const second = await router.receive(patient);
  await router.send([...first.slice(0, 3), "to the first"]);
  await router.send([...second.slice(0, 3), "to the second"]);
  await expect(request, "to the second");
  fails(() => request.tryReceive(), "EFSM");
  // An answer that waits unread is dropped by the next question.
  await request.send("third");
  const third = await router.receive(patient);
  await router.send([...third.slice(0, 3), "to the third"]);
  await until(() => request.readable);
  await request.send("fourth");
  const fourth = await router.receive(patient);
  await router.send([...fourth.slice(0, 3), "to the fourth"]);
  await expect(request, "to the fourth");
});

// libzmq: test_req_relaxed (issue 1690: the pipes stay)
overTransports("request/reply: with relaxed every peer is asked again and again", async (fresh) => {
  await using request = new Request({ relaxed: true, correlate: true });
  await using a = new Router();
  await using b = new Router();
  await join(request, fresh(), a, b);
  for (let i = 0; i < 6; i++) await request.send(`${i}`);
  for (const [i, router] of [a, b, a, b, a, b].entries()) {
    assertEquals((await take(router)).length, 4, `question ${i}`);
  }
  assertEquals([request.peerCount, a.readable, b.readable], [2, false, false]);
});

// libzmq: test_spec_rep (fair queue in)
overTransports("request/reply: REP takes questions from its peers in turn", async (fresh) => {
  await using reply = new Reply();
  await using disposables = new AsyncDisposableStack();
  const dealers = ["a", "b", "c"].map((routingId) => disposables.use(new Dealer({ routingId })));
  await join(reply, fresh(), ...dealers);
  for (let i = 0; i < 3; i++) for (const [at, dealer] of dealers.entries()) await dealer.send(["", `${at}`]);
  const asked: string[] = [];
  for (let i = 0; i < 9; i++) {
    const [who] = await take(reply);
    asked.push(who!);
    await reply.send(`to ${who}`);
    await expect(dealers[Number(who)]!, "", `to ${who}`);
  }
  assertEquals(asked.toSorted(), ["0", "0", "0", "1", "1", "1", "2", "2", "2"]);
});

// libzmq: test_spec_rep (envelope)
overTransports("request/reply: REP gives the envelope back, however long", async (fresh) => {
  await using reply = new Reply();
  await using dealer = new Dealer();
  await join(reply, fresh(), dealer);
  for (const envelope of [[""], ["X", "Y", ""], [...Array(50).fill("hop"), ""]]) {
    await dealer.send([...envelope, "body", "", "rest"]);
    await expect(reply, "body", "", "rest");
    await reply.send("answer");
    await expect(dealer, ...envelope, "answer");
  }
});

overTransports("request/reply: a question without a delimiter or a body is passed over", async (fresh) => {
  await using reply = new Reply();
  await using dealer = new Dealer();
  await join(reply, fresh(), dealer);
  for (const malformed of [["X"], ["X", "Y"], [""], ["X", ""]]) await dealer.send(malformed);
  await dealer.send(["", "good"]);
  await expect(reply, "good");
  await reply.send("answer");
  await expect(dealer, "", "answer");
  expectNothing(dealer);
});

// libzmq: test_reqrep_ipc (leak)
overTransports(
  "request/reply: an answer to a peer that has gone is dropped, and the next question comes",
  async (fresh) => {
    await using reply = new Reply();
    const first = new Request({ linger: 0 });
    await join(reply, fresh(), first);
    await first.send("leak");
    await expect(reply, "leak");
    first.close();
    await peersLeft(reply, 0);
    await reply.send("to nobody", { timeout: 0 });
    await using second = new Request();
    second.connect(reply.lastEndpoint!);
    await second.send("next");
    await expect(reply, "next");
    await reply.send(frame("here"));
    await expect(second, "here");
  },
);

overTransports("request/reply: an empty probe is no answer", async (fresh) => {
  for (const correlate of [false, true]) {
    await using router = new Router({ probeRouter: true });
    await using request = new Request({ correlate });
    const received = request.send("question", patient).then(() => take(request));
    await join(router, fresh(), request);
    const [id, ...envelope] = await router.receive(patient);
    await router.send([id!, ...envelope.slice(0, -1), "answer"]);
    assertEquals(await received, ["answer"]);
    assertEquals([router.peerCount, request.peerCount], [1, 1]);
  }
});

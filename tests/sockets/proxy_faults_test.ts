// Proxies, and what a peer might do to end them.

import { assertEquals } from "@std/assert";
import * as zmq from "../../mod.ts";
import { Channel, Gather, Push, Reply, Request } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { start } from "./proxies.ts";
import { expect, frame, patient, until } from "./support.ts";

overTransports("proxy: a peer that has gone does not end it, even with mandatory", async (fresh) => {
  await using proxy = await start(fresh, new zmq.Router({ mandatory: true }), new zmq.Dealer());
  await using reply = new Reply();
  reply.connect(proxy.backEnd.lastEndpoint!);
  {
    await using gone = new Request({ linger: 0 });
    gone.connect(proxy.frontEnd.lastEndpoint!);
    await gone.send("question");
    await expect(reply, "question");
  }
  await until(() => proxy.frontEnd.peerCount === 0);
  await using request = new Request();
  request.connect(proxy.frontEnd.lastEndpoint!);
  await request.send("another");
  await until(() => proxy.frontEnd.peerCount === 1);
  await reply.send("in vain");
  await expect(reply, "another");
  await reply.send("not in vain");
  await expect(request, "not in vain");
  const { frontEnd, backEnd } = proxy.statistics;
  assertEquals([backEnd.received.messages, frontEnd.sent.messages], [2, 1]);
});

// RFC 49: a SCATTER has single frames. libzmq's refuses others, which would end the proxy.
overTransports("proxy: what the other end's type cannot carry is dropped", async (fresh) => {
  await using capture = new zmq.Channel();
  await capture.bind(fresh());
  await using proxy = await start(fresh, new zmq.Pull(), new zmq.Scatter(), { capture });
  await using push = new Push();
  await using gather = new Gather();
  await using spy = new Channel();
  push.connect(proxy.frontEnd.lastEndpoint!);
  gather.connect(proxy.backEnd.lastEndpoint!);
  spy.connect(capture.lastEndpoint!);
  await push.send(["one", "message"]);
  await push.send("another");
  await expect(gather, "another");
  await expect(spy, "another");
  const { frontEnd, backEnd } = proxy.statistics;
  assertEquals([frontEnd.received.frames, backEnd.sent.frames], [3, 1]);
});

Deno.test("proxy: a message that names no peer of a Stream does not end it", async () => {
  // To a mandatory Router the first frame of a copy is a peer that it does not have.
  const capture = new zmq.Router({ mandatory: true });
  await capture.bind("inproc://denomq-proxy-copies");
  await using proxy = new zmq.Proxy(new zmq.Stream({ notify: false }), new zmq.Dealer(), capture);
  await using spy = new zmq.Dealer();
  spy.connect("inproc://denomq-proxy-copies");
  await proxy.frontEnd.bind("tcp://127.0.0.1:*");
  await proxy.backEnd.bind("inproc://denomq-proxy-stream");
  const running = proxy.run();
  await using worker = new zmq.Dealer();
  worker.connect("inproc://denomq-proxy-stream");
  using browser = await Deno.connect({ port: Number(/\d+$/.exec(proxy.frontEnd.lastEndpoint!)![0]) });
  await browser.write(frame("question"));
  const [id, question] = await worker.receive(patient);
  assertEquals(question, frame("question"));
  for (const message of ["id", ["unknown", "bytes"], [id!, "too", "many"]]) await worker.send(message);
  await worker.send([id!, "answer"]);
  const buffer = new Uint8Array(10);
  const read = await Promise.race([browser.read(buffer), running]);
  assertEquals(buffer.subarray(0, read!), frame("answer"));
});

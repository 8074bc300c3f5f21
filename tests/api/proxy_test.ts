import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Context,
  Dealer,
  Dish,
  Pair,
  Peer,
  Proxy,
  type ProxyOptions,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Server,
  type Socket,
  Subscriber,
} from "../../mod.ts";
import { runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { isPending, next, rejectsCode, throwsCode, until } from "./support.ts";

/** A proxy with ends that are bound, and what it has to do with it. */
async function bound<F extends Socket, B extends Socket>(front: F, back: B, options?: ProxyOptions) {
  const proxy = new Proxy(front, back, options);
  await proxy.frontEnd.bind("ipc://*");
  await proxy.backEnd.bind("ipc://*");
  return proxy;
}

/** A Push and a Pull at the ends of a proxy. */
function streamed(proxy: Proxy): { push: Push; pull: Pull } {
  const [push, pull] = [new Push(), new Pull()];
  push.connect(proxy.frontEnd.lastEndpoint!);
  pull.connect(proxy.backEnd.lastEndpoint!);
  return { push, pull };
}

Deno.test("a proxy needs sockets that fit", () => {
  using stack = new DisposableStack();
  const [router, dealer, push, other, pull] = [new Router(), new Dealer(), new Push(), new Push(), new Pull()];
  for (const socket of [router, dealer, push, other, pull]) stack.use(socket);
  const make = (...args: unknown[]) => () => Reflect.construct(Proxy, args);
  assertThrows(make(), TypeError, "Front-end must be a socket object");
  assertThrows(make({}, {}), TypeError, "Front-end must be a socket object");
  assertThrows(make(router), TypeError, "Back-end must be a socket object");
  assertThrows(make(push, other), TypeError, "neither socket receives what the other sends");
  assertThrows(make(push, push), TypeError, "neither socket receives what the other sends");
  assertThrows(make(router, dealer, pull), TypeError, "Capture must be a socket that sends");
  assertThrows(make(router, dealer, { control: push }), TypeError, "Control must be a socket that receives");
  assertThrows(make(router, dealer, { control: {} }), TypeError, "Control must be a socket that receives");
  assertThrows(make(router, dealer, dealer), TypeError, "different sockets");
  assertThrows(make(router, dealer, { captur: other }), TypeError, "Cannot make a proxy: it has no option captur");
  for (const options of [null, "capture"]) {
    assertThrows(make(router, dealer, options), TypeError, "Cannot make a proxy: the options must be an object");
  }
  for (const Type of [Server, Peer, Radio, Dish]) {
    using socket = new Type();
    assertThrows(make(router, socket), TypeError, `the messages of a ${Type.name} are more than frames`);
  }
  assertThrows(() => (Proxy as unknown as () => void)(), TypeError);
  const { frontEnd, backEnd } = new Proxy(router, dealer);
  assertEquals([frontEnd === router, backEnd === dealer], [true, true]);
});

for (const end of ["Front-end", "Back-end"] as const) {
  Deno.test(`a proxy does not run if its ${end} is neither bound nor connected, or is closed`, async () => {
    using proxy = new Proxy(new Router(), new Dealer());
    const [lame, sound] = end === "Front-end" ? [proxy.frontEnd, proxy.backEnd] : [proxy.backEnd, proxy.frontEnd];
    await sound.bind("ipc://*");
    const error = await rejectsCode(() => proxy.run(), "EINVAL");
    assert(error.message.includes(`${end} socket must be bound or connected`), error.message);
    await lame.bind("ipc://*");
    await lame.unbind(lame.lastEndpoint!);
    await rejectsCode(() => proxy.run(), "EINVAL");
    await lame.bind("ipc://*");
    lame.close();
    await rejectsCode(() => proxy.run(), "EINVAL");
  });
}

Deno.test("a proxy that does not run can neither be paused nor resumed nor terminated", async () => {
  await using proxy = await bound(new Router(), new Dealer());
  const refuses = () => {
    for (const call of ["pause", "resume", "terminate"] as const) throwsCode(() => proxy[call](), "EBADF");
  };
  refuses();
  const running = proxy.run();
  proxy.terminate();
  refuses();
  await within(running, "the end");
  refuses();
  await rejectsCode(() => proxy.run(), "EINVAL");
});

Deno.test("a proxy closes its sockets at its end", async () => {
  await using capture = new Publisher();
  await using control = new Reply();
  await using proxy = await bound(new Router(), new Dealer(), { capture, control });
  const running = proxy.run();
  assertEquals(await isPending(running), true);
  proxy.terminate();
  await within(running, "the end");
  const { frontEnd, backEnd } = proxy;
  assertEquals([frontEnd, backEnd, capture, control].map(({ closed }) => closed), [true, true, true, true]);
});

Deno.test("a proxy ends with the reason of its signal", async () => {
  await using proxy = await bound(new Router(), new Dealer());
  const reason = new Error("enough");
  assertEquals(await assertRejects(() => proxy.run({ signal: AbortSignal.abort(reason) })), reason);
  assertEquals(proxy.frontEnd.closed, false);
  const controller = new AbortController();
  const running = proxy.run({ signal: controller.signal });
  assertEquals(await isPending(running), true);
  controller.abort(reason);
  assertEquals(await assertRejects(() => within(running, "the end")), reason);
  assertEquals([proxy.frontEnd.closed, proxy.backEnd.closed], [true, true]);
});

Deno.test("a proxy ends when its block does", async () => {
  let running: Promise<void>;
  let proxy: Proxy;
  {
    using inner = await bound(new Router(), new Dealer());
    running = inner.run();
    proxy = inner;
  }
  await within(running, "the end");
  assertEquals([proxy.frontEnd.closed, proxy.backEnd.closed], [true, true]);
  await using push = new Push();
  {
    await using unused = new Proxy(new Pull(), push);
    unused.frontEnd.connect("ipc://@denomq-nobody");
  }
  assertEquals(push.closed, true);
});

Deno.test("a proxy has its sockets for itself", async () => {
  await using proxy = await bound(new Router(), new Dealer());
  const { frontEnd, backEnd } = proxy;
  const receiving = frontEnd.receive();
  await rejectsCode(() => proxy.run(), "EFSM");
  const sending = backEnd.send("nobody is there");
  await using dealer = new Dealer({ routingId: "me" });
  dealer.connect(frontEnd.lastEndpoint!);
  await dealer.send("x");
  await within(receiving, "the message");
  await rejectsCode(() => proxy.run(), "EFSM");
  await using reply = new Dealer();
  reply.connect(backEnd.lastEndpoint!);
  await within(sending, "the peer");
  const running = proxy.run();
  for (const socket of [frontEnd, backEnd]) {
    await rejectsCode(() => socket.receive(), "EFSM");
    await rejectsCode(() => socket.send("x"), "EFSM");
    throwsCode(() => socket.tryReceive(), "EFSM");
    throwsCode(() => socket.trySend("x"), "EFSM");
    assertEquals([socket.readable, socket.writable], [false, false]);
  }
  await rejectsCode(() => proxy.run(), "EFSM");
  await using other = new Dealer();
  await other.bind("ipc://*");
  await rejectsCode(() => new Proxy(other, backEnd).run(), "EFSM");
  // It can still be bound and connected.
  await frontEnd.bind("inproc://denomq-proxy-more");
  proxy.terminate();
  await within(running, "the end");
  await rejectsCode(() => frontEnd.receive(), "EBADF");
});

Deno.test("a proxy fails when one of its sockets is closed", async () => {
  for (const end of ["frontEnd", "backEnd"] as const) {
    await using proxy = await bound(new Router(), new Dealer());
    const running = proxy.run();
    proxy[end].close();
    await rejectsCode(() => running, "EBADF");
    assertEquals([proxy.frontEnd.closed, proxy.backEnd.closed], [true, true]);
  }
});

Deno.test("a proxy between sockets of different contexts", async () => {
  const [left, right] = [new Context(), new Context()];
  await using proxy = new Proxy(new Pull({ context: left }), new Push({ context: right }));
  await proxy.frontEnd.bind("inproc://denomq-proxy");
  await proxy.backEnd.bind("inproc://denomq-proxy");
  const running = proxy.run();
  await using push = new Push({ context: left });
  await using pull = new Pull({ context: right });
  push.connect("inproc://denomq-proxy");
  pull.connect("inproc://denomq-proxy");
  await push.send("through");
  assertEquals(await next(pull), ["through"]);
  proxy.terminate();
  await running;
});

Deno.test("a proxy with much to do lets the rest of the program have its turn", async () => {
  // Two echoes that throw a message to and fro: always something to do, and never anything to wait for.
  const ends = [new Pair(), new Pair()];
  await ends[0]!.bind("inproc://denomq-echo");
  ends[1]!.connect("inproc://denomq-echo");
  await ends[0]!.send("to and fro");
  await using stack = new AsyncDisposableStack();
  const proxies = ends.map((end) => stack.use(new Proxy(end, end)));
  const running = proxies.map((proxy) => proxy.run());
  for (let turn = 1; turn <= 3; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  const { messages } = proxies[0]!.statistics.frontEnd.sent;
  assert(messages > 3, `${messages} messages`);
  for (const proxy of proxies) proxy.terminate();
  await Promise.all(running);
});

// libzmq: test_proxy_steerable
for (const type of [Reply, Pair, Dealer] as const) {
  Deno.test(`a proxy is steered through a ${type.name}`, async () => {
    await using control = new type();
    await control.bind("ipc://*");
    await using proxy = await bound(new Pull(), new Push(), { control });
    await using steer = type === Reply ? new Request() : new (type as typeof Pair)();
    steer.connect(control.lastEndpoint!);
    const running = proxy.run();
    const sockets = streamed(proxy);
    await using push = sockets.push;
    await using pull = sockets.pull;
    const command = async (text: string) => {
      await steer.send(text);
      // Only a REP has to answer.
      if (type === Reply) assertEquals(await next(steer), [""]);
    };
    const statistics = async () => {
      await steer.send("STATISTICS");
      const answer = await within(steer.receive(), "the statistics");
      return answer.map(({ buffer, byteOffset, length }) => {
        assertEquals(length, 8);
        return Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
      });
    };
    assertEquals(await statistics(), [0, 0, 0, 0, 0, 0, 0, 0]);
    await push.send(["ab", "c"]);
    await push.send("d");
    assertEquals([await next(pull), await next(pull)], [["ab", "c"], ["d"]]);
    assertEquals(await statistics(), [3, 4, 0, 0, 0, 0, 3, 4]);
    const received = { messages: 2, frames: 3, bytes: 4 };
    const none = { messages: 0, frames: 0, bytes: 0 };
    assertEquals(proxy.statistics, {
      frontEnd: { received, sent: none },
      backEnd: { received: none, sent: received },
    });

    await command("PAUSE");
    // What is no command changes nothing.
    await command("RESUMEE");
    await command("resume");
    await push.send("e");
    // Nothing may come, and nothing tells that it has not: it would be here after this time.
    await rejectsCode(() => pull.receive({ timeout: 50 }), "EAGAIN");
    assertEquals(await statistics(), [3, 4, 0, 0, 0, 0, 3, 4]);
    await command("RESUME");
    assertEquals(await next(pull), ["e"]);
    await command("TERMINATE");
    await within(running, "the end");
    assertEquals([proxy.frontEnd.closed, control.closed], [true, true]);
  });
}

Deno.test("a proxy's control that cannot answer is listened to", async () => {
  await using control = new Pull();
  await control.bind("ipc://*");
  await using proxy = await bound(new Pull(), new Push(), { control });
  await using steer = new Push();
  steer.connect(control.lastEndpoint!);
  const running = proxy.run();
  for (const text of ["STATISTICS", "nonsense", "PAUSE", "TERMINATE"]) await steer.send(text);
  await within(running, "the end");
});

Deno.test("a proxy's control that reads no answer is not listened to any longer", async () => {
  await using control = new Pair({ sendHighWaterMark: 5, receiveHighWaterMark: 5 });
  await control.bind("inproc://denomq-steer");
  await using proxy = await bound(new Pull(), new Push(), { control });
  await using steer = new Pair({ sendHighWaterMark: 5, receiveHighWaterMark: 5 });
  steer.connect("inproc://denomq-steer");
  const running = proxy.run();
  let sent = 0;
  for (; sent < 1000; sent++) {
    try {
      await steer.send("STATISTICS", { timeout: 50 });
    } catch {
      break;
    }
  }
  assertEquals(sent, 20);
  for (let i = 0; i < sent; i++) assertEquals((await within(steer.receive(), "an answer")).length, 8);
  await steer.send("TERMINATE");
  await within(running, "the end");
});

// libzmq: test_proxy_terminate
Deno.test("a proxy that nobody takes messages from can be terminated", async () => {
  await using control = new Reply();
  await control.bind("inproc://denomq-terminate");
  const front = new Subscriber();
  front.subscribe();
  await using proxy = await bound(front, new Push(), { control });
  const running = proxy.run();
  await using publisher = new Publisher();
  publisher.connect(front.lastEndpoint!);
  await publisher.waitForSubscribers();
  for (let i = 0; i < 3; i++) await publisher.send("This is a test");
  await until(() => front.peerCount === 1, "the publisher");
  assertEquals(proxy.statistics.frontEnd.received.messages, 0);
  await using steer = new Request();
  steer.connect("inproc://denomq-terminate");
  await steer.send("TERMINATE");
  await within(running, "the end");
  assertEquals(await next(steer), [""]);
});

Deno.test("a program runs as long as its proxy", async () => {
  const { code, stdout, stderr } = await runScript(new URL("programs/proxy.ts", import.meta.url), [], {
    flags: ["-A"],
  });
  assertEquals([code, stdout], [0, "terminated\n"], stderr);
});

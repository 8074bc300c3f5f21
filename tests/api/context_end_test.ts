import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Context, Dealer, Pair, Proxy, Pull, Push, Router } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { isPending, next, rejectsCode, throwsCode } from "./support.ts";

// libzmq: test_ctx_destroy
Deno.test("a context is terminated when its sockets are closed", async () => {
  const own = new Context();
  const pull = new Pull({ context: own });
  pull.close();
  await within(own.terminate(), "the end");
  await within(new Context().terminate(), "the end of one that was not used");
});

// libzmq: test_ctx_shutdown
Deno.test("shutdown() ends every call that waits with ETERM", async () => {
  const own = new Context();
  const [pull, push, pair, other] = [new Pull({ context: own }), new Push({ context: own }), new Pair(), new Pull()];
  using iterated = new Pull({ context: own });
  const calls = [pull.receive(), push.send("x"), pull.waitForPeers()];
  const iterating = (async () => {
    for await (const _ of iterated) { /* Nothing comes. */ }
  })();
  const unaffected = [pair.receive(), other.receive()];
  assertEquals(await isPending(calls[0]!), true);
  own.shutdown();
  for (const call of [...calls, iterating]) await rejectsCode(() => call, "ETERM");
  for (const call of unaffected) assertEquals(await isPending(call), true);
  for (const socket of [pull, push, pair, other]) socket.close();
  await Promise.allSettled(unaffected);
});

Deno.test("after shutdown() a socket can only be closed", async () => {
  const own = new Context();
  using pair = new Pair({ context: own });
  await pair.bind("inproc://a");
  pair.connect("inproc://b");
  own.shutdown();
  own.shutdown();
  await rejectsCode(() => pair.bind("inproc://c"), "ETERM");
  await rejectsCode(() => pair.unbind("inproc://a"), "ETERM");
  throwsCode(() => pair.connect("inproc://c"), "ETERM");
  throwsCode(() => pair.disconnect("inproc://b"), "ETERM");
  await rejectsCode(() => pair.send("x"), "ETERM");
  await rejectsCode(() => pair.receive(), "ETERM");
  await rejectsCode(() => pair.waitForPeers(), "ETERM");
  throwsCode(() => pair.trySend("x"), "ETERM");
  throwsCode(() => pair.tryReceive(), "ETERM");
  throwsCode(() => pair.tryReceiveBatch(), "ETERM");
  throwsCode(() => pair.linger = 1, "ETERM");
  throwsCode(() => pair.linger, "ETERM");
  assertEquals([pair.closed, pair.readable, pair.writable], [false, false, false]);
  pair.close();
  await rejectsCode(() => pair.receive(), "EBADF");
});

// libzmq: test_ctx_shutdown_socket_opened_after, test_ctx_shutdown_only_socket_opened_after
Deno.test("after shutdown() no socket can be made", async () => {
  const [used, fresh] = [new Context(), new Context()];
  new Pull({ context: used }).close();
  for (const own of [used, fresh]) {
    own.shutdown();
    throwsCode(() => new Pull({ context: own }), "ETERM");
    await within(own.terminate(), "the end");
    throwsCode(() => new Pull({ context: own }), "ETERM");
  }
});

// libzmq: test_poller_exists_with_socket_on_zmq_ctx_term_non_thread_safe_socket
Deno.test("terminate() waits for who waits, and until they have closed their sockets", async () => {
  const own = new Context();
  const dealer = new Dealer({ context: own });
  const waiting = rejectsCode(() => dealer.receive(), "ETERM").then(() => dealer);
  const ending = own.terminate();
  const again = own.terminate();
  await waiting;
  assertEquals(await isPending(ending), true);
  dealer.close();
  await within(Promise.all([ending, again]), "the end");
});

Deno.test("terminate() waits until what was sent has gone out", async () => {
  const own = new Context();
  const push = new Push({ context: own });
  await using pull = new Pull({ receiveHighWaterMark: 1 });
  push.connect("ipc://@denomq-term");
  for (let i = 0; i < 10; i++) await push.send(`${i}`);
  push.close();
  const ending = own.terminate();
  assertEquals(await isPending(ending), true);
  await pull.bind("ipc://@denomq-term");
  for (let i = 0; i < 10; i++) assertEquals(await next(pull), [`${i}`]);
  await within(ending, "the end");
});

Deno.test("terminate() can be given up", async () => {
  const own = new Context();
  using _pull = new Pull({ context: own });
  await rejectsCode(() => own.terminate({ timeout: 10 }), "EAGAIN");
  const reason = new Error("enough");
  const controller = new AbortController();
  const ending = own.terminate({ signal: controller.signal });
  controller.abort(reason);
  assertEquals(await assertRejects(() => ending), reason);
  throwsCode(() => new Pull({ context: own }), "ETERM");
});

Deno.test("a context closes its sockets at the end of its block", async () => {
  let sockets: (Push | Pull)[];
  {
    using own = new Context();
    sockets = [new Push({ context: own }), new Pull({ context: own })];
  }
  assertEquals(sockets.map(({ closed }) => closed), [true, true]);
  await using pull = new Pull();
  await pull.bind("ipc://*");
  {
    await using own = new Context();
    const push = new Push({ context: own });
    push.connect(pull.lastEndpoint!);
    await push.send("goes out");
  }
  assertEquals(await next(pull), ["goes out"]);
});

Deno.test("a proxy fails with ETERM when the context is terminated", async () => {
  const own = new Context();
  const proxy = new Proxy(new Router({ context: own }), new Dealer({ context: own }));
  await proxy.frontEnd.bind("inproc://front");
  await proxy.backEnd.bind("inproc://back");
  const running = proxy.run();
  const failing = rejectsCode(() => running, "ETERM");
  await within(own.terminate(), "the end");
  await failing;
  assertEquals([proxy.frontEnd.closed, proxy.backEnd.closed], [true, true]);
});

// libzmq: test_ctx_option_ipv6, test_ctx_option_ipv6_set
Deno.test("a context keeps ipv6 and maxMessageSize", () => {
  const own = new Context();
  assertEquals([own.ipv6, own.maxMessageSize], [false, 2147483647]);
  own.ipv6 = true;
  own.maxMessageSize = 1000;
  assertEquals([own.ipv6, own.maxMessageSize], [true, 1000]);
  const other = new Context({ ipv6: true, maxMessageSize: 5 });
  assertEquals([other.ipv6, other.maxMessageSize], [true, 5]);
  assertThrows(() => Object.assign(own, { ipv6: 1 }), TypeError, "ipv6");
  assertThrows(() => Object.assign(own, { maxMessageSize: "1" }), TypeError, "maxMessageSize");
  assertThrows(() => own.maxMessageSize = -1, RangeError, "maxMessageSize");
});

// libzmq: test_ctx_thread_opts
Deno.test("a context takes options of threads that it does not have", () => {
  const own = new Context({ threadPriority: 1, threadSchedulingPolicy: 0 });
  own.threadPriority = 5;
  assertThrows(() => own.threadPriority = -1, RangeError, "threadPriority");
  assertThrows(() => own.threadSchedulingPolicy = -1, RangeError, "threadSchedulingPolicy");
  assertThrows(() => Object.assign(own, { threadPriority: "1" }), TypeError, "threadPriority");
});

// libzmq: test_ctx_option_blocky
Deno.test("new sockets have the context's ipv6", () => {
  const own = new Context();
  using before = new Pull({ context: own });
  own.ipv6 = true;
  using after = new Pull({ context: own });
  assertEquals([before, after].map((socket) => socket.ipv6), [false, true]);
});

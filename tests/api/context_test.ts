import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Context, context, Pair, Pull, Push, Subscriber } from "../../mod.ts";
import { rejectsCode, throwsCode } from "./support.ts";

// libzmq: test_ctx_option_max_sockets, test_ctx_option_socket_limit, test_ctx_option_io_threads
Deno.test("a context has ZeroMQ's defaults", () => {
  for (const each of [context, new Context()]) {
    assertEquals(each.ioThreads, 1);
    assertEquals(each.maxSockets, 1023);
    assertEquals(each.maxSocketsLimit, 65535);
    assertEquals(each.blocky, true);
  }
});

Deno.test("a socket belongs to the default context or to the one that it is given", async () => {
  const other = new Context();
  await using first = new Pair();
  await using second = new Pair({ context: other });
  assertEquals(first.context, context);
  assertEquals(second.context, other);
  assertNotEquals(first.context === second.context, true);
});

Deno.test("a context checks the types and ranges of its options", () => {
  const own = new Context();
  for (
    const [name, types, ranges] of [
      ["ioThreads", ["1", null, true], [-1, 1.5, NaN, 2147483648]],
      ["maxSockets", ["1", null, true], [0, -1, 0.5, 65536]],
      ["blocky", [0, 1, "true", null], []],
    ] as const
  ) {
    for (const value of types) {
      assertThrows(() => Object.assign(own, { [name]: value }), TypeError, name);
      assertThrows(() => new Context({ [name]: value }), TypeError, name);
    }
    for (const value of ranges) {
      assertThrows(() => Object.assign(own, { [name]: value }), RangeError, name);
      assertThrows(() => new Context({ [name]: value }), RangeError, name);
    }
  }
  assertEquals([own.ioThreads, own.maxSockets, own.blocky], [1, 1023, true]);
});

Deno.test("an option of a context that is undefined is none, as with sockets", () => {
  const options: object = { ioThreads: undefined, ipv6: undefined, maxSockets: 5 };
  const own = new Context(options);
  assertEquals([own.ioThreads, own.ipv6, own.maxSockets], [1, false, 5]);
  assertThrows(() => new Context({ ioThread: undefined } as object), TypeError, "ioThread");
});

// libzmq: test_ctx_option_invalid
Deno.test("a context refuses options that it does not have", () => {
  const own = new Context();
  for (const name of ["maxSocketsLimit", "ioThread", "admit"]) {
    assertThrows(() => new Context({ [name]: 1 }), TypeError, name);
  }
  for (const name of ["maxSocketsLimit", "ioThread"]) {
    assertThrows(() => Object.assign(own, { [name]: 1 }), TypeError, name);
  }
});

// libzmq: test_many_sockets
Deno.test("sockets can be made until it is EMFILE, and closed", async () => {
  const own = new Context();
  const sockets: Pair[] = [];
  throwsCode(() => {
    for (;;) sockets.push(new Pair({ context: own }));
  }, "EMFILE");
  assertEquals(sockets.length, own.maxSockets);
  for (let i = 0; i < 10; i++) throwsCode(() => new Pair({ context: own }), "EMFILE");
  for (const socket of sockets) socket.close();
  await own.terminate({ timeout: 5000 });
});

Deno.test("one socket more than maxSockets is EMFILE, and a closed one makes room", () => {
  const own = new Context({ maxSockets: 2 });
  using _first = new Pair({ context: own });
  const second = new Pair({ context: own });
  throwsCode(() => new Pair({ context: own }), "EMFILE");
  second.close();
  using _third = new Pair({ context: own });
  throwsCode(() => new Pair({ context: own }), "EMFILE");
  own.maxSockets = 3;
  using _fourth = new Pair({ context: own });
});

Deno.test("without I/O threads ipc refuses to bind and to connect with EMTHREAD", async () => {
  const own = new Context({ ioThreads: 0 });
  await using pair = new Pair({ context: own });
  const bound = await rejectsCode(() => pair.bind("ipc://*"), "EMTHREAD");
  assertEquals(bound.address, "ipc://*");
  throwsCode(() => pair.connect("ipc://@denomq-no-thread"), "EMTHREAD");
  throwsCode(() => pair.connect("bogus"), "EINVAL");
  assertEquals(pair.lastEndpoint, null);
  own.ioThreads = 1;
  await pair.bind("ipc://*");
});

// libzmq: test_ctx_option_blocky
Deno.test("new sockets of a context that is not blocky do not linger", async () => {
  const own = new Context();
  await using before = new Push({ context: own });
  own.blocky = false;
  await using after = new Push({ context: own });
  await using chosen = new Push({ context: own, linger: 5 });
  own.blocky = true;
  await using later = new Push({ context: own });
  assertEquals([before, after, chosen, later].map((push) => push.linger), [-1, 0, 5, -1]);
  await using pull = new Pull({ context: own });
  await using subscriber = new Subscriber({ context: own });
  assertEquals([pull.linger, subscriber.linger], [-1, 0]);
});

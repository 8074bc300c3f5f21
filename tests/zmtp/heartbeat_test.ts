import { assertEquals } from "@std/assert";
import { assertFails, bytes, command, readySide } from "./support.ts";

Deno.test("heartbeat: a PING is answered with at most 16 bytes of its context", () => {
  for (const minor of [0, 1]) {
    const side = readySide({}, minor);
    side.feed(command("PING", 0, 0));
    assertEquals(side.output(), command("PONG"));
    side.feed(command("PING", 0, 0, "context"), 1);
    assertEquals(side.output(), command("PONG", "context"));
    side.feed(command("PING", 0, 0, "0123456789abcdef!"));
    assertEquals(side.output(), command("PONG", "0123456789abcdef"));
    side.feed(bytes(command("PING", 0, 0, "1"), command("PING", 0, 0, "2")));
    assertEquals(side.output(), bytes(command("PONG", "1"), command("PONG", "2")));
    assertEquals([side.output().length, side.traffic.length], [0, 0]);
  }
});

Deno.test("heartbeat: a PING without its time to live is ignored", () => {
  const side = readySide();
  side.feed(bytes(command("PING"), command("PING", 1), 0, 1, "x"));
  assertEquals(side.output().length, 0);
  assertEquals(side.traffic, [["message", "x"]]);
  assertEquals(side.machine.deadline, Infinity);
});

Deno.test("heartbeat: a peer that pings and does not read does not fill memory", () => {
  const side = readySide();
  for (let i = 0; i < 10_000; i++) side.feed(command("PING", 0, 0, "0123456789abcdef"));
  const { length } = side.output();
  assertEquals(length > 0 && length < 8192, true);
  side.feed(command("PING", 0, 0, "x"));
  assertEquals(side.output(), command("PONG", "x"));
});

Deno.test("heartbeat: PINGs go out each interval, even while traffic flows", () => {
  const side = readySide({ heartbeatInterval: 1000, heartbeatTimeToLive: 2599 }, 1, 500);
  assertEquals([side.output().length, side.machine.deadline], [0, 1500]);
  side.machine.tick(1499);
  assertEquals(side.output().length, 0);
  for (let now = 1500; now < 9000; now += 1000) {
    side.feed(bytes(0, 1, "x"), 9, now - 1);
    assertEquals(side.machine.deadline, now);
    side.machine.tick(now);
    assertEquals(side.output(), command("PING", 0, 25));
  }
});

Deno.test("heartbeat: a time to live goes out in tenths of a second, up to the largest", () => {
  for (const [ms, high, low] of [[0, 0, 0], [99, 0, 0], [100, 0, 1], [25_600, 1, 0], [6_553_599, 255, 255]] as const) {
    const side = readySide({ heartbeatInterval: 10, heartbeatTimeToLive: ms });
    side.machine.tick(10);
    assertEquals(side.output(), command("PING", high, low));
  }
});

Deno.test("heartbeat: a peer that is silent after a PING is given up", () => {
  const side = readySide({ heartbeatInterval: 1000, heartbeatTimeout: 300 });
  side.machine.tick(1000);
  assertEquals(side.machine.deadline, 1300);
  side.machine.tick(1299);
  const error = assertFails(side, "heartbeat-timeout", () => side.machine.tick(1300));
  assertEquals([error.timeout, error.code], [true, "ETIMEDOUT"]);
});

Deno.test("heartbeat: any byte stops the waiting, be it one of a frame that is never finished", () => {
  const side = readySide({ heartbeatInterval: 1000, heartbeatTimeout: 300 });
  side.machine.tick(1000);
  side.feed(bytes(0), 1, 1299);
  assertEquals(side.machine.deadline, 2000);
  side.machine.tick(2000);
  assertEquals(side.machine.deadline, 2300);
  assertFails(side, "heartbeat-timeout", () => side.machine.tick(2300));
});

Deno.test("heartbeat: the timeout is the interval unless given, 0 is none, and a longer one outlasts PINGs", () => {
  const same = readySide({ heartbeatInterval: 1000 });
  same.machine.tick(1000);
  assertFails(same, "heartbeat-timeout", () => same.machine.tick(2000));

  const none = readySide({ heartbeatInterval: 1000, heartbeatTimeout: 0 });
  for (let now = 1000; now < 100_000; now += 1000) none.machine.tick(now);
  assertEquals(none.output().length, 99 * 9);

  const patient = readySide({ heartbeatInterval: 1000, heartbeatTimeout: 2500 });
  for (const now of [1000, 2000, 3000]) patient.machine.tick(now);
  assertEquals(patient.machine.deadline, 3500);
  assertFails(patient, "heartbeat-timeout", () => patient.machine.tick(3500));
});

Deno.test("heartbeat: the peer's time to live counts from each arrival, and 0 takes it back", () => {
  const side = readySide();
  assertEquals(side.machine.deadline, Infinity);
  side.feed(command("PING", 1, 4), Infinity, 100);
  assertEquals(side.machine.deadline, 26_100);
  side.feed(bytes(0, 1, "x"), Infinity, 5000);
  assertEquals(side.machine.deadline, 31_000);
  side.machine.tick(30_999);
  assertFails(side, "heartbeat-timeout", () => side.machine.tick(31_000));

  const freed = readySide();
  freed.feed(bytes(command("PING", 0, 1), command("PING", 0, 0)), Infinity, 7);
  assertEquals(freed.machine.deadline, Infinity);
});

Deno.test("heartbeat: without options there is none, and a late tick() does no harm", () => {
  const side = readySide();
  side.machine.tick(1e9);
  assertEquals([side.output().length, side.machine.phase], [0, "traffic"]);
});

Deno.test("heartbeat: a peer is not given up while, or just because, this side did not read", () => {
  const side = readySide({ heartbeatInterval: 1000, heartbeatTimeout: 300 });
  const data = bytes(0, 1, "a", 0, 1, "b");
  side.machine.space().set(data);
  side.machine.filled(data.length, 10);
  assertEquals(side.machine.advance(1), true);
  side.machine.tick(1000);
  for (let now = 1300; now <= 5000; now += 100) side.machine.tick(now);
  assertEquals(side.machine.phase, "traffic");
  assertEquals(side.machine.advance(9), false);
  const { deadline } = side.machine;
  side.machine.tick(deadline);
  assertEquals(side.machine.deadline, deadline + 300);
  // It has had its chance.
  assertFails(side, "heartbeat-timeout", () => side.machine.tick(deadline + 300));
});

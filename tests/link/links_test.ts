import { assert, assertEquals } from "@std/assert";
import { Acceptor } from "../../link/acceptor.ts";
import { Dialer } from "../../link/dialer.ts";
import type { LinkSettings } from "../../link/link.ts";
import { missingPermission } from "../../transports/permission.ts";
import { systemError } from "../../transports/system_error.ts";
import { until } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { type Faults, Host, MemoryTransport, settings } from "./memory.ts";

/** A dialing PUSH and an accepting PULL. */
class Links {
  readonly transport = new MemoryTransport();
  readonly [0] = new Host();
  readonly [1] = new Host();
  readonly dialer: Dialer;
  readonly acceptor: Acceptor;

  constructor(changes: Partial<LinkSettings> = {}, faults: () => Faults = () => ({})) {
    const { transport } = this;
    transport.faults = faults;
    const target = { transport, address: "here", endpoint: transport.endpoint };
    this.dialer = new Dialer(target, settings("PUSH", changes), this[0]);
    this.acceptor = new Acceptor(transport, settings("PULL"), this[1]);
  }

  start(): this {
    this.acceptor.start();
    this.dialer.start();
    return this;
  }

  types(side: 0 | 1): string[] {
    return this[side].events.map((event) => event.type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dialer.close(0);
    this.acceptor.close(0);
    await within(Promise.all([this[0].gone, this[1].gone]), "the release of both links");
  }
}

const encoder = new TextEncoder();
const text = (frames: Uint8Array[]) => frames.map((frame) => new TextDecoder().decode(frame)).join("|");

Deno.test("a connection that is cut after any byte delivers every message once", async () => {
  const messages = [["0"], ["1", "", "x".repeat(300)], ["2", "y"], [""], ["4"]];
  const expected = messages.map((frames) => frames.join("|"));
  let total = Infinity;
  for (let cut = 1; cut < total; cut++) {
    let connections = 0;
    await using links = new Links({}, () => connections++ === 0 ? { cut } : {}).start();
    for (const frames of messages) links[0].pipes[0]!.write(frames.map((frame) => encoder.encode(frame)));
    await until(
      () => links[1].messages.length >= messages.length,
      () => `all have come: ${links[1].messages.map(text)}`,
    );
    if (connections === 1) {
      assert(cut > 400, "the cut came too late");
      total = cut;
    }
    assertEquals(links[1].messages.map(text), expected, `cut after ${cut} bytes`);
  }
});

Deno.test("a connection of single bytes is like any other", async () => {
  await using links = new Links({}, () => ({ chunk: 1 })).start();
  links[0].pipes[0]!.write([encoder.encode("a"), new Uint8Array(1000)]);
  await until(() => links[1].messages.length === 1, "it has come");
  assertEquals(links[1].messages[0]!.map((frame) => frame.length), [1, 1000]);
});

for (const gathers of [false, true]) {
  const how = gathers ? "with its header in one write" : "after its header";

  Deno.test(`a large message, ${how}, that is cut is lost or repeated as a whole, and the next is whole`, async () => {
    const large = new Uint8Array(100_000).fill(7);
    // The greeting takes 64 bytes, READY 28, "first" 7, a header 9.
    for (const cut of [80, 92, 98, 99, 100, 107, 108, 109, 1000, 70_000, 100_107, 100_108, 100_109]) {
      let connections = 0;
      await using links = new Links({}, () => ({ gathers, ...connections++ === 0 && { cut } })).start();
      const [pipe] = links[0].pipes;
      pipe!.write([encoder.encode("first"), large]);
      pipe!.write([encoder.encode("second"), large]);
      pipe!.write([encoder.encode("third")]);
      await until(() => links[1].messages.some((frames) => text([frames[0]!]) === "third"), "the last has come");
      const names = links[1].messages.map((frames) => text([frames[0]!]));
      assertEquals(names, ["first", "second", "third"].filter((name) => names.includes(name)), `cut after ${cut}`);
      assert(names.length >= 2, `${names} with a cut after ${cut}`);
      for (const [name, body] of links[1].messages) {
        if (text([name!]) !== "third") assert(body!.length === large.length && body!.every((byte) => byte === 7));
      }
    }
  });

  Deno.test(`large frames, each ${how}, come whole and in order in writes of every size`, async () => {
    for (const chunk of [1000, 4096, 65_544, 65_545, 65_546, 70_000, 131_090, 1_000_000]) {
      await using links = new Links({}, () => ({ gathers, chunk })).start();
      const [pipe] = links[0].pipes;
      const bodies = [65_536, 3, 65_537, 70_000, 0, 200_000, 65_536];
      for (let i = 0; i < 3; i++) pipe!.write(bodies.map((size, at) => new Uint8Array(size).fill(10 * i + at)));
      await until(() => links[1].messages.length === 3, "all have come");
      for (const [i, frames] of links[1].messages.entries()) {
        assertEquals(frames.map(({ length }) => length), bodies, `in writes of ${chunk}`);
        for (const [at, frame] of frames.entries()) {
          assert(frame.every((byte) => byte === 10 * i + at), `frame ${at} of message ${i} in writes of ${chunk}`);
        }
      }
    }
  });

  Deno.test(`a large body, ${how}, whose memory is gone ends the connection, not the link`, async () => {
    await using links = new Links({}, () => ({ gathers })).start();
    const [pipe] = links[0].pipes;
    const lost = new Uint8Array(100_000);
    pipe!.write([encoder.encode("before")]);
    pipe!.write([encoder.encode("torn"), lost]);
    structuredClone(lost, { transfer: [lost.buffer] });
    pipe!.write([encoder.encode("after")]);
    await until(() => links[1].messages.length === 2, "the others have come");
    assertEquals(links[1].messages.map(text), ["before", "after"]);
  });
}

Deno.test("a permission that is missing after all ends the link and is reported", async () => {
  const refused = missingPermission("memory://here", { unix: "all" }, new Deno.errors.NotCapable("no"));
  const reports: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reports.push(event.error);
  };
  addEventListener("error", report);
  try {
    await using links = new Links({}, () => {
      throw refused;
    }).start();
    await within(links[0].gone, "the end of the dialer");
    assertEquals(links.types(0), ["close"]);
    assertEquals(links.transport.attempts, 1);
    assertEquals(links[0].pipes[0]!.open, false);
  } finally {
    removeEventListener("error", report);
  }
  assertEquals(reports, [refused]);
});

Deno.test("a link that ends while it dials closes what it gets", async () => {
  await using links = new Links().start();
  links.dialer.close(0);
  await within(links[0].gone, "the end of the dialer");
  await until(() => links.types(1).at(-1) === "disconnect", "the acceptor to notice");
  assertEquals(links.types(1).at(-2), "handshake:error:other");
  assertEquals(links.types(0), []);
});

Deno.test("a link waits with what is queued while it dials, as long as it may", async () => {
  let failures = 3;
  await using links = new Links({}, () => {
    if (failures-- > 0) throw systemError(new Deno.errors.ConnectionRefused(), "memory://here");
    return {};
  }).start();
  links[0].pipes[0]!.write([encoder.encode("x")]);
  links.dialer.close(-1);
  assertEquals(links[0].pipes[0]!.open, false);
  assertEquals(links.dialer.unsent, true);
  await within(links[0].gone, "the end of the dialer");
  await until(() => links[1].messages.length === 1, "the message");
  const attempt = ["close", "connect:retry"];
  assertEquals(links.types(0), [...attempt, ...attempt, ...attempt, "connect", "handshake", "disconnect"]);
});

Deno.test("a linger period ends a link that never connects", async () => {
  await using links = new Links({}, () => {
    throw systemError(new Deno.errors.ConnectionRefused(), "memory://here");
  }).start();
  links[0].pipes[0]!.write([encoder.encode("x")]);
  links.dialer.close(30);
  links.dialer.close(20_000);
  await within(links[0].gone, "the end of the dialer", 5000);
  assertEquals(links.dialer.unsent, false);
});

Deno.test("a peer that the socket does not take is disconnected", async () => {
  await using links = new Links({ reconnectInterval: -1 });
  links[1].welcoming = false;
  links.start();
  await within(links[0].gone, "the end of the dialer");
  assertEquals(links.types(1), ["bind", "accept", "handshake", "disconnect"]);
  assertEquals(links.types(0).at(-1), "disconnect");
});

Deno.test("a pipe that is not wanted ends its link", async () => {
  await using links = new Links();
  links[0].welcoming = false;
  links.start();
  await within(links[0].gone, "the end of the dialer");
  assertEquals(links.transport.attempts, 0);
});

Deno.test("with immediate there is a pipe only while there is a connection", async () => {
  const cuts = [200, Infinity];
  await using links = new Links({ immediate: true }, () => ({ cut: cuts.shift() ?? Infinity }));
  links.dialer.start();
  assertEquals(links[0].pipes.length, 0);
  links.acceptor.start();
  await until(() => links[0].pipes.length === 1, "the pipe");
  const [first] = links[0].pipes;
  first!.write([new Uint8Array(300)]);
  await until(() => links[0].pipes.length === 2, "the next pipe");
  assertEquals(first!.open, false);
  links[0].pipes[1]!.write([encoder.encode("x")]);
  await until(() => links[1].messages.length > 0, "the message");
  assertEquals(links[1].messages.map(text), ["x"]);
});

// What a queue and its connections do when every frame is sealed for one connection only.

import { assert, assertEquals } from "@std/assert";
import { Acceptor } from "../../link/acceptor.ts";
import { Dialer } from "../../link/dialer.ts";
import type { LinkSettings } from "../../link/link.ts";
import type { WirePipe } from "../../link/wire_pipe.ts";
import { CurveCipher } from "../../zmtp/curve_cipher.ts";
import { CurveClient } from "../../zmtp/curve_client.ts";
import { OwnNonce, PeerNonce } from "../../zmtp/curve_nonce.ts";
import { CurveServer } from "../../zmtp/curve_server.ts";
import type { ProtocolError } from "../../zmtp/error.ts";
import type { MechanismFactory, MechanismHost } from "../../zmtp/mechanism.ts";
import { NullMechanism } from "../../zmtp/null.ts";
import { until } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { clientKeys, crypto, serverKeys } from "../zmtp/curve_support.ts";
import { type Faults, Host, MemoryTransport, settings } from "./memory.ts";

/** Other mechanisms than CURVE. */
interface Mechanisms {
  readonly dialing: MechanismFactory;
  readonly accepting: MechanismFactory;
}

/** A dialing PUSH and an accepting PULL that speak CURVE. */
class Links implements AsyncDisposable {
  readonly transport = new MemoryTransport();
  readonly from = new Host();
  readonly to = new Host();
  readonly dialer: Dialer;
  readonly acceptor: Acceptor;

  constructor(
    faults: () => Faults,
    { mechanisms, ...changes }: Partial<LinkSettings> & { mechanisms?: Mechanisms } = {},
    heartbeatInterval = 0,
  ) {
    const { transport } = this;
    transport.faults = faults;
    const target = { transport, address: "here", endpoint: transport.endpoint };
    const [push, pull] = [settings("PUSH", changes), settings("PULL", changes)];
    const dialing = {
      mechanism: mechanisms?.dialing ?? (() => new CurveClient(crypto, clientKeys)),
      heartbeatInterval,
      heartbeatTimeout: 5000,
    };
    const accepting = {
      mechanism: mechanisms?.accepting ?? (() => new CurveServer(crypto, serverKeys, null)),
      heartbeatInterval,
      heartbeatTimeout: 5000,
    };
    this.dialer = new Dialer(target, { ...push, machine: { ...push.machine, ...dialing } }, this.from);
    this.acceptor = new Acceptor(transport, { ...pull, machine: { ...pull.machine, ...accepting } }, this.to);
    this.acceptor.start();
    this.dialer.start();
  }

  get pipe(): WirePipe {
    return this.from.pipes[0] as WirePipe;
  }

  get names(): string[] {
    return this.to.messages.map((frames) => text([frames[0]!]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dialer.close(0);
    this.acceptor.close(0);
    await within(Promise.all([this.from.gone, this.to.gone]), "the release of both links");
  }
}

const encoder = new TextEncoder();
const text = (frames: Uint8Array[]) => frames.map((frame) => new TextDecoder().decode(frame)).join("|");

/** The greeting, HELLO and INITIATE of a PUSH. */
const HANDSHAKE = 64 + 202 + 9 + 257 + 26;

Deno.test("sealed: a connection that is cut after any byte delivers every message once", async () => {
  const messages = [["0"], ["1", "", "x".repeat(300)], ["2", "y"], [""], ["4"]];
  const expected = messages.map((frames) => frames.join("|"));
  let total = Infinity;
  for (let cut = 1; cut < total; cut += cut < HANDSHAKE - 10 ? 40 : 1) {
    let connections = 0;
    await using links = new Links(() => connections++ === 0 ? { cut } : {});
    for (const frames of messages) links.pipe.write(frames.map((frame) => encoder.encode(frame)));
    await until(
      () => links.to.messages.length >= messages.length,
      () => `all have come: ${links.to.messages.map(text)}`,
    );
    if (connections === 1) {
      assert(cut > HANDSHAKE + 500, `the cut came too late: ${cut}`);
      total = cut;
    }
    assertEquals(links.to.messages.map(text), expected, `cut after ${cut} bytes`);
    assertEquals(links.pipe.outbox.messages, 0);
  }
});

Deno.test("sealed: a large message that is cut is lost or repeated as a whole, and the next is whole", async () => {
  const large = new Uint8Array(100_000).fill(7);
  const first = HANDSHAKE + 2 + 33 + 5;
  for (const at of [-41, -1, 0, 1, 8, 9, 10, 40, 1000, 70_000, 100_041, 100_042, 100_043, 100_090]) {
    for (const gathers of [false, true]) {
      let connections = 0;
      await using links = new Links(() => ({ gathers, ...connections++ === 0 && { cut: first + at } }));
      links.pipe.write([encoder.encode("first"), large]);
      links.pipe.write([encoder.encode("second"), large]);
      links.pipe.write([encoder.encode("third")]);
      await until(() => links.names.includes("third"), "the last has come");
      const { names } = links;
      assertEquals(names, ["first", "second", "third"].filter((name) => names.includes(name)), `cut ${at}`);
      // Nothing of it is lost unless all that went before a large frame had gone out.
      if (at < 100_042) assertEquals(names.length, 3, `${names} with a cut at ${at}`);
      assert(names.length >= 2);
      for (const [name, body] of links.to.messages) {
        if (text([name!]) !== "third") assert(body!.length === large.length && body!.every((byte) => byte === 7));
      }
    }
  }
});

Deno.test("sealed: frames of all sizes come whole and in order in writes of every size", async () => {
  for (const chunk of [100, 1000, 65_535, 65_577, 131_090, 1_000_000]) {
    for (const gathers of [false, true]) {
      await using links = new Links(() => ({ gathers, chunk }));
      const bodies = [65_536, 3, 65_537, 70_000, 0, 1, 255, 256, 65_535, 200_000, 65_536];
      for (let i = 0; i < 3; i++) {
        links.pipe.write(bodies.map((size, at) => new Uint8Array(size).fill(10 * i + at)));
        for (let j = 0; j < 500; j++) links.pipe.write([new Uint8Array(j).fill(j)]);
      }
      await until(() => links.to.messages.length === 1503, "all have come");
      for (const [i, frames] of links.to.messages.entries()) {
        const [round, rest] = [Math.floor(i / 501), i % 501 - 1];
        const expected = rest < 0 ? bodies : [rest];
        assertEquals(frames.map(({ length }) => length), expected, `in writes of ${chunk}`);
        for (const [at, frame] of frames.entries()) {
          const fill = rest < 0 ? 10 * round + at : rest & 255;
          assert(frame.every((byte) => byte === fill), `frame ${at} of message ${i} in writes of ${chunk}`);
        }
      }
    }
  }
});

Deno.test("sealed: heartbeats and commands between the messages keep the order of the wire", async () => {
  let connections = 0;
  await using links = new Links(() => (connections++, { chunk: 777 }), {}, 1);
  const { pipe } = links;
  await until(() => pipe.connected, "the peer is there");
  for (let i = 0; i < 200; i++) {
    for (let j = 0; j < 10; j++) {
      pipe.write([encoder.encode(`${10 * i + j}`), new Uint8Array(i % 7 === 0 ? 70_000 : 100)]);
    }
    pipe.subscribe(encoder.encode("topic"), i % 2 === 0);
    await new Promise((resolve) => setTimeout(resolve, i % 10 === 0 ? 2 : 0));
  }
  await until(() => links.to.messages.length === 2000, () => `all have come: ${links.to.messages.length}`, 30_000);
  assertEquals(links.names, Array.from({ length: 2000 }, (_, i) => String(i)));
  assertEquals(connections, 1, "a number out of order ends the connection");
});

Deno.test("sealed: a large body whose memory is gone ends the connection, not the link", async () => {
  await using links = new Links(() => ({}));
  const lost = new Uint8Array(100_000);
  links.pipe.write([encoder.encode("before")]);
  links.pipe.write([encoder.encode("torn"), lost]);
  structuredClone(lost, { transfer: [lost.buffer] });
  links.pipe.write([encoder.encode("after")]);
  await until(() => links.to.messages.length === 2, "the others have come");
  assertEquals(links.to.messages.map(text), ["before", "after"]);
});

Deno.test("sealed: with conflate the newest message comes", async () => {
  await using links = new Links(() => ({ chunk: 500 }), { conflate: true });
  for (let i = 0; i < 50; i++) {
    links.pipe.write([encoder.encode(`${i}`), new Uint8Array(80_000).fill(i)]);
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  await until(() => links.names.at(-1) === "49", () => `the last has come: ${links.names}`);
  const numbers = links.names.map(Number);
  assertEquals(numbers, [...numbers].sort((a, b) => a - b));
  for (const [name, body] of links.to.messages) assert(body!.every((byte) => byte === Number(text([name!]))));
});

/** Both sides send their properties in the clear; what follows is MESSAGEs with a key that was agreed on, and few numbers left. */
class FewNumbers extends NullMechanism {
  readonly #cipher: CurveCipher;

  constructor(server: boolean, left: number) {
    super();
    const nonces = { own: new OwnNonce(Number.MAX_SAFE_INTEGER - left), peer: new PeerNonce() };
    this.#cipher = new CurveCipher(crypto, new Uint8Array(32), server, nonces);
  }

  override start(host: MechanismHost): void {
    super.start({ ...host, done: (metadata) => host.done(metadata, this.#cipher) });
  }
}

Deno.test("sealed: a connection whose numbers are used up gives way to another, and nothing is lost", async () => {
  let connections = 0;
  const mechanisms = { dialing: () => new FewNumbers(false, 7), accepting: () => new FewNumbers(true, 7) };
  await using links = new Links(() => (connections++, {}), { mechanisms });
  const expected = Array.from({ length: 40 }, (_, i) => String(i));
  for (const [i, name] of expected.entries()) {
    // A message of several frames, and one of a large one, which goes out in two pieces.
    const rest = [encoder.encode("second"), new Uint8Array(i % 10 === 0 ? 70_000 : 10)].slice(0, i % 3);
    links.pipe.write([encoder.encode(name), ...rest]);
  }
  await until(() => links.names.length === 40, () => `all have come: ${links.names}`);
  assertEquals(links.names, expected);
  assert(connections >= 40 / 7, `${connections} connections`);
  const ends = links.from.events.flatMap((event) => "error" in event ? [(event.error as ProtocolError).kind] : []);
  assertEquals(new Set(ends), new Set(["worn-out"]));
});

Deno.test("links wait for what the protocol needs, and end when that cannot be had", async () => {
  const reports: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reports.push(event.error);
  };
  globalThis.addEventListener("error", report);
  try {
    const { promise, resolve } = Promise.withResolvers<void>();
    let there = false;
    const prepare = () => there ? null : promise;
    await using links = new Links(() => ({}), { prepare });
    links.pipe.write([encoder.encode("late")]);
    for (let i = 0; i < 5; i++) await new Promise((next) => setTimeout(next));
    assertEquals(links.transport.attempts, 0);
    there = true;
    resolve();
    await until(() => links.names.includes("late"), "it has come");

    const failure = new TypeError("no such module");
    await using lost = new Links(() => ({}), { prepare: () => Promise.reject(failure) });
    await until(() => reports.length === 2, () => `both links have said so: ${reports}`);
    assertEquals(reports, [failure, failure]);
    assertEquals(lost.to.events.map(({ type }) => type), ["bind", "accept:error"]);
    assertEquals(lost.from.events.map(({ type }) => type), ["close"]);
    assertEquals(lost.transport.attempts, 0);
  } finally {
    globalThis.removeEventListener("error", report);
  }
});

Deno.test("a link that is closed while it waits for what the protocol needs holds nothing", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const links = new Links(() => ({}), { prepare: () => promise });
  links.dialer.close(0);
  links.acceptor.close(0);
  resolve();
  await within(Promise.all([links.from.gone, links.to.gone]), "the release of both links");
  assertEquals(links.transport.attempts, 0);
});

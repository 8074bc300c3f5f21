// Links without ZMTP, over connections that misbehave.

import { assert, assertEquals } from "@std/assert";
import type { LinkSettings } from "../../link/link.ts";
import { RawAcceptor } from "../../link/raw_acceptor.ts";
import { RawDialer } from "../../link/raw_dialer.ts";
import type { RawPipe } from "../../link/raw_pipe.ts";
import { missingPermission } from "../../transports/permission.ts";
import { until } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { type Faults, Host, MemoryTransport, settings } from "./memory.ts";

/** A dialing and an accepting side. */
class Links {
  readonly transport = new MemoryTransport();
  readonly near = new Host();
  readonly far = new Host();
  readonly dialer: RawDialer;
  readonly acceptor: RawAcceptor;

  constructor(changes: Partial<LinkSettings> = {}, faults: () => Faults = () => ({})) {
    const { transport } = this;
    transport.faults = faults;
    const target = { transport, address: "here", endpoint: transport.endpoint };
    this.dialer = new RawDialer(target, settings("STREAM", changes), this.near);
    this.acceptor = new RawAcceptor(transport, settings("STREAM"), this.far);
  }

  start(): this {
    this.acceptor.start();
    this.dialer.start();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dialer.close(0);
    this.acceptor.close(0);
    await within(Promise.all([this.near.gone, this.far.gone]), "the release of both links");
  }
}

const bytes = (text: string) => [new TextEncoder().encode(text)];
const received = (host: Host) => host.messages.map(([frame]) => new TextDecoder().decode(frame)).join("");
const types = (host: Host) => host.events.map((event) => event.type);

Deno.test("raw: bytes come in their order, however few a write or a read takes", async () => {
  await using links = new Links({}, () => ({ chunk: 1 })).start();
  await until(() => links.far.pipes.length === 1, "they are connected");
  const words = Array.from({ length: 300 }, (_, i) => `word ${i} `);
  for (const word of words) {
    links.near.pipes[0]!.write(bytes(word));
    links.far.pipes[0]!.write(bytes(word));
  }
  const all = words.join("");
  for (const host of [links.near, links.far]) {
    await until(() => received(host).length >= all.length, () => `all has come: ${received(host)}`);
    assertEquals(received(host), all);
  }
});

Deno.test("raw: short messages are written together", async () => {
  await using links = new Links().start();
  for (let i = 0; i < 100; i++) links.near.pipes[0]!.write(bytes("x"));
  await until(() => received(links.far).length === 100, "all has come");
  assert(links.far.messages.length < 10, `${links.far.messages.length} reads`);
});

Deno.test("raw: what was taken for a connection goes with it, and what is queued later goes out with the next", async () => {
  let connections = 0;
  await using links = new Links({}, () => connections++ === 0 ? { cut: 4 } : {}).start();
  links.near.pipes[0]!.write(bytes("torn apart"));
  await until(() => links.near.events.some(({ type }) => type === "disconnect"), "the cut");
  links.near.pipes[0]!.write(bytes("whole"));
  await until(() => received(links.far).endsWith("whole"), () => `the rest: ${received(links.far)}`);
  assertEquals(received(links.far), "tornwhole");
  assertEquals(types(links.near), ["connect", "disconnect", "connect:retry", "connect"]);
  assert(links.near.events[1]!.error instanceof Error);
  assertEquals(types(links.far).slice(0, 3), ["bind", "accept", "disconnect"]);
});

Deno.test("raw: a peer that takes no more bytes, and does not go, cannot hold a link that ends", async () => {
  const links = new Links();
  const { transport } = links;
  const connect = transport.connect.bind(transport);
  const refusal = Promise.withResolvers<number>();
  transport.connect = async () => Object.assign(await connect(), { write: () => refusal.promise });
  links.start();
  await until(() => links.far.pipes.length === 1, "they are connected");
  links.near.pipes[0]!.write(bytes("x"));
  await until(() => (links.near.pipes[0] as RawPipe).queued === 0, "it is being written");
  links.dialer.close(-1);
  assertEquals(types(links.near), ["connect"]);
  refusal.reject(new Deno.errors.BrokenPipe("no more"));
  await within(links.near.gone, "the end of the dialer");
  assert(links.near.events.at(-1)!.error instanceof Deno.errors.BrokenPipe);
  links.acceptor.close(0);
  await within(links.far.gone, "the end of the acceptor");
});

Deno.test("raw: a peer that the socket does not take is disconnected, and others can come", async () => {
  await using links = new Links();
  links.far.welcoming = false;
  links.start();
  await until(() => links.near.events.filter(({ type }) => type === "disconnect").length >= 2, "they are refused");
  links.far.welcoming = true;
  await until(() => links.far.pipes.length === 1, "one is taken");
});

Deno.test("raw: a socket that takes no pipe ends the dialer", async () => {
  const links = new Links();
  links.near.welcoming = false;
  links.start();
  await within(links.near.gone, "the end of the dialer");
  assertEquals(links.transport.attempts, 0);
  links.acceptor.close(0);
  await within(links.far.gone, "the end of the acceptor");
});

Deno.test("raw: a missing permission ends the attempts, and is told to the program", async () => {
  const cause = new Deno.errors.NotCapable("Requires net access");
  const error = missingPermission("memory://here", {}, cause);
  const links = new Links({}, () => {
    throw error;
  });
  const told = Promise.withResolvers<unknown>();
  const listen = (event: ErrorEvent) => {
    event.preventDefault();
    told.resolve(event.error);
  };
  addEventListener("error", listen);
  try {
    links.start();
    assertEquals(await within(told.promise, "the error"), error);
    await within(links.near.gone, "the end of the dialer");
    assertEquals([links.transport.attempts, types(links.near)], [1, ["close"]]);
  } finally {
    removeEventListener("error", listen);
  }
  links.acceptor.close(0);
  await within(links.far.gone, "the end of the acceptor");
});

Deno.test("raw: with reconnectStop 4 a link that ends makes no further attempt, though bytes wait", async () => {
  for (const reconnectStop of [0, 4]) {
    const faults = () => {
      throw new Deno.errors.ConnectionRefused("nobody is there");
    };
    const links = new Links({ reconnectStop }, faults);
    links.start();
    links.near.pipes[0]!.write(bytes("waits"));
    await until(() => links.transport.attempts > 1, "attempts are made");
    assertEquals(links.dialer.unsent, true);
    links.dialer.close(-1);
    const before = links.transport.attempts;
    if (reconnectStop === 0) {
      await until(() => links.transport.attempts > before + 2, "attempts go on");
      links.dialer.close(0);
    }
    await within(links.near.gone, "the end of the dialer");
    links.acceptor.close(0);
    await within(links.far.gone, "the end of the acceptor");
  }
});

// Endpoints that both implementations have to understand alike.

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import type { Arrangement } from "../peer/pairs.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { open } from "./conversation.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { labels, type Side } from "./side.ts";

const unique = crypto.randomUUID();

interface Case {
  readonly name: string;
  /** What is bound, given a directory. */
  readonly endpoint: (directory: TempDirectory) => string;
  /** What LAST_ENDPOINT has to look like; what was bound if this does not say. */
  readonly last?: RegExp;
  readonly linuxOnly?: boolean;
}

const CASES: readonly Case[] = [
  { name: "an abstract name", endpoint: () => `ipc://@denomq-${unique}`, linuxOnly: true },
  { name: "an abstract name with slashes and spaces", endpoint: () => `ipc://@/denomq/${unique} x`, linuxOnly: true },
  {
    name: "the longest abstract name",
    endpoint: () => `ipc://@${`denomq-${unique}`.padEnd(106, "x")}`,
    linuxOnly: true,
  },
  { name: "a wildcard", endpoint: () => "ipc://*", last: /^ipc:\/\/.+\/socket$/ },
  { name: "the longest path", endpoint: (directory) => `ipc://${directory.pathOfLength(107, "socket")}` },
  { name: "a path with spaces and more", endpoint: (directory) => `ipc://${directory.at("a b?c#d%20é…")}` },
];

const BINDERS: readonly Arrangement[] = [
  { a: "PAIR", b: "PAIR", flow: "duplex", libzmq: "b", binds: "a" },
  { a: "PAIR", b: "PAIR", flow: "duplex", libzmq: "b", binds: "b" },
];

const player = ({ libzmq, binds }: Arrangement) => libzmq === binds ? "libzmq" : "denomq";

for (const { name, endpoint, last, linuxOnly } of CASES) {
  if (linuxOnly && Deno.build.os !== "linux") continue;
  libzmqTest(`interop: ${name}`, async (test) => {
    await using peer = await LibzmqPeer.start();
    for (const arrangement of BINDERS) {
      await test.step(`${player(arrangement)} binds`, async () => {
        using directory = new TempDirectory();
        const requested = endpoint(directory);
        await using conversation = await open(arrangement, peer, requested);
        await conversation.exchange("hello", "");
        const { denomq, libzmq } = conversation;
        const bound = player(arrangement) === "denomq"
          ? denomq.socket.lastEndpoint
          : await libzmq.socket.lastEndpoint();
        if (last === undefined) assertEquals(bound, requested);
        else assertMatch(bound ?? "", last);
      });
    }
  });
}

libzmqTest("interop: two wildcards are two endpoints", async () => {
  await using peer = await LibzmqPeer.start();
  const denomq = new DenomqSide("PULL");
  try {
    const libzmq = await LibzmqSide.open(peer, "PULL");
    const endpoints = [await denomq.bind("ipc://*"), await denomq.bind("ipc://*"), await libzmq.bind("ipc://*")];
    assertEquals(new Set(endpoints).size, 3);
    assertNotEquals(endpoints[0], "ipc://*");
  } finally {
    await denomq.close();
  }
});

libzmqTest("interop: a socket may bind and connect several endpoints at once", async () => {
  await using peer = await LibzmqPeer.start();
  using directory = new TempDirectory();
  const dealer = new DenomqSide("DEALER");
  try {
    const others: Side[] = [];
    for (const name of ["one", "two"]) {
      const other = await LibzmqSide.open(peer, "DEALER");
      others.push(other);
      await dealer.connect(await other.bind(`ipc://${directory.at(name)}`));
    }
    for (const name of ["three", "four"]) {
      const other = await LibzmqSide.open(peer, "DEALER");
      others.push(other);
      await other.connect(await dealer.bind(`ipc://${directory.at(name)}`));
    }
    await dealer.socket.waitForPeers(4, { timeout: 10_000 });
    for (const other of others) await other.connected();
    // Round robin: of eight messages each gets two.
    for (let i = 0; i < 8; i++) await dealer.send([`message ${i}`]);
    const received: string[] = [];
    for (const other of others) received.push(...await other.receive(), ...await other.receive());
    assertEquals(received.sort(), labels(Array.from({ length: 8 }, (_, i) => `message ${i}`)));
    for (const [index, other] of others.entries()) await other.send([`from ${index}`]);
    const answers: string[] = [];
    for (const _ of others) answers.push(...await dealer.receive());
    assertEquals(answers.sort(), labels(["from 0", "from 1", "from 2", "from 3"]));
  } finally {
    await dealer.close();
  }
});

libzmqTest("interop: whoever binds a path last gets those who connect from then on", async (test) => {
  await using peer = await LibzmqPeer.start();
  using directory = new TempDirectory();
  for (const latecomer of ["denomq", "libzmq"] as const) {
    await test.step(`${latecomer} binds last`, async () => {
      const path = directory.at(latecomer);
      const denomq = new DenomqSide("PULL");
      try {
        const libzmq = await LibzmqSide.open(peer, "PULL");
        const [first, last] = latecomer === "denomq" ? [libzmq, denomq] : [denomq, libzmq];
        await first.bind(`ipc://${path}`);
        const early = await LibzmqSide.open(peer, "PUSH");
        await early.connect(`ipc://${path}`);
        await early.connected();
        await last.bind(`ipc://${path}`);
        const late = await LibzmqSide.open(peer, "PUSH");
        await late.connect(`ipc://${path}`);
        await late.connected();
        await early.send(["early"]);
        await late.send(["late"]);
        // The one who was there first keeps the connections it has.
        assertEquals(await first.receive(), labels(["early"]));
        assertEquals(await last.receive(), labels(["late"]));
      } finally {
        await denomq.close();
      }
    });
  }
});

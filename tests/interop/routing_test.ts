// Routing ids: what either implementation's ROUTER calls the other's sockets.

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Router, ZmqError } from "../../mod.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import type { SocketTypeName } from "../peer/libzmq_names.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { eventually, label, labels, type Side, type SideOptions } from "./side.ts";

/** Opens sockets of one implementation, and closes them all at the end. */
class Players implements AsyncDisposable {
  readonly peer: LibzmqPeer;
  readonly #sides: Side[] = [];

  constructor(peer: LibzmqPeer) {
    this.peer = peer;
  }

  async open(player: Side["player"], type: SocketTypeName, options: SideOptions = {}): Promise<Side> {
    const side = player === "denomq" ? new DenomqSide(type, options) : await LibzmqSide.open(this.peer, type, options);
    this.#sides.push(side);
    return side;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sides.map((side) => side.close()));
  }
}

type Scenario = (players: Players, router: Side, other: Side["player"]) => Promise<void>;

/** Connect, and wait for both ends to have shaken hands. */
async function connect(router: Side, side: Side): Promise<void> {
  await side.connect(await router.bind("ipc://*"));
  await Promise.all([router.connected(), side.connected()]);
}

const IDS: readonly string[] = ["", " ", "\x01\x7f\t", "i".repeat(200)];

const scenarios: Readonly<Record<string, Scenario>> = {
  async "the ids that sockets choose"(players, router, other) {
    const endpoint = await router.bind("ipc://*");
    for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
      for (const id of IDS.map((id) => type + id)) {
        const side = await players.open(other, type, { routingId: id });
        await side.connect(endpoint);
        await side.connected();
        if (type === "ROUTER") {
          // The other router makes up a name for this one, which has none.
          await router.send([id, "to a router"]);
          const [, text] = await side.receive();
          assertEquals(text, label("to a router"));
          continue;
        }
        await side.send(["hello"]);
        const delimiter = type === "REQ" ? [""] : [];
        assertEquals(await router.receive(), labels([id, ...delimiter, "hello"]));
        await router.send([id, ...delimiter, "answer", ""]);
        assertEquals(await side.receive(), labels(["answer", ""]));
      }
    }
  },

  async "an id of 255 bytes"(players, router, other) {
    const id = "z".repeat(255);
    const dealer = await players.open(other, "DEALER", { routingId: id });
    await connect(router, dealer);
    await dealer.send(["hello"]);
    assertEquals(await router.receive(), labels([id, "hello"]));
    await router.send([id, "answer"]);
    assertEquals(await dealer.receive(), labels(["answer"]));
  },

  async "sockets without an id get one of five bytes that begins with 0"(players, router, other) {
    const endpoint = await router.bind("ipc://*");
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      const dealer = await players.open(other, "DEALER");
      await dealer.connect(endpoint);
      await dealer.send(["hello"]);
      const [id, text] = await router.receive();
      assertEquals(text, label("hello"));
      assert(id !== undefined);
      const name: string = JSON.parse(id);
      assertEquals(name.length, 5);
      assertEquals(name.charCodeAt(0), 0);
      seen.push(name);
      await router.send([Uint8Array.from(name, (letter) => letter.charCodeAt(0)), "answer"]);
      assertEquals(await dealer.receive(), labels(["answer"]));
    }
    assertEquals(new Set(seen).size, 3);
  },

  async "messages go to the one they name"(players, router, other) {
    const endpoint = await router.bind("ipc://*");
    const dealers: Side[] = [];
    for (let i = 0; i < 5; i++) {
      const dealer = await players.open(other, "DEALER", { routingId: `dealer ${i}` });
      dealers.push(dealer);
      await dealer.connect(endpoint);
      await dealer.connected();
      await dealer.send(["here"]);
      assertEquals(await router.receive(), labels([`dealer ${i}`, "here"]));
    }
    for (const i of [3, 1, 4, 1, 0, 2, 4]) await router.send([`dealer ${i}`, `for ${i}`]);
    for (const [i, times] of [1, 2, 1, 1, 2].entries()) {
      for (let n = 0; n < times; n++) assertEquals(await dealers[i]?.receive(), labels([`for ${i}`]));
    }
  },

  async "the router names the one it connects to"(players, router, other) {
    const dealer = await players.open(other, "DEALER", { routingId: "its own idea" });
    await router.connect(await dealer.bind("ipc://*"), "chosen");
    await Promise.all([router.connected(), dealer.connected()]);
    await router.send(["chosen", "hello"]);
    assertEquals(await dealer.receive(), labels(["hello"]));
    await dealer.send(["answer"]);
    assertEquals(await router.receive(), labels(["chosen", "answer"]));
  },

  async "a probing socket announces itself with an empty message"(players, router, other) {
    const dealer = await players.open(other, "DEALER", { routingId: "prober", probeRouter: true });
    await connect(router, dealer);
    assertEquals(await router.receive(), labels(["prober", ""]));
    await router.send(["prober", "welcome"]);
    assertEquals(await dealer.receive(), labels(["welcome"]));
  },

  async "an id that is taken stays with the first"(players, router, other) {
    const endpoint = await router.bind("ipc://*");
    const first = await players.open(other, "DEALER", { routingId: "same" });
    await first.connect(endpoint);
    await first.send(["first"]);
    assertEquals(await router.receive(), labels(["same", "first"]));
    const second = await players.open(other, "DEALER", { routingId: "same" });
    await second.connect(endpoint);
    await second.send(["second"]);
    await router.send(["same", "for the first"]);
    assertEquals(await first.receive(), labels(["for the first"]));
    await first.send(["first again"]);
    assertEquals(await router.receive(), labels(["same", "first again"]));
  },
};

for (const player of ["denomq", "libzmq"] as const) {
  const other = player === "denomq" ? "libzmq" : "denomq";
  libzmqTest(`interop: the ROUTER of ${player} and the sockets of ${other}`, async (test) => {
    await using peer = await LibzmqPeer.start();
    for (const [name, scenario] of Object.entries(scenarios)) {
      await test.step(name, async () => {
        await using players = new Players(peer);
        await scenario(players, await players.open(player, "ROUTER"), other);
      });
    }
    await test.step("with handover the id goes to the newcomer", async () => {
      await using players = new Players(peer);
      const router = await players.open(player, "ROUTER", { handover: true });
      const endpoint = await router.bind("ipc://*");
      for (const name of ["first", "second", "third"]) {
        // Whoever loses the id loses the connection too, and would come back for it.
        const dealer = await players.open(other, "DEALER", { routingId: "same", reconnectInterval: -1 });
        await dealer.connect(endpoint);
        await dealer.send([name]);
        assertEquals(await router.receive(), labels(["same", name]));
        await router.send(["same", `for the ${name}`]);
        assertEquals(await dealer.receive(), labels([`for the ${name}`]));
      }
    });
  });
}

libzmqTest("interop: a mandatory Router says whom it cannot reach", async () => {
  await using peer = await LibzmqPeer.start();
  const dealer = await peer.open("DEALER", { ROUTING_ID: "known" });
  await using router = new Router({ mandatory: true, linger: 0 });
  await router.bind("ipc://*");
  const unreachable = (id: string) => {
    const error = assertThrows(() => router.trySend([id, "hello"]), ZmqError);
    assertEquals(error.code, "EHOSTUNREACH");
  };
  unreachable("known");
  await dealer.connect(router.lastEndpoint ?? "");
  await router.waitForPeers(1, { timeout: 10_000 });
  assert(router.trySend(["known", "hello"]));
  assertEquals(await dealer.receiveText(), ["hello"]);
  unreachable("unknown");
  assertNotEquals(router.peerCount, 0);
  await dealer.close();
  await eventually("the dealer has gone", () => router.peerCount === 0);
  unreachable("known");
});

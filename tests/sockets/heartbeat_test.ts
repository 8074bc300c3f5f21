// Heartbeats over every wire: who answers stays, and who is silent is given up.

import { assert, assertEquals } from "@std/assert";
import { curveKeyPair, type Socket } from "../../mod.ts";
import { Log } from "../api/support.ts";
import { inGuest } from "../support/platform.ts";
import * as zmq from "../support/sockets.ts";
import { overWires } from "../support/transports.ts";
import { command } from "../zmtp/support.ts";
import { Relay } from "./relay.ts";
import { expect, patient, until } from "./support.ts";
import { WirePeer } from "./wire_peer.ts";

const { Dealer, Pull, Push, Router } = zmq;

interface Heartbeats {
  heartbeatInterval?: number;
  heartbeatTimeout?: number;
  heartbeatTimeToLive?: number;
}

type Options = Heartbeats & Partial<zmq.Pair>;

/** Which types go together: who connects, and who is bound. */
const PAIRS: readonly (readonly [client: string, server: string])[] = [
  ["Dealer", "Router"],
  ["Request", "Reply"],
  ["Pull", "Push"],
  ["Subscriber", "Publisher"],
  ["XSubscriber", "XPublisher"],
  ["Pair", "Pair"],
  ["Gather", "Scatter"],
  ["Client", "Server"],
  ["Dish", "Radio"],
  ["Peer", "Peer"],
  ["Channel", "Channel"],
];

const [ofServer, ofClient] = [curveKeyPair(), curveKeyPair()];

/** What the sockets are to do to each other, and with what they prove who they are. */
const MECHANISMS: readonly (readonly [name: string, client: Options, server: Options])[] = [
  ["", {}, {}],
  [" under CURVE", {
    curvePublicKey: ofClient.publicKey,
    curveSecretKey: ofClient.secretKey,
    curveServerKey: ofServer.publicKey,
  }, { curveServer: true, curveSecretKey: ofServer.secretKey }],
];

/** Long enough for a busy machine to answer in. */
const LONG = inGuest ? 2000 : 1000;

function make(type: string, options: Options): Socket {
  return new zmq[type as "Pair"]({ linger: 0, reconnectInterval: 100_000, ...options });
}

const codeOf = (error: Error | undefined) => (error as Error & { code?: string })?.code;

/** A pair of connected sockets, with their events. */
interface Couple {
  readonly name: string;
  readonly client: Log;
  readonly server: Log;
  readonly relay: Relay;
}

/** Runs a test with every pair of types at the same time, each over a wire that can fall silent. */
async function withPairs(
  fresh: () => string,
  options: { client: Options; server: Options },
  test: (couples: readonly Couple[]) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const couples = await Promise.all(PAIRS.map(async ([ofClient, ofServer]) => {
    const server = stack.use(make(ofServer, options.server));
    const client = stack.use(make(ofClient, options.client));
    const logs = { client: new Log(client), server: new Log(server) };
    await server.bind(fresh());
    const endpoint = fresh();
    const relay = stack.use(await Relay.join(endpoint, server.lastEndpoint!));
    client.connect(endpoint);
    await Promise.all([client.waitForPeers(1, patient), server.waitForPeers(1, patient)]);
    return { name: `${ofClient} – ${ofServer}`, relay, ...logs };
  }));
  await test(couples);
}

for (const [mechanism, client, server] of MECHANISMS) {
  // libzmq: test_heartbeats (timeout, of which libzmq has ROUTER)
  overWires(`heartbeats${mechanism}: peers that fall silent are given up, on either side`, async (fresh) => {
    const heartbeats = { heartbeatInterval: 20, heartbeatTimeout: LONG / 2 };
    const options = { client: { ...client, ...heartbeats }, server: { ...server, ...heartbeats } };
    await withPairs(fresh, options, async (couples) => {
      for (const { name, client, server } of couples) {
        assertEquals([client.count("disconnect"), server.count("disconnect")], [0, 0], name);
      }
      for (const { relay } of couples) relay.mute = true;
      for (const { name, client, server } of couples) {
        for (const log of [client, server]) {
          assertEquals(codeOf((await log.wait("disconnect")).error), "ETIMEDOUT", name);
        }
        assert((await client.wait("connect:retry")).interval! >= 100_000, name);
      }
    });
  });

  // libzmq: test_heartbeats (time to live, of 7 pairs)
  overWires(`heartbeats${mechanism}: who asks to be given up after a silence is`, async (fresh) => {
    const options = {
      client: { ...client, heartbeatInterval: 300, heartbeatTimeToLive: 100, heartbeatTimeout: 20_000 },
      server,
    };
    await withPairs(fresh, options, async (couples) => {
      for (const { name, client, server } of couples) {
        assertEquals(codeOf((await server.wait("disconnect")).error), "ETIMEDOUT", name);
        // It is told nothing, and sees the end of the stream.
        assertEquals((await client.wait("disconnect")).type, "disconnect", name);
      }
    });
  });

  // libzmq: test_heartbeats (no timeout, of 7 pairs with and without CURVE)
  overWires(`heartbeats${mechanism}: who has nothing to say stays connected`, async (fresh) => {
    const heartbeats = { heartbeatInterval: 20, heartbeatTimeout: LONG };
    await withPairs(fresh, { client, server: { ...server, ...heartbeats } }, async (couples) => {
      // If no PONG came, this would be too long.
      await new Promise((resolve) => setTimeout(resolve, 1.3 * LONG));
      for (const { name, client, server } of couples) {
        assertEquals([client.count("disconnect"), server.count("disconnect")], [0, 0], name);
      }
    });
  });
}

overWires("heartbeats: a PING says how long its sender wants to live, and no answer is the end", async (fresh) => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: 40, heartbeatTimeToLive: 599 });
  await pull.bind(fresh());
  const log = new Log(pull);
  await using peer = WirePeer.connect(pull.lastEndpoint!);
  await peer.shake("PUSH");
  assertEquals(await peer.command(), ["PING", [0, 5]]);
  await peer.closed();
  const { error } = await log.wait("disconnect");
  assertEquals(codeOf(error), "ETIMEDOUT");
});

overWires("heartbeats: the timeout is the interval unless it is set", async (fresh) => {
  await using pull = new Pull({ heartbeatInterval: 30 });
  await pull.bind(fresh());
  await using peer = WirePeer.connect(pull.lastEndpoint!);
  await peer.shake("PUSH");
  await peer.closed();
});

overWires("heartbeats: a peer that answers stays, and any bytes are an answer", async (fresh) => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: LONG });
  await pull.bind(fresh());
  const log = new Log(pull);
  await using peer = WirePeer.connect(pull.lastEndpoint!);
  await peer.shake("PUSH");
  for (let i = 0; i < 10; i++) {
    assertEquals(await peer.command(), ["PING", [0, 0]]);
    await peer.send(command("PONG"));
  }
  const end = performance.now() + 1.3 * LONG;
  while (performance.now() < end) {
    await peer.send(0, 1, "x");
    await expect(pull, "x");
    assertEquals(await peer.command(), ["PING", [0, 0]]);
  }
  assertEquals(log.count("disconnect"), 0);
});

// libzmq: test_heartbeats (timeout of ROUTER with a PING, whose context comes back)
overWires("heartbeats: a PING is answered with its context, though no heartbeat is set", async (fresh) => {
  for (const [socket, type] of [[new Pull(), "PUSH"], [new Router(), "DEALER"]] as const) {
    await using bound = socket;
    await bound.bind(fresh());
    const log = new Log(bound);
    await using peer = WirePeer.connect(bound.lastEndpoint!);
    await peer.shake(type);
    await peer.send(command("PING", 0, 0), command("PING", 0, 0, "LOL"), command("PING", 0, 0, `LOL${"z".repeat(55)}`));
    const context = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
    for (const expected of ["", "LOL", `LOL${"z".repeat(13)}`]) {
      assertEquals(await peer.command(), ["PONG", context(expected)]);
    }
    assertEquals(log.count("disconnect"), 0);
  }
});

overWires(
  "heartbeats: a server that falls silent is left and found again, with what was not written",
  async (fresh) => {
    const endpoint = fresh();
    await using server = await WirePeer.bind(endpoint);
    await using push = new Push({ linger: 0, reconnectInterval: 1, heartbeatInterval: 20, heartbeatTimeout: LONG / 5 });
    const log = new Log(push);
    push.connect(endpoint);
    await server.shake("PULL");
    await server.closed();
    await log.wait("disconnect");
    await log.wait("connect:retry");
    await push.send("hello");
    await server.shake("PULL");
    for (let body = ""; body !== "hello";) {
      const [flags, data] = await server.frame();
      if (flags === 4) await server.send(command("PONG"));
      else body = new TextDecoder().decode(data);
    }
  },
);

overWires("heartbeats: a receiver that does not read does not take its peer for dead", async (fresh) => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: LONG / 10, receiveHighWaterMark: 1 });
  await using push = new Push({ linger: 0, sendHighWaterMark: 2 });
  const log = new Log(pull);
  await pull.bind(fresh());
  push.connect(pull.lastEndpoint!);
  await push.waitForPeers(1, patient);
  let sent = 0;
  // Several timeouts long.
  for (const end = performance.now() + 0.4 * LONG; performance.now() < end;) {
    while (push.trySend(new Uint8Array(50_000))) sent++;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (let i = 0; i < sent; i++) await pull.receive(patient);
  assertEquals(log.count("disconnect"), 0);
});

overWires("heartbeats: messages and heartbeats go together", async (fresh) => {
  const options = { heartbeatInterval: 1, heartbeatTimeToLive: 20_000, heartbeatTimeout: 20_000, linger: 0 };
  await using dealer = new Dealer(options);
  await using router = new Router(options);
  const log = new Log(router);
  await router.bind(fresh());
  dealer.connect(router.lastEndpoint!);
  for (let i = 0; i < 50; i++) {
    await dealer.send(["a", "", `${i}`]);
    const message = await router.receive(patient);
    await router.send(message);
    await expect(dealer, "a", "", `${i}`);
    await until(() => dealer.peerCount === 1);
  }
  assertEquals(log.count("disconnect"), 0);
});

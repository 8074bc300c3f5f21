import { assertEquals } from "@std/assert";
import { Dealer, Pull, Push } from "../../mod.ts";
import { decodeMetadata } from "../../zmtp/metadata.ts";
import { onLinux } from "../support/platform.ts";
import { greeting, Raw, RawServer, ready } from "./raw.ts";

const decoder = new TextDecoder();

/** The properties that a socket tells a peer. */
async function told(peer: Raw, type: string): Promise<[string, string][]> {
  await peer.write(greeting());
  await peer.read(64);
  await peer.write(ready(type));
  const { body } = await peer.frame();
  assertEquals(decoder.decode(body.subarray(0, 6)), "\x05READY");
  return [...decodeMetadata(body.subarray(6))].map(([name, value]) => [name, decoder.decode(value)]);
}

// libzmq: test_app_meta
Deno.test({
  name: "metadata: a socket that is bound tells each peer its properties, after its own",
  ignore: !onLinux,
  fn: async () => {
    await using dealer = new Dealer({ routingId: "d", metadata: { "X-Hello": "World", "X-Two": "é" } });
    await dealer.bind(`ipc://@denomq-${crypto.randomUUID()}`);
    for (let i = 0; i < 2; i++) {
      using peer = await Raw.connect(dealer.lastEndpoint!);
      assertEquals(await told(peer, "ROUTER"), [
        ["Socket-Type", "DEALER"],
        ["Identity", "d"],
        ["X-Hello", "World"],
        ["X-Two", "é"],
      ]);
    }
  },
});

Deno.test({
  name: "metadata: a socket that connects tells its properties, those of the time of connect()",
  ignore: !onLinux,
  fn: async () => {
    using server = new RawServer(`ipc://@denomq-${crypto.randomUUID()}`);
    await using push = new Push({ linger: 0, metadata: new Map([["X-Hello", "World"]]) });
    push.connect(server.endpoint);
    push.metadata = { "X-Later": "1" };
    using first = await server.accept();
    assertEquals(await told(first, "PULL"), [["Socket-Type", "PUSH"], ["X-Hello", "World"]]);
    push.connect(server.endpoint);
    using second = await server.accept();
    assertEquals(await told(second, "PULL"), [["Socket-Type", "PUSH"], ["X-Later", "1"]]);
  },
});

Deno.test({
  name: "metadata: properties are copied as they are set, and none are told unless asked for",
  ignore: !onLinux,
  fn: async () => {
    const properties = new Map([["X-Hello", "World"]]);
    await using pull = new Pull({ metadata: properties });
    properties.set("X-Hello", "changed");
    await pull.bind(`ipc://@denomq-${crypto.randomUUID()}`);
    using peer = await Raw.connect(pull.lastEndpoint!);
    assertEquals(await told(peer, "PUSH"), [["Socket-Type", "PULL"], ["X-Hello", "World"]]);
    pull.metadata = {};
    await pull.bind(`ipc://@denomq-${crypto.randomUUID()}`);
    using other = await Raw.connect(pull.lastEndpoint!);
    assertEquals(await told(other, "PUSH"), [["Socket-Type", "PULL"]]);
  },
});

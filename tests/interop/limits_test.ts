// What `maxMessageSize` counts where a mechanism seals the frames: what comes over the wire, as libzmq has it.

import { assertEquals } from "@std/assert";
import { curveKeyPair, Pull, Push } from "../../mod.ts";
import { Log, until } from "../api/support.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { within } from "../support/deadline.ts";

const server = curveKeyPair();
const client = curveKeyPair();
const CLIENT = {
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
  curveServerKey: server.publicKey,
  linger: 0,
};
const LIMIT = 1000;
/** By so much a MESSAGE is longer than the body of the frame that it holds. */
const MORE = 33;

libzmqTest("interop: a limit on sizes counts what CURVE adds, with libzmq as with us", async () => {
  await using peer = await LibzmqPeer.start();
  {
    const theirs = await peer.open("PULL", { CURVE_SERVER: 1, CURVE_SECRETKEY: server.secretKey, MAXMSGSIZE: LIMIT });
    await using ours = new Push(CLIENT);
    const log = new Log(ours);
    ours.connect(await theirs.bind("ipc://*"));
    await ours.send(new Uint8Array(LIMIT - MORE));
    assertEquals((await theirs.receive()).map(({ length }) => length), [LIMIT - MORE]);
    await ours.send(new Uint8Array(LIMIT - MORE + 1));
    await log.wait("disconnect");
    await theirs.close();
  }
  await using ours = new Pull({
    curveServer: true,
    curveSecretKey: server.secretKey,
    maxMessageSize: LIMIT,
    linger: 0,
  });
  const log = new Log(ours);
  await ours.bind("ipc://*");
  const theirs = await peer.open("PUSH", {
    CURVE_PUBLICKEY: client.publicKey,
    CURVE_SECRETKEY: client.secretKey,
    CURVE_SERVERKEY: server.publicKey,
  });
  await theirs.connect(ours.lastEndpoint!);
  await theirs.send([new Uint8Array(LIMIT - MORE)]);
  assertEquals((await within(ours.receive(), "what is small enough"))[0]!.length, LIMIT - MORE);
  await theirs.send([new Uint8Array(LIMIT - MORE + 1)]);
  const { error } = await log.wait("disconnect");
  assertEquals((error as { code?: string }).code, "EMSGSIZE");
});

libzmqTest(
  "interop: a limit on sizes that is below those of CURVE's handshake lets nobody in, with libzmq as with us",
  async () => {
    await using peer = await LibzmqPeer.start();
    const limit = 100;
    const theirs = await peer.open("PULL", { CURVE_SERVER: 1, CURVE_SECRETKEY: server.secretKey, MAXMSGSIZE: limit });
    await using refused = new Push(CLIENT);
    const log = new Log(refused);
    refused.connect(await theirs.bind("ipc://*"));
    await log.wait("handshake:error:other");
    await using ours = new Pull({
      curveServer: true,
      curveSecretKey: server.secretKey,
      maxMessageSize: limit,
      linger: 0,
    });
    const own = new Log(ours);
    await ours.bind("ipc://*");
    const other = await peer.open("PUSH", {
      CURVE_PUBLICKEY: client.publicKey,
      CURVE_SECRETKEY: client.secretKey,
      CURVE_SERVERKEY: server.publicKey,
    });
    await other.connect(ours.lastEndpoint!);
    assertEquals(((await own.wait("handshake:error:protocol")).error as { code?: string }).code, "EMSGSIZE");
    await until(() => ours.peerCount === 0 && refused.peerCount === 0, "nobody came in");
  },
);

// CURVE and ZAP together: who has which key is asked, and what is answered counts.

import { assertEquals } from "@std/assert";
import { Authenticator, Context, curveKeyPair, Reply } from "../../mod.ts";
import { z85Decode, z85Encode } from "../../zmtp/z85.ts";
import { Log } from "../api/support.ts";
import { overWires } from "../support/transports.ts";
import { Ends } from "./support.ts";

const server = curveKeyPair();
const [known, other] = [curveKeyPair(), curveKeyPair()];
const SERVER = { curveServer: true, curveSecretKey: server.secretKey };
const client = ({ publicKey, secretKey }: typeof known) => ({
  curvePublicKey: publicKey,
  curveSecretKey: secretKey,
  curveServerKey: server.publicKey,
});

/** A handler that knows one key, and the keys that it was asked about. */
async function handler(context: Context): Promise<{ socket: Reply; asked: string[] }> {
  const socket = new Reply({ context });
  const asked: string[] = [];
  await socket.bind("inproc://zeromq.zap.01");
  (async () => {
    for await (const [version, id, , , , mechanism, key] of socket) {
      asked.push(`${new TextDecoder().decode(mechanism)} ${z85Encode(key!)}`);
      await socket.send([version!, id!, asked.at(-1)!.endsWith(known.publicKey) ? "200" : "400", "", "", ""]);
    }
  })();
  return { socket, asked };
}

// libzmq: test_security_curve, test_security_zap
overWires("CURVE: the handler of ZAP is asked about the client's key, and decides", async (fresh) => {
  const context = new Context();
  const { socket, asked } = await handler(context);
  await using _handler = socket;
  {
    await using ends = new Ends(context, SERVER, client(known));
    await ends.join(fresh());
    assertEquals(await ends.bounce(), ["there", "back"]);
  }
  {
    await using ends = new Ends(context, SERVER, client(other));
    const [here, there] = [new Log(ends.client), new Log(ends.server)];
    await ends.join(fresh());
    for (const log of [here, there]) {
      const { error } = await log.wait("handshake:error:auth");
      assertEquals((error as { status?: number }).status, 400);
    }
    assertEquals(ends.server.peerCount, 0);
  }
  assertEquals(asked, [`CURVE ${known.publicKey}`, `CURVE ${other.publicKey}`]);
});

// libzmq: test_security_no_zap_handler
overWires("CURVE: without a handler every key will do, unless one is enforced", async (fresh) => {
  const context = new Context();
  {
    await using ends = new Ends(context, SERVER, client(other));
    await ends.join(fresh());
    assertEquals(await ends.bounce(), ["there", "back"]);
  }
  await using ends = new Ends(context, { ...SERVER, zapDomain: "d", zapEnforceDomain: true }, client(known));
  const log = new Log(ends.server);
  await ends.join(fresh());
  await log.wait("handshake:error:other");
  assertEquals([ends.server.peerCount, ends.client.peerCount], [0, 0]);
});

overWires(
  "CURVE: an Authenticator lets in whose key it has, by text, by bytes or from a certificate",
  async (fresh) => {
    const folder = await Deno.makeTempDir();
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    await Deno.writeTextFile(`${folder}/known.key`, `curve\n    public-key = "${known.publicKey}"\n`);
    for (const keys of [[known.publicKey], [z85Decode(known.publicKey)], folder, "*"]) {
      const context = new Context();
      await using authenticator = new Authenticator({ context });
      await authenticator.configureCurve("*", keys);
      await authenticator.start();
      for (const pair of [known, other]) {
        await using ends = new Ends(context, SERVER, client(pair));
        const log = new Log(ends.client);
        await ends.join(fresh());
        if (pair === known || keys === "*") assertEquals(await ends.bounce(), ["there", "back"]);
        else await log.wait("handshake:error:auth");
      }
    }
  },
);

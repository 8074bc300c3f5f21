/**
 * Sends itself a message with CURVE, and prints whether the cryptography was there before, and then.
 *
 * @module
 */

import { curveKeyPair, Pull, Push } from "../../../mod.ts";
import { curveCrypto } from "../../../sockets/curve_crypto.ts";

const [endpoint = ""] = Deno.args;
const [server, client] = [curveKeyPair(), curveKeyPair()];
const before = curveCrypto() !== null;
await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey });
await using push = new Push({
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
  curveServerKey: server.publicKey,
});
await pull.bind(endpoint);
push.connect(endpoint);
await push.send("hello");
await pull.receive();
console.log(before, curveCrypto() !== null);

/**
 * A peer made of Deno's own vsock and bytes, for Deno with `--unstable-vsock`: what it does, then the endpoint.
 *
 * @module
 */

import { RawPeer } from "../../sockets/raw_peer.ts";

const [what, endpoint = ""] = Deno.args;

if (what === "ask") {
  using peer = await RawPeer.connect(endpoint, "REQ");
  for (let i = 0; i < 50; i++) {
    await peer.message("", `question ${i}`);
    const frames = [await peer.receive(), await peer.receive(), await peer.receive()];
    if (frames.join("|") !== `1,|1,answer|0,${i}`) throw new Error(`answer ${i}: ${frames.join("|")}`);
  }
  console.log("50 answers");
} else if (what === "subscribe") {
  using peer = await RawPeer.connect(endpoint, "SUB");
  await peer.command("SUBSCRIBE", "even");
  let last = "";
  for (let i = 0; i < 50; i++) {
    const [topic, body] = [await peer.receive(), await peer.receive()];
    if (topic[1] !== "even" || body[0] !== 0) throw new Error(`message ${i}: ${topic}, ${body}`);
    last = body[1];
  }
  console.log(`50 messages, the last is ${last}`);
} else {
  const [cid = NaN, port = NaN] = endpoint.slice("vmci://".length).split(":").map(Number);
  using listener = Deno.listen({ transport: "vsock", cid, port });
  using peer = await RawPeer.accept(listener, "PULL");
  let bytes = 0;
  for (let i = 0; i < 200; i++) {
    const [flags, body] = await peer.receive();
    if (flags !== 0 || body.length !== i % 100 * 50 || /[^\0-\xff]/.test(body)) throw new Error(`message ${i}`);
    if ([...body].some((character) => character.charCodeAt(0) !== i)) throw new Error(`message ${i} is another`);
    bytes += body.length;
  }
  console.log(`200 messages, ${bytes} bytes`);
}

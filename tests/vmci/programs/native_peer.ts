/**
 * A peer made of Deno's own vsock and bytes, for Deno with `--unstable-vsock`. It asks at the first port, subscribes at the
 * second and is connected to at the third.
 *
 * @module
 */

import { RawPeer } from "../../sockets/raw_peer.ts";

const [asks = "", subscribes = "", pulls = ""] = Deno.args;

async function ask(endpoint: string): Promise<string> {
  using peer = await RawPeer.connect(endpoint, "REQ");
  for (let i = 0; i < 50; i++) {
    await peer.message("", `question ${i}`);
    const frames = [await peer.receive(), await peer.receive(), await peer.receive()];
    if (frames.join("|") !== `1,|1,answer|0,${i}`) throw new Error(`answer ${i}: ${frames.join("|")}`);
  }
  return "50 answers";
}

async function subscribe(endpoint: string): Promise<string> {
  using peer = await RawPeer.connect(endpoint, "SUB");
  await peer.command("SUBSCRIBE", "even");
  let last = "";
  for (let i = 0; i < 50; i++) {
    const [topic, body] = [await peer.receive(), await peer.receive()];
    if (topic[1] !== "even" || body[0] !== 0) throw new Error(`message ${i}: ${topic}, ${body}`);
    last = body[1];
  }
  return `50 messages, the last is ${last}`;
}

async function pull(port: number): Promise<string> {
  using listener = Deno.listen({ transport: "vsock", cid: 1, port });
  using peer = await RawPeer.accept(listener, "PULL");
  let bytes = 0;
  for (let i = 0; i < 200; i++) {
    const [flags, body] = await peer.receive();
    if (flags !== 0 || body.length !== i % 100 * 50) throw new Error(`message ${i} has ${body.length} bytes`);
    if ([...body].some((character) => character.charCodeAt(0) !== i)) throw new Error(`message ${i} is another`);
    bytes += body.length;
  }
  return `200 messages, ${bytes} bytes`;
}

console.log(await ask(`vmci://1:${asks}`));
console.log(await subscribe(`vmci://1:${subscribes}`));
console.log(await pull(Number(pulls)));

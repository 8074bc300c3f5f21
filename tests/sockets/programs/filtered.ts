/**
 * A program whose sockets have filters. One stays open, with a peer, and must not keep it.
 *
 * @module
 */

import { Pull, Push } from "../../../mod.ts";

const filter = { ipcFilterUid: [Deno.uid()!] };
const open = new Pull(filter);
await open.bind(`ipc://@denomq-${crypto.randomUUID()}`);
const push = new Push({ linger: 0 });
push.connect(open.lastEndpoint!);
await push.send("hello");
const [frame] = await open.receive();
console.log(new TextDecoder().decode(frame));

await using closed = new Pull(filter);
await closed.bind("ipc://*");

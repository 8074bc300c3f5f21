/**
 * A broker: clients (REQ) send their questions to its front, workers (REP) answer them at its back, and neither knows how
 * many of the others there are or where. Each side has an endpoint for other processes and one for Workers of this one:
 *
 *     REQ REQ REQ ──▶ ROUTER ══ Proxy ══ DEALER ──▶ REP REP
 *
 * Usage: deno run -A examples/broker.ts [front,front,… back,back,…]
 */

import { Dealer, Proxy, Router } from "../mod.ts";

const [front = "ipc://front.sock,inproc://front", back = "ipc://back.sock,inproc://back"] = Deno.args;
const proxy = new Proxy(new Router(), new Dealer());
for (const endpoint of front.split(",")) await proxy.frontEnd.bind(endpoint);
for (const endpoint of back.split(",")) await proxy.backEnd.bind(endpoint);
const stop = () => proxy.terminate();
Deno.addSignalListener("SIGINT", stop);
console.log(`from ${front} to ${back}`);
await proxy.run();
Deno.removeSignalListener("SIGINT", stop);
console.log(`${proxy.statistics.frontEnd.received.messages} questions`);

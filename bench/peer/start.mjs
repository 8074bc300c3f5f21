// What start.ts measures, with zeromq.js under Node:
//
//     node start.mjs <folder with node_modules> <endpoint>

import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const [folder, endpoint] = process.argv.slice(2);
const begin = performance.now();
const { Reply, Request } = createRequire(`${folder}/`)("zeromq");
const imported = performance.now();
const [reply, request] = [new Reply(), new Request()];
await reply.bind(endpoint);
request.connect(endpoint);
await request.send("hello");
await reply.send(await reply.receive());
await request.receive();
writeSync(1, JSON.stringify({ import: imported - begin, trip: performance.now() - imported }));
process.kill(process.pid, "SIGKILL");

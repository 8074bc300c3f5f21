// A process with a Reply of this library that echoes, for tests that stop it: `echo_program.ts bind|connect <endpoint>
// <JSON options>`. It says "ready" and goes on until its stdin ends.

import { Reply } from "../../mod.ts";

const [role, endpoint = "", options = "{}"] = Deno.args;
using socket = new Reply({ linger: 0, ...JSON.parse(options) });
if (role === "bind") await socket.bind(endpoint);
else socket.connect(endpoint);
console.log("ready");

const echo = (async () => {
  for await (const frames of socket) await socket.send(frames);
})();
for await (const _ of Deno.stdin.readable);
socket.close();
await echo;

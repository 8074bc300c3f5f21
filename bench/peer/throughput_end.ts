// One end of a throughput measurement whose middle is what is measured: both connect.
//
//     throughput_end.ts pull <endpoint> <size> <count>   receives, prints the seconds from the first message to the last
//     throughput_end.ts push <endpoint> <size> <count>   sends

import { Pull, Push } from "../../mod.ts";

const [role, endpoint = "", size, count] = Deno.args;

if (role === "pull") {
  using socket = new Pull();
  socket.connect(endpoint);
  let received = 0;
  let begin = 0;
  for await (const _ of socket) {
    if (received === 0) begin = performance.now();
    if (++received === Number(count)) break;
  }
  console.log((performance.now() - begin) / 1000);
} else {
  await using socket = new Push();
  socket.connect(endpoint);
  const payload = new Uint8Array(Number(size)).fill(120);
  for (let sent = 0; sent < Number(count); sent++) await socket.send(payload);
}

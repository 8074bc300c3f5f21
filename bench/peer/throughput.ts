// One end of a PUSH/PULL throughput measurement with this library; the same program as throughput.c:
//
//     throughput.ts pull <endpoint> <size> <count>   binds, receives, prints {"seconds":...}: first to last message
//     throughput.ts push <endpoint> <size> <count>   connects, sends, stays until its stdin ends

import { Pull, Push } from "../../mod.ts";

async function pull(endpoint: string, size: number, count: number): Promise<void> {
  using socket = new Pull();
  await socket.bind(endpoint);
  console.log("ready");
  let received = 0;
  let begin = 0;
  for await (const [frame] of socket) {
    if (frame?.length !== size) throw new Error(`message ${received} has ${frame?.length} bytes`);
    if (received === 0) begin = performance.now();
    if (++received === count) break;
  }
  console.log(JSON.stringify({ seconds: (performance.now() - begin) / 1000 }));
}

async function push(endpoint: string, size: number, count: number): Promise<void> {
  using socket = new Push({ linger: 0 });
  socket.connect(endpoint);
  const payload = new Uint8Array(size).fill(120);
  for (let sent = 0; sent < count; sent++) await socket.send(payload);
  for await (const _ of Deno.stdin.readable);
}

const [role, endpoint = "", size, count] = Deno.args;
await (role === "pull" ? pull : push)(endpoint, Number(size), Number(count));

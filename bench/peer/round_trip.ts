// One end of a measurement of round trips with this library:
//
//     round_trip.ts pull <endpoint> <size> <count>   binds, asks, prints {"seconds":...}: first to last answer
//     round_trip.ts push <endpoint> <size> <count>   connects, answers, stays until its stdin ends

import { Reply, Request } from "../../mod.ts";

async function ask(endpoint: string, size: number, count: number): Promise<void> {
  using socket = new Request({ linger: 0 });
  await socket.bind(endpoint);
  console.log("ready");
  const question = new Uint8Array(size).fill(120);
  let begin = 0;
  for (let received = 0; received < count; received++) {
    await socket.send(question);
    const [frame] = await socket.receive();
    if (frame?.length !== size) throw new Error(`answer ${received} has ${frame?.length} bytes`);
    if (received === 0) begin = performance.now();
  }
  console.log(JSON.stringify({ seconds: (performance.now() - begin) / 1000 }));
}

async function answer(endpoint: string): Promise<void> {
  using socket = new Reply({ linger: 0 });
  socket.connect(endpoint);
  const answering = (async () => {
    for await (const question of socket) await socket.send(question);
  })();
  for await (const _ of Deno.stdin.readable);
  socket.close();
  await answering;
}

const [role, endpoint = "", size, count] = Deno.args;
if (role === "pull") await ask(endpoint, Number(size), Number(count));
else await answer(endpoint);

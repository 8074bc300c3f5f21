// A program with inproc sockets that has to end by itself. Its argument says how it gets there.

import { Pull, Push } from "../../../mod.ts";

const module = JSON.stringify(new URL("../../../mod.ts", import.meta.url));
const text = (frame: Uint8Array | undefined): string => new TextDecoder().decode(frame);

switch (Deno.args[0]) {
  case "alone": {
    const pull = new Pull();
    const push = new Push();
    await pull.bind("inproc://a");
    push.connect("inproc://a");
    push.connect("inproc://nobody");
    await push.send("x");
    console.log("bound and connected");
    break;
  }
  case "pending": {
    const push = new Push();
    push.connect("inproc://nobody");
    await push.send("x");
    push.close();
    console.log("sent to nobody");
    break;
  }
  case "workers": {
    const program = `
      import { Push } from ${module};
      const push = new Push();
      push.connect("inproc://a");
      await push.send("hello from web");
    `;
    const pull = new Pull();
    await pull.bind("inproc://a");
    const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    console.log(text((await pull.receive())[0]));
    worker.terminate();
    break;
  }
  case "node": {
    const { Worker } = await import("node:worker_threads");
    const program = `
      import(${module}).then(async ({ Push }) => {
        const push = new Push();
        push.connect("inproc://a");
        await push.send("hello from node");
        await push.waitForPeers(1);
        push.close();
      });
    `;
    const pull = new Pull();
    await pull.bind("inproc://a");
    const worker = new Worker(program, { eval: true });
    worker.on("exit", (code) => console.log("exit", code));
    console.log(text((await pull.receive())[0]));
    break;
  }
}

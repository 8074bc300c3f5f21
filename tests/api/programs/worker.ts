/**
 * A worker with sockets.
 *
 * @module
 */

import { Pair, Push } from "../../../mod.ts";

self.addEventListener("message", async (event: Event) => {
  const { task, endpoint } = (event as MessageEvent<{ task: "send" | "echo"; endpoint: string }>).data;
  if (task === "send") {
    const push = new Push();
    push.connect(endpoint);
    while (true) await push.send("on and on");
  }
  {
    await using pair = new Pair();
    pair.connect(endpoint);
    await pair.send(await pair.receive());
  }
  self.close();
});

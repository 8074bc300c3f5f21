/**
 * Programs whose end a test looks at: which, then the endpoint.
 *
 * @module
 */

import { Publisher, Pull, Push } from "../../../mod.ts";

const [name, endpoint = ""] = Deno.args;

if (name === "idle") {
  // Bound and connected sockets that nobody waits for.
  const pull = new Pull();
  const push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.send("hello");
  await pull.receive();
  new Push().connect("vmci://1:1");
  await new Publisher({ heartbeatInterval: 1000 }).bind("vmci://*:*");
  console.log("end");
} else if (name === "receives") {
  const pull = new Pull();
  await pull.bind(endpoint);
  const [frame] = await pull.receive();
  console.log(new TextDecoder().decode(frame));
} else {
  const push = new Push({ reconnectInterval: 20 });
  push.connect(endpoint);
  for (let i = 0; i < 3; i++) await push.send(`${i}`);
  console.log("end");
}

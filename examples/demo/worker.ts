/** A worker: pulls lines, counts them, pushes what it has counted. One of several, all alike. */

import { Pull, Push } from "../../mod.ts";
import { count, encode } from "./count.ts";
import { parentGone } from "./crew.ts";

const [number = "", lines = "", results = ""] = Deno.args;
const worker = Number(number);

// If the sink is gone there is nobody to wait for at the end.
using push = new Push({ linger: 0 });
using pull = new Pull();
push.connect(results);
pull.connect(lines);
void parentGone().then(() => {
  pull.close();
  push.close();
});

try {
  for await (const [line] of pull) {
    if (line) await push.send(encode(worker, count(line)));
  }
} catch (error) {
  // A message on its way when the end comes is nobody's concern any more.
  if (!push.closed) throw error;
}

/**
 * What the inner machine runs: it sends the outer one its messages, and counts
 * those that come from there, until its power is cut.
 *
 * @module
 */

import { check, COUNT, INNER_PORT, message, OUTER_CID, OUTER_PORT } from "./plan.ts";
import { Wire } from "./wire.ts";

async function sendAll(): Promise<void> {
  using wire = await Wire.to(OUTER_CID, OUTER_PORT);
  for (let number = 0; number < COUNT; number++) await wire.send(message(number));
  console.log("sent all");
}

async function receiveAll(): Promise<void> {
  const wires = Wire.from(INNER_PORT);
  console.log("listening");
  for await (const wire of wires) {
    let number = 0;
    for (let received; (received = await wire.receive()) !== undefined; number++) {
      check(received, number);
      if (number + 1 === COUNT) console.log("received all");
      if (number + 1 === 2 * COUNT) console.log("received more");
    }
    wire[Symbol.dispose]();
  }
}

await Promise.all([sendAll(), receiveAll()]);

/** Tests two machines that talk over vsock. This runs in the outer one and boots the inner one: see `main.ts`. */

import { assertEquals, assertRejects } from "@std/assert";
import { within } from "../../support/deadline.ts";
import { InnerMachine } from "./inner_machine.ts";
import { check, COUNT, INNER_CID, INNER_PORT, message, OUTER_PORT } from "./plan.ts";
import { Wire } from "./wire.ts";

const program = new URL("./inner.ts", import.meta.url);
const flags = ["--unstable-vsock"];

/** How long a stream may take: it takes seconds when it works. */
const LIMIT = 60_000;

/** Takes the messages of the inner machine. */
async function receiveAll(wires: AsyncGenerator<Wire>): Promise<void> {
  const { value } = await wires.next();
  using wire: Wire = value;
  for (let number = 0; number < COUNT; number++) check(await wire.receive() ?? new Uint8Array(), number);
  assertEquals(await wire.receive(), undefined);
}

/** Sends the inner machine its messages. */
async function sendAll(wire: Wire): Promise<void> {
  for (let number = 0; number < COUNT; number++) await wire.send(message(number));
}

/** Sends on and on. */
async function sendForEver(wire: Wire): Promise<never> {
  for (let number = COUNT;; number++) await wire.send(message(number));
}

Deno.test("machines: streams both ways, a power cut in mid-stream, and all of it again", async (t) => {
  // What begins in one step ends in another.
  const step = (name: string, fn: () => Promise<void>): Promise<boolean> =>
    t.step({ name, fn, sanitizeOps: false, sanitizeResources: false });
  const wires = Wire.from(OUTER_PORT);

  for (const time of ["first", "second"]) {
    await using inner = await InnerMachine.boot(program, flags);
    // The inner one connects to the outer one as soon as it is there.
    const received = receiveAll(wires);
    received.catch(() => {});
    await step(`the ${time} boot`, () => inner.says("listening"));
    await step("from the inner machine to the outer one", () => within(received, "the stream", LIMIT));
    using wire = await Wire.to(INNER_CID, INNER_PORT);
    await step("from the outer machine to the inner one", async () => {
      await within(sendAll(wire), "the stream", LIMIT);
      await inner.says("received all", LIMIT);
    });
    await step("a power cut in mid-stream is the end of the connection", async () => {
      // Deno wakes a pending read, but not a write that waits for room.
      const end = Promise.race([sendForEver(wire), wire.receive()]);
      end.catch(() => {});
      await inner.says("received more", LIMIT);
      await inner.powerOff();
      await assertRejects(() => within(end, "the end of the connection", LIMIT), Deno.errors.ConnectionReset);
    });
  }
  await wires.return(undefined);
});

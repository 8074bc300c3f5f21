// A sender that never has to wait still leaves the sockets their turn.

import { assert, assertEquals } from "@std/assert";
import { Publisher, Router, Subscriber } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";

// Where a socket's Worker waits for the test to ask for each message, it is the test that sets the pace.
overTransports("pace: a publisher that sends in a tight loop is not alone in the world", async (fresh) => {
  await using publisher = new Publisher({ linger: 0 });
  await using subscriber = new Subscriber();
  subscriber.subscribe();
  const endpoint = fresh();
  await publisher.bind(endpoint);
  subscriber.connect(publisher.lastEndpoint!);
  await publisher.waitForSubscribers();
  const count = 50_000;
  let received = 0;
  let done = false;
  const receiving = (async () => {
    for await (const [frame] of subscriber) {
      if (frame!.length === 0) break;
      received++;
    }
    done = true;
  })();
  const body = new Uint8Array(1000);
  for (let i = 0; i < count; i++) await publisher.send(body);
  // The last word may be dropped, too.
  while (!done) {
    await publisher.send("");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await receiving;
  // When the loop left the sockets out it was what fits into the queue, and no more.
  assert(received > 2.5 * publisher.sendHighWaterMark, `${received} of ${count} arrived`);
}, ({ workers }) => workers === 0);

overTransports("pace: a publisher that works on each message lets subscribers in", async (fresh) => {
  await using publisher = new Publisher({ linger: 0 });
  const endpoint = fresh();
  await publisher.bind(endpoint);
  await using subscriber = new Subscriber();
  subscriber.subscribe();
  subscriber.connect(publisher.lastEndpoint!);
  // The handshake takes several turns of the loop, each of them so long.
  for (let i = 0; i < 4000 && publisher.peerCount === 0; i++) {
    await publisher.send("much work");
    for (const end = performance.now() + 0.5; performance.now() < end;);
  }
  assertEquals(publisher.peerCount, 1);
}, ({ workers }) => workers === 0);

Deno.test("pace: a subscriber that does not read does not slow the publisher to its timers", async () => {
  await using publisher = new Publisher({ linger: 0, sendHighWaterMark: 10 });
  await using subscriber = new Subscriber({ receiveHighWaterMark: 10 });
  subscriber.subscribe();
  await publisher.bind("ipc://*");
  subscriber.connect(publisher.lastEndpoint!);
  await publisher.waitForSubscribers();
  const body = new Uint8Array(1000);
  // Fill what lies between the two.
  for (let i = 0; i < 5000; i++) await publisher.send(body);
  let timers = 0;
  const ticking = setInterval(() => timers++, 0);
  const count = 20_000;
  for (let i = 0; i < count; i++) await publisher.send(body);
  clearInterval(ticking);
  assert(timers < count / 100, `${timers} turns for ${count} messages`);
});

Deno.test("pace: a router that drops lets timers run", async () => {
  await using router = new Router();
  await router.bind("ipc://*");
  let ticked = false;
  setTimeout(() => ticked = true, 1);
  for (let i = 0; !ticked && i < 10_000_000; i++) await router.send(["nobody", "text"]);
  assertEquals(ticked, true);
});

Deno.test("pace: closing ends the pause of a sender, and its timer", async () => {
  const publisher = new Publisher();
  let last: Promise<void> = Promise.resolve();
  for (let i = 0; i < 20_000; i++) last = publisher.send("nobody");
  publisher.close();
  await last;
});

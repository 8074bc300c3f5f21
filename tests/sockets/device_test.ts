// Sockets chained by hand, as devices are.

import { assertEquals } from "@std/assert";
import { Dealer, Reply, Request, Router } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { expect, join, patient, take } from "./support.ts";

// libzmq: test_reqrep_device
overTransports("device: ROUTER and DEALER pass questions on and answers back", async (fresh) => {
  await using front = new Router();
  await using back = new Dealer();
  await using reply = new Reply();
  await using request = new Request();
  await join(front, fresh(), request);
  await join(back, fresh(), reply);
  for (let i = 0; i < 3; i++) {
    await request.send(["ABC", `${i}`]);
    await back.send(await front.receive(patient));
    await expect(reply, "ABC", `${i}`);
    await reply.send(["DEF", `${i}`]);
    await front.send(await back.receive(patient));
    await expect(request, "DEF", `${i}`);
  }
});

overTransports("device: many askers and answerers, a hop more for each device", async (fresh) => {
  await using disposables = new AsyncDisposableStack();
  const front = disposables.use(new Router());
  let [inner, endpoint] = [front, fresh()];
  await front.bind(endpoint);
  const asking = endpoint;
  const devices = Array.from({ length: 3 }, async () => {});
  for (let i = 0; i < devices.length; i++) {
    const back = disposables.use(new Dealer());
    endpoint = fresh();
    await back.bind(endpoint);
    const router = inner;
    devices[i] = Promise.all([
      (async () => {
        for await (const message of router) await back.send(message);
      })(),
      (async () => {
        for await (const message of back) await router.send(message);
      })(),
    ]).then(() => {});
    if (i === devices.length - 1) break;
    inner = disposables.use(new Router());
    inner.connect(endpoint);
  }
  const answering = Array.from({ length: 2 }, async () => {
    const reply = disposables.use(new Reply());
    reply.connect(endpoint);
    for await (const [question] of reply) await reply.send(["answer to", question!]);
  });
  await Promise.all(Array.from({ length: 5 }, async (_, i) => {
    const request = disposables.use(new Request());
    request.connect(asking);
    for (let k = 0; k < 20; k++) {
      await request.send(`${i}.${k}`, patient);
      assertEquals(await take(request), ["answer to", `${i}.${k}`]);
    }
  }));
  await disposables.disposeAsync();
  // A send that waits while its socket closes is cut off; nothing else is under way here.
  await Promise.all([...devices, ...answering]);
});

// libzmq: test_issue_566
overTransports("device: a hundred DEALERs, one after the other, are reached by name", async (fresh) => {
  await using router = new Router({ mandatory: true });
  await router.bind(fresh());
  for (let i = 0; i < 100; i++) {
    await using dealer = new Dealer({ routingId: `dealer ${i}` });
    dealer.connect(router.lastEndpoint!);
    await dealer.send("here");
    await expect(router, `dealer ${i}`, "here");
    await router.send([`dealer ${i}`, "hello"]);
    await expect(dealer, "hello");
  }
});

// Runs a proxy that nothing but itself keeps running; a timer that does not hold the program ends it.

import { Dealer, Proxy, Router } from "../../../mod.ts";

const proxy = new Proxy(new Router(), new Dealer());
await proxy.frontEnd.bind("inproc://front");
await proxy.backEnd.bind("inproc://back");
Deno.unrefTimer(setTimeout(() => proxy.terminate(), 200));
proxy.run().then(() => console.log("terminated"));

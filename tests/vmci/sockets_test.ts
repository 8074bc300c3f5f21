// Every test of how sockets behave that is for any transport, over vmci.

import { inGuest } from "../support/platform.ts";

/** The files in tests/sockets/ that register tests for each transport. */
const files = [
  "conflate",
  "dealer_router",
  "device",
  "events",
  "heartbeat",
  "high_water_mark",
  "linger",
  "multipart",
  "pace",
  "pair",
  "pipeline",
  "publish_subscribe",
  "reconnect",
  "request_reply",
  "router_options",
  "types",
  "client_server",
  "radio_dish",
  "scatter_gather",
  "xpub_manual",
  "xpub_xsub",
];

if (inGuest) { for (const file of files) await import(`../sockets/${file}_test.ts`); }
else console.log("The tests of sockets over vmci are skipped: vsock is tested in a virtual machine only");

// The random programs of the torture that are compared with a reference model, over vmci.

import { inGuest } from "../support/platform.ts";

if (inGuest) await import("../torture/model_test.ts");
else console.log("The model of sockets over vmci is skipped: vsock is tested in a virtual machine only");

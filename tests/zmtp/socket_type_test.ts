import { assertEquals } from "@std/assert";
import { compatible, type SocketTypeName } from "../../zmtp/socket_type.ts";
import { join, Side } from "./support.ts";

const ALL: SocketTypeName[] = ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"];
const DRAFT: SocketTypeName[] = ["CLIENT", "SERVER", "RADIO", "DISH", "GATHER", "SCATTER", "PEER", "CHANNEL"];
const PAIRS = `PAIR-PAIR PUB-SUB PUB-XSUB XPUB-SUB XPUB-XSUB REQ-REP REQ-ROUTER DEALER-REP DEALER-DEALER DEALER-ROUTER
  ROUTER-ROUTER PUSH-PULL CLIENT-SERVER RADIO-DISH SCATTER-GATHER PEER-PEER CHANNEL-CHANNEL`.split(/\s+/);

Deno.test("socket types: exactly the pairs of the RFCs go together, in both directions", () => {
  for (const a of [...ALL, ...DRAFT]) {
    for (const b of [...ALL, ...DRAFT]) {
      assertEquals(compatible(a, b), PAIRS.includes(`${a}-${b}`) || PAIRS.includes(`${b}-${a}`), `${a}-${b}`);
    }
    assertEquals([compatible(a, ""), compatible(a, a.toLowerCase()), compatible(a, "STREAM")], [false, false, false]);
  }
});

Deno.test("socket types: every pair of the RFCs shakes hands", () => {
  for (const pair of PAIRS) {
    const [a, b] = pair.split("-") as [SocketTypeName, SocketTypeName];
    const left = new Side({ socketType: a });
    const right = new Side({ socketType: b });
    join(left, right, 5);
    assertEquals([left.machine.peer?.socketType, right.machine.peer?.socketType], [b, a]);
  }
});

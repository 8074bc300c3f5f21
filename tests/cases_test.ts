// Where each case of two tests of libzmq is, that have many: the counterparts of whole tests are in counterparts_test.ts.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** A test of ours: its file in tests/, and a part of its name. */
type Counterpart = readonly [file: string, name: string];

const SILENT: Counterpart = ["sockets/heartbeat_test.ts", "peers that fall silent are given up"];
const PING: Counterpart = ["sockets/heartbeat_test.ts", "a PING is answered with its context"];
const TTL: Counterpart = ["sockets/heartbeat_test.ts", "who asks to be given up after a silence is"];
const QUIET: Counterpart = ["sockets/heartbeat_test.ts", "who has nothing to say stays connected"];
const RANGE: Counterpart = ["api/options_test.ts", "heartbeatTimeToLive: {"];
const STEPS: Counterpart = ["api/options_test.ts", "a time to live is counted in steps of 100 ms"];
const CLOSED: Counterpart = ["sockets/events_test.ts", "of sockets that are closed while they are connected"];
const ORACLE: Counterpart = ["interop/events_test.ts", "are those of libzmq's monitor"];

/** The pairs of types, as libzmq names them: the first has the time to live, or the key of a client. */
const PAIRS = ["dealer_router", "req_rep", "pull_push", "sub_pub", "pair_pair", "client_server", "gather_scatter"];

const heartbeats: Readonly<Record<string, Counterpart>> = {
  timeout_router: SILENT,
  timeout_router_mock_ping: PING,
  ...Object.fromEntries(PAIRS.flatMap((pair) => [
    [`ttl_${pair}`, TTL],
    [`notimeout_${pair}`, QUIET],
    [`notimeout_${pair}_with_curve`, QUIET],
  ])),
  ttl_max: RANGE,
  ttl_more_than_max_fails: RANGE,
  ttl_near_zero: STEPS,
};

const monitor: Readonly<Record<string, Counterpart | string>> = {
  invalid_protocol_fails: "an Observer is no socket that would have to be bound",
  basic: CLOSED,
  versioned_invalid_socket_type: "an Observer has no type",
  versioned_basic_tcp_ipv4: ORACLE,
  versioned_basic_tcp_ipv6: "an event has no address of its peer; that of tcp over IPv6 is tested with the transport",
  versioned_basic_ipc: ORACLE,
  versioned_basic_tipc: "there is no such transport",
  versioned_stats_tcp_ipv4: "queues can be asked by trySend(): numbers of messages in them are no events",
  versioned_stats_tcp_ipv6: "as over IPv4",
  versioned_stats_ipc: "as over tcp",
};

for (const [test, cases, count] of [["heartbeats", heartbeats, 26], ["monitor", monitor, 10]] as const) {
  Deno.test(`each case of libzmq's test_${test} has a counterpart, or a reason to have none`, async () => {
    assertEquals(Object.keys(cases).length, count);
    for (const [name, counterpart] of Object.entries(cases)) {
      if (typeof counterpart === "string") continue;
      const [file, words] = counterpart;
      const text = await Deno.readTextFile(fromFileUrl(new URL(file, import.meta.url)));
      assert(text.includes(words), `${name}: ${file} has no "${words}"`);
    }
  });
}

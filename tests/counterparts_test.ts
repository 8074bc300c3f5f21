// Every test of libzmq has a counterpart here, which a comment before it names ("libzmq: test_…"), or a reason to have none.

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const counterparts = `
abstract_ipc app_meta base85 bind_after_connect bind_src_address channel client_server conflate connect_resolve connect_rid
ctx_destroy ctx_option_blocky ctx_option_invalid ctx_option_io_threads ctx_option_ipv6 ctx_option_max_sockets ctx_option_socket_limit
disconnect_inproc disconnect_msg fair_queue filter_ipc heartbeats hello_msg hiccup_msg hwm hwm_pubsub immediate
inproc_connect invalid_rep ipc_wildcard issue_566 last_endpoint many_sockets metadata mock_pub_sub monitor pair_inproc
pair_ipc pair_tcp pair_vmci pair_vsock peer peer_disconnect probe_router proxy proxy_hwm proxy_single_socket
proxy_steerable proxy_terminate pub_invert_matching pubsub_topics_count radio_dish rebind_ipc reconnect_ivl
reconnect_options req_correlate req_relaxed reqrep_device reqrep_inproc reqrep_ipc reqrep_tcp reqrep_vmci reqrep_vsock
router_handover router_mandatory router_mandatory_hwm router_notify scatter_gather security_curve security_no_zap_handler
security_null security_plain security_zap setsockopt shutdown_stress socket_null sockopt_hwm sodium spec_dealer
spec_pushpull spec_rep spec_req spec_router stream stream_disconnect stream_empty
stream_exceeds_buffer stream_timeout sub_forward system tcp_accept_filter term_endpoint thread_safe
timeo unbind_wildcard use_fd xpub_manual xpub_manual_last_value xpub_nodrop xpub_topic xpub_verbose xpub_welcome_msg
xsub_verbose
`.trim().split(/\s+/);

/** Those that have none, and why. */
const reasons: Readonly<Record<string, string>> = {
  system: "it asks whether libzmq was built and linked right",
  thread_safe: "sockets of JavaScript belong to one thread, and Workers have their own",
  use_fd: "Deno listens at no descriptor that somebody else has opened",
};

/** The names in comments of the tests beside and below this file. */
async function named(folder: URL): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const entry of Deno.readDir(fromFileUrl(folder))) {
    if (entry.isDirectory) {
      for (const name of await named(new URL(`${entry.name}/`, folder))) names.add(name);
    } else if (entry.name.endsWith("_test.ts")) {
      const text = await Deno.readTextFile(fromFileUrl(new URL(entry.name, folder)));
      for (const [comment] of text.matchAll(/^ *\/\/ libzmq: .*$/gm)) {
        for (const [, name] of comment.matchAll(/\btest_(\w+)/g)) names.add(name!);
      }
    }
  }
  return names;
}

Deno.test("libzmq's tests have counterparts, or reasons to have none", async () => {
  const found = await named(new URL("./", import.meta.url));
  assertEquals(counterparts.filter((name) => !found.has(name)).toSorted(), Object.keys(reasons).toSorted());
});

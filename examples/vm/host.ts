/**
 * The host's program: hands work to the virtual machines that ask for it, and takes their results.
 *
 *     deno run --allow-ffi=/lib/x86_64-linux-gnu/libc.so.6 examples/vm/host.ts
 *
 * Guests run guest.ts. How they get their vsock:
 *
 *     QEMU          -device vhost-vsock-pci,guest-cid=42      (on the host: modprobe vhost_vsock)
 *     VMware        it is there                               (in the guest: modprobe vmw_vsock_vmci_transport)
 *     Firecracker   --config-file with "vsock": { "guest_cid": 42, "uds_path": "v.sock" }
 *
 * Firecracker leads what a guest connects to at its host, CID 2 and port 5555, to the Unix socket v.sock_5555. There the
 * host's side is ipc:
 *
 *     deno run --allow-read=. --allow-write=. --allow-net examples/vm/host.ts ipc://v.sock_5555 ipc://v.sock_5556
 *
 * To try it on one machine: modprobe vsock_loopback, run this, and run guest.ts with CID 1.
 */

import { Pull, Push } from "../../mod.ts";

// Any of this machine's CIDs: its guests know it by CID 2, the machine itself by CID 1.
const [tasksAt = "vmci://*:5555", resultsAt = "vmci://*:5556"] = Deno.args;
const text = new TextDecoder();

await using tasks = new Push({ linger: 1000 });
await using results = new Pull();
await tasks.bind(tasksAt);
await results.bind(resultsAt);
console.log(`waiting for guests at ${tasks.lastEndpoint} and ${results.lastEndpoint}`);

const limits = [10_000, 20_000, 30_000, 40_000, 50_000];
const sending = (async () => {
  for (const limit of limits) await tasks.send(limit);
})();
for (let i = 0; i < limits.length; i++) {
  const [guest, limit, count] = (await results.receive()).map((frame) => text.decode(frame));
  console.log(`${guest}: ${count} primes up to ${limit}`);
}
await sending;
// An empty task ends a guest.
await tasks.send(null);
console.log("done");

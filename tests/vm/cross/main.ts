/**
 * Tests vmci between two machines: `deno task test:vm:cross`.
 *
 * This boots a guest that is a vsock host (CID 2). The tests, `outer.ts`, run
 * in it, and boot a guest of their own (CID 42), which runs `inner.ts`. All
 * that is twice emulated, and takes minutes.
 *
 * @module
 */

import { testInGuest } from "../testing.ts";

Deno.exit(
  await testInGuest({
    runs: [["tests/vm/cross/outer.ts"]],
    args: Deno.args,
    vsockHost: true,
    memory: 3072,
    limit: 1800,
  }),
);

/**
 * Word from the sockets to the transports that do their waiting by themselves. The others have Deno's.
 *
 * @module
 */

import { keepLibc } from "../ffi/libc.ts";
import { hold, release } from "../ffi/poller.ts";

/** Somebody waits for what the transports bring, or nobody does any more. The two take turns. */
export function attended(waiting: boolean): void {
  if (waiting) hold();
  else release();
}

/** There are sockets, or there are none any more. */
export function inhabited(open: boolean): void {
  keepLibc(open);
}

/**
 * Where faults find their endpoints.
 *
 * @module
 */

import { onLinux } from "../../support/platform.ts";
import { freshPort } from "../../support/ports.ts";

/** A way for sockets to reach each other. */
export interface Wire {
  readonly name: string;
  /** An endpoint that nothing is bound to. */
  endpoint(folder: string): string;
  /** Whether the second to bind an endpoint takes it over, and is not refused. */
  readonly replaces: boolean;
}

let serial = 0;

/** The transports that can be used on this machine. */
export function wires(): Wire[] {
  const ipc = { name: "ipc", replaces: true, endpoint: (folder: string) => `ipc://${folder}/${serial++}` };
  const abstract = { name: "ipc @", replaces: false, endpoint: () => `ipc://@denomq-${crypto.randomUUID()}` };
  const tcp = { name: "tcp", replaces: false, endpoint: () => `tcp://127.0.0.1:${freshPort()}` };
  const inproc = { name: "inproc", replaces: false, endpoint: () => `inproc://denomq-${crypto.randomUUID()}` };
  return [ipc, ...(onLinux ? [abstract] : []), tcp, inproc];
}

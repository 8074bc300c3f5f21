/**
 * Where the sockets of the running test live.
 *
 * @module
 */

import { SocketHost } from "./socket_host.ts";

let places = 1;
let made = 0;
let hosts: SocketHost[] = [];

/**
 * Runs a test with its sockets dealt out in turn: the first to its own isolate, the next to each of the Workers.
 *
 * @param workers How many Workers there are.
 */
export async function spread(workers: number, test: () => Promise<void>): Promise<void> {
  places = 1 + workers;
  made = 0;
  let passed = false;
  try {
    await test();
    passed = true;
  } finally {
    places = 1;
    const ending = hosts.map((host) => host.end());
    hosts = [];
    await Promise.allSettled(ending);
    // Of a test that has failed, its failure counts and not what came of it.
    if (passed) await Promise.all(ending);
  }
}

/** The Worker that the next socket goes to, or `null` for the test's own isolate. */
export function nextPlace(): SocketHost | null {
  const place = made++ % places;
  if (place === 0) return null;
  // They start in this order, when they are needed: many a test has two sockets.
  return hosts[place - 1] ??= new SocketHost();
}

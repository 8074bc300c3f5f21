/**
 * Proxies for tests.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import * as zmq from "../../mod.ts";

/** A running proxy whose ends are bound. */
export async function start<F extends zmq.Socket, B extends zmq.Socket>(
  fresh: () => string,
  front: F,
  back: B,
  options?: zmq.ProxyOptions,
): Promise<zmq.Proxy<F, B>> {
  const proxy = new zmq.Proxy(front, back, options);
  await front.bind(fresh());
  if (proxy.backEnd !== proxy.frontEnd as zmq.Socket) await back.bind(fresh());
  proxy.run().catch((error) => assertEquals(error, null));
  return proxy;
}

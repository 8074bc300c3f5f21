/**
 * The inproc transport: messages between the sockets of one process, within an isolate and between Workers
 * (zmq_inproc(7)).
 *
 * @module
 */

import type { MessageTransport } from "./transport.ts";

/** `inproc://name`. Every name is good: any characters, of any number, and `*` is one like any other. */
export const inproc: MessageTransport = {
  scheme: "inproc",
  carries: "messages",
  resolve: (address) => `inproc://${address}`,
};

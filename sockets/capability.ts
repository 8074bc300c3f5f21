/**
 * What this library is and can do.
 *
 * @module
 */

import { hasScheme } from "../transports/registry.ts";
import { Socket } from "./socket.ts";

/** The version of this library, not of libzmq: they differ. */
export const version: string = "0.1.0";

/** What a library for ZeroMQ may be able to do. */
export interface Capability {
  /** The `ipc://` transport. */
  readonly ipc: boolean;
  /** The `inproc://` transport. */
  readonly inproc: boolean;
  /** The `tcp://` transport. */
  readonly tcp: boolean;
  /** The `vmci://` and `vsock://` transports, which Linux has. */
  readonly vmci: boolean;
  /** The `pgm://` transport. */
  readonly pgm: boolean;
  /** The `tipc://` transport. */
  readonly tipc: boolean;
  /** The `norm://` transport. */
  readonly norm: boolean;
  /** The PLAIN mechanism. */
  readonly plain: boolean;
  /** The CURVE mechanism. */
  readonly curve: boolean;
  /** The GSSAPI mechanism. */
  readonly gssapi: boolean;
  /** What is a draft in libzmq: the options, such as `Router.notify`, are there. */
  readonly draft: boolean;
}

/**
 * What there is on this system. Nothing is tried out: that a transport is there does not say that it is permitted.
 *
 * @example
 * ```ts
 * import { capability } from "@denomq/zmq";
 *
 * console.log(capability.ipc ? "ipc://@example" : "inproc://example");
 * ```
 */
export const capability: Capability = Object.freeze({
  ipc: hasScheme("ipc"),
  inproc: hasScheme("inproc"),
  tcp: hasScheme("tcp"),
  vmci: hasScheme("vmci") && Deno.build.os === "linux",
  pgm: hasScheme("pgm"),
  tipc: hasScheme("tipc"),
  norm: hasScheme("norm"),
  plain: "plainServer" in Socket.prototype,
  curve: "curveServer" in Socket.prototype,
  gssapi: "gssapiServer" in Socket.prototype,
  draft: true,
});

/**
 * The transports by scheme, and what an endpoint's scheme means to a type of socket.
 *
 * @module
 */

import { splitEndpoint } from "./endpoint.ts";
import { ZmqError } from "./error.ts";
import { inproc } from "./inproc.ts";
import { ipc } from "./ipc.ts";
import { tcp } from "./tcp.ts";
import type { MessageTransport, StreamTransport } from "./transport.ts";
import { vmci, vsock } from "./vmci.ts";

/** A transport and the address it has to reach. */
export interface Route {
  /** The transport that the scheme of the endpoint names. */
  readonly transport: StreamTransport | MessageTransport;
  /** The part of the endpoint after `://`. */
  readonly address: string;
}

const transports: ReadonlyMap<string, StreamTransport | MessageTransport> = new Map(
  [ipc, inproc, tcp, vmci, vsock].map((transport) => [transport.scheme, transport]),
);

const datagramTypes: ReadonlySet<string> = new Set(["RADIO", "DISH", "DGRAM"]);
const publishingTypes: ReadonlySet<string> = new Set(["PUB", "SUB", "XPUB", "XSUB"]);

/**
 * Schemes of ZeroMQ that denomq does not have, each with the types of socket that could use it. The others are told that
 * no build of ZeroMQ would do, which is another error than a scheme nobody knows.
 */
const absent: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["udp", datagramTypes],
  ["pgm", publishingTypes],
  ["epgm", publishingTypes],
  ["norm", publishingTypes],
]);

/**
 * Finds the transport of an endpoint.
 *
 * @param endpoint The endpoint as the user wrote it.
 * @param socketType The type of the socket as ZMTP names it, such as `"PUB"`.
 * @returns The transport and the address.
 * @throws {TypeError} If the endpoint is not a string.
 * @throws {ZmqError} `EINVAL` for a malformed endpoint, `EPROTONOSUPPORT` for a scheme that is not here,
 * `ENOCOMPATPROTO` for one that such a socket could not use anyway.
 */
export function routeOf(endpoint: unknown, socketType: string): Route {
  const { scheme, address } = splitEndpoint(endpoint);
  const transport = transports.get(scheme);
  if (transport !== undefined) return { transport, address };

  const whole = `${scheme}://${address}`;
  const types = absent.get(scheme);
  if (types !== undefined && !types.has(socketType.toUpperCase())) {
    throw new ZmqError("ENOCOMPATPROTO", { address: whole, detail: `${socketType} over ${scheme}` });
  }
  throw new ZmqError("EPROTONOSUPPORT", { address: whole, detail: describe(scheme) });
}

/** Whether there is a transport of this name. */
export function hasScheme(scheme: string): boolean {
  return transports.has(scheme);
}

function describe(scheme: string): string {
  const lower = scheme.toLowerCase();
  if (transports.has(lower)) return `the transport is written "${lower}", in lower case`;
  return `no transport is called "${scheme}"`;
}

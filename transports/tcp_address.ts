/**
 * The addresses of tcp: a host, a colon, and a port.
 *
 * @module
 */

import { ZmqError } from "./error.ts";

/** Where to listen. */
export interface TcpPlace {
  /** `"any"`: all addresses of the machine. */
  readonly kind: "any" | "ip" | "interface";
  /** An IP address without brackets, or the name of a network interface. Empty for all addresses. */
  readonly host: string;
  /** The port; 0 for one that the system chooses. */
  readonly port: number;
}

/** Where to connect to. */
export interface TcpTarget {
  /** An IP address without brackets, or the name of a machine, which is looked up with every attempt. */
  readonly host: string;
  /** The port. */
  readonly port: number;
}

const LAST_PORT = 65535;
/** The names of machines and of network interfaces, as far as anybody uses them. */
const NAME = /^[\p{L}\p{N}_]([\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u;

/**
 * Checks an address to bind to.
 *
 * @param address The part of the endpoint after `://`.
 * @throws {ZmqError} `EINVAL`.
 */
export function parseTcpPlace(address: string): TcpPlace {
  const { host, port } = split(address, 'a port is a number from 0 to 65535 or "*"', portToBind);
  if (host === "*") return { kind: "any", host: "", port };
  if (isIpv4(host)) return { kind: "ip", host, port };
  const ipv6 = bracketed(host);
  if (ipv6 !== undefined) return { kind: "ip", host: ipv6, port };
  if (!NAME.test(host)) {
    throw refuse(address, `the host must be "*", an IP address or a network interface, it is "${host}"`);
  }
  return { kind: "interface", host, port };
}

/**
 * Checks an address to connect to.
 *
 * @param address The part of the endpoint after `://`.
 * @throws {ZmqError} `EINVAL`; `ENOTSUP` for an address to connect from, `source;target`, which Deno cannot choose.
 */
export function parseTcpTarget(address: string): TcpTarget {
  const semicolon = address.lastIndexOf(";");
  const { host, port } = split(
    address.slice(semicolon + 1),
    "a port to connect to is a number from 1 to 65535",
    portToConnect,
    address,
  );
  const ipv6 = bracketed(host);
  if (ipv6 === undefined && !NAME.test(host)) {
    throw refuse(address, `the host must be a name or an IP address, it is "${host}"`);
  }
  if (semicolon !== -1) {
    parseTcpPlace(address.slice(0, semicolon));
    throw new ZmqError("ENOTSUP", {
      address: `tcp://${address}`,
      detail: "Deno lets nobody choose the address to connect from",
    });
  }
  return { host: ipv6 ?? host, port };
}

/** The endpoint of a host and a port. */
export function tcpEndpoint(host: string, port: number | string): string {
  return `tcp://${tcpHost(host)}:${port}`;
}

/** A host as it stands before a colon and a port. */
export function tcpHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function split(
  address: string,
  ports: string,
  portOf: (text: string) => number | undefined,
  whole = address,
): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  if (colon === -1) throw refuse(whole, "the address is a host, a colon and a port, and has no colon");
  const [host, text] = [address.slice(0, colon), address.slice(colon + 1)];
  const port = portOf(text);
  if (port === undefined) throw refuse(whole, `${ports}, it is "${text}"`);
  return { host, port };
}

function portToBind(text: string): number | undefined {
  return text === "*" || text === "0" ? 0 : portToConnect(text);
}

function portToConnect(text: string): number | undefined {
  if (!/^[1-9]\d*$/.test(text)) return undefined;
  const port = Number(text);
  return port > LAST_PORT ? undefined : port;
}

function isIpv4(host: string): boolean {
  return /^\d+(\.\d+){3}$/.test(host) &&
    host.split(".").every((part) => part === String(Number(part)) && Number(part) < 256);
}

/** The IPv6 address between brackets. */
function bracketed(host: string): string | undefined {
  const inner = /^\[([\da-fA-F:.]+(?:%[\w.-]+)?)\]$/.exec(host)?.[1];
  return inner !== undefined && inner.includes(":") ? inner : undefined;
}

function refuse(address: string, detail: string): ZmqError {
  return new ZmqError("EINVAL", { address: `tcp://${address}`, detail });
}

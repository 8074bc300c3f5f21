/**
 * The addresses of vmci and vsock: a machine's number (CID), a colon, and a port.
 *
 * @module
 */

import { CID_ANY, CID_LOCAL, PORT_ANY } from "../ffi/sockaddr_vm.ts";
import { ZmqError } from "./error.ts";

/** The two names of the transport. libzmq's `vmci` is for VMware's own sockets, its `vsock` for those of the kernel. */
export type VmciScheme = "vmci" | "vsock";

/** A parsed address. */
export interface VmciAddress {
  /** The machine; `"own"` for the CID that this one has. */
  readonly cid: number | "own";
  /** The port. */
  readonly port: number;
}

/** The largest CID and port, which both mean any. */
const ANY = 0xffffffff;

/**
 * Checks an address.
 *
 * @param scheme The part of the endpoint before `://`.
 * @param address The part after it.
 * @throws {ZmqError} `EINVAL`.
 */
export function parseVmciAddress(scheme: VmciScheme, address: string): VmciAddress {
  const colon = address.lastIndexOf(":");
  const refuse = (detail: string) => new ZmqError("EINVAL", { address: `${scheme}://${address}`, detail });
  if (colon === -1) throw refuse("the address is a CID, a colon and a port, and has no colon");
  const [machine, place] = [address.slice(0, colon), address.slice(colon + 1)];

  // libzmq's vsock took it for the host, CID 2, until #4922.
  const own = scheme === "vsock" ? CID_LOCAL : "own";
  const cid = machine === "@" ? own : numberOf(machine, CID_ANY);
  if (cid === undefined) throw refuse(`the CID must be a number from 0 to ${ANY}, "*" or "@", it is "${machine}"`);
  const port = numberOf(place, PORT_ANY);
  if (port === undefined) throw refuse(`the port must be a number from 0 to ${ANY} or "*", it is "${place}"`);
  return { cid, port };
}

/** The endpoint of an address, as libzmq prints it. */
export function printVmciAddress(scheme: VmciScheme, { cid, port }: VmciAddress): string {
  const machine = cid === "own" ? "@" : cid === CID_ANY ? "*" : cid;
  return `${scheme}://${machine}:${port === PORT_ANY ? "*" : port}`;
}

function numberOf(text: string, any: number): number | undefined {
  if (text === "*" || text === "-1") return any;
  if (!/^\d+$/.test(text)) return undefined;
  const number = Number(text);
  return number > ANY ? undefined : number;
}

/**
 * Addresses of AF_VSOCK as the kernel has them (linux/vm_sockets.h), and what else of its numbers is needed.
 *
 * @module
 */

/** The address family. */
export const AF_VSOCK = 40;
/** In place of a CID: any of this machine's (VMADDR_CID_ANY). */
export const CID_ANY = 0xffffffff;
/** The CID that stands for the machine itself (VMADDR_CID_LOCAL). */
export const CID_LOCAL = 1;
/** In place of a port: one that the kernel chooses (VMADDR_PORT_ANY). */
export const PORT_ANY = 0xffffffff;
/** The request that asks /dev/vsock for the machine's own CID (IOCTL_VM_SOCKETS_GET_LOCAL_CID). */
export const GET_LOCAL_CID = 0x7b9n;

/** The options of such a socket, at the level {@linkcode AF_VSOCK}. */
export const VM_SOCKETS = {
  /** Bytes of the send and the receive buffer, 64 bits. */
  BUFFER_SIZE: 0,
  /** The least that BUFFER_SIZE can be, 64 bits. */
  BUFFER_MIN_SIZE: 1,
  /** The most that BUFFER_SIZE can be, 64 bits. */
  BUFFER_MAX_SIZE: 2,
  /** How long an attempt to connect may take: seconds and microseconds, a `long` each. */
  CONNECT_TIMEOUT: 6,
} as const;

/** sizeof(struct sockaddr_vm) */
export const SOCKADDR_VM_SIZE = 16;

/** A machine and a port of it. */
export interface VmAddress {
  /** The machine's number. */
  readonly cid: number;
  /** The port's number. */
  readonly port: number;
}

/** The bytes of an address. All systems that Deno runs on are little-endian. */
export function encodeSockaddrVm({ cid, port }: VmAddress): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SOCKADDR_VM_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_VSOCK, true); // svm_family; two bytes that are reserved follow
  view.setUint32(4, port, true); // svm_port
  view.setUint32(8, cid, true); // svm_cid; svm_flags and padding follow
  return bytes;
}

/** The address in bytes that the kernel has written. */
export function decodeSockaddrVm(bytes: Uint8Array): VmAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SOCKADDR_VM_SIZE);
  return { port: view.getUint32(4, true), cid: view.getUint32(8, true) };
}

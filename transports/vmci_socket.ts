/**
 * Sockets of AF_VSOCK, call by call.
 *
 * @module
 */

import { CallError } from "../ffi/call_error.ts";
import { errnoOf } from "../ffi/errno.ts";
import { check, errnoAfter, type Libc } from "../ffi/libc.ts";
import {
  AF_VSOCK,
  decodeSockaddrVm,
  encodeSockaddrVm,
  GET_LOCAL_CID,
  SOCKADDR_VM_SIZE,
  VM_SOCKETS,
  type VmAddress,
} from "../ffi/sockaddr_vm.ts";
import type { VmciOptions } from "./transport.ts";

const SOCK_STREAM = 1;
/** Programs that are started do not inherit the socket, and no call waits. */
const FLAGS = 0o2000000 | 0o4000;
const O_RDONLY_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
/** A connection is being made (errno.h). No transport reports it. */
const EINPROGRESS = 115;
const DEVICE = new TextEncoder().encode("/dev/vsock\0");

/** A stream socket with the options of a socket of ours. */
export function openVmciSocket(libc: Libc, options: VmciOptions): number {
  const fd = check(libc, "socket", libc.socket(AF_VSOCK, SOCK_STREAM | FLAGS, 0));
  return orClose(libc, fd, () => {
    // The size is kept within the other two, so that they come first.
    setSize(libc, fd, VM_SOCKETS.BUFFER_MIN_SIZE, options.vmciBufferMinSize);
    setSize(libc, fd, VM_SOCKETS.BUFFER_MAX_SIZE, options.vmciBufferMaxSize);
    setSize(libc, fd, VM_SOCKETS.BUFFER_SIZE, options.vmciBufferSize);
    setConnectTimeout(libc, fd, options.vmciConnectTimeout);
    return fd;
  });
}

/** Runs the calls that follow the making of a descriptor, and closes it when one of them fails. */
export function orClose<T>(libc: Libc, fd: number, calls: () => T): T {
  try {
    return calls();
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Binds and listens, and says where. */
export function listenAt(libc: Libc, fd: number, address: VmAddress, backlog: number): VmAddress {
  check(libc, "bind", libc.bind(fd, encodeSockaddrVm(address), SOCKADDR_VM_SIZE));
  check(libc, "listen", libc.listen(fd, backlog));
  const bytes = new Uint8Array(SOCKADDR_VM_SIZE);
  check(libc, "getsockname", libc.getsockname(fd, bytes, lengthBytes(bytes.length)));
  return decodeSockaddrVm(bytes);
}

/** Begins to connect; `false` when that takes time. */
export function connectTo(libc: Libc, fd: number, address: VmAddress): boolean {
  if (libc.connect(fd, encodeSockaddrVm(address), SOCKADDR_VM_SIZE) === 0) return true;
  const errno = errnoAfter(libc);
  if (errno === EINPROGRESS || errno === errnoOf("EINTR")) return false;
  throw new CallError("connect", errno);
}

/** Throws if the attempt to connect has failed. */
export function checkConnected(libc: Libc, fd: number): void {
  const errno = new Int32Array(1);
  const bytes = new Uint8Array(errno.buffer);
  check(libc, "getsockopt", libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, bytes, lengthBytes(bytes.length)));
  if (errno[0] !== 0) throw new CallError("connect", errno[0]!);
}

/** Takes a connection that waits, and says who it is from. */
export function acceptFrom(libc: Libc, fd: number): { readonly fd: number; readonly peer: VmAddress } {
  const bytes = new Uint8Array(SOCKADDR_VM_SIZE);
  const accepted = check(libc, "accept4", libc.accept4(fd, bytes, lengthBytes(bytes.length), FLAGS));
  return { fd: accepted, peer: decodeSockaddrVm(bytes) };
}

/** The machine's own CID. */
export function ownCid(libc: Libc): number {
  const device = libc.open(DEVICE, O_RDONLY_CLOEXEC);
  if (device === -1) {
    const errno = errnoAfter(libc);
    // That there is no such file means that there is no such device.
    throw new CallError("open", errno === errnoOf("ENOENT") ? errnoOf("ENODEV") : errno);
  }
  try {
    const cid = new Uint32Array(1);
    check(libc, "ioctl", libc.ioctl(device, GET_LOCAL_CID, new Uint8Array(cid.buffer)));
    return cid[0]!;
  } finally {
    libc.close(device);
  }
}

function setSize(libc: Libc, fd: number, option: number, size = 0): void {
  if (size > 0) setOption(libc, fd, option, BigInt(size));
}

function setConnectTimeout(libc: Libc, fd: number, timeout = -1): void {
  if (timeout <= 0) return;
  const seconds = Math.floor(timeout / 1000);
  setOption(libc, fd, VM_SOCKETS.CONNECT_TIMEOUT, BigInt(seconds), BigInt(timeout - seconds * 1000) * 1000n);
}

function setOption(libc: Libc, fd: number, option: number, ...values: bigint[]): void {
  const bytes = new Uint8Array(BigUint64Array.from(values).buffer);
  check(libc, "setsockopt", libc.setsockopt(fd, AF_VSOCK, option, bytes, bytes.length));
}

/** A length that the kernel reads and overwrites. */
function lengthBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(length).buffer);
}

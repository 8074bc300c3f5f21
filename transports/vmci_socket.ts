/**
 * Sockets of AF_VSOCK, call by call.
 *
 * @module
 */

import { CallError } from "../ffi/call_error.ts";
import { errnoOf } from "../ffi/errno.ts";
import { check, errnoAfter, type Libc } from "../ffi/libc.ts";
import { lengthBytes, listenAt, openSocket, orClose, readOption, SO, SOL_SOCKET } from "../ffi/socket.ts";
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

const O_RDONLY_CLOEXEC = 0o2000000;
/** A connection is being made (errno.h). No transport reports it. */
const EINPROGRESS = 115;
const DEVICE = new TextEncoder().encode("/dev/vsock\0");

/** A stream socket with the options of a socket of ours. */
export function openVmciSocket(libc: Libc, options: VmciOptions): number {
  const fd = openSocket(libc, AF_VSOCK);
  return orClose(libc, fd, () => {
    // The size is kept within the other two, so that they come first.
    setSize(libc, fd, VM_SOCKETS.BUFFER_MIN_SIZE, options.vmciBufferMinSize);
    setSize(libc, fd, VM_SOCKETS.BUFFER_MAX_SIZE, options.vmciBufferMaxSize);
    setSize(libc, fd, VM_SOCKETS.BUFFER_SIZE, options.vmciBufferSize);
    setConnectTimeout(libc, fd, options.vmciConnectTimeout);
    return fd;
  });
}

/** Binds and listens, and says where. */
export function listenAtPort(libc: Libc, fd: number, address: VmAddress, backlog: number): VmAddress {
  listenAt(libc, fd, encodeSockaddrVm(address), backlog);
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
  readOption(libc, fd, SOL_SOCKET, SO.ERROR, new Uint8Array(errno.buffer));
  if (errno[0] !== 0) throw new CallError("connect", errno[0]!);
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

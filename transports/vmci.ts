/**
 * The transport between virtual machines and their host: sockets of AF_VSOCK.
 *
 * @module
 */

import { CallError } from "../ffi/call_error.ts";
import { errnoOf } from "../ffi/errno.ts";
import type { Libc } from "../ffi/libc.ts";
import { decodeSockaddrVm, SOCKADDR_VM_SIZE, type VmAddress } from "../ffi/sockaddr_vm.ts";
import { acceptFrom, orClose } from "../ffi/socket.ts";
import { DescriptorListener } from "./descriptor_listener.ts";
import { DescriptorStream } from "./descriptor_stream.ts";
import { libcNeeds, obtain } from "./permission.ts";
import type { BindOptions, ByteStream, ConnectOptions, StreamListener, StreamTransport } from "./transport.ts";
import { parseVmciAddress, printVmciAddress, type VmciAddress, type VmciScheme } from "./vmci_address.ts";
import { callLibc, vmciError } from "./vmci_error.ts";
import { checkConnected, connectTo, listenAtPort, openVmciSocket, ownCid } from "./vmci_socket.ts";

/** `vmci://`, a CID and a port. `@` is the machine's own CID; to bind, `*` is any CID of its, and any port. */
export const vmci: StreamTransport = transportOf("vmci");

/** The same by the name that libzmq has for it. `@` is the loopback, CID 1. */
export const vsock: StreamTransport = transportOf("vsock");

function transportOf(scheme: VmciScheme): StreamTransport {
  return {
    scheme,
    carries: "bytes",
    resolve: (address) => printVmciAddress(scheme, parseVmciAddress(scheme, address)),
    authorize: (address) => authorize(scheme, address),
    bind: (address, options) => bind(scheme, address, options),
    connect: (address, options) => connect(scheme, address, options),
  };
}

function authorize(scheme: VmciScheme, address: string): string {
  const { parsed, endpoint } = located(scheme, address);
  allow(endpoint);
  return printVmciAddress(scheme, targetOf(parsed, endpoint));
}

function bind(scheme: VmciScheme, address: string, options: BindOptions): StreamListener {
  const { parsed, endpoint } = located(scheme, address);
  allow(endpoint);
  const target = targetOf(parsed, endpoint);
  return callLibc(endpoint, (libc) => {
    const fd = openVmciSocket(libc, options);
    return orClose(libc, fd, () => {
      const bound = listenAtPort(libc, fd, target, options.backlog);
      return new DescriptorListener(fd, printVmciAddress(scheme, bound), accept);
    });
  });
}

/** Accepts the connection that is next. */
function accept(libc: Libc, listening: number): ByteStream {
  const address = new Uint8Array(SOCKADDR_VM_SIZE);
  const fd = acceptFrom(libc, listening, address);
  return orClose(libc, fd, () => new DescriptorStream(fd, peerAddressOf(decodeSockaddrVm(address))));
}

/** The address of a peer as received messages show it: its CID and its port. */
function peerAddressOf({ cid, port }: VmAddress): string {
  return `${cid}:${port}`;
}

async function connect(scheme: VmciScheme, address: string, options: ConnectOptions = {}): Promise<ByteStream> {
  const { parsed, endpoint } = located(scheme, address);
  const target = targetOf(parsed, endpoint);
  const { stream, connected } = callLibc(endpoint, (libc) => {
    const fd = openVmciSocket(libc, options);
    return orClose(libc, fd, () => {
      const connected = connectTo(libc, fd, target);
      return { stream: new DescriptorStream(fd, peerAddressOf(target)), connected };
    });
  });
  if (connected) return stream;
  options.delayed?.();
  return await opened(stream, endpoint, options.signal);
}

/** Waits until a stream is connected, or closes it. */
async function opened(
  stream: DescriptorStream,
  endpoint: string,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  let aborted = false;
  const abort = () => {
    aborted = true;
    stream.close();
  };
  signal?.addEventListener("abort", abort);
  try {
    if (signal?.aborted) abort();
    await stream.opened();
    // The descriptor may be somebody else's by now.
    if (aborted) throw new CallError("connect", errnoOf("EBADF"));
    callLibc(endpoint, (libc) => checkConnected(libc, stream.fd));
    return stream;
  } catch (error) {
    await stream.close();
    throw vmciError(error, endpoint);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function located(scheme: VmciScheme, address: string): { readonly parsed: VmciAddress; readonly endpoint: string } {
  return { parsed: parseVmciAddress(scheme, address), endpoint: `${scheme}://${address}` };
}

/** Asks for what Deno has to be allowed, and looks whether the system has such sockets at all. */
function allow(endpoint: string): void {
  if (Deno.build.os === "linux") obtain(endpoint, libcNeeds());
  callLibc(endpoint, (libc) => libc.close(openVmciSocket(libc, {})));
}

/** The address with the machine's own CID in its place. */
function targetOf({ cid, port }: VmciAddress, endpoint: string): VmAddress {
  return { cid: cid === "own" ? callLibc(endpoint, ownCid) : cid, port };
}

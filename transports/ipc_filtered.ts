/**
 * Listening at a path, or a name, for those whom a filter admits. Deno does not tell who connects: the sockets are libc's.
 *
 * @module
 */

import { UnsupportedError } from "../ffi/call_error.ts";
import { type Libc, withLibc } from "../ffi/libc.ts";
import { AF_UNIX, encodeSockaddrUn, peerCredentials } from "../ffi/sockaddr_un.ts";
import { acceptFrom, listenAt, openSocket, orClose } from "../ffi/socket.ts";
import { DescriptorListener } from "./descriptor_listener.ts";
import { DescriptorStream } from "./descriptor_stream.ts";
import { ZmqError } from "./error.ts";
import { filesOf, type IpcFilter, isAdmitted } from "./ipc_filter.ts";
import { LOCALHOST } from "./ipc_native.ts";
import { type Open, removeIfThere } from "./ipc_override.ts";
import { libcNeeds, missingPermission, type Needs, obtain } from "./permission.ts";
import { systemError } from "./system_error.ts";
import type { ByteStream, StreamListener } from "./transport.ts";

/** What is to be bound. */
export interface FilteredBinding {
  /** The endpoint as the user wrote it. */
  readonly endpoint: string;
  /** Whom it is for. */
  readonly filter: IpcFilter;
  /** Connections that may wait to be accepted. */
  readonly backlog: number;
  /** What Deno would have to be allowed without a filter: to go round it is no way past its permissions. */
  readonly needs: Needs;
}

/**
 * Binds.
 *
 * @param binding What is to be bound.
 * @param listen Listens, with what it is given to open.
 * @returns What `listen` returns.
 * @throws {ZmqError} `EACCES` for a missing permission, `ENOTSUP` where there is no libc that will do; whatever the system
 * says otherwise.
 */
export function listenFiltered(binding: FilteredBinding, listen: (open: Open) => StreamListener): StreamListener {
  const { endpoint, filter, backlog } = binding;
  const { read = [], ...others } = binding.needs;
  const needs: Needs = { ...others, ...libcNeeds(), read: [...read, ...filesOf(filter)] };
  try {
    if (Deno.build.os === "linux") obtain(endpoint, needs);
    return withLibc((libc) => listen(opener(libc, filter, backlog)));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw missingPermission(endpoint, needs, error);
    if (error instanceof UnsupportedError) {
      const detail = `ipc cannot be filtered here: ${error.message}`;
      throw new ZmqError("ENOTSUP", { address: endpoint, cause: error, detail });
    }
    throw systemError(error, endpoint);
  }
}

function opener(libc: Libc, filter: IpcFilter, backlog: number): Open {
  return (path, { endpoint, cleanUp }) => {
    let withdrawn = false;
    const end = () => {
      if (!withdrawn) cleanUp?.();
    };
    const accept = (libc: Libc, fd: number) => acceptAdmitted(libc, fd, filter, endpoint);
    const fd = openSocket(libc, AF_UNIX);
    const listener = orClose(libc, fd, () => new DescriptorListener(fd, endpoint, accept, end));
    const close = () => {
      withdrawn = true;
      void listener.close();
    };
    try {
      listenAt(libc, fd, encodeSockaddrUn(path), backlog);
    } catch (error) {
      close();
      throw error;
    }
    const withdraw = () => {
      close();
      removeIfThere(path);
    };
    return { listener, withdraw };
  };
}

/** Accepts the connection that is next, or closes it. */
function acceptAdmitted(libc: Libc, listening: number, filter: IpcFilter, endpoint: string): ByteStream {
  const fd = acceptFrom(libc, listening);
  return orClose(libc, fd, () => {
    const peer = peerCredentials(libc, fd);
    const { uid, gid, pid } = peer;
    if (isAdmitted(filter, peer)) return new DescriptorStream(fd, `${LOCALHOST}:${uid}:${gid}:${pid}`);
    const detail = `the filter does not admit user ${uid}, group ${gid}, process ${pid}`;
    throw new ZmqError("EACCES", { address: endpoint, detail });
  });
}

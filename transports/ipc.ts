/**
 * The transport between the processes of one machine: Unix domain sockets.
 *
 * @module
 */

import { filterOf } from "./ipc_filter.ts";
import { listenFiltered } from "./ipc_filtered.ts";
import { openNatively, streamOf } from "./ipc_native.ts";
import { bindNeeds, listenOver, type Open } from "./ipc_override.ts";
import { absolutePath, endpointOf, type IpcAddress, parseAddress } from "./ipc_path.ts";
import { listenAnywhere, wildcardNeeds } from "./ipc_wildcard.ts";
import { missingPermission, type Needs, obtain } from "./permission.ts";
import { systemError } from "./system_error.ts";
import type { ZmqError } from "./error.ts";
import type { BindOptions, ByteStream, StreamListener, StreamTransport } from "./transport.ts";

/**
 * `ipc://` and a path, `@` and a name of Linux's abstract namespace, or, to bind, `*` for a generated path. Deno lets no
 * one choose a backlog, nor does it tell who connects: a bind with a filter listens without it, and has both.
 */
export const ipc: StreamTransport = { scheme: "ipc", carries: "bytes", resolve, authorize, bind, connect };

const ABSTRACT_NEEDS: Needs = { unix: "all" };

function resolve(address: string, purpose: "bind" | "connect"): string {
  parseAddress(address, purpose);
  return endpointOf(address);
}

function bind(address: string, options: BindOptions): StreamListener {
  const parsed = parseAddress(address, "bind");
  const endpoint = endpointOf(address);
  const filter = filterOf(options);
  if (filter !== undefined) {
    const { backlog } = options;
    return listenFiltered(
      { endpoint, filter, backlog, needs: listenNeeds(parsed) },
      (open) => listen(parsed, endpoint, open),
    );
  }
  try {
    return listen(parsed, endpoint, openNatively);
  } catch (error) {
    throw ipcError(error, endpoint, () => listenNeeds(parsed));
  }
}

function listen(address: IpcAddress, endpoint: string, open: Open): StreamListener {
  switch (address.kind) {
    case "abstract":
      // There is no file: whoever may use the name has it.
      return open(address.path, { endpoint, shared: true }).listener;
    case "wildcard":
      return listenAnywhere(endpoint, open);
    case "path":
      return listenOver(address.path, open).listener;
  }
}

function listenNeeds(address: IpcAddress): Needs {
  switch (address.kind) {
    case "abstract":
      return ABSTRACT_NEEDS;
    case "wildcard":
      return wildcardNeeds();
    case "path":
      return bindNeeds(address.path);
  }
}

function authorize(address: string): string {
  const endpoint = endpointOf(address);
  obtain(endpoint, connectNeeds(address));
  return endpoint;
}

async function connect(address: string): Promise<ByteStream> {
  const { path } = parseAddress(address, "connect");
  try {
    return streamOf(await Deno.connect({ transport: "unix", path }));
  } catch (error) {
    throw ipcError(error, endpointOf(address), () => connectNeeds(address));
  }
}

function connectNeeds(address: string): Needs {
  const { kind, path } = parseAddress(address, "connect");
  if (kind === "abstract") return ABSTRACT_NEEDS;
  const paths = [absolutePath(path)];
  return { read: paths, write: paths, unix: paths };
}

/** The error of an operation; for a missing permission with the flags to add. */
function ipcError(cause: unknown, endpoint: string, needs: () => Needs): ZmqError {
  if (cause instanceof Deno.errors.NotCapable) return missingPermission(endpoint, needs(), cause);
  return systemError(cause, endpoint);
}

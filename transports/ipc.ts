/**
 * The transport between the processes of one machine: Unix domain sockets.
 *
 * @module
 */

import { ConnListener } from "./conn_listener.ts";
import { ConnStream } from "./conn_stream.ts";
import { bindNeeds, listenOver } from "./ipc_override.ts";
import { absolutePath, endpointOf, parseAddress } from "./ipc_path.ts";
import { listenAnywhere, wildcardNeeds } from "./ipc_wildcard.ts";
import { missingPermission, type Needs, obtain } from "./permission.ts";
import { systemError } from "./system_error.ts";
import type { ZmqError } from "./error.ts";
import type { BindOptions, ByteStream, StreamListener, StreamTransport } from "./transport.ts";

/**
 * `ipc://` and a path, `@` and a name of Linux's abstract namespace, or, to bind, `*` for a generated path. Deno lets no
 * one choose a backlog: the option is not used.
 */
export const ipc: StreamTransport = { scheme: "ipc", carries: "bytes", resolve, authorize, bind, connect };

/**
 * The address of every ipc peer. libzmq has the name that glibc gives to local sockets, followed by the peer's user,
 * group and process; Deno does not tell those.
 */
const PEER_ADDRESS = "localhost";

const ABSTRACT_NEEDS: Needs = { unix: "all" };

function resolve(address: string, purpose: "bind" | "connect"): string {
  parseAddress(address, purpose);
  return endpointOf(address);
}

function bind(address: string, _options: BindOptions): StreamListener {
  const parsed = parseAddress(address, "bind");
  const endpoint = endpointOf(address);
  switch (parsed.kind) {
    case "abstract": {
      const { path } = parsed;
      const listener = attempt(endpoint, () => ABSTRACT_NEEDS, () => Deno.listen({ transport: "unix", path }));
      return new ConnListener(listener, endpoint, streamOf, () => listener.close());
    }
    case "wildcard": {
      const { listener, path, close } = attempt(endpoint, wildcardNeeds, () => listenAnywhere(endpoint));
      return new ConnListener(listener, endpointOf(path), streamOf, close);
    }
    case "path": {
      const { path } = parsed;
      const { listener, close } = attempt(endpoint, () => bindNeeds(path), () => listenOver(path));
      return new ConnListener(listener, endpoint, streamOf, close);
    }
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

function streamOf(conn: Deno.Conn): ByteStream {
  return new ConnStream(conn, PEER_ADDRESS);
}

function connectNeeds(address: string): Needs {
  const { kind, path } = parseAddress(address, "connect");
  if (kind === "abstract") return ABSTRACT_NEEDS;
  const paths = [absolutePath(path)];
  return { read: paths, write: paths, unix: paths };
}

function attempt<T>(endpoint: string, needs: () => Needs, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw ipcError(error, endpoint, needs);
  }
}

/** The error of an operation; for a missing permission with the flags to add. */
function ipcError(cause: unknown, endpoint: string, needs: () => Needs): ZmqError {
  if (cause instanceof Deno.errors.NotCapable) return missingPermission(endpoint, needs(), cause);
  return systemError(cause, endpoint);
}

/**
 * Listening at a path, and streams, as Deno has them.
 *
 * @module
 */

import { ConnListener } from "./conn_listener.ts";
import { ConnStream } from "./conn_stream.ts";
import { fileAt, type Opened, type Opening, PREFIX } from "./ipc_override.ts";
import type { ByteStream } from "./transport.ts";

/**
 * The address of a peer of whom Deno tells nothing. libzmq has the name that glibc gives to local sockets, followed by the
 * peer's user, group and process.
 */
export const LOCALHOST = "localhost";

/** Makes a stream of a connection. */
export function streamOf(conn: Deno.Conn): ByteStream {
  return new ConnStream(conn, LOCALHOST);
}

/**
 * Listens at a path at which nothing is. When such a listener closes, Deno removes the path that it was opened with, whoever
 * owns that by then.
 */
export function openNatively(path: string, { endpoint, shared, cleanUp }: Opening): Opened {
  const listener = Deno.listen({ transport: "unix", path });
  const end = () => {
    if (shared) listener.close();
    else closeSparing(listener, path);
    cleanUp?.();
  };
  return { listener: new ConnListener(listener, endpoint, streamOf, end), withdraw: () => listener.close() };
}

/** Closes a listener and spares a file that somebody made at its former temporary name. */
function closeSparing(listener: Deno.UnixListener, temporary: string): void {
  const aside = fileAt(temporary) === undefined ? undefined : `${temporary}${PREFIX}${crypto.randomUUID()}`;
  if (aside !== undefined) Deno.renameSync(temporary, aside);
  listener.close();
  if (aside !== undefined) Deno.renameSync(aside, temporary);
}

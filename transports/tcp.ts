/**
 * The transport between machines: TCP.
 *
 * @module
 */

import { ConnListener } from "./conn_listener.ts";
import { ConnStream } from "./conn_stream.ts";
import { ZmqError } from "./error.ts";
import { missingPermission, type Needs, obtain } from "./permission.ts";
import { systemError } from "./system_error.ts";
import { parseTcpPlace, parseTcpTarget, tcpEndpoint, tcpHost, type TcpPlace } from "./tcp_address.ts";
import { isAdmitted } from "./tcp_filter.ts";
import type {
  BindOptions,
  ByteStream,
  ConnectOptions,
  StreamListener,
  StreamTransport,
  TcpOptions,
} from "./transport.ts";

/**
 * `tcp://`, a host and a port. To bind, the host is an IP address, the name of a network interface, or `*`, and the port may
 * be `*`; to connect, it is an IP address or the name of a machine, which is looked up with every attempt.
 */
export const tcp: StreamTransport = { scheme: "tcp", carries: "bytes", resolve, authorize, bind, connect };

function resolve(address: string, purpose: "bind" | "connect"): string {
  if (purpose === "bind") parseTcpPlace(address);
  else parseTcpTarget(address);
  return `tcp://${address}`;
}

function authorize(address: string): string {
  const { host, port } = parseTcpTarget(address);
  obtain(`tcp://${address}`, netNeeds(host, port));
  return tcpEndpoint(host, port);
}

function bind(address: string, options: BindOptions): StreamListener {
  const place = parseTcpPlace(address);
  const endpoint = `tcp://${address}`;
  const hostname = hostOf(place, endpoint, options.ipv6 ?? false);
  const { port } = place;
  try {
    const listener = Deno.listen({ hostname, port, tcpBacklog: options.backlog });
    // An address that is the link's own says nothing without the link, which Deno does not tell.
    const bound = tcpEndpoint(hostname.includes("%") ? hostname : listener.addr.hostname, listener.addr.port);
    return new ConnListener(listener, bound, (conn) => admitted(conn, bound, options), () => listener.close());
  } catch (error) {
    throw tcpError(error, endpoint, netNeeds(hostname, port));
  }
}

async function connect(address: string, options: ConnectOptions = {}): Promise<ByteStream> {
  const { host, port } = parseTcpTarget(address);
  const endpoint = `tcp://${address}`;
  options.delayed?.();
  using attempt = new Attempt(options.signal, options.connectTimeout);
  try {
    const conn = await Deno.connect({ hostname: host, port, signal: attempt.signal });
    try {
      return streamOf(conn, options);
    } catch (error) {
      conn.close();
      throw error;
    }
  } catch (error) {
    if (attempt.late) throw new ZmqError("ETIMEDOUT", { address: endpoint, cause: error, detail: "nobody answers" });
    throw tcpError(error, endpoint, netNeeds(host, port));
  }
}

/** The stream of a peer, if it may connect. */
function admitted(conn: Deno.TcpConn, endpoint: string, options: TcpOptions): ByteStream {
  const { hostname } = conn.remoteAddr;
  if (isAdmitted(options.tcpAcceptFilter ?? [], hostname)) return streamOf(conn, options);
  throw new ZmqError("EACCES", { address: endpoint, detail: `the filter does not admit ${hostname}` });
}

/** A stream: nothing waits for more bytes to go with it, and keepalive is as the socket's options say. */
function streamOf(conn: Deno.TcpConn, { tcpKeepalive = -1 }: TcpOptions): ByteStream {
  conn.setNoDelay(true);
  if (tcpKeepalive !== -1) conn.setKeepAlive(tcpKeepalive === 1);
  return new ConnStream(conn, conn.remoteAddr.hostname);
}

/** What ends an attempt to connect: whoever makes it, or its time limit. */
class Attempt implements Disposable {
  /** Whether the time is over. */
  late = false;
  readonly #controller = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #abort = (): void => this.#controller.abort();

  constructor(given: AbortSignal | undefined, limit = 0) {
    this.#given = given;
    if (given?.aborted) this.#abort();
    given?.addEventListener("abort", this.#abort);
    if (limit === 0) return;
    this.#timer = setTimeout(() => {
      this.late = true;
      this.#abort();
    }, limit);
    Deno.unrefTimer(this.#timer);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#given?.removeEventListener("abort", this.#abort);
  }
}

/** The IP address to listen at. */
function hostOf({ kind, host }: TcpPlace, endpoint: string, ipv6: boolean): string {
  if (kind === "any") return ipv6 ? "::" : "0.0.0.0";
  if (kind === "interface") return addressOf(host, endpoint, ipv6);
  if (host.includes(":") && !ipv6) {
    throw new ZmqError("ENODEV", { address: endpoint, detail: "for IPv6 the option ipv6 must be set" });
  }
  return host;
}

/** The address of a network interface: the first of IPv6 where that is on, else of IPv4. */
function addressOf(name: string, endpoint: string, ipv6: boolean): string {
  const needs: Needs = { sys: ["networkInterfaces"] };
  obtain(endpoint, needs);
  const all = Deno.networkInterfaces().filter((each) => each.name === name);
  const found = (ipv6 && all.find((each) => each.family === "IPv6")) || all.find((each) => each.family === "IPv4");
  if (found) return /^fe[89ab]/i.test(found.address) ? `${found.address}%${name}` : found.address;
  throw new ZmqError("ENODEV", {
    address: endpoint,
    detail: all.length > 0
      ? `the network interface ${name} has no IPv4 address, and the option ipv6 is not set`
      : `this machine has no network interface ${name}; to bind, names of machines are not looked up`,
  });
}

function netNeeds(host: string, port: number): Needs {
  return { net: [`${tcpHost(host)}:${port}`] };
}

/** The error of an operation; for a missing permission with the flags to add. */
function tcpError(cause: unknown, endpoint: string, needs: Needs): ZmqError {
  if (cause instanceof Deno.errors.NotCapable) return missingPermission(endpoint, needs, cause);
  if (cause instanceof Error && /^failed to lookup address/.test(cause.message)) {
    return new ZmqError("EHOSTUNREACH", { address: endpoint, cause, detail: "nobody knows the name of the host" });
  }
  return systemError(cause, endpoint);
}

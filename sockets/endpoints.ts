/**
 * The endpoints of a socket: what it is bound and connected to.
 *
 * @module
 */

import { Acceptor } from "../link/acceptor.ts";
import { Dialer } from "../link/dialer.ts";
import { InprocBinder, InprocConnector } from "../link/inproc.ts";
import type { Link, LinkHost, LinkSettings } from "../link/link.ts";
import { RawAcceptor } from "../link/raw_acceptor.ts";
import { RawDialer } from "../link/raw_dialer.ts";
import { type ErrorCode, ZmqError } from "../transports/error.ts";
import { isMissingPermission } from "../transports/permission.ts";
import { type Route, routeOf } from "../transports/registry.ts";
import type { StreamTransport } from "../transports/transport.ts";
import type { SocketTypeName } from "../zmtp/socket_type.ts";
import { type Context, spaceOf } from "./context.ts";
import { EMPTY, toFrame } from "./message.ts";
import { type OptionValues, routingIdBytes } from "./option.ts";
import { securityOf } from "./security.ts";

/** Types for which a second `connect()` to the same endpoint does nothing (zmq_connect(3)). */
const CONNECT_ONCE: ReadonlySet<SocketTypeName> = new Set(["DEALER", "SUB", "PUB", "REQ"]);

/** Why an endpoint is not even tried to be bound. After any other error, what was opened for it is closed again. */
const UNOPENED: ReadonlySet<ErrorCode> = new Set(["EINVAL", "ENAMETOOLONG", "ENODEV", "EAFNOSUPPORT"]);

/** The links of one socket, by their endpoints. */
export class Endpoints {
  /** The resolved form of the last endpoint. */
  last: string | null = null;
  #type: SocketTypeName;
  #context: Context;
  #options: OptionValues;
  #host: LinkHost;
  #links = new Map<string, Link[]>();
  /** Links that hold something of the system, ended ones among them. */
  #held = new Set<Link>();

  constructor(type: SocketTypeName, context: Context, options: OptionValues, host: LinkHost) {
    this.#type = type;
    this.#context = context;
    this.#options = options;
    this.#host = host;
  }

  /** Whether the socket is bound or connected to anything. */
  get any(): boolean {
    return this.#links.size > 0;
  }

  /** Whether nothing of the system is held. */
  get empty(): boolean {
    return this.#held.size === 0;
  }

  /** Whether messages wait that no peer has taken. */
  get unsent(): boolean {
    for (const link of this.#held) if (link.unsent) return true;
    return false;
  }

  /** Binds. Resolves when it is sure that the endpoint is not bound elsewhere; `undefined` when it is at once. */
  bind(endpoint: string): Promise<void> | undefined {
    const { transport, address } = this.#locate(endpoint);
    if (transport.carries === "messages") return this.#bindName(endpoint, address);
    this.#listen(endpoint, transport, address);
    return undefined;
  }

  #bindName(endpoint: string, name: string): Promise<void> | undefined {
    const place = { space: spaceOf(this.#context), name, endpoint };
    const binder = new InprocBinder(place, this.#settings(), this.#host);
    const { last } = this;
    this.#add(binder);
    this.last = endpoint;
    if (binder.sure === undefined) binder.start();
    return binder.sure?.then(() => binder.start(), (error) => {
      if (this.last === endpoint) this.last = last;
      throw error;
    });
  }

  #listen(endpoint: string, transport: StreamTransport, address: string): void {
    let acceptor: Acceptor | RawAcceptor;
    const Accepting = this.#type === "STREAM" ? RawAcceptor : Acceptor;
    const settings = this.#settings();
    try {
      transport.resolve(address, "bind");
      acceptor = new Accepting(transport.bind(address, settings.transport), settings, this.#host);
    } catch (error) {
      if (error instanceof ZmqError) this.#reportUnbound(endpoint, error);
      throw error;
    }
    this.#add(acceptor);
    this.last = acceptor.key;
    acceptor.start();
  }

  #reportUnbound(address: string, error: ZmqError): void {
    const opened = !UNOPENED.has(error.code) && !isMissingPermission(error);
    if (opened) this.#host.emit({ type: "close", address });
    this.#host.emit({ type: "bind:error", address, error });
  }

  /** Connects; the peer may come later. */
  connect(endpoint: string, routingId?: unknown): void {
    const { transport, address } = this.#locate(endpoint);
    const id = routingId === undefined ? undefined : routingIdBytes("routingId", routingId);
    if (transport.carries === "messages") this.#connectName(endpoint, address, id);
    else this.#dial(endpoint, transport, address, id);
  }

  #connectName(endpoint: string, name: string, routingId: Uint8Array | undefined): void {
    const place = { space: spaceOf(this.#context), name, endpoint, routingId };
    const connector = new InprocConnector(place, this.#settings(), this.#host);
    this.#add(connector);
    try {
      connector.start();
    } catch (error) {
      connector.close();
      throw error;
    }
    this.last = endpoint;
  }

  #dial(endpoint: string, transport: StreamTransport, address: string, routingId: Uint8Array | undefined): void {
    transport.resolve(address, "connect");
    const printed = transport.authorize(address);
    if (CONNECT_ONCE.has(this.#type) && this.#links.get(endpoint)?.some((link) => link instanceof Dialer)) {
      this.last = printed;
      return;
    }
    const Dialing = this.#type === "STREAM" ? RawDialer : Dialer;
    const dialer = new Dialing({ transport, address, endpoint, routingId }, this.#settings(), this.#host);
    this.#add(dialer);
    try {
      dialer.start();
    } catch (error) {
      dialer.close(0);
      throw error;
    }
    this.last = printed;
  }

  /** Ends everything that was bound or connected by this endpoint. What is wrong with it is thrown at once. */
  remove(endpoint: string): Promise<unknown> {
    const { transport, address } = this.#locate(endpoint);
    const links = this.#links.get(endpoint);
    if (links === undefined) {
      try {
        transport.resolve(address, "bind");
      } catch {
        // What can be neither bound nor connected is malformed.
        transport.resolve(address, "connect");
      }
      throw new ZmqError("ENOENT", { address: endpoint });
    }
    this.#links.delete(endpoint);
    return Promise.all(links.map((link) => link.close(this.#options.linger)));
  }

  #locate(endpoint: string): Route {
    const route = routeOf(endpoint, this.#type);
    if (route.transport.carries === "messages" && this.#type === "STREAM") {
      throw new ZmqError("ENOCOMPATPROTO", { address: endpoint, detail: "a Stream exchanges bytes, not messages" });
    }
    if (route.transport.carries === "bytes" && this.#context.ioThreads === 0) {
      throw new ZmqError("EMTHREAD", { address: endpoint });
    }
    return route;
  }

  #add(link: Link): void {
    const same = this.#links.get(link.key);
    if (same === undefined) this.#links.set(link.key, [link]);
    else same.push(link);
    this.#held.add(link);
  }

  #settings(): LinkSettings {
    const values = this.#options;
    const { mechanism, prepare, authenticator } = securityOf(this.#context, values);
    return {
      ...(prepare && { prepare }),
      machine: {
        socketType: this.#type,
        routingId: values.routingId === null ? EMPTY : toFrame(values.routingId),
        metadata: values.metadata,
        maxMessageSize: values.maxMessageSize,
        handshakeInterval: values.handshakeInterval,
        heartbeatInterval: values.heartbeatInterval,
        heartbeatTimeToLive: values.heartbeatTimeToLive,
        heartbeatTimeout: values.heartbeatTimeout,
        ...(mechanism && { mechanism }),
      },
      authenticator,
      transport: {
        backlog: values.backlog,
        vmciBufferSize: values.vmciBufferSize,
        vmciBufferMinSize: values.vmciBufferMinSize,
        vmciBufferMaxSize: values.vmciBufferMaxSize,
        vmciConnectTimeout: values.vmciConnectTimeout,
        ipv6: values.ipv6,
        connectTimeout: values.connectTimeout,
        tcpKeepalive: values.tcpKeepalive,
        tcpAcceptFilter: values.tcpAcceptFilter,
        ipcFilterUid: values.ipcFilterUid,
        ipcFilterGid: values.ipcFilterGid,
        ipcFilterPid: values.ipcFilterPid,
      },
      limits: values,
      maxConnections: values.maxConnections,
      conflate: values.conflate,
      immediate: values.immediate,
      reconnectInterval: values.reconnectInterval,
      reconnectMaxInterval: values.reconnectMaxInterval,
      reconnectStop: values.reconnectStop,
      disconnectMessage: values.disconnectMessage,
      hiccupMessage: values.hiccupMessage,
    };
  }

  /** Forgets a link that holds nothing any more. */
  released(link: Link): void {
    this.#held.delete(link);
    const same = this.#links.get(link.key);
    if (!same?.includes(link)) return;
    if (same.length === 1) this.#links.delete(link.key);
    else same.splice(same.indexOf(link), 1);
  }

  /** Ends every link. */
  close(): void {
    this.#links.clear();
    for (const link of [...this.#held]) link.close(this.#options.linger);
  }
}

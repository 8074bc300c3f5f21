/**
 * What all sockets have in common: endpoints, options, events and the end of their life.
 *
 * @module
 */

import { type Context, context as defaultContext } from "./context.ts";
import { Core } from "./core.ts";
import type { Properties } from "./metadata.ts";
import type { Observer } from "./observer.ts";
import { integer } from "./option.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import type { WaitOptions } from "./waiter.ts";

export let coreOf: (socket: Socket) => Core;

/**
 * A socket: the base of all types. It is bound and connected to any number of endpoints, and messages are exchanged
 * with all peers according to its type. See zmq_socket(3).
 *
 * A socket that waits for nothing does not keep the program running; a pending {@linkcode Readable.receive} or
 * {@linkcode Writable.send} does. When the program comes to its end, messages that are queued are given the socket's
 * {@linkcode Socket.linger} period.
 */
export abstract class Socket implements Disposable, AsyncDisposable {
  #core: Core;

  static {
    coreOf = (socket) => socket.#core;
  }

  /** @internal Made by the types of sockets. */
  protected constructor(context: Context | undefined, pattern: unknown) {
    this.#core = new Core(context ?? defaultContext, pattern as (host: PatternHost) => Pattern);
  }

  /** The type as ZeroMQ counts them (zmq.h): 0 for PAIR, 1 for PUB and so on. */
  get type(): number {
    return TYPES.indexOf(this.#core.pattern.type);
  }

  /** The context that the socket belongs to. */
  get context(): Context {
    return this.#core.context;
  }

  /** What happens to the endpoints, from the first time that this is asked for. */
  get events(): Observer {
    const { events } = this.#core;
    events.open();
    return events;
  }

  /** Whether {@linkcode close} was called. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /**
   * The endpoint of the last `bind()` or `connect()` in its resolved form: with the path that a wildcard stood for.
   * `null` before the first.
   */
  get lastEndpoint(): string | null {
    return this.#core.lastEndpoint;
  }

  /** How many peers are connected, their handshake done. */
  get peerCount(): number {
    return this.#core.peers;
  }

  /**
   * The security mechanism that the next bind or connect uses: `"plain"`, `"curve"`, or `null` for none. It follows from
   * the options of the mechanisms: the one that was set last counts.
   */
  get securityMechanism(): "plain" | "curve" | null {
    return this.#core.get("securityMechanism");
  }

  /**
   * Binds to an endpoint, so that peers can connect to it.
   *
   * `ipc://path` makes a socket file, in the place of the one of a former binding, its own or another's; `ipc://*`
   * makes one in a new directory, see {@linkcode lastEndpoint}; `ipc://@name` is a name in Linux's abstract namespace.
   * `inproc://name` is a name among the sockets of the context, in all Workers if it is the default one: any string, also
   * above the manual's 256 characters. `vmci://cid:port` is a port of a CID of this machine, or of all of them: `*`; a port
   * `*` is one that the system chooses; `@` is the CID that the machine has. `vsock://` is the same. See zmq_bind(3),
   * zmq_ipc(7), zmq_inproc(7) and zmq_vmci(7).
   *
   * @param endpoint The endpoint.
   * @returns When peers can connect.
   * @throws ZmqError `EINVAL` for a malformed endpoint; `EPROTONOSUPPORT` for an unknown transport; `EADDRINUSE` when
   * something that is not a socket is in the way, or the name or the port is taken; `EADDRNOTAVAIL` for a CID that is not
   * this machine's; `EAFNOSUPPORT`, `ENODEV` where there is no vsock, or no device to ask for the own CID;
   * `ENAMETOOLONG` for more than 107 bytes; `ENOENT`, `ENOTDIR`, `EACCES` for a directory that does not exist, is none or
   * cannot be written; `EACCES` with the flags to add when Deno lacks a permission; `EBADF` when the socket is closed.
   *
   * @example
   * ```ts
   * import { Pull } from "@denomq/zmq";
   *
   * using pull = new Pull();
   * await pull.bind("ipc://*");
   * console.log(pull.lastEndpoint);
   * ```
   */
  async bind(endpoint: string): Promise<void> {
    await this.#core.endpoints.bind(endpoint);
  }

  /**
   * As {@linkcode bind}, without a promise. That a Worker's name of inproc is the main thread's is an event: `bind:error`.
   *
   * @param endpoint The endpoint.
   * @throws ZmqError as `bind()`.
   */
  bindSync(endpoint: string): void {
    this.#core.endpoints.bind(endpoint)?.catch(() => {});
  }

  /**
   * Ends a binding, and the connections that were accepted through it; those of inproc stay (zmq_inproc(7)). The file of a
   * path stays, as with libzmq; that of a wildcard is removed. See zmq_unbind(3).
   *
   * @param endpoint The endpoint, in the form that {@linkcode lastEndpoint} had after `bind()`.
   * @returns When no peer can connect any more.
   * @throws ZmqError `ENOENT` when there is no such endpoint; `EINVAL`, `EPROTONOSUPPORT`, `EBADF` as for `bind()`.
   */
  async unbind(endpoint: string): Promise<void> {
    await this.#core.endpoints.remove(endpoint);
  }

  /**
   * As {@linkcode unbind}, without a promise: the last of it goes on in the background.
   *
   * @param endpoint The endpoint.
   * @throws ZmqError as `unbind()`.
   */
  unbindSync(endpoint: string): void {
    this.#core.endpoints.remove(endpoint);
  }

  /**
   * Connects to an endpoint. The peer may come later, go and come again: the connection is made when it is there, and
   * what is sent until then is queued. See zmq_connect(3).
   *
   * @param endpoint The endpoint.
   * @throws ZmqError `EINVAL`, `EPROTONOSUPPORT`, `ENAMETOOLONG`, `EBADF` as for {@linkcode bind}; `EACCES` with the flags
   * to add when Deno lacks a permission and nobody in a terminal gives it.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@denomq/zmq";
   *
   * await using pull = new Pull();
   * await using push = new Push();
   * await pull.bind("ipc://*");
   * push.connect(pull.lastEndpoint!);
   * await push.send("hello");
   * const [frame] = await pull.receive();
   * console.log(new TextDecoder().decode(frame)); // hello
   * ```
   */
  connect(endpoint: string): void {
    this.#core.endpoints.connect(endpoint);
  }

  /**
   * Ends what `connect()` began. Messages that are queued are given the {@linkcode linger} period; those that were
   * received can still be read. See zmq_disconnect(3).
   *
   * @param endpoint The endpoint as it was given to `connect()`.
   * @throws ZmqError `ENOENT` when there is no such endpoint; `EINVAL`, `EPROTONOSUPPORT`, `EBADF` as for `bind()`.
   */
  disconnect(endpoint: string): void {
    this.#core.endpoints.remove(endpoint);
  }

  /**
   * Waits until peers are connected, their handshake done.
   *
   * @param count How many.
   * @param options How long to wait.
   * @throws ZmqError `EAGAIN` when the time is over or the socket is closed.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@denomq/zmq";
   *
   * await using pull = new Pull();
   * await using push = new Push();
   * await pull.bind("ipc://*");
   * push.connect(pull.lastEndpoint!);
   * await push.waitForPeers(1, { timeout: 1000 });
   * ```
   */
  async waitForPeers(count: number = 1, options?: WaitOptions): Promise<void> {
    integer("count", count, 0);
    await this.#core.until(() => this.#core.peers >= count, options);
  }

  /**
   * Closes the socket at once. Waiting calls reject with `EAGAIN`, iterations end, and what is queued goes out in the
   * background as far as {@linkcode linger} allows; the program runs until then. Further calls do nothing.
   */
  close(): void {
    this.#core.close();
  }

  /** Closes the socket, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Closes the socket and waits until what is queued has gone out, at the end of a block with `await using`. The wait is
   * bounded by {@linkcode linger}.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#core.finished();
  }

  /**
   * How long (ms) queued messages may take to go out when the socket is closed or disconnected: -1 without limit, 0 not
   * at all. Default -1; 0 for Subscriber and XSubscriber.
   */
  get linger(): number {
    return this.#core.get("linger");
  }
  set linger(value: number) {
    this.#core.set("linger", value);
  }

  /**
   * The first wait (ms) before a connection is tried again: -1 or 0 never. Without {@linkcode reconnectMaxInterval} every
   * wait is this long and up to as much again at random. Default 100.
   */
  get reconnectInterval(): number {
    return this.#core.get("reconnectInterval");
  }
  set reconnectInterval(value: number) {
    this.#core.set("reconnectInterval", value);
  }

  /** The longest wait (ms) between two attempts to connect; until then each is twice the last. 0 for none. Default 0. */
  get reconnectMaxInterval(): number {
    return this.#core.get("reconnectMaxInterval");
  }
  set reconnectMaxInterval(value: number) {
    this.#core.set("reconnectMaxInterval", value);
  }

  /** Whether messages are queued only for peers that are connected, not while a connection is being made. Default `false`. */
  get immediate(): boolean {
    return this.#core.get("immediate");
  }
  set immediate(value: boolean) {
    this.#core.set("immediate", value);
  }

  /**
   * Properties of the application's own that peers are told in the handshake: names that begin with `X-`, and values that
   * are not empty, such as `{ "X-Version": "7" }`. It acts on later `bind()` and `connect()`, and not over inproc, which
   * has no handshake. See ZMQ_METADATA in zmq_setsockopt(3). Default: none.
   */
  set metadata(value: Properties) {
    this.#core.set("metadata", value);
  }

  /**
   * The largest frame (bytes) that a peer may send; one that sends a larger one is disconnected. -1 for no limit. Default -1.
   *
   * What counts comes over the wire, as with libzmq: CURVE makes each frame longer by 33 bytes, and its handshake has
   * frames of some 300.
   */
  get maxMessageSize(): number {
    return this.#core.get("maxMessageSize");
  }
  set maxMessageSize(value: number) {
    this.#core.set("maxMessageSize", value);
  }

  /**
   * How many connections each bound endpoint holds at a time, those in their handshake among them; 0 for no limit. Who
   * comes beyond it waits to be accepted, as `backlog` says, until another goes; the event `accept:error` tells of it,
   * once each time it comes to that. It acts on later `bind()`, and not over inproc, whose peers are the program's own.
   * libzmq has no such option. Default 65,536.
   */
  get maxConnections(): number {
    return this.#core.get("maxConnections");
  }
  set maxConnections(value: number) {
    this.#core.set("maxConnections", value);
  }

  /** How long (ms) a peer may take for its handshake; 0 without limit. Default 30,000. */
  get handshakeInterval(): number {
    return this.#core.get("handshakeInterval");
  }
  set handshakeInterval(value: number) {
    this.#core.set("handshakeInterval", value);
  }

  /** How many connections may wait to be accepted, where the platform lets one choose: for ipc it does with a filter only. Default 100. */
  get backlog(): number {
    return this.#core.get("backlog");
  }
  set backlog(value: number) {
    this.#core.set("backlog", value);
  }

  /**
   * The size (bytes) of the send and of the receive buffer of each vmci and vsock connection, kept within
   * {@linkcode vmciBufferMinSize} and {@linkcode vmciBufferMaxSize}; 0 for the system's, on Linux 262,144. Below 128 Linux
   * cannot even shake hands. Acts at the next bind or connect. Default 0.
   */
  get vmciBufferSize(): number {
    return this.#core.get("vmciBufferSize");
  }
  set vmciBufferSize(value: number) {
    this.#core.set("vmciBufferSize", value);
  }

  /** The least {@linkcode vmciBufferSize} (bytes); 0 for the system's, on Linux 128. Default 0. */
  get vmciBufferMinSize(): number {
    return this.#core.get("vmciBufferMinSize");
  }
  set vmciBufferMinSize(value: number) {
    this.#core.set("vmciBufferMinSize", value);
  }

  /** The largest {@linkcode vmciBufferSize} (bytes); 0 for the system's, on Linux 262,144. Default 0. */
  get vmciBufferMaxSize(): number {
    return this.#core.get("vmciBufferMaxSize");
  }
  set vmciBufferMaxSize(value: number) {
    this.#core.set("vmciBufferMaxSize", value);
  }

  /**
   * How long (ms) an attempt to connect over vmci or vsock may take before the next one; -1 or 0 as long as the system
   * lets it, on Linux 2,000. Acts at the next connect. Default -1.
   */
  get vmciConnectTimeout(): number {
    return this.#core.get("vmciConnectTimeout");
  }
  set vmciConnectTimeout(value: number) {
    this.#core.set("vmciConnectTimeout", value);
  }

  /**
   * Whether IPv6 is used over tcp: `tcp://*:PORT` binds to all addresses of both kinds, and `tcp://[::1]:PORT` can be bound.
   * Acts at the next bind. Default `false`.
   */
  get ipv6(): boolean {
    return this.#core.get("ipv6");
  }
  set ipv6(value: boolean) {
    this.#core.set("ipv6", value);
  }

  /**
   * How long (ms) an attempt to connect over tcp may take before the next one; 0 as long as the system lets it. Acts at the
   * next connect. Default 0.
   */
  get connectTimeout(): number {
    return this.#core.get("connectTimeout");
  }
  set connectTimeout(value: number) {
    this.#core.set("connectTimeout", value);
  }

  /**
   * Whether the system asks silent tcp peers for a sign of life: 1 yes, 0 no, -1 as it pleases. Acts at the next bind or
   * connect. Default -1. See {@linkcode heartbeatInterval} for what ZeroMQ does itself, over every transport.
   */
  get tcpKeepalive(): number {
    return this.#core.get("tcpKeepalive");
  }
  set tcpKeepalive(value: number) {
    this.#core.set("tcpKeepalive", value);
  }

  /** How many times it asks; -1 as the system pleases. Deno lets nobody choose: it is kept, and does nothing. Default -1. */
  get tcpKeepaliveCount(): number {
    return this.#core.get("tcpKeepaliveCount");
  }
  set tcpKeepaliveCount(value: number) {
    this.#core.set("tcpKeepaliveCount", value);
  }

  /** How long (s) a peer may be silent before; -1 as the system pleases. It is kept, and does nothing. Default -1. */
  get tcpKeepaliveIdle(): number {
    return this.#core.get("tcpKeepaliveIdle");
  }
  set tcpKeepaliveIdle(value: number) {
    this.#core.set("tcpKeepaliveIdle", value);
  }

  /** The time (s) between two questions; -1 as the system pleases. It is kept, and does nothing. Default -1. */
  get tcpKeepaliveInterval(): number {
    return this.#core.get("tcpKeepaliveInterval");
  }
  set tcpKeepaliveInterval(value: number) {
    this.#core.set("tcpKeepaliveInterval", value);
  }

  /** How long (ms) bytes may wait for a tcp peer to confirm them; 0 as the system pleases. It is kept, and does nothing. Default 0. */
  get tcpMaxRetransmitTimeout(): number {
    return this.#core.get("tcpMaxRetransmitTimeout");
  }
  set tcpMaxRetransmitTimeout(value: number) {
    this.#core.set("tcpMaxRetransmitTimeout", value);
  }

  /**
   * Who may connect over tcp: ranges of addresses such as `"192.168.0.0/16"`, `"::1"`. Others are disconnected, which
   * `accept:error` events tell. Without any, everybody may. It can be set to one range, to several, or to `null` for none.
   * Acts at the next bind. Default none.
   */
  get tcpAcceptFilter(): readonly string[] {
    return this.#core.get("tcpAcceptFilter").map(({ text }) => text);
  }
  set tcpAcceptFilter(value: readonly string[] | string | null) {
    this.#core.set("tcpAcceptFilter", value);
  }

  /**
   * The users who may connect over ipc, by number. A peer is admitted if its user is listed here, or its group in
   * {@linkcode ipcFilterGid}, or its process in {@linkcode ipcFilterPid}, all as of the time when it connected. Others are
   * disconnected, which `accept:error` events tell; those who are admitted have the address `localhost:uid:gid:pid`. Where
   * nothing is listed, everybody is admitted. It can be set to one number, to several, or to `null` for none. Acts at the next
   * bind, which needs Linux (ENOTSUP elsewhere) and `--allow-ffi` for libc. Default none. See ZMQ_IPC_FILTER_UID in
   * zmq_setsockopt(3).
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@denomq/zmq";
   *
   * if (Deno.build.os === "linux") {
   *   await using pull = new Pull({ ipcFilterUid: [Deno.uid()!] });
   *   await pull.bind("ipc://*");
   *   await using push = new Push();
   *   push.connect(pull.lastEndpoint!);
   *   await push.send("it is me");
   *   const [frame] = await pull.receive();
   *   console.log(new TextDecoder().decode(frame)); // it is me
   * }
   * ```
   */
  get ipcFilterUid(): readonly number[] {
    return [...this.#core.get("ipcFilterUid")];
  }
  set ipcFilterUid(value: readonly number[] | number | null) {
    this.#core.set("ipcFilterUid", value);
  }

  /**
   * The groups that may connect over ipc, by number, as {@linkcode ipcFilterUid}. A peer is admitted by the group of its
   * process, or because `/etc/group` lists its user, as `/etc/passwd` names it, as a member: `bind()` needs the permission to
   * read both. Acts at the next bind. Default none. See ZMQ_IPC_FILTER_GID in zmq_setsockopt(3).
   */
  get ipcFilterGid(): readonly number[] {
    return [...this.#core.get("ipcFilterGid")];
  }
  set ipcFilterGid(value: readonly number[] | number | null) {
    this.#core.set("ipcFilterGid", value);
  }

  /**
   * The processes that may connect over ipc, by number, as {@linkcode ipcFilterUid}. Acts at the next bind. Default none. See
   * ZMQ_IPC_FILTER_PID in zmq_setsockopt(3).
   */
  get ipcFilterPid(): readonly number[] {
    return [...this.#core.get("ipcFilterPid")];
  }
  set ipcFilterPid(value: readonly number[] | number | null) {
    this.#core.set("ipcFilterPid", value);
  }

  /**
   * What ends the attempts to connect for good, the sum of: 1 when a connection is refused; 2 when a handshake fails, or is
   * not finished in time; 4 after `disconnect()`, though messages wait for the peer. Acts at the next connect. Default 0.
   * See ZMQ_RECONNECT_STOP in zmq_setsockopt(3).
   */
  get reconnectStop(): number {
    return this.#core.get("reconnectStop");
  }
  set reconnectStop(value: number) {
    this.#core.set("reconnectStop", value);
  }

  /** How often (ms) peers are asked for a sign of life; 0 never. Default 0. */
  get heartbeatInterval(): number {
    return this.#core.get("heartbeatInterval");
  }
  set heartbeatInterval(value: number) {
    this.#core.set("heartbeatInterval", value);
  }

  /** After how long a silence (ms, in steps of 100) the peer shall give this side up; 0 never. At most 6,553,599. Default 0. */
  get heartbeatTimeToLive(): number {
    return this.#core.get("heartbeatTimeToLive");
  }
  set heartbeatTimeToLive(value: number) {
    this.#core.set("heartbeatTimeToLive", value);
  }

  /** How long (ms) a peer may take to answer a heartbeat before it is disconnected; -1: as {@linkcode heartbeatInterval}. Default -1. */
  get heartbeatTimeout(): number {
    return this.#core.get("heartbeatTimeout");
  }
  set heartbeatTimeout(value: number) {
    this.#core.set("heartbeatTimeout", value);
  }

  /**
   * Whether this side is the server of CURVE, which takes only peers that know its public key. It needs a
   * {@linkcode curveSecretKey}; without one every handshake fails. What is sent and received is encrypted. Acts at the next
   * bind or connect, over everything but inproc. See zmq_curve(7) and RFC 26. Default `false`.
   *
   * @example
   * ```ts
   * import { curveKeyPair, Pull, Push } from "@denomq/zmq";
   *
   * const server = curveKeyPair();
   * const client = curveKeyPair();
   * await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey });
   * await using push = new Push({
   *   curvePublicKey: client.publicKey,
   *   curveSecretKey: client.secretKey,
   *   curveServerKey: server.publicKey,
   * });
   * await pull.bind("ipc://*");
   * push.connect(pull.lastEndpoint!);
   * await push.send("hello");
   * const [frame] = await pull.receive();
   * console.log(new TextDecoder().decode(frame)); // hello
   * ```
   */
  get curveServer(): boolean {
    return this.#core.get("curveServer");
  }
  set curveServer(value: boolean) {
    this.#core.set("curveServer", value);
  }

  /** The public key of a client of CURVE: 40 characters of Z85; it may be set as 32 bytes, too. `null` for none, the default. */
  get curvePublicKey(): string | null {
    return this.#core.get("curvePublicKey");
  }
  set curvePublicKey(value: string | Uint8Array | null) {
    this.#core.set("curvePublicKey", value);
  }

  /** The secret key of a client or server of CURVE, see {@linkcode curvePublicKey} for its form. `null` for none, the default. */
  get curveSecretKey(): string | null {
    return this.#core.get("curveSecretKey");
  }
  set curveSecretKey(value: string | Uint8Array | null) {
    this.#core.set("curveSecretKey", value);
  }

  /**
   * The public key of the server, which a client of CURVE must know, see {@linkcode curvePublicKey} for its form. A client
   * needs all three keys; without one every handshake fails. `null` for none, the default.
   */
  get curveServerKey(): string | null {
    return this.#core.get("curveServerKey");
  }
  set curveServerKey(value: string | Uint8Array | null) {
    this.#core.set("curveServerKey", value);
  }

  /**
   * Whether this socket is the server of the PLAIN mechanism (RFC 24): it asks the handler of ZAP,
   * whoever is bound to `inproc://zeromq.zap.01`, about the user name and the password of every peer, whoever of the two connects. Where there is none,
   * all peers are refused. Acts at the next bind or connect; inproc knows no mechanisms. Default `false`.
   */
  get plainServer(): boolean {
    return this.#core.get("plainServer");
  }
  set plainServer(value: boolean) {
    this.#core.set("plainServer", value);
  }

  /**
   * The user name to show to a PLAIN server, 1 to 255 bytes. Whoever listens on the wire can read it. Setting it, or
   * {@linkcode plainPassword}, makes this socket a client of the mechanism, and `null` one without security. Acts at the
   * next bind or connect. Default `null`.
   */
  get plainUsername(): string | null {
    return this.#core.get("plainUsername");
  }
  set plainUsername(value: string | null) {
    this.#core.set("plainUsername", value);
  }

  /** The password to show to a PLAIN server, 1 to 255 bytes, as {@linkcode plainUsername}. Default `null`. */
  get plainPassword(): string | null {
    return this.#core.get("plainPassword");
  }
  set plainPassword(value: string | null) {
    this.#core.set("plainPassword", value);
  }

  /**
   * The domain of ZAP (RFC 27), at most 255 bytes: what the handler is told that peers want to get to.
   * With a domain it is asked about all peers, also where no mechanism is used. Acts at the next bind or connect. Default
   * `null`, as is the empty string.
   */
  get zapDomain(): string | null {
    return this.#core.get("zapDomain");
  }
  set zapDomain(value: string | null) {
    this.#core.set("zapDomain", value);
  }

  /**
   * Whether peers are refused where no authenticator is to be found, also by mechanisms that could do without one, and
   * whether no authenticator is asked where there is no {@linkcode zapDomain}. Acts at the next bind or connect. Default
   * `false`.
   */
  get zapEnforceDomain(): boolean {
    return this.#core.get("zapEnforceDomain");
  }
  set zapEnforceDomain(value: boolean) {
    this.#core.set("zapEnforceDomain", value);
  }
}

const TYPES: readonly string[] = [
  ...["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"],
  ...["SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "DGRAM", "PEER", "CHANNEL"],
];

/**
 * STREAM: bytes from and to programs that know nothing of ZeroMQ.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DuplexSocket } from "./direction.ts";
import type { PatternHost } from "./pattern.ts";
import { coreOf } from "./socket.ts";
import { NOTIFY, StreamPattern } from "./stream_pattern.ts";

/**
 * Exchanges bytes with peers that are no ZeroMQ sockets: browsers, web servers, devices. See ZMQ_STREAM in zmq_socket(3).
 *
 * Every message has two frames: the peer's routing id, and bytes. A message that is received holds as many bytes as have
 * come at once, 16 KiB at most, so that what a peer wrote in one go may be several messages, or a part of one. An empty
 * second frame says that the peer has connected, and later that it has gone, see {@linkcode Stream.notify}.
 *
 * A message to send goes to the peer that its first frame names; it waits while the peer's queue is full, and to an unknown
 * peer it is `EHOSTUNREACH`. With an empty second frame it closes the connection, for good, once what is queued has gone
 * out; where {@linkcode Socket.linger} is above 0, that may take so long (ms) and no longer.
 *
 * What `connect()` began is connected again when the peer ends the connection, under the same routing id, unless
 * {@linkcode Socket.reconnectInterval} is -1. There is no handshake, and no event of one; heartbeats, security mechanisms
 * and {@linkcode Socket.maxMessageSize} mean nothing: bytes go out and come in as they are. Besides tcp, the endpoints of
 * ipc and vmci can be used; those of inproc cannot.
 *
 * @example
 * ```ts
 * import { Stream } from "@denomq/zmq";
 *
 * await using stream = new Stream();
 * await stream.bind("tcp://127.0.0.1:*");
 * const answered = fetch(stream.lastEndpoint!.replace("tcp:", "http:"));
 *
 * await stream.receive(); // the peer has connected
 * const [peer, request] = await stream.receive();
 * console.log(new TextDecoder().decode(request).split("\r\n")[0]); // GET / HTTP/1.1
 * await stream.send([peer!, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]);
 * await stream.send([peer!, null]); // closes the connection
 * console.log(await (await answered).text()); // hello
 * ```
 */
export class Stream extends DuplexSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Stream> = {}) {
    super(options.context, (host: PatternHost) => new StreamPattern(host));
    coreOf(this).set("notify", NOTIFY);
    configure<Stream>(this, options, new.target === Stream);
  }

  /** Whether a message with an empty second frame is received when a peer connects, and when it disconnects. Default `true`. */
  get notify(): boolean {
    return coreOf(this).get("notify") === NOTIFY;
  }
  set notify(value: boolean) {
    if (typeof value !== "boolean") throw new TypeError("Cannot set notify: the value must be a boolean");
    coreOf(this).set("notify", value ? NOTIFY : 0);
  }

  /**
   * Connects to an endpoint, see {@linkcode Socket.connect}.
   *
   * @param endpoint The endpoint.
   * @param options `routingId` names the peer, 1 to 255 bytes: bytes can be sent to it at once, and go out when it is
   * connected. Without, the name is known by the first message.
   * @throws ZmqError as `connect()` of every socket; `EINVAL` when another peer has the routing id; `ENOCOMPATPROTO` for
   * `inproc://`.
   */
  override connect(endpoint: string, options: { routingId?: string | Uint8Array } = {}): void {
    coreOf(this).endpoints.connect(endpoint, options.routingId);
  }
}

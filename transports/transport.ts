/**
 * What a transport is: the interface between the link and the bytes of one kind of endpoint.
 *
 * @module
 */

import type { ZmqError } from "./error.ts";
import type { AddressRange } from "./tcp_filter.ts";

/**
 * A connected byte stream. It does not hold the process alive while it only waits for bytes; a pending write does.
 */
export interface ByteStream {
  /** The peer's address as received messages and events show it. */
  readonly peerAddress: string;
  /**
   * Reads one or more bytes to the start of `into`; `null` at the end of the stream. Rejects with what the system said.
   * One read at a time.
   */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some bytes from the start of `from` and resolves to how many. One write at a time. */
  write(from: Uint8Array): Promise<number>;
  /**
   * Where the stream can do so in one call: writes some bytes of `first` and what follows it, and resolves to how many of
   * both. It takes the place of a {@linkcode write}.
   */
  writeBoth?(first: Uint8Array, second: Uint8Array): Promise<number>;
  /**
   * Closes the stream. A pending read or write rejects. Further calls do nothing.
   *
   * @returns When nothing of it is left in the system, unless that is at once.
   */
  close(): void | Promise<void>;
}

/** A bound endpoint that accepts byte streams. It does not hold the process alive. */
export interface StreamListener {
  /** The resolved endpoint, scheme included: what `lastEndpoint` shows and `unbind()` takes. */
  readonly endpoint: string;
  /**
   * Waits for the next stream; `null` once the listener is closed. Rejects with a `ZmqError` when accepting failed, with
   * `EACCES` for a peer that may not connect; the listener lives on and can be asked again.
   */
  accept(): Promise<ByteStream | null>;
  /**
   * Ends the binding at once, with what the transport has to clean up. Accepted streams live on. Resolves when a pending
   * {@linkcode accept} has ended.
   */
  close(): Promise<void>;
  /** Why the clean-up failed, as soon as {@linkcode close} was called. The binding has ended all the same. */
  readonly failure?: ZmqError | undefined;
}

/** What the socket's options say to vmci. What is left out is left to the system. */
export interface VmciOptions {
  /** The size of the send and the receive buffer, bytes; 0: the system's. */
  vmciBufferSize?: number;
  /** The least size of them, bytes; 0: the system's. */
  vmciBufferMinSize?: number;
  /** The largest size of them, bytes; 0: the system's. */
  vmciBufferMaxSize?: number;
  /** How long an attempt to connect may take, ms; -1: as long as the system lets it. */
  vmciConnectTimeout?: number;
}

/** What the socket's options say to tcp. */
export interface TcpOptions {
  /** Whether IPv6 is used as well. */
  ipv6?: boolean;
  /** Whether the system asks silent peers for a sign of life: 1 yes, 0 no, -1 as it pleases. */
  tcpKeepalive?: number;
  /** Who may connect; without any range, everybody. */
  tcpAcceptFilter?: readonly AddressRange[];
  /** How long an attempt to connect may take, ms; 0: as long as the system lets it. */
  connectTimeout?: number;
}

/** What the socket's options say to ipc: who may connect. Without anybody listed, everybody. */
export interface IpcOptions {
  /** Users, by number. */
  ipcFilterUid?: readonly number[];
  /** Groups, by number. */
  ipcFilterGid?: readonly number[];
  /** Processes, by number. */
  ipcFilterPid?: readonly number[];
}

/** What the socket's options say to a transport that binds. */
export interface BindOptions extends VmciOptions, TcpOptions, IpcOptions {
  /** Connections that may wait to be accepted, where the platform lets one choose. */
  backlog: number;
}

/** What the socket's options, and the link, say to a transport that connects. */
export interface ConnectOptions extends VmciOptions, TcpOptions {
  /** Gives the attempt up, which rejects then. A transport whose attempts take no time need not look at it. */
  signal?: AbortSignal;
  /** Is called when the attempt takes time. */
  delayed?: () => void;
}

/** A transport of byte streams, which the link runs ZMTP over. */
export interface StreamTransport {
  /** The part of an endpoint before `://`. */
  readonly scheme: string;
  /** What it carries. */
  readonly carries: "bytes";
  /**
   * Checks the address of an endpoint (the part after `://`) without touching the system.
   *
   * @returns The endpoint in its printed form, scheme included.
   * @throws ZmqError with `EINVAL`, `ENAMETOOLONG`, … and the endpoint.
   */
  resolve(address: string, purpose: "bind" | "connect"): string;
  /**
   * Asks for the permissions of the runtime that {@linkcode connect} needs, if it lacks any and can be asked.
   *
   * @returns The endpoint in its printed form with what the system knows of it: what `lastEndpoint` shows after a connect.
   * @throws ZmqError `EACCES` with the endpoint and the flags to add; what makes every attempt to connect pointless.
   */
  authorize(address: string): string;
  /**
   * Binds at once.
   *
   * @throws ZmqError with the code of the table of the transport and the endpoint.
   */
  bind(address: string, options: BindOptions): StreamListener;
  /**
   * Connects to a peer. Rejects with a `ZmqError`: the link tries again, unless the error is `EACCES` for a missing
   * permission of the runtime, which no waiting mends ({@linkcode isMissingPermission}).
   */
  connect(address: string, options?: ConnectOptions): Promise<ByteStream>;
}

/** A transport that carries whole messages, for which the link joins pipes directly. */
export interface MessageTransport {
  /** The part of an endpoint before `://`. */
  readonly scheme: string;
  /** What it carries. */
  readonly carries: "messages";
  /** The endpoint of an address in its printed form, scheme included. */
  resolve(address: string): string;
}

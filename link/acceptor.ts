/**
 * A bound endpoint: accepts connections and owns them.
 *
 * @module
 */

import type { ByteStream } from "../transports/transport.ts";
import type { ProtocolError } from "../zmtp/error.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { endEvent, failureEvent } from "./link.ts";
import { Listening } from "./listening.ts";
import { WirePipe } from "./wire_pipe.ts";

/** A link that peers connect to. */
export class Acceptor extends Listening implements ConnectionOwner {
  #connections = new Set<Connection>();
  #pipes = new Map<Connection, WirePipe>();

  override get unsent(): boolean {
    for (const pipe of this.#pipes.values()) if (pipe.queued > 0) return true;
    return false;
  }

  protected override begin(): void {
    const loading = this.settings.prepare?.() ?? null;
    if (loading === null) this.accept();
    else loading.then(() => this.accept(), (error: Error) => this.#unable(error));
  }

  /** What the protocol needs cannot be loaded: whoever has bound this endpoint can only be told so. */
  #unable(error: Error): void {
    if (this.unbound) return;
    this.host.emit({ type: "accept:error", address: this.key, error });
    reportError(error);
  }

  protected override serve(stream: ByteStream): void {
    const connection = new Connection(stream, this.settings.machine, this, this.settings.authenticator);
    this.#connections.add(connection);
    this.hold();
    connection.start();
  }

  accepted(connection: Connection): WirePipe | null {
    this.host.emit({ type: "handshake", address: this.key });
    const { limits, conflate } = this.settings;
    const pipe = new WirePipe(this.host, { limits, conflate, endpoint: this.key }, (linger) => {
      pipe.end();
      connection.finish(linger);
    });
    if (!this.host.adopt(pipe)) return null;
    this.#pipes.set(connection, pipe);
    return pipe;
  }

  deferred(_connection: Connection, error: ProtocolError): void {
    this.host.emit(failureEvent(this.key, error));
  }

  closed(connection: Connection, error: unknown): void {
    const pipe = this.#pipes.get(connection);
    this.#connections.delete(connection);
    this.#pipes.delete(connection);
    // Whoever unbinds during a handshake is not told that it fails.
    const failed = connection.machine.peer === null && !connection.deferred && !this.unbound;
    if (failed) this.host.emit(failureEvent(this.key, error));
    this.host.emit(endEvent(this.key, error));
    if (pipe !== undefined) {
      const { disconnectMessage } = this.settings;
      if (disconnectMessage !== null && pipe.open) {
        pipe.receive(disconnectMessage.map((frame) => frame.slice()));
        this.host.readable(pipe);
      }
      pipe.end();
      // What an accepted peer did not take goes with it (RFC 28 to 31).
      pipe.outbox.clear();
    }
    this.letGo(connection);
  }

  protected override finish(linger: number): void {
    for (const connection of [...this.#connections]) {
      this.#pipes.get(connection)?.end();
      connection.finish(linger);
    }
  }
}

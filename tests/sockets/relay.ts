/**
 * A wire between two sockets that can fall silent.
 *
 * @module
 */

import { Stream, ZmqError } from "../../mod.ts";
import { patient } from "./support.ts";

/** Carries the bytes of one connection to another endpoint, and back; the end of one is the end of the other. */
export class Relay implements AsyncDisposable {
  /** Whether what comes is thrown away, though both connections last. */
  mute = false;
  readonly #front: Stream = new Stream({ linger: 0 });
  readonly #back: Stream = new Stream({ linger: 0, reconnectInterval: -1 });
  readonly #client = Promise.withResolvers<Uint8Array>();
  readonly #running: Promise<unknown>;

  private constructor() {
    this.#running = Promise.all([this.#forwards(), this.#backwards()]);
  }

  /**
   * Makes one.
   *
   * @param from The endpoint for the socket that connects.
   * @param to The endpoint of the socket that is bound.
   */
  static async join(from: string, to: string): Promise<Relay> {
    const relay = new Relay();
    relay.#back.connect(to, { routingId: "server" });
    await relay.#front.bind(from);
    return relay;
  }

  async #forwards(): Promise<void> {
    let connected = false;
    for await (const [id, bytes] of this.#front) {
      this.#client.resolve(id!);
      // The first message says that the connection is there.
      if (connected) await this.#pass(this.#back, "server", bytes!);
      connected = true;
    }
  }

  async #backwards(): Promise<void> {
    let connected = false;
    for await (const [, bytes] of this.#back) {
      if (connected) await this.#pass(this.#front, await this.#client.promise, bytes!);
      connected = true;
    }
  }

  /** Sends bytes on; none of them are the end of the connection. */
  async #pass(to: Stream, id: string | Uint8Array, bytes: Uint8Array): Promise<void> {
    if (this.mute) return;
    try {
      await to.send([id, bytes], patient);
    } catch (error) {
      // The other connection has ended, too, or the relay has.
      if (!(error instanceof ZmqError) || !["EHOSTUNREACH", "EBADF"].includes(error.code)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mute = true;
    this.#client.resolve(new Uint8Array(1));
    await Promise.all([this.#front, this.#back].map((stream) => stream[Symbol.asyncDispose]()));
    await this.#running;
  }
}

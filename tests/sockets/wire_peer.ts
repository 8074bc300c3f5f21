/**
 * A peer played by hand over any transport that has a wire: bytes through a Stream.
 *
 * @module
 */

import { type Message, Stream } from "../../mod.ts";
import { bytes, command, greeting, property } from "../zmtp/support.ts";
import { patient } from "./support.ts";

/** The bytes of one connection. */
export class WirePeer implements AsyncDisposable {
  readonly #stream: Stream;
  #id: Uint8Array | undefined;
  #came: Uint8Array = new Uint8Array(0);
  /** How many connections there were. */
  connections = 0;

  private constructor(options: { reconnectInterval?: number }) {
    this.#stream = new Stream({ linger: 0, ...options });
  }

  /** Binds; the first connection is there when a method that needs one returns. */
  static async bind(endpoint: string): Promise<WirePeer> {
    const peer = new WirePeer({});
    await peer.#stream.bind(endpoint);
    return peer;
  }

  /** Connects, once. */
  static connect(endpoint: string): WirePeer {
    const peer = new WirePeer({ reconnectInterval: -1 });
    peer.#stream.connect(endpoint);
    return peer;
  }

  /** What it is bound to. */
  get endpoint(): string {
    return this.#stream.lastEndpoint!;
  }

  /** Waits for the next connection. */
  async connected(): Promise<void> {
    while (this.#id === undefined) {
      const [id, data] = await this.#take();
      if (data.length > 0) continue;
      this.#id = id;
      this.#came = new Uint8Array(0);
      this.connections++;
    }
  }

  /** Sends bytes. */
  async send(...parts: (string | number | Uint8Array)[]): Promise<void> {
    await this.connected();
    await this.#stream.send([this.#id!, bytes(...parts)], patient);
  }

  /** Receives so many bytes. */
  async read(count: number): Promise<Uint8Array> {
    await this.connected();
    while (this.#came.length < count) {
      const [, data] = await this.#take();
      if (data.length === 0) throw new Error(`The peer closed after ${this.#came.length} of ${count} bytes`);
      this.#came = bytes(this.#came, data);
    }
    const result = this.#came.slice(0, count);
    this.#came = this.#came.slice(count);
    return result;
  }

  /** Receives a frame with a short body: its flags, and the body. */
  async frame(): Promise<[flags: number, body: Uint8Array]> {
    const [flags = 0, length = 0] = await this.read(2);
    return [flags, await this.read(length)];
  }

  /** Receives a command: its name, and its data as numbers. */
  async command(): Promise<[name: string, data: number[]]> {
    const [flags, body] = await this.frame();
    if (flags !== 4) throw new Error(`The flags of a frame are ${flags}, not those of a command`);
    const end = 1 + body[0]!;
    return [new TextDecoder().decode(body.subarray(1, end)), Array.from(body.subarray(end))];
  }

  /** Goes through the handshake as this type of socket. */
  async shake(socketType: string): Promise<void> {
    await this.send(greeting());
    await this.read(64);
    await this.send(command("READY", property("Socket-Type", socketType)));
    await this.command();
  }

  /** Waits until the other end closes the connection. */
  async closed(): Promise<void> {
    await this.connected();
    while ((await this.#take())[1].length > 0);
    this.#id = undefined;
  }

  /** Closes the connection. */
  async hangUp(): Promise<void> {
    await this.connected();
    await this.#stream.send([this.#id!, null], patient);
    this.#id = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream[Symbol.asyncDispose]();
  }

  async #take(): Promise<[id: Uint8Array, data: Uint8Array]> {
    const message: Message = await this.#stream.receive(patient);
    return message as [Uint8Array, Uint8Array];
  }
}

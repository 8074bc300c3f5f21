/**
 * A peer played by hand: bytes over a socket of Deno's, and nothing that knows ZMTP.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { bytes, command, greeting, property, text } from "../zmtp/support.ts";

/** A frame as it came: its flags without the one of the length, and its body with one character for each byte. */
export type RawFrame = [flags: number, body: string];

/** One end of a connection. */
export class RawPeer implements Disposable {
  #connection: Deno.Conn;
  #buffer: Uint8Array = new Uint8Array(0);

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /**
   * Connects to an endpoint and shakes hands: `ipc://` with a path, or `vmci://` with numbers where Deno runs with
   * `--unstable-vsock`, for without that flag Deno ends at once.
   */
  static async connect(endpoint: string, socketType: string, minor = 1, identity = ""): Promise<RawPeer> {
    const [scheme = "", address = ""] = endpoint.split("://");
    const [cid = NaN, port = NaN] = address.split(":").map(Number);
    const connection = scheme === "vmci"
      ? await Deno.connect({ transport: "vsock", cid, port })
      : await Deno.connect({ transport: "unix", path: address });
    return await new RawPeer(connection).#shakeHands(socketType, minor, identity);
  }

  /** Waits for a connection and shakes hands. */
  static async accept(listener: Deno.Listener, socketType: string, minor = 1): Promise<RawPeer> {
    return await new RawPeer(await listener.accept()).#shakeHands(socketType, minor, "");
  }

  async #shakeHands(socketType: string, minor: number, identity: string): Promise<this> {
    await this.send(greeting({ minor }));
    await this.#read(64);
    await this.send(command("READY", property("Socket-Type", socketType), property("Identity", identity)));
    const [flags, body] = await this.receive();
    assertEquals([flags, body.slice(0, 6)], [4, "\x05READY"]);
    return this;
  }

  /** Sends bytes. */
  async send(...parts: (string | number | Uint8Array)[]): Promise<void> {
    const data = bytes(...parts);
    for (let at = 0; at < data.length;) at += await this.#connection.write(data.subarray(at));
  }

  /** Sends a message of short frames. */
  async message(...frames: string[]): Promise<void> {
    await this.send(...frames.flatMap((body, i) => [i < frames.length - 1 ? 1 : 0, body.length, body]));
  }

  /** Sends a wish or its end as ZMTP 3.1 has it. */
  async command(name: "SUBSCRIBE" | "CANCEL" | "JOIN" | "LEAVE", topic: string): Promise<void> {
    await this.send(command(name, topic));
  }

  /** Receives a frame. */
  async receive(): Promise<RawFrame> {
    const flags = (await this.#read(1))[0]!;
    const size = await this.#read((flags & 2) === 0 ? 1 : 8);
    const length = size.reduce((sum, byte) => sum * 256 + byte, 0);
    return [flags & ~2, text(await this.#read(length))];
  }

  /** Waits for the end of the connection, and says how many bytes came before it. */
  async end(): Promise<number> {
    let count = this.#buffer.length;
    const piece = new Uint8Array(1024);
    try {
      for (let read = 0; read !== null; read = (await this.#connection.read(piece)) as number) count += read;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    return count;
  }

  async #read(count: number): Promise<Uint8Array> {
    while (this.#buffer.length < count) {
      const piece = new Uint8Array(4096);
      const read = await this.#connection.read(piece);
      if (read === null) throw new Error("The connection has ended");
      this.#buffer = bytes(this.#buffer, piece.subarray(0, read));
    }
    const result = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.slice(count);
    return result;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/**
 * Messages of one size over Deno's own vsock.
 *
 * @module
 */

import { SIZE } from "./plan.ts";

/** Any CID of this machine (VMADDR_CID_ANY). */
const ANY_CID = -1;

/** One end of a connection. */
export class Wire implements Disposable {
  readonly #connection: Deno.VsockConn;

  private constructor(connection: Deno.VsockConn) {
    this.#connection = connection;
  }

  /** Connects to the other machine. */
  static async to(cid: number, port: number): Promise<Wire> {
    return new Wire(await Deno.connect({ transport: "vsock", cid, port }));
  }

  /** Takes connections from the other machine. */
  static async *from(port: number): AsyncGenerator<Wire> {
    using listener = Deno.listen({ transport: "vsock", cid: ANY_CID, port });
    while (true) yield new Wire(await listener.accept());
  }

  /** Sends a message. */
  async send(message: Uint8Array): Promise<void> {
    for (let sent = 0; sent < message.length;) sent += await this.#connection.write(message.subarray(sent));
  }

  /** Receives a message; `undefined` at the end. */
  async receive(): Promise<Uint8Array | undefined> {
    const message = new Uint8Array(SIZE);
    for (let length = 0; length < SIZE;) {
      const more = await this.#connection.read(message.subarray(length));
      if (more === null) return undefined;
      length += more;
    }
    return message;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

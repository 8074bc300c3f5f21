/**
 * The NULL mechanism: both sides send READY with their properties, and that is all.
 *
 * @module
 */

import { ProtocolError } from "./error.ts";
import type { Mechanism, MechanismHost } from "./mechanism.ts";

/** One run of the NULL mechanism. */
export class NullMechanism implements Mechanism {
  /** The name in the greeting. */
  readonly name = "NULL";
  /** NULL knows no roles. */
  readonly asServer = false;
  #host: MechanismHost | null = null;

  /**
   * Sends READY.
   *
   * @param host The machine.
   */
  start(host: MechanismHost): void {
    this.#host = host;
    host.send("READY", host.metadata);
  }

  /**
   * Takes the peer's READY.
   *
   * @param name The name of the command.
   * @param data Its data.
   */
  receive(name: string, data: Uint8Array): void {
    if (name !== "READY") {
      throw new ProtocolError("unexpected-command", `Peer sent ${JSON.stringify(name)} where READY was due`);
    }
    this.#host!.done(data);
  }
}

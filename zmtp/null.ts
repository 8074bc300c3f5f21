/**
 * The NULL mechanism: both sides send READY with their properties, and that is all, unless somebody is to be asked about
 * the peer before this side sends its own.
 *
 * @module
 */

import { type Authenticate, obey } from "./authentication.ts";
import { unexpected } from "./error.ts";
import type { Mechanism, MechanismHost } from "./mechanism.ts";

/** One run of the NULL mechanism. */
export class NullMechanism implements Mechanism {
  /** The name in the greeting. */
  readonly name = "NULL";
  /** NULL knows no roles. */
  readonly asServer = false;
  readonly #authenticate: Authenticate | null;
  #host: MechanismHost | null = null;
  #welcome = false;
  /** The peer's properties, once they have come. */
  #metadata: Uint8Array | null = null;

  /**
   * Makes one run.
   *
   * @param authenticate Whom to ask; nobody unless given.
   */
  constructor(authenticate: Authenticate | null = null) {
    this.#authenticate = authenticate;
  }

  /**
   * Sends READY, or asks first.
   *
   * @param host The machine.
   */
  start(host: MechanismHost): void {
    this.#host = host;
    if (this.#authenticate === null) return this.#admit(host);
    this.#authenticate(
      { mechanism: this.name, credentials: [] },
      (answer) => obey(host, answer, () => this.#admit(host)),
    );
  }

  #admit(host: MechanismHost): void {
    this.#welcome = true;
    if (this.#metadata !== null) host.check(this.#metadata);
    host.send("READY", host.metadata);
    if (this.#metadata !== null) host.done(this.#metadata);
  }

  /**
   * Takes the peer's READY.
   *
   * @param name The name of the command.
   * @param data Its data.
   */
  receive(name: string, data: Uint8Array): void {
    if (name !== "READY") throw unexpected(name, "READY");
    if (this.#metadata !== null) throw unexpected(name, "nothing");
    if (this.#welcome) return this.#host!.done(data);
    this.#metadata = data.slice();
  }
}

// The side of the tests: starts a libzmq peer process and talks to it.

import { libzmqProblem } from "./libzmq.ts";
import type { OptionName, SocketTypeName } from "./libzmq_names.ts";
import { optionValue, PeerError, type PeerOptions, PeerSocket, TIMEOUT } from "./peer_socket.ts";
import { type Identity, Program } from "./program.ts";
import type { CommandName, Commands, OptionValue } from "./protocol.ts";

export { PeerError, type PeerOptions, type PeerSocket, type Sendable } from "./peer_socket.ts";

let problem: string | null | undefined;

/** A process around the real libzmq. */
export class LibzmqPeer extends Program {
  private constructor(identity?: Identity) {
    super("libzmq peer", new URL("./main.ts", import.meta.url), identity);
  }

  /** Why there is no libzmq to be used here, or null. */
  static get problem(): string | null {
    if (problem === undefined) problem = libzmqProblem();
    return problem;
  }

  /** Whether there is a libzmq to be used. */
  static get available(): boolean {
    return LibzmqPeer.problem === null;
  }

  /** Start a peer process and wait until it answers. */
  static async start(identity?: Identity): Promise<LibzmqPeer> {
    if (LibzmqPeer.problem !== null) throw new PeerError(LibzmqPeer.problem, "ENOENT");
    const peer = new LibzmqPeer(identity);
    try {
      await peer.version();
    } catch (error) {
      await peer.kill();
      throw error;
    }
    return peer;
  }

  /** The version of libzmq, such as `4.3.4`. */
  version(): Promise<string> {
    return this.call("version", {}, TIMEOUT);
  }

  /** A new socket. It has a monitor, and linger 0 unless the options say otherwise. */
  async open(type: SocketTypeName, options: PeerOptions = {}): Promise<PeerSocket> {
    const values: Partial<Record<OptionName, OptionValue>> = { LINGER: 0 };
    for (const name of Object.keys(options) as OptionName[]) {
      const value = options[name];
      if (value !== undefined) values[name] = optionValue(value);
    }
    return new PeerSocket(this, await this.call("open", { type, options: values }, TIMEOUT), type);
  }

  /** Close all sockets, give what lingers the time to leave, and end the process. */
  term(linger?: number): Promise<void> {
    return this.end(async () => {
      await this.call("term", linger === undefined ? {} : { linger }, TIMEOUT);
    });
  }

  /** End the process without waiting for what lingers. */
  override [Symbol.asyncDispose](): Promise<void> {
    return this.term(0);
  }

  /** Run a command; `timeout` is how long the peer may take for it. */
  call<C extends CommandName>(
    command: C,
    request: Commands[C]["request"],
    timeout: number,
  ): Promise<Commands[C]["result"]> {
    return this.request({ command, ...request }, timeout) as Promise<Commands[C]["result"]>;
  }
}

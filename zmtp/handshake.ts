/**
 * The time before the traffic: the greeting, then the conversation of the mechanism.
 *
 * @module
 */

import type { Authenticate, Verdict } from "./authentication.ts";
import { decodeCommand, decodeReason, encodeCommand, encodeReason } from "./command.ts";
import type { Decoder } from "./decoder.ts";
import { legible, ProtocolError, ProtocolErrorValue } from "./error.ts";
import { COMMAND } from "./framing.ts";
import { checkGreeting, checkMechanism, commonMinor, encodeGreeting, GREETING_SIZE, OPENING_SIZE } from "./greeting.ts";
import type { MachineOptions, Peer } from "./interface.ts";
import type { Cipher, Mechanism, MechanismHost } from "./mechanism.ts";
import { decodeMetadata, encodeMetadata, mergeMetadata } from "./metadata.ts";
import { NullMechanism } from "./null.ts";
import { compatible, sendsIdentity } from "./socket_type.ts";

/** What a handshake does to the machine that runs it. */
export interface HandshakeOwner {
  /** Queues bytes for the peer. */
  send(bytes: Uint8Array): void;
  /** Begins the traffic. The function makes the peer, and throws where that cannot be. */
  done(peer: () => Peer, cipher: Cipher | null): void;
  /** Ends the connection. */
  fail(error: ProtocolError): void;
}

/** One run of greeting and mechanism. */
export class Handshake {
  readonly #options: MachineOptions;
  readonly #decoder: Decoder;
  readonly #owner: HandshakeOwner;
  readonly #mechanism: Mechanism;
  readonly #greeting: Uint8Array;
  #answered = false;
  #greeted = false;
  #over = false;
  /** What was said of the peer, where somebody was asked. */
  #verdict: Verdict | null = null;

  /**
   * Begins with the first bytes of the greeting.
   *
   * @param options What the machine has to know.
   * @param decoder Where the peer's bytes are.
   * @param owner The machine.
   */
  constructor(options: MachineOptions, decoder: Decoder, owner: HandshakeOwner) {
    this.#options = options;
    this.#decoder = decoder;
    this.#owner = owner;
    const authenticate = this.#listenIn(options.authenticate ?? null);
    this.#mechanism = options.mechanism?.(authenticate) ?? new NullMechanism(authenticate);
    this.#greeting = encodeGreeting(this.#mechanism.name, this.#mechanism.asServer);
    owner.send(this.#greeting.subarray(0, OPENING_SIZE));
  }

  /** Whether the greeting of the peer has come. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /**
   * Takes the peer's greeting, or one command.
   *
   * @returns Whether there was one; else more bytes are needed.
   * @throws ProtocolError where it is wrong.
   */
  step(): boolean {
    return this.#greeted ? this.#takeCommand() : this.#takeGreeting();
  }

  #takeGreeting(): boolean {
    const bytes = this.#decoder.peek();
    checkGreeting(bytes);
    if (bytes.length < OPENING_SIZE) return false;
    if (!this.#answered) {
      this.#answered = true;
      this.#owner.send(this.#greeting.subarray(OPENING_SIZE));
    }
    if (bytes.length < GREETING_SIZE) return false;
    checkMechanism(bytes, this.#greeting);
    const minor = commonMinor(bytes);
    this.#decoder.skip(GREETING_SIZE);
    this.#greeted = true;
    this.#mechanism.start(this.#host(minor));
    return true;
  }

  #takeCommand(): boolean {
    const body = this.#decoder.handshakeFrame();
    if (body === null) return false;
    const command = decodeCommand(body);
    if (command === null) {
      if ((this.#decoder.flags & COMMAND) !== 0) {
        this.#mechanism.receiveNameless?.(body);
        throw new ProtocolError("malformed-command", "Command of the handshake has no name");
      }
      throw new ProtocolError("unexpected-command", "Peer sent a message during the handshake");
    }
    // Only a server refuses: else a client could have it report a refusal that nobody has made.
    if (command.name === "ERROR" && !this.#mechanism.asServer) throw peerError(command.data);
    this.#mechanism.receive(command.name, command.data);
    return true;
  }

  /** Remembers what the mechanism is told of the peer. */
  #listenIn(authenticate: Authenticate | null): Authenticate | null {
    if (authenticate === null) return null;
    return (request, answer) =>
      authenticate(request, (verdict) => {
        if (this.#over) return;
        if (!(verdict instanceof ProtocolError)) this.#verdict = verdict;
        try {
          answer(verdict);
        } catch (error) {
          // What is wrong with the peer's properties is not for whoever has answered to handle.
          if (!(error instanceof ProtocolError)) throw error;
          this.#owner.fail(error);
        }
      });
  }

  #host(minor: 0 | 1): MechanismHost {
    const { socketType, routingId, metadata } = this.#options;
    const properties: [string, Uint8Array][] = [["Socket-Type", new TextEncoder().encode(socketType)]];
    if (sendsIdentity(socketType)) properties.push(["Identity", routingId]);
    if (metadata !== undefined) properties.push(...metadata);
    return {
      minor,
      metadata: encodeMetadata(properties),
      check: (encoded) => void this.#meet(decodeMetadata(encoded), minor),
      send: (name, data) => this.#owner.send(encodeCommand(name, data)),
      done: (encoded, cipher) => {
        if (this.#over) return;
        this.#over = true;
        this.#owner.done(() => this.#meet(decodeMetadata(encoded), minor), cipher ?? null);
      },
      fail: (error) => {
        if (this.#over) return;
        this.#over = true;
        this.#owner.fail(error);
      },
    };
  }

  /** Makes the peer's acquaintance, if the types go together. */
  #meet(metadata: ReadonlyMap<string, Uint8Array>, minor: 0 | 1): Peer {
    const type = metadata.get("Socket-Type");
    const socketType = type === undefined ? "" : new TextDecoder().decode(type);
    const own = this.#options.socketType;
    if (type !== undefined && !compatible(own, socketType)) {
      const reason = `Socket types do not go together: ${own} and ${legible(socketType.slice(0, 32))}`;
      this.#owner.send(encodeCommand("ERROR", encodeReason(reason)));
      throw new ProtocolError("type-mismatch", reason);
    }
    const userId = this.#verdict?.userId ?? "";
    const known = mergeMetadata(metadata, this.#verdict?.metadata);
    const routingId = metadata.get("Identity") ?? new Uint8Array();
    return { major: 3, minor, socketType, routingId, userId, metadata: known };
  }
}

function peerError(data: Uint8Array): ProtocolError {
  const reason = decodeReason(data);
  if (reason === null) {
    const value = ProtocolErrorValue.MALFORMED_COMMAND_ERROR;
    return new ProtocolError("malformed-command", "ERROR command of the peer is malformed", { value });
  }
  return new ProtocolError("peer-error", `Peer refused the connection: ${reason}`, { reason });
}

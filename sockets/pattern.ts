/**
 * What makes one type of socket differ from another: where its messages go and where they come from.
 *
 * @module
 */

import type { Origin, Pipe } from "../link/pipe.ts";
import type { ErrorCode } from "../transports/error.ts";
import type { SocketTypeName } from "../zmtp/socket_type.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Received } from "./message.ts";
import type { OptionValues } from "./option.ts";

/** What a pattern sees of its socket. */
export interface PatternHost {
  /** The options as they are now. */
  readonly options: OptionValues;
  /** Messages can be received that could not before. */
  wakeReceivers(): void;
  /** Messages can be sent, or refused, that could not before; with an {@linkcode Pattern.addressOf} only those to that peer. */
  wakeSenders(address?: string): void;
}

/** The behaviour of one type of socket. A socket is given one when it is made. */
export abstract class Pattern {
  /** The type's name on the wire. */
  abstract readonly type: SocketTypeName;
  /** How many frames a message to send has; 0 where that is for the user to say. */
  readonly frames: number = 0;
  /** Whether {@linkcode intercept} has something to do. */
  readonly intercepts: boolean = false;
  /** A queue has become full and the next message would be dropped: a sender does well to pause. */
  pressed = false;
  /** A message was dropped for a queue that is full. */
  dropping = false;
  /** The socket. */
  protected readonly host: PatternHost;
  /** Where messages come from, with a type that receives some. */
  protected readonly in: FairQueue = new FairQueue();

  constructor(host: PatternHost) {
    this.host = host;
  }

  /** Takes a new pipe; `false` refuses the peer. */
  abstract attach(pipe: Pipe): boolean;

  /** A peer is about to be connected again: what the former connection has said is over. */
  returning(_pipe: Pipe): void {}

  /** A peer is connected to the pipe; `again` after it was lost. */
  ready(_pipe: Pipe, _again: boolean): void {}

  /** The pipe waits for another connection. */
  lost(_pipe: Pipe): void {}

  /** The pipe takes no more messages; what it has can still be read. */
  ended(_pipe: Pipe): void {}

  /** Messages wait in the pipe. */
  readable(pipe: Pipe): void {
    this.in.activate(pipe);
  }

  /** The pipe takes messages again. */
  writable(_pipe: Pipe): void {}

  /** The peer subscribed or unsubscribed. */
  subscription(_pipe: Pipe, _topic: Uint8Array, _subscribe: boolean): void {}

  /** A message came; `true` when it is not to be queued. */
  intercept(_pipe: Pipe, _frames: Uint8Array[]): boolean {
    return false;
  }

  /** Sends a message, or returns `false` when that is not possible now. Throws what no waiting mends. */
  send(_frames: Uint8Array[]): boolean {
    return false;
  }

  /** Takes the next message; `undefined` when there is none, or none may be taken now. */
  receive(): Received | undefined {
    return this.in.read();
  }

  /** Whom the message came from that was received last. */
  get origin(): Origin {
    return this.in.from!.origin;
  }

  /** The peer that a message to send names; `undefined` where it is for whom the pattern chooses. */
  addressOf(_frames: Uint8Array[]): string | undefined {
    return undefined;
  }

  /** What {@linkcode addressOf} has for messages to the peer of a pipe. */
  addressOfPipe(_pipe: Pipe): string | undefined {
    return undefined;
  }

  /** Whether {@linkcode send} would find somewhere to send to. */
  get sendable(): boolean {
    return false;
  }

  /** Whether {@linkcode receive} may have something. */
  get receivable(): boolean {
    return this.in.readable;
  }

  /** Why a message cannot be sent now. */
  get sendRefusal(): ErrorCode {
    return "EAGAIN";
  }

  /** Why no message can be received now. */
  get receiveRefusal(): ErrorCode {
    return "EAGAIN";
  }
}

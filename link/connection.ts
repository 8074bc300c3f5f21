/**
 * The life of one connection, from the first byte of the greeting to the closed stream.
 *
 * ```
 * state       entered when                     leaves to
 * ---------   ------------------------------   ------------------------------------------------------------
 * opening     the stream is connected          traffic (handshake done) · closing (refused) · closed (EOF, error)
 * traffic     the handshake is done            closing (finish) · closed (EOF, error, protocol error)
 * closing     what is queued goes out first    closed (all written, linger over, EOF, error)
 * closed      the stream is closed             nothing
 * ```
 *
 * The connection is the only one that touches the stream and the ZMTP machine, together with its writer. One read and one
 * write are under way at most, each with the same two callbacks, so that traffic makes no promise of ours per message.
 *
 * @module
 */

import { type Authenticate, refused } from "../zmtp/authentication.ts";
import { Machine, type MachineOptions, type MachineSink } from "../zmtp/machine.ts";
import { ProtocolError } from "../zmtp/error.ts";
import type { ByteStream } from "../transports/transport.ts";
import { Alarm, now } from "./clock.ts";
import type { Authenticator } from "./link.ts";
import { transferred } from "./transferred.ts";
import { countArrivals, messagesLeft, type TurnTaker, waitForTurn } from "./turn.ts";
import type { PipeLink, WirePipe } from "./wire_pipe.ts";
import { Writer, type WriterOwner } from "./writer.ts";

/** Where a connection stands. */
export type ConnectionState = "opening" | "traffic" | "closing" | "closed";

/** What a connection tells the one that made it. */
export interface ConnectionOwner {
  /** The handshake is done: the pipe for this peer, or `null` to refuse it. */
  accepted(connection: Connection): WirePipe | null;
  /** The authenticator puts the peer off, which is not told: the connection ends when the time for its handshake is over. */
  deferred(connection: Connection, error: ProtocolError): void;
  /**
   * The connection has ended. `error` is what ended it, a `ProtocolError` where the peer broke the protocol; `undefined`
   * at the end of the stream or after {@linkcode Connection.finish}.
   */
  closed(connection: Connection, error: unknown): void;
}

/** How long (ms) a peer may take to read why it is refused. */
const LAST_WORD = 1000;

/** To open a sealed message takes as long as so many others. */
const SEALED = 64;

/** A connection to one peer. */
export class Connection implements PipeLink, MachineSink, WriterOwner, TurnTaker {
  /** The protocol. */
  readonly machine: Machine;
  #stream: ByteStream;
  #writer: Writer;
  #owner: ConnectionOwner;
  #state: ConnectionState = "opening";
  #pipe: WirePipe | null = null;
  #alarm = new Alarm(() => this.#tick());
  /** When a connection that is closing gives up what is still queued. */
  #deadline = Infinity;
  #reading = false;
  /** There is more to decode than the pipe has room for, or than may come in this turn. */
  #stalled = false;
  /** Messages that have come and are not counted yet. */
  #arrived = 0;
  /** It goes on in the next turn. */
  #waiting = false;
  /** The machine is at work: whoever reads what it brings must not have it begin again. */
  #advancing = false;
  #error: unknown;
  /** The owner knows that the connection is closed. */
  #departed = false;
  /** What the stream leaves in the system is gone. */
  #cleared: void | Promise<void> = undefined;
  #whenSettled: (() => void) | undefined;
  /** The authenticator has put the peer off. */
  #deferred = false;
  /** Gives up the question whether the peer may come in. */
  #withdraw: (() => void) | null = null;
  readonly #whenRead = (count: number | null): void => this.#onRead(count);
  readonly #whenReadFails = (error: unknown): void => this.#onReadFailure(error);

  constructor(
    stream: ByteStream,
    options: MachineOptions,
    owner: ConnectionOwner,
    authenticator: Authenticator | null = null,
  ) {
    this.#stream = stream;
    this.#owner = owner;
    const authenticate = authenticator && this.#inquirer(authenticator);
    this.machine = new Machine(authenticate === null ? options : { ...options, authenticate }, this);
    this.#writer = new Writer(stream, this.machine, this);
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether its owner has been told that the peer was put off. */
  get deferred(): boolean {
    return this.#deferred;
  }

  /** Sends the greeting and begins to read. */
  start(): void {
    this.machine.start(now());
    this.#writer.write();
    this.#read();
    this.#alarm.set(this.machine.deadline);
  }

  /** Lets what is queued go out within `linger` ms (-1 without limit), then closes. */
  finish(linger: number): void {
    if (this.#state === "closed") return;
    if (this.#state === "opening" || linger === 0 || this.#writer.empty) return this.#close(this.#error);
    this.#state = "closing";
    if (linger > 0) this.#patience(linger);
    this.#writer.write();
  }

  /** Closes at once. */
  abort(): void {
    this.#close(undefined);
  }

  /** Resolves when the closed stream's last operations have ended. */
  async settled(): Promise<void> {
    if (this.#reading || this.#writer.busy) await new Promise<void>((resolve) => this.#whenSettled = resolve);
    await this.#cleared;
  }

  // PipeLink

  flush(): void {
    this.#writer.flush();
  }

  resume(): void {
    if (this.#state === "closed" || !this.#stalled || this.#waiting || this.#advancing) return;
    this.#advance();
    if (!this.#stalled) this.#read();
  }

  subscription(topic: Uint8Array, subscribe: boolean): Uint8Array {
    return this.machine.subscription(topic, subscribe);
  }

  reset(reason?: ProtocolError): void {
    this.#close(reason);
  }

  // TurnTaker

  turn(): void {
    this.#waiting = false;
    this.resume();
  }

  // MachineSink

  ready(): void {
    const pipe = this.#owner.accepted(this);
    if (pipe === null) return this.#close(undefined);
    this.#state = "traffic";
    this.#pipe = pipe;
    // READY goes out before anything else.
    this.#writer.write();
    this.#writer.attach(pipe);
    pipe.attach(this, this.machine.peer!, this.#stream.peerAddress);
  }

  message(frames: Uint8Array[]): void {
    this.#arrived++;
    this.#pipe?.deliver(frames);
  }

  command(name: string, body: Uint8Array): void {
    const subscribe = this.machine.wish(name);
    if (subscribe !== undefined) this.#pipe?.subscription(body, subscribe);
  }

  // WriterOwner

  idle(): void {
    if (this.#state === "closing") this.#close(this.#error);
  }

  broken(error: Error): void {
    this.#close(error);
  }

  failed(error: unknown): void {
    // The peer may have sent messages, or why it refuses us, before it went: the end of the stream is the reader's to find.
    this.#error ??= error;
    if (this.#state === "closing" || (!this.#reading && !this.#stalled)) this.#close(this.#error);
  }

  stopped(): void {
    this.#depart();
    this.#settle();
  }

  /** Asks whether the peer may come in, and goes on with the handshake when it is known. */
  #inquirer(authenticator: Authenticator): Authenticate {
    return (request, answer) => {
      this.#withdraw = authenticator(request, this.#stream.peerAddress, (verdict) => {
        this.#withdraw = null;
        if (!(verdict instanceof ProtocolError) && verdict.status === 300) {
          this.#deferred = true;
          this.#owner.deferred(this, refused(verdict));
        }
        answer(verdict);
        // A read is under way: whatever the machine has got, it has looked at before.
        if (this.machine.phase === "failed") return this.#advance();
        if (this.machine.hasOutput) this.#writer.write();
        this.#alarm.set(Math.min(this.#deadline, this.machine.deadline));
      });
    };
  }

  #giveUpAsking(): void {
    this.#withdraw?.();
    this.#withdraw = null;
  }

  #read(): void {
    if (this.#reading || this.#state === "closed") return;
    if (this.machine.lost) return this.#close(transferred("received"));
    this.#reading = true;
    this.#stream.read(this.machine.space()).then(this.#whenRead, this.#whenReadFails);
  }

  #onRead(count: number | null): void {
    this.#reading = false;
    if (this.#state === "closed") return this.#settle();
    if (count === null) return this.#close(this.#error);
    if (this.machine.phase === "failed") return;
    if (!this.machine.lost) this.machine.filled(count, now());
    this.#advance();
    if (!this.#stalled) this.#read();
  }

  #onReadFailure(error: unknown): void {
    this.#reading = false;
    if (this.#state === "closed") return this.#settle();
    this.#close(this.#error ?? error);
  }

  /** Lets the machine work on what has come, as far as there is room for messages. */
  #advance(): void {
    if (this.machine.lost) return this.#close(transferred("received"));
    this.#advancing = true;
    try {
      this.#stalled = this.machine.advance(this.#room());
      // The handshake may have ended within these bytes. And subscriptions that come as messages take no room.
      for (let room = this.#room(); this.#stalled && room > 0 && this.#state !== "closed"; room = this.#room()) {
        this.#stalled = this.machine.advance(room);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#fail(error);
    } finally {
      this.#advancing = false;
    }
    if (this.#state === "closed") return;
    // Where it is not the pipe that has no room it is the turn.
    if (this.#stalled && !this.#waiting && this.#pipe !== null && this.#pipe.room() > 0) {
      this.#waiting = true;
      waitForTurn(this);
    }
    this.#pipe?.delivered(this.#stalled);
    if (this.machine.hasOutput) this.#writer.write();
    this.#alarm.set(Math.min(this.#deadline, this.machine.deadline));
  }

  /** How many messages may come now. */
  #room(): number {
    const { cipher } = this.machine;
    const cost = cipher === null ? 1 : SEALED;
    if (this.#arrived > 0) countArrivals(this.#arrived * cost);
    this.#arrived = 0;
    return this.#pipe === null ? 0 : Math.min(this.#pipe.room(), Math.floor(messagesLeft() / cost));
  }

  /** Ends the connection for an error of the peer. In the handshake there is a last word to it. */
  #fail(error: ProtocolError): void {
    if (this.#state === "closed") return;
    if (this.#pipe !== null) {
      this.#pipe.delivered(false);
      return this.#close(error);
    }
    this.#giveUpAsking();
    this.#error = error;
    this.#state = "closing";
    this.#patience(LAST_WORD);
    this.#writer.write();
  }

  /** Closes the connection when so many ms have passed, unless it was to be closed before. */
  #patience(wait: number): void {
    this.#deadline = Math.min(this.#deadline, now() + wait);
    this.#alarm.set(this.#deadline);
  }

  #tick(): void {
    if (this.#state === "closed") return;
    const time = now();
    if (time >= this.#deadline) return this.#close(this.#error);
    try {
      this.machine.tick(time);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#close(error);
    }
    if (this.machine.hasOutput) this.#writer.write();
    this.#alarm.set(Math.min(this.#deadline, this.machine.deadline));
  }

  #close(error: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#error = error;
    this.#giveUpAsking();
    this.#alarm.cancel();
    this.#writer.stop();
    // Operations under way end now; how much was written decides what the next connection has to send.
    this.#cleared = this.#stream.close();
    if (!this.#writer.busy) this.#depart();
  }

  /** Gives the pipe back and tells the owner. */
  #depart(): void {
    if (this.#departed) return;
    this.#departed = true;
    const pipe = this.#pipe;
    this.#pipe = null;
    this.#writer.release();
    pipe?.detach();
    this.#owner.closed(this, this.#error);
  }

  #settle(): void {
    if (!this.#reading && !this.#writer.busy) this.#whenSettled?.();
  }
}

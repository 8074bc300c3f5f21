/**
 * From bytes to frames and messages.
 *
 * @module
 */

import { ProtocolError } from "./error.ts";
import { COMMAND, LONG, MORE, readUint32 } from "./framing.ts";
import { Intake, LARGEST_CHUNK } from "./intake.ts";
import { LargeBody } from "./large_body.ts";
import type { Cipher } from "./mechanism.ts";

/** The largest frame of a handshake. */
const HANDSHAKE_LIMIT = 64 * 1024;
/** A body of this size that does not fit into the chunk gets a buffer of its own. */
const LARGE = 64 * 1024;
/** The largest command of the traffic: no topic or group comes near it, and a peer cannot make us hold more. */
const COMMAND_LIMIT = 1024 * 1024;
/** After a body of this size another is likely; then little of it should be read into a chunk, for that part is copied. */
const HUGE = 512 * 1024;
const SPACE_BEFORE_HUGE = 16 * 1024;
/** The most frames of a message: empty ones cost a peer two bytes each, but us far more. */
const FRAMES_LIMIT = 1024 * 1024;

/** What the decoder hands over. */
export interface DecoderSink {
  /** A whole message. */
  message(frames: Uint8Array[]): void;
}

/** The undecoded bytes of one connection and what they become. */
export class Decoder {
  readonly #maximum: number;
  #intake: Intake = new Intake();
  #large: LargeBody | null = null;
  #parts: Uint8Array[] | null = null;
  /** How many bytes from the first undecoded one on it takes to go on. */
  #need = 2;
  /** The size of the largest {@linkcode LargeBody} that has been completed, but at least what anybody is trusted with. */
  #credit = LARGEST_CHUNK;
  #afterHuge = false;
  #flags = 0;

  /**
   * Makes a decoder.
   *
   * @param maximum The largest body of a frame; −1 for no limit.
   */
  constructor(maximum: number) {
    this.#maximum = maximum < 0 ? Infinity : maximum;
  }

  /** Whether the memory of undecoded bytes is gone. */
  get lost(): boolean {
    return this.#intake.lost;
  }

  /**
   * Where the next bytes go.
   *
   * @param place The place of the next byte where it comes from, see {@linkcode Intake.space}.
   */
  space(place?: number): Uint8Array {
    if (this.#large !== null) return this.#large.space();
    const space = this.#intake.space(this.#need, place);
    if (!this.#afterHuge || space.length <= SPACE_BEFORE_HUGE) return space;
    return space.subarray(0, SPACE_BEFORE_HUGE);
  }

  /**
   * Takes note of bytes that have been put into the space.
   *
   * @param count How many.
   */
  filled(count: number): void {
    if (this.#large !== null) {
      this.#large.filled(count);
    } else {
      this.#intake.filled(count);
      this.#afterHuge = false;
    }
  }

  /** The flags of the frame that was decoded last, other than by the traffic loop. */
  get flags(): number {
    return this.#flags;
  }

  /** A view of the undecoded bytes, for the greeting. */
  peek(): Uint8Array {
    return this.#intake.bytes.subarray(this.#intake.pos, this.#intake.end);
  }

  /**
   * Drops undecoded bytes that have been seen to.
   *
   * @param count How many.
   */
  skip(count: number): void {
    this.#intake.pos += count;
  }

  /**
   * Decodes a frame of the handshake.
   *
   * @returns Its body, a view that must not be kept; `null` when more bytes are needed.
   * @throws ProtocolError where the frame has no place in a handshake.
   */
  handshakeFrame(): Uint8Array | null {
    return this.#frame(HANDSHAKE_LIMIT);
  }

  /**
   * Decodes traffic. This is the loop that every message received goes through.
   *
   * @param limit How many messages to deliver at most.
   * @param sink Where messages go.
   * @param control Takes the bodies of commands: views that must not be kept.
   * @returns Whether the limit was what ended it.
   * @throws ProtocolError where a frame is malformed or too large.
   */
  traffic(limit: number, sink: DecoderSink, control: (body: Uint8Array) => void): boolean {
    const intake = this.#intake;
    const bytes = intake.bytes;
    const buffer = bytes.buffer;
    const end = intake.end;
    const maximum = this.#maximum;
    let pos = intake.pos;
    let parts = this.#parts;
    let left = limit;
    while (end - pos >= 2 || this.#large !== null) {
      if (left <= 0) return true;
      let flags = bytes[pos]!;
      const start = pos + 2;
      const next = start + bytes[pos + 1]!;
      let body: Uint8Array | null;
      if ((flags & (LONG | COMMAND)) === 0 && next <= end && next - start <= maximum && this.#large === null) {
        body = new Uint8Array(buffer, start, next - start);
        intake.shared = true;
        // The position is stored before anything is delivered, so that a sink that throws does not see a message twice.
        intake.pos = pos = next;
      } else {
        body = this.#frame(COMMAND_LIMIT);
        if (body === null) return false;
        flags = this.#flags;
        pos = intake.pos;
        if ((flags & COMMAND) !== 0) {
          control(body);
          continue;
        }
        if (body.buffer === buffer) intake.shared = true;
      }
      if ((flags & MORE) !== 0) {
        if (parts === null) this.#parts = parts = [body];
        else if (parts.push(body) > FRAMES_LIMIT) throw tooManyFrames();
        continue;
      }
      left--;
      if (parts === null) {
        sink.message([body]);
      } else {
        const frames = parts;
        this.#parts = parts = null;
        frames.push(body);
        sink.message(frames);
      }
    }
    this.#need = 2;
    return false;
  }

  /**
   * Decodes traffic that a mechanism protects.
   *
   * @param limit How many messages to deliver at most.
   * @param sink Where messages go.
   * @param control Takes the bodies of commands.
   * @param cipher What the frames go through.
   * @returns Whether the limit was what ended it.
   * @throws ProtocolError where a frame is malformed, too large or not genuine.
   */
  protectedTraffic(
    limit: number,
    sink: DecoderSink,
    control: (body: Uint8Array) => void,
    cipher: Cipher,
  ): boolean {
    const intake = this.#intake;
    for (let left = limit;;) {
      if (left <= 0) return intake.end - intake.pos >= 2 || this.#large !== null;
      const outer = this.#frame(COMMAND_LIMIT);
      if (outer === null) return false;
      const { flags, body } = cipher.open(this.#flags, outer);
      if ((flags & COMMAND) !== 0) {
        if (body.length > COMMAND_LIMIT) throw commandTooLarge(body.length, COMMAND_LIMIT);
        control(body);
      } else {
        const frames = this.#parts ?? [];
        if (frames.push(body) > FRAMES_LIMIT) throw tooManyFrames();
        this.#parts = (flags & MORE) !== 0 ? frames : null;
        if (this.#parts !== null) continue;
        left--;
        sink.message(frames);
      }
    }
  }

  /**
   * Decodes any frame, apart from the short ones that the loop above sees to itself. Its flags go to `#flags`.
   *
   * @param limit The largest command. With {@linkcode HANDSHAKE_LIMIT} everything is a command.
   * @returns Its body; `null` when more bytes are needed.
   */
  #frame(limit: number): Uint8Array | null {
    if (this.#large !== null) return this.#finishLarge(this.#large);
    const intake = this.#intake;
    const { bytes, pos, end } = intake;
    const flags = bytes[pos]!;
    const size = end > pos && (flags & LONG) !== 0 ? 9 : 2;
    this.#need = size;
    if (end - pos < size) return null;
    const length = size === 2 ? bytes[pos + 1]! : longLength(bytes, pos + 1);
    this.#check(flags, length, limit);
    this.#flags = flags;
    const start = pos + size;
    const next = start + length;
    if (next <= end) {
      intake.pos = next;
      this.#need = 2;
      return new Uint8Array(bytes.buffer, start, length);
    }
    if (next > bytes.length && length >= LARGE) {
      this.#large = new LargeBody(flags, length, this.#credit, bytes.subarray(start, end));
      intake.pos = end;
    } else {
      this.#need = size + length;
    }
    return null;
  }

  #check(flags: number, length: number, limit: number): void {
    if (length > this.#maximum) {
      throw new ProtocolError("message-too-large", `Frame of ${length} bytes is above the limit of ${this.#maximum}`);
    }
    if (length <= limit) return;
    if ((flags & COMMAND) !== 0) throw commandTooLarge(length, limit);
    if (limit === HANDSHAKE_LIMIT) {
      throw new ProtocolError("unexpected-command", "Peer sent a message during the handshake");
    }
    if (length > Number.MAX_SAFE_INTEGER) {
      throw new ProtocolError("message-too-large", `Frame of ${length} bytes is beyond any platform`);
    }
  }

  #finishLarge(large: LargeBody): Uint8Array | null {
    const body = large.finish();
    if (body === null) return null;
    this.#large = null;
    this.#flags = large.flags;
    this.#need = 2;
    this.#credit = Math.max(this.#credit, body.length);
    this.#afterHuge = body.length >= HUGE;
    return body;
  }
}

/** Reads a long length; above 2⁵³ it is not exact, which matters to nobody. */
function longLength(bytes: Uint8Array, at: number): number {
  const high = readUint32(bytes, at);
  if (high >= 0x8000_0000) throw new ProtocolError("malformed-frame", "Frame declares a length of 2⁶³ bytes or more");
  return high * 0x1_0000_0000 + readUint32(bytes, at + 4);
}

function tooManyFrames(): ProtocolError {
  return new ProtocolError("message-too-large", `Message has more than ${FRAMES_LIMIT} frames`);
}

function commandTooLarge(length: number, limit: number): ProtocolError {
  return new ProtocolError("message-too-large", `Command of ${length} bytes is above the limit of ${limit}`);
}

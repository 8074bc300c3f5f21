/**
 * What the classes have in common whose messages are single frames, both ways.
 *
 * @module
 */

import { DuplexSocket } from "./direction.ts";
import type { Message, MessageLike, PeerId } from "./message.ts";
import { idFrame, singleFrame } from "./single_frame.ts";
import { coreOf } from "./socket.ts";
import { type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

/** The base of sockets that exchange single frames with peers that their type chooses: {@linkcode Client} and {@linkcode Channel}. */
export abstract class SingleFrameSocket extends DuplexSocket<Message, MessageLike> {
  /**
   * Sends a message of one frame, as {@linkcode Writable.send} says.
   *
   * @throws TypeError for a message of several frames.
   */
  override send(message: MessageLike, options?: WaitOptions): Promise<void> {
    try {
      return super.send(singleFrame(message), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Writable.trySend} says, for a message of one frame. */
  override trySend(message: MessageLike): boolean {
    return super.trySend(singleFrame(message));
  }

  /** As {@linkcode Writable.writableStream} says, for messages of one frame. */
  override writableStream(options?: StreamOptions): WritableStream<MessageLike> {
    return writableStream(coreOf(this), singleFrame, options);
  }
}

/** What a socket receives that numbers its peers: a frame, and who sent it. */
export type AddressedMessage = [frame: Uint8Array<ArrayBuffer>, from: PeerId];

/** The base of sockets that exchange single frames with peers that they name by numbers: {@linkcode Server} and {@linkcode Peer}. */
export abstract class AddressedSocket extends DuplexSocket<AddressedMessage, readonly [MessageLike, PeerId]> {
  /**
   * Sends a message of one frame to one peer, as {@linkcode Writable.send} says.
   *
   * @param message The frame.
   * @param options Which peer, and how long to wait for room in its queue.
   * @throws ZmqError also `EHOSTUNREACH`, when there is no such peer, or not any more.
   * @throws TypeError for a message of several frames, or without a peer.
   */
  override send(message: MessageLike, options: WaitOptions & PeerId): Promise<void> {
    try {
      return super.send([idFrame(options?.routingId), singleFrame(message)], options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Writable.trySend} says, for a message of one frame to one peer. */
  override trySend(message: MessageLike, options: PeerId): boolean {
    return super.trySend([idFrame(options?.routingId), singleFrame(message)]);
  }

  /** As {@linkcode Writable.writableStream} says. What is written is a frame, and whom it is for: what a stream of such messages gives. */
  override writableStream(options?: StreamOptions): WritableStream<readonly [MessageLike, PeerId]> {
    return writableStream(coreOf(this), ([frame, to]) => [idFrame(to?.routingId), singleFrame(frame)], options);
  }
}

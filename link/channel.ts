/**
 * What joins two inproc pipes: each has one end of it.
 *
 * There are two kinds. Within an isolate a {@linkcode LocalChannel} hands messages over as they are; between Workers a
 * {@linkcode SharedChannel} carries them through shared memory.
 *
 * @module
 */

/** One end of a channel. */
export interface Channel {
  /** Hands a message to the other side; `true` when it was the last that there is room for, see {@linkcode full}. */
  send(frames: Uint8Array[]): boolean;
  /** Hands over a subscription or its end. */
  subscribe(topic: Uint8Array, subscribe: boolean): void;
  /** Whether as many messages are unread at the other end as the high water marks of both sides allow together. */
  readonly full: boolean;
  /** Whether no more than half of that is unread. */
  readonly relaxed: boolean;
  /** The socket at this end has read something. */
  taken(): void;
  /** A high water mark of this side has changed. */
  relimit(): void;
  /** Takes what has come and was not delivered yet. */
  drain(): void;
  /** This side sends and reads no more. What it has sent still arrives. */
  close(): void;
}

/** Both high water marks of one direction together: 0 on either side is no limit (zmq_inproc(7)). */
export function capacityOf(sendHighWaterMark: number, receiveHighWaterMark: number): number {
  return sendHighWaterMark === 0 || receiveHighWaterMark === 0 ? Infinity : sendHighWaterMark + receiveHighWaterMark;
}

/**
 * Sockets as streams of the Web.
 *
 * @module
 */

import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { Sendable } from "./message.ts";

/** What a stream does to its socket, and what ends it. */
export interface StreamOptions {
  /** Whether the socket is closed with the stream, however that ends. Default `false`. */
  close?: boolean | undefined;
  /** Makes the stream fail with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The messages of a socket. */
export function readableStream<M>(
  core: Core,
  exchange: Exchange<M>,
  { close = false, signal }: StreamOptions = {},
): ReadableStream<M> {
  core.alive("EBADF");
  const cancelling = new AbortController();
  let aborted: () => void;
  const end = () => {
    signal?.removeEventListener("abort", aborted);
    cancelling.abort();
    if (close) core.close();
  };
  return new ReadableStream<M>({
    start(controller) {
      aborted = () => {
        controller.error(signal!.reason);
        end();
      };
      if (signal?.aborted) aborted();
      else signal?.addEventListener("abort", aborted);
    },
    pull(controller) {
      return new Promise((resolve) => {
        const fail = (error: unknown) => {
          // Whoever has cancelled the stream knows.
          if (!cancelling.signal.aborted) {
            if (core.closed) controller.close();
            else controller.error(error);
            end();
          }
          resolve();
        };
        try {
          exchange.receiveInto({
            resolve(message) {
              controller.enqueue(message);
              resolve();
            },
            reject: fail,
          }, cancelling.signal);
        } catch (error) {
          fail(error);
        }
      });
    },
    cancel: end,
    // Only what somebody reads is taken.
  }, { highWaterMark: 0 });
}

/** What sends through a socket; `messageOf` makes a message of what is written. */
export function writableStream<W>(
  core: Core,
  messageOf: (chunk: W) => Sendable,
  { close = false, signal }: StreamOptions = {},
): WritableStream<W> {
  core.alive("EBADF");
  let aborted: () => void;
  const end = () => {
    signal?.removeEventListener("abort", aborted);
    if (close) core.close();
  };
  const failing = new AbortController();
  return new WritableStream<W>({
    start(controller) {
      aborted = () => {
        controller.error(signal!.reason);
        failing.abort(signal!.reason);
        end();
      };
      if (signal?.aborted) aborted();
      else signal?.addEventListener("abort", aborted);
      controller.signal.addEventListener("abort", () => failing.abort(controller.signal.reason));
    },
    async write(chunk) {
      try {
        await core.exchange.send(messageOf(chunk), { signal: failing.signal });
      } catch (error) {
        end();
        throw error;
      }
    },
    async close() {
      end();
      if (close) await core.finished();
    },
    abort: end,
    // One message waits for room in the socket, and none behind it.
  }, { highWaterMark: 1 });
}

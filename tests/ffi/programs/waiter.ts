/**
 * A Worker that waits for a byte that never comes.
 *
 * @module
 */

import { hold } from "../../../ffi/poller.ts";
import { StreamPair } from "../support.ts";

const { near } = new StreamPair();
hold();
near.read(new Uint8Array(1)).catch(() => {});
setTimeout(() => (self as unknown as { postMessage(message: string): void }).postMessage("waiting"), 300);

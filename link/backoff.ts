/**
 * How long to wait before a connection is tried again.
 *
 * @module
 */

import type { LinkSettings } from "./link.ts";

/**
 * The wait before the next attempt to connect.
 *
 * @param settings The intervals of the socket's options.
 * @param attempts How many attempts have failed since a connection last held.
 * @returns Milliseconds; `null` when there is to be no further attempt.
 */
export function retryInterval(settings: LinkSettings, attempts: number): number | null {
  const { reconnectInterval: first, reconnectMaxInterval: longest } = settings;
  if (first <= 0) return null;
  if (longest > 0) return Math.min(longest, Math.min(first, longest) * 2 ** Math.min(attempts, 30));
  return first + Math.floor(Math.random() * first);
}

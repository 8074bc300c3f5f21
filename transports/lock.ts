/**
 * Locks of the process, which every Worker sees and which a Worker's end releases (the Web Locks API).
 *
 * @module
 */

/** A lock that is held, or was asked for. */
export interface Lock {
  /** Whether it was granted; `undefined` while that is open. */
  readonly granted: boolean | undefined;
  /** Resolves when that is known. */
  readonly decided: Promise<boolean>;
  /** Gives it back, which takes a moment. */
  release(): void;
  /** Resolves when it is not held and not wanted any more. */
  readonly gone: Promise<void>;
}

/** The part of the Web Locks API that is used: Deno's types do not have it yet. */
interface LockManager {
  request(
    name: string,
    options: { mode?: "exclusive" | "shared"; ifAvailable?: boolean; signal?: AbortSignal },
    granted: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>;
  query(): Promise<{ held: { name: string }[]; pending: { name: string }[] }>;
}

const { locks } = navigator as unknown as { locks?: LockManager };

/** Whether there are locks at all: Deno has them from 2.9 on. */
export function hasLocks(): boolean {
  return locks !== undefined;
}

/** Takes a lock if nobody holds it. Deno decides at once. A lock that is held keeps the event loop running. */
export function tryLock(name: string): Lock {
  return request(name, { ifAvailable: true });
}

/** Takes a lock as soon as nobody else holds it, or with nobody who does not share it. */
export function lock(name: string, mode: "exclusive" | "shared" = "exclusive"): Lock {
  return request(name, { mode });
}

/** Whether anybody holds a lock; `undefined` where that cannot be told at once. */
export function isLocked(name: string): boolean | undefined {
  const attempt = tryLock(name);
  const { granted } = attempt;
  attempt.release();
  return granted === undefined ? undefined : !granted;
}

/** Whether anybody holds a lock or waits for it, which this does not disturb. */
export async function isWanted(name: string): Promise<boolean> {
  const { held, pending } = await locks!.query();
  return [...held, ...pending].some((lock) => lock.name === name);
}

function request(name: string, options: { mode?: "exclusive" | "shared"; ifAvailable?: boolean }): Lock {
  const decided = Promise.withResolvers<boolean>();
  const released = Promise.withResolvers<void>();
  const cancel = new AbortController();
  // A request that waits can be cancelled, one that does not wait must not be cancellable.
  const whole = options.ifAvailable === true ? options : { ...options, signal: cancel.signal };
  let granted: boolean | undefined;
  const decide = (answer: boolean): void => {
    granted ??= answer;
    decided.resolve(answer);
  };
  const gone = locks!.request(name, whole, (held) => {
    decide(held !== null);
    return held === null ? undefined : released.promise;
  }).then(() => {}, (error: unknown) => {
    if (!cancel.signal.aborted) reportError(error);
    decide(false);
  });
  return {
    get granted() {
      return granted;
    },
    decided: decided.promise,
    release() {
      released.resolve();
      cancel.abort();
    },
    gone,
  };
}

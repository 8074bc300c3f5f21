/**
 * Decides when queued messages are written: late enough to gather a batch, early enough that a single message does not
 * wait.
 *
 * The first message of a turn starts a look every few microtasks. When nothing was added in the meantime, the program has
 * sent what it had: write. When messages keep coming, somebody is sending in a loop: wait for the end of the turn and
 * write them together. One flusher serves all connections, so that a message to a thousand peers costs one look.
 *
 * @module
 */

/** Something with messages to write. */
export interface Flushable {
  /** Writes what is queued. */
  write(): void;
}

/** How many microtasks without a further message show that the program is waiting for something else. */
const QUIET = 4;
/** So many further messages show that it sends in a loop. */
const STREAM = 3;

/** After so many targets the rest of the program has its turn. A write takes some microseconds. */
const MOST = 128;

let waiting: Flushable[] = [];
let spare: Flushable[] = [];
let total = 0;
let seen = 0;
let quiet = 0;

/** Counts a message that was queued anywhere. */
export function countMessage(): void {
  total++;
}

/** Has `target.write()` called soon. Call it once until then. */
export function flushSoon(target: Flushable): void {
  if (waiting.push(target) > 1) return;
  seen = total;
  quiet = 0;
  queueMicrotask(look);
}

/** Has `target.write()` called at the end of this turn. Call it once until then. */
export function flushAtTurnEnd(target: Flushable): void {
  if (waiting.push(target) === 1) setImmediate(flush);
}

function look(): void {
  if (total - seen >= STREAM) setImmediate(flush);
  else if (++quiet >= QUIET) flush();
  else queueMicrotask(look);
}

function flush(): void {
  const targets = waiting;
  waiting = spare;
  spare = targets;
  if (targets.length > MOST) {
    spare = [];
    return flushFrom(targets, 0);
  }
  try {
    for (const target of targets) target.write();
  } finally {
    targets.length = 0;
  }
}

/** Writes some targets now, and the others in the turns that follow. */
function flushFrom(targets: readonly Flushable[], begin: number): void {
  const end = Math.min(begin + MOST, targets.length);
  if (end < targets.length) setImmediate(() => flushFrom(targets, end));
  for (let i = begin; i < end; i++) targets[i]!.write();
}

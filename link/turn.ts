/**
 * How many messages come in one turn of the event loop.
 *
 * What was read at once can be tens of thousands of small messages, and as long as one follows the other a program that
 * takes them lets nothing else of it run. So they come in portions, those of all connections together, and between two
 * portions the loop has its turn.
 *
 * @module
 */

/** Something that has more messages, and waits for the next turn. */
export interface TurnTaker {
  /** Another turn has begun. */
  turn(): void;
}

/** The messages of one turn: with a loop that does little for each of them they take less than a millisecond. */
const MOST = 4096;
/** So many of them are worth a look at when the turn is over. */
const MANY = 512;

let left = MOST;
let scheduled = false;
let waiting: TurnTaker[] = [];
/** Whose turn is the first: another one's each time, for the first may leave nothing to the others. */
let first = 0;

/** How many more messages may come in this turn. */
export function messagesLeft(): number {
  return left;
}

/** Counts messages that have come. */
export function countArrivals(messages: number): void {
  left = Math.max(0, left - messages);
  if (left <= MOST - MANY) schedule();
}

/** Has `taker.turn()` called in the next turn. Call it once until then. */
export function waitForTurn(taker: TurnTaker): void {
  waiting.push(taker);
  schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(begin);
}

function begin(): void {
  scheduled = false;
  left = MOST;
  const takers = waiting;
  waiting = [];
  if (takers.length === 0) return;
  first = (first + 1) % takers.length;
  for (let i = 0; i < takers.length; i++) takers[(first + i) % takers.length]!.turn();
}

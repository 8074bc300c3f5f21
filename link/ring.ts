/**
 * A queue in a circular buffer: constant time at both ends and no work for the garbage collector while it is in use.
 *
 * @module
 */

const SMALLEST = 8;

/** A first-in first-out queue. */
export class Ring<T> {
  #slots: (T | undefined)[] = [];
  #mask = -1;
  #head = 0;
  /** How many items wait. */
  length = 0;

  /** Adds an item behind the last. */
  push(item: T): void {
    if (this.length > this.#mask) this.#grow();
    this.#slots[(this.#head + this.length++) & this.#mask] = item;
  }

  /** Takes the first item. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.length--;
    return item;
  }

  /** Shows the first item. */
  peek(): T | undefined {
    return this.length === 0 ? undefined : this.#slots[this.#head];
  }

  /** Puts an item in front of the first. */
  unshift(item: T): void {
    if (this.length > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#slots[this.#head] = item;
    this.length++;
  }

  /** Removes every item, and the memory that held them. */
  clear(): void {
    this.#slots = [];
    this.#mask = -1;
    this.#head = 0;
    this.length = 0;
  }

  /** The items from the first to the last. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.length; i++) yield this.#slots[(this.#head + i) & this.#mask] as T;
  }

  #grow(): void {
    const capacity = Math.max(SMALLEST, (this.#mask + 1) * 2);
    const slots: (T | undefined)[] = new Array(capacity).fill(undefined);
    for (let i = 0; i < this.length; i++) slots[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}

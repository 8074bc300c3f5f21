/**
 * A queue for what every message goes through.
 *
 * Its chunks are made as it is filled and dropped as it is emptied, so that they are as young as what is in them: to store a
 * young object in an old array costs several times as much, for the garbage collector has to be told.
 *
 * @module
 */

/** So many items are in a chunk. */
const SIZE = 64;

type Chunk = unknown[];

/** Items, first in first out. */
export class Queue<T> {
  /** Where items are taken from, and where they are put. The last element of a chunk is the one that follows. */
  #front: Chunk = [];
  #back: Chunk = this.#front;
  #start = SIZE;
  #end = SIZE;
  /** How many items wait. */
  length = 0;

  /** Adds an item behind the last. */
  push(item: T): void {
    if (this.#end === SIZE) this.#grow();
    this.#back[this.#end++] = item;
    this.length++;
  }

  /** Takes the first item. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    if (this.#start === SIZE) {
      const next = this.#front[SIZE] as Chunk;
      // An old chunk must not make those behind it old.
      this.#front[SIZE] = undefined;
      this.#front = next;
      this.#start = 0;
    }
    const item = this.#front[this.#start];
    this.#front[this.#start++] = undefined;
    this.length--;
    return item as T;
  }

  /** The last item. Behind one that was popped it may be out of reach: then, too, there is none. */
  get last(): T | undefined {
    return this.length > 0 && this.#end > 0 ? this.#back[this.#end - 1] as T : undefined;
  }

  /** Takes the {@linkcode last} item. */
  pop(): T | undefined {
    const { last } = this;
    if (last === undefined) return undefined;
    this.#back[--this.#end] = undefined;
    this.length--;
    return last;
  }

  /** Removes every item, and the memory that held them. */
  clear(): void {
    this.#front = this.#back = [];
    this.#start = this.#end = SIZE;
    this.length = 0;
  }

  #grow(): void {
    const chunk: Chunk = new Array(SIZE + 1);
    this.#back[SIZE] = chunk;
    this.#back = chunk;
    this.#end = 0;
  }
}

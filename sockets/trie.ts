/**
 * A compressed prefix tree over bytes: finds every stored prefix of a topic in one walk along the topic.
 *
 * @module
 */

interface Node<T> {
  /** A key that leads here or through here. The bytes between the parent and this node are those from `start` to `end`. */
  key: Uint8Array;
  start: number;
  end: number;
  /** What is stored for exactly this prefix. */
  value: T | undefined;
  children: Map<number, Node<T>> | null;
}

/** A map from byte strings, searched by prefix. */
export class Trie<T> {
  #root: Node<T> = { key: new Uint8Array(0), start: 0, end: 0, value: undefined, children: null };
  /** How many prefixes are stored. */
  size = 0;

  /** What is stored for exactly these bytes. */
  get(key: Uint8Array): T | undefined {
    let node: Node<T> | undefined = this.#root;
    let at = 0;
    while (at < key.length) {
      node = node.children?.get(key[at]!);
      if (node === undefined || !continues(key, node)) return undefined;
      at = node.end;
    }
    return node.value;
  }

  /** Stores a value, and returns the copy of the key that is kept. */
  set(key: Uint8Array, value: T): Uint8Array {
    const kept = key.slice();
    const node = this.#make(kept);
    if (node.value === undefined) this.size++;
    node.value = value;
    return kept;
  }

  /** Removes what is stored for exactly these bytes. */
  delete(key: Uint8Array): boolean {
    const path: Node<T>[] = [this.#root];
    let at = 0;
    while (at < key.length) {
      const node: Node<T> | undefined = path.at(-1)!.children?.get(key[at]!);
      if (node === undefined || !continues(key, node)) return false;
      at = node.end;
      path.push(node);
    }
    const node = path.pop()!;
    if (node.value === undefined) return false;
    node.value = undefined;
    this.size--;
    const parent = path.pop();
    if (parent !== undefined) this.#prune(parent, node, path.pop());
    return true;
  }

  /** Calls `visit` with each value stored for a prefix of `topic`, the shortest first, until it returns `true`. */
  walk(topic: Uint8Array, visit: (value: T) => boolean | void): boolean {
    let node = this.#root;
    for (let at = 0;;) {
      if (node.value !== undefined && visit(node.value) === true) return true;
      if (node.children === null || at === topic.length) return false;
      const next = node.children.get(topic[at]!);
      if (next === undefined || !continues(topic, next)) return false;
      at = next.end;
      node = next;
    }
  }

  /** Whether a prefix of `topic` is stored. */
  matches(topic: Uint8Array): boolean {
    let node = this.#root;
    for (let at = 0;;) {
      if (node.value !== undefined) return true;
      if (node.children === null || at === topic.length) return false;
      const next = node.children.get(topic[at]!);
      if (next === undefined || !continues(topic, next)) return false;
      at = next.end;
      node = next;
    }
  }

  /** Every stored prefix with its value. */
  *entries(): IterableIterator<[Uint8Array, T]> {
    const stack: Node<T>[] = [this.#root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.value !== undefined) yield [node.key.subarray(0, node.end), node.value];
      if (node.children !== null) stack.push(...node.children.values());
    }
  }

  /** Finds or makes the node of a key. */
  #make(key: Uint8Array): Node<T> {
    let node = this.#root;
    while (node.end < key.length) {
      const start = node.end;
      node.children ??= new Map();
      const next = node.children.get(key[start]!);
      if (next === undefined) {
        const leaf: Node<T> = { key, start, end: key.length, value: undefined, children: null };
        node.children.set(key[start]!, leaf);
        return leaf;
      }
      const most = Math.min(next.end, key.length);
      let end = start + 1;
      while (end < most && next.key[end] === key[end]) end++;
      if (end === next.end) {
        node = next;
      } else {
        const fork: Node<T> = { key, start, end, value: undefined, children: new Map([[next.key[end]!, next]]) };
        next.start = end;
        node.children.set(key[start]!, fork);
        node = fork;
      }
    }
    return node;
  }

  /** Takes an emptied node out, and joins what is then a chain. */
  #prune(parent: Node<T>, node: Node<T>, grandparent: Node<T> | undefined): void {
    if (node.children === null) {
      parent.children!.delete(node.key[node.start]!);
      if (parent.children!.size === 0) parent.children = null;
      if (grandparent !== undefined) join(parent);
    } else {
      join(node);
    }
  }
}

/** Whether `key` goes on as it does to a node, of whose bytes the first is known to be there. */
function continues<T>(key: Uint8Array, { key: other, start, end }: Node<T>): boolean {
  if (key.length < end) return false;
  for (let i = start + 1; i < end; i++) if (key[i] !== other[i]) return false;
  return true;
}

/** Joins a node that holds nothing with its only child. */
function join<T>(node: Node<T>): void {
  if (node.value !== undefined || node.children?.size !== 1) return;
  const [child] = node.children.values();
  node.key = child!.key;
  node.end = child!.end;
  node.value = child!.value;
  node.children = child!.children;
}

/**
 * A compressed prefix tree over bytes: finds every stored prefix of a topic in one walk along the topic.
 *
 * @module
 */

interface Node<T> {
  /** The bytes between the parent and this node. */
  label: Uint8Array;
  /** What is stored for exactly this prefix. */
  value: T | undefined;
  children: Map<number, Node<T>> | null;
}

/** A map from byte strings, searched by prefix. */
export class Trie<T> {
  #root: Node<T> = { label: new Uint8Array(0), value: undefined, children: null };
  /** How many prefixes are stored. */
  size = 0;

  /** What is stored for exactly these bytes. */
  get(key: Uint8Array): T | undefined {
    let node: Node<T> | undefined = this.#root;
    let at = 0;
    while (at < key.length) {
      node = node.children?.get(key[at]!);
      if (node === undefined || !continues(key, at, node.label)) return undefined;
      at += node.label.length;
    }
    return node.value;
  }

  /** Stores a value. */
  set(key: Uint8Array, value: T): void {
    const node = this.#make(key);
    if (node.value === undefined) this.size++;
    node.value = value;
  }

  /** Removes what is stored for exactly these bytes. */
  delete(key: Uint8Array): boolean {
    const path: Node<T>[] = [this.#root];
    let at = 0;
    while (at < key.length) {
      const node: Node<T> | undefined = path.at(-1)!.children?.get(key[at]!);
      if (node === undefined || !continues(key, at, node.label)) return false;
      at += node.label.length;
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
      if (next === undefined || !continues(topic, at, next.label)) return false;
      at += next.label.length;
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
      if (next === undefined || !continues(topic, at, next.label)) return false;
      at += next.label.length;
      node = next;
    }
  }

  /** Every stored prefix with its value. */
  *entries(): IterableIterator<[Uint8Array, T]> {
    const stack: [Uint8Array, Node<T>][] = [[new Uint8Array(0), this.#root]];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [prefix, node] = top;
      if (node.value !== undefined) yield [prefix, node.value];
      for (const child of node.children?.values() ?? []) {
        const key = new Uint8Array(prefix.length + child.label.length);
        key.set(prefix);
        key.set(child.label, prefix.length);
        stack.push([key, child]);
      }
    }
  }

  /** Finds or makes the node of a key. */
  #make(key: Uint8Array): Node<T> {
    let node = this.#root;
    let at = 0;
    while (at < key.length) {
      node.children ??= new Map();
      const next = node.children.get(key[at]!);
      if (next === undefined) {
        const leaf: Node<T> = { label: key.slice(at), value: undefined, children: null };
        node.children.set(key[at]!, leaf);
        return leaf;
      }
      let same = 1;
      while (same < next.label.length && at + same < key.length && next.label[same] === key[at + same]) same++;
      if (same === next.label.length) {
        node = next;
      } else {
        const fork: Node<T> = { label: next.label.slice(0, same), value: undefined, children: new Map() };
        next.label = next.label.slice(same);
        fork.children!.set(next.label[0]!, next);
        node.children.set(fork.label[0]!, fork);
        node = fork;
      }
      at += same;
    }
    return node;
  }

  /** Takes an emptied node out, and joins what is then a chain. */
  #prune(parent: Node<T>, node: Node<T>, grandparent: Node<T> | undefined): void {
    if (node.children === null) {
      parent.children!.delete(node.label[0]!);
      if (parent.children!.size === 0) parent.children = null;
      if (grandparent !== undefined) join(parent);
    } else {
      join(node);
    }
  }
}

/** Whether `key` goes on with `label` from `at` on. */
function continues(key: Uint8Array, at: number, label: Uint8Array): boolean {
  if (key.length - at < label.length) return false;
  for (let i = 1; i < label.length; i++) if (key[at + i] !== label[i]) return false;
  return true;
}

/** Joins a node that holds nothing with its only child. */
function join<T>(node: Node<T>): void {
  if (node.value !== undefined || node.children?.size !== 1) return;
  const [child] = node.children.values();
  const label = new Uint8Array(node.label.length + child!.label.length);
  label.set(node.label);
  label.set(child!.label, node.label.length);
  node.label = label;
  node.value = child!.value;
  node.children = child!.children;
}

/** What is counted, and how a worker tells the sink: shared by all the demo's processes. */

/** The counts of a piece of text. */
export interface Counts {
  bytes: number;
  words: number;
  letters: number;
}

/** What the sink answers to the question for the totals. */
export interface Totals extends Counts {
  lines: number;
  /** How many lines each worker has counted. */
  shares: number[];
}

const newline = 0x0a;

/** What a byte is: 0 between words, 1 in a word, 2 a letter of a word. */
const kinds: Uint8Array = new Uint8Array(256).fill(1);
for (const blank of [0x09, newline, 0x0b, 0x0c, 0x0d, 0x20]) kinds[blank] = 0;
for (let letter = 0; letter < 26; letter++) kinds[0x41 + letter] = kinds[0x61 + letter] = 2;

/** Counts bytes, words (what stands between blanks) and the letters A to Z. */
export function count(text: Uint8Array): Counts {
  let words = 0;
  let letters = 0;
  let before = 0;
  for (let i = 0; i < text.length; i++) {
    const kind = kinds[text[i]!]!;
    if (before === 0 && kind !== 0) words++;
    if (kind === 2) letters++;
    before = kind;
  }
  return { bytes: text.length, words, letters };
}

/** Adds counts to others. */
export function add(sum: Counts, one: Counts): void {
  sum.bytes += one.bytes;
  sum.words += one.words;
  sum.letters += one.letters;
}

/** Cuts a text into its lines, which do not include their ends; views, not copies. */
export function split(text: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = text.indexOf(newline); end !== -1; end = text.indexOf(newline, start)) {
    lines.push(text.subarray(start, end));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.subarray(start));
  return lines;
}

/** Writes a worker's counts of one line as a message of 16 bytes. */
export function encode(worker: number, counts: Counts): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, worker);
  view.setUint32(4, counts.bytes);
  view.setUint32(8, counts.words);
  view.setUint32(12, counts.letters);
  return new Uint8Array(view.buffer);
}

/** Reads what {@linkcode encode} has written. */
export function decode(message: Uint8Array): { worker: number; counts: Counts } {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return {
    worker: view.getUint32(0),
    counts: { bytes: view.getUint32(4), words: view.getUint32(8), letters: view.getUint32(12) },
  };
}

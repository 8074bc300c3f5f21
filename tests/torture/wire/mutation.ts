/**
 * What a hostile peer makes of valid bytes.
 *
 * @module
 */

import { bytes } from "../../zmtp/support.ts";
import type { Random } from "../random.ts";

/** Changes some bytes; those before `from` stay as they are. */
type Mutation = (data: Uint8Array, from: number, other: Uint8Array, random: Random) => Uint8Array;

const somewhere = (data: Uint8Array, from: number, random: Random) =>
  random.between(Math.min(from, data.length), data.length);

/** Lengths where something may go over: signs, words, exact integers, chunks and what limits there are. */
const LENGTHS = [
  ...[0, 1, 255, 256, 65_535, 65_536, 65_537, 262_144, 262_145, 1_048_576, 1_048_577],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 62, 2 ** 63],
];

function longHeader(flags: number, length: number): Uint8Array {
  const header = new Uint8Array(9);
  header[0] = flags | 2;
  new DataView(header.buffer).setBigUint64(1, BigInt(length));
  return header;
}

const mutations: readonly Mutation[] = [
  function flip(data, from, _other, random) {
    const copy = data.slice();
    const at = somewhere(data, from, random);
    if (at < copy.length) copy[at]! ^= 1 << random.below(8);
    return copy;
  },
  function replace(data, from, _other, random) {
    const copy = data.slice();
    const at = somewhere(data, from, random);
    copy.set(random.bytes(random.between(1, 9)).subarray(0, copy.length - at), at);
    return copy;
  },
  function insert(data, from, _other, random) {
    const at = somewhere(data, from, random);
    return bytes(data.subarray(0, at), random.bytes(random.between(1, 20)), data.subarray(at));
  },
  function remove(data, from, _other, random) {
    const at = somewhere(data, from, random);
    return bytes(data.subarray(0, at), data.subarray(at + random.between(1, 20)));
  },
  function repeat(data, from, _other, random) {
    const [at, until] = [somewhere(data, from, random), somewhere(data, from, random)].sort((a, b) => a - b);
    return bytes(data.subarray(0, until), data.subarray(at));
  },
  function truncate(data, from, _other, random) {
    return data.slice(0, somewhere(data, from, random));
  },
  function splice(data, from, other, random) {
    return bytes(data.subarray(0, somewhere(data, from, random)), other.subarray(somewhere(other, 0, random)));
  },
  function declare(data, from, _other, random) {
    const at = somewhere(data, from, random);
    const header = longHeader(random.below(8), random.pick(LENGTHS));
    return bytes(data.subarray(0, at), header, data.subarray(at));
  },
  function ping(data, from, _other, random) {
    const at = somewhere(data, from, random);
    const one = bytes(4, 7, 4, "PING", 0, 1);
    return bytes(data.subarray(0, at), ...new Array<Uint8Array>(random.between(1, 200)).fill(one), data.subarray(at));
  },
];

/** Changes bytes in one way or several. Most leave the handshake, which ends before `traffic`, as it is. */
export function mutate(
  data: Uint8Array,
  traffic: number,
  other: Uint8Array,
  random: Random,
): { data: Uint8Array; intact: boolean } {
  const intact = random.chance(0.7);
  let result = data;
  for (let count = random.between(0, 3); count > 0; count--) {
    result = random.pick(mutations)(result, intact ? traffic : 0, other, random);
  }
  return { data: result, intact };
}

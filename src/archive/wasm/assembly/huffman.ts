// Length-limited Huffman codes in the canonical form of RFC 1951, section 3.2.2.
import { NODE_PARENTS, NODE_WEIGHTS, SORT_COUNTS, SORT_KEYS, SORT_OTHER } from './deflate-layout';

/** A sort key holds the symbol in its low bits and the count above. */
const SYMBOL_BITS: u32 = 9;
const SYMBOL_MASK: u32 = (1 << SYMBOL_BITS) - 1;
const RADIX_BITS: u32 = 8;

/**
 * Makes the code of `symbols` symbols from their counts (32 bits each) and stores at `code` the reversed code word of each, and its
 * length (0 for a symbol that does not occur) from bit 16 on. At least two symbols get a code, as some decoders insist on it.
 */
export function buildCode(counts: usize, symbols: u32, maxLength: u32, code: usize): void {
  const used = sortSymbols(counts, symbols);
  memory.fill(code, 0, symbols << 2);
  const keys = sortedKeys;
  joinNodes(keys, used);
  const lengthCounts = SORT_COUNTS;
  countLengths(used, maxLength, lengthCounts);
  // The rarest symbols, first in order, take the longest codes.
  let key = keys;
  for (let length = maxLength; length > 0; length--) {
    for (let left = load<u32>(lengthCounts + (length << 2)); left > 0; left--) {
      store<u32>(code + ((load<u32>(key) & SYMBOL_MASK) << 2), length << 16);
      key += 4;
    }
  }
  assignWords(code, symbols, maxLength);
}

let sortedKeys: usize = SORT_KEYS;

/** Sorts the symbols that occur by count, then symbol; gives their number, 2 at least. */
function sortSymbols(counts: usize, symbols: u32): u32 {
  let end = SORT_KEYS;
  let highest: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<u32>(counts + (symbol << 2));
    if (count !== 0) {
      highest |= count;
      store<u32>(end, (count << SYMBOL_BITS) | symbol);
      end += 4;
    }
  }
  for (let symbol: u32 = 0; end < SORT_KEYS + 8; symbol++) {
    if (load<u32>(counts + (symbol << 2)) === 0) {
      store<u32>(end, (1 << SYMBOL_BITS) | symbol);
      highest |= 1;
      end += 4;
    }
  }
  const bytes = end - SORT_KEYS;
  let from = SORT_KEYS;
  let to = SORT_OTHER;
  for (let shift = SYMBOL_BITS; highest !== 0; shift += RADIX_BITS, highest >>>= RADIX_BITS) {
    memory.fill(SORT_COUNTS, 0, 4 << RADIX_BITS);
    for (let key = from; key < from + bytes; key += 4) {
      const slot = SORT_COUNTS + (((load<u32>(key) >>> shift) & 255) << 2);
      store<u32>(slot, load<u32>(slot) + 4);
    }
    let place = to;
    for (let slot = SORT_COUNTS; slot < SORT_COUNTS + (4 << RADIX_BITS); slot += 4) {
      const size = load<u32>(slot);
      store<u32>(slot, place);
      place += size;
    }
    for (let key = from; key < from + bytes; key += 4) {
      const value = load<u32>(key);
      const slot = SORT_COUNTS + (((value >>> shift) & 255) << 2);
      place = load<u32>(slot);
      store<u32>(place, value);
      store<u32>(slot, place + 4);
    }
    const other = from;
    from = to;
    to = other;
  }
  sortedKeys = from;
  return <u32>(bytes >>> 2);
}

/** Huffman's algorithm with two queues: leaves are nodes 0 to used - 1, joined nodes follow; the last node is the root. */
function joinNodes(keys: usize, used: u32): void {
  for (let node: u32 = 0; node < used; node++) {
    store<u32>(NODE_WEIGHTS + (node << 2), load<u32>(keys + (node << 2)) >>> SYMBOL_BITS);
  }
  let leaf: u32 = 0;
  let joined = used;
  const end = used + used - 1;
  for (let node = used; node < end; node++) {
    let weight: u32 = 0;
    for (let side = 0; side < 2; side++) {
      let least: u32;
      if (
        leaf < used &&
        (joined === node || load<u32>(NODE_WEIGHTS + (leaf << 2)) <= load<u32>(NODE_WEIGHTS + (joined << 2)))
      ) {
        least = leaf++;
      } else {
        least = joined++;
      }
      weight += load<u32>(NODE_WEIGHTS + (least << 2));
      store<u16>(NODE_PARENTS + (least << 1), node);
    }
    store<u32>(NODE_WEIGHTS + (node << 2), weight);
  }
}

/** Counts the leaves by depth, after moving those below `maxLength` up so that the code stays complete. */
function countLengths(used: u32, maxLength: u32, lengthCounts: usize): void {
  memory.fill(lengthCounts, 0, (maxLength + 1) << 2);
  const root = used + used - 2;
  // The weights are not needed any more: depths take their place.
  store<u32>(NODE_WEIGHTS + (root << 2), 0);
  let space: i32 = 0;
  for (let node: i32 = root - 1; node >= 0; node--) {
    const depth = load<u32>(NODE_WEIGHTS + ((<u32>load<u16>(NODE_PARENTS + (node << 1))) << 2)) + 1;
    store<u32>(NODE_WEIGHTS + (node << 2), depth);
    if (<u32>node < used) {
      const length = min(depth, maxLength);
      const count = lengthCounts + (length << 2);
      store<u32>(count, load<u32>(count) + 1);
      space += 1 << (maxLength - length);
    }
  }
  // Each step frees one code of the greatest length: a leaf above moves down and takes one of the leaves there as its sibling.
  for (let excess = space - (1 << maxLength); excess > 0; excess--) {
    let length = maxLength - 1;
    while (load<u32>(lengthCounts + (length << 2)) === 0) length--;
    const count = lengthCounts + (length << 2);
    store<u32>(count, load<u32>(count) - 1);
    store<u32>(count, load<u32>(count, 4) + 2, 4);
    const last = lengthCounts + (maxLength << 2);
    store<u32>(last, load<u32>(last) - 1);
  }
}

/** Completes the entries, which hold lengths, by the canonical code words. */
export function assignWords(code: usize, symbols: u32, maxLength: u32): void {
  const next = NODE_WEIGHTS;
  memory.fill(next, 0, (maxLength + 2) << 2);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const slot = next + ((load<u32>(code + (symbol << 2)) >>> 16) << 2) + 4;
    store<u32>(slot, load<u32>(slot) + 1);
  }
  // Length 0 is none; next[length] becomes the first word of the length.
  store<u32>(next, 0, 4);
  let word: u32 = 0;
  for (let length: u32 = 1; length <= maxLength; length++) {
    const slot = next + (length << 2);
    word = (word + load<u32>(slot)) << 1;
    store<u32>(slot, word);
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const entry = code + (symbol << 2);
    const length = load<u32>(entry) >>> 16;
    if (length === 0) continue;
    const slot = next + (length << 2);
    word = load<u32>(slot);
    store<u32>(slot, word + 1);
    store<u32>(entry, (length << 16) | reverse(word, length));
  }
}

/** The lowest `length` bits of `word` (15 at most) in the opposite order. */
function reverse(word: u32, length: u32): u32 {
  word = ((word & 0x5555) << 1) | ((word >>> 1) & 0x5555);
  word = ((word & 0x3333) << 2) | ((word >>> 2) & 0x3333);
  word = ((word & 0x0f0f) << 4) | ((word >>> 4) & 0x0f0f);
  word = ((word & 0x00ff) << 8) | (word >>> 8);
  return word >>> (16 - length);
}

// The matcher: hash chains, lazy evaluation, and blocks that end where the statistics of the symbols change.
import {
  CHAIN,
  CHUNK,
  DISTANCE_COUNTS,
  END_OF_BLOCK,
  HEAD3,
  HEAD3_BITS,
  HEAD4,
  HEAD4_BITS,
  LENGTH_SYMBOL,
  LITERAL_COUNTS,
  MAX_MATCH,
  MAX_SEQUENCES,
  MEMORY_END,
  MIN_MATCH,
  OBSERVED,
  OBSERVED_NEW,
  SEQUENCES,
  WINDOW_SIZE,
} from './deflate-layout';
import { endOutput, startOutput, writeBlock } from './deflate-block';
import { distanceSymbol, initTables } from './deflate-tables';

/** Candidates of a hash chain that are tried at most. */
const MAX_DEPTH: u32 = 8;
/** The same where there is a match already that a better one would replace. */
const LAZY_DEPTH: u32 = 3;
/** A match of this length is taken without looking further. */
const NICE_LENGTH: u32 = 32;
/** A match of three bytes that is farther away costs more than its literals. */
const FAR_FOR_THREE: u32 = 4096;
const MIN_BLOCK: u32 = 8192;
const MAX_BLOCK: u32 = 300000;
/** Symbols between two looks at the statistics. */
const LOOK_INTERVAL: u32 = 512;
const CATEGORIES: u32 = 10;
/** Literals in a row after which not every position is searched, and the most that are left out between two. */
const PATIENCE_BITS: u32 = 9;
const MAX_STRIDE: u32 = 32;

let sequence: usize = SEQUENCES;
let literalRun: u32 = 0;
let observed: u32 = 0;
let observedNew: u32 = 0;

/** Makes the memory and the constant tables; called once for an instance. */
export function initDeflate(): void {
  const missing = <i32>((MEMORY_END + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  initTables();
}

export function chunkAddress(): usize {
  return CHUNK;
}

// @ts-ignore: decorator
@inline
function slot3(word: u32): usize {
  return HEAD3 + <usize>((((word & 0xffffff) * 0x1e35a7bd) >>> (32 - HEAD3_BITS)) << 1);
}

// @ts-ignore: decorator
@inline
function slot4(word: u32): usize {
  return HEAD4 + <usize>(((word * 0x9e3779b1) >>> (32 - HEAD4_BITS)) << 1);
}

// @ts-ignore: decorator
@inline
function chainSlot(at: usize): usize {
  return CHAIN + ((at & (WINDOW_SIZE - 1)) << 1);
}

/** The nearest earlier address with these low 16 bits: `at` less the result is from 1 to 65536. */
// @ts-ignore: decorator
@inline
function stepsBack(at: usize, low: u32): u32 {
  return ((<u32>at - low - 1) & 0xffff) + 1;
}

/** Enters an address, of which four bytes are known, into the hash tables. */
// @ts-ignore: decorator
@inline
function insert(at: usize): void {
  const word = load<u32>(at);
  store<u16>(slot3(word), <u32>at);
  const slot = slot4(word);
  store<u16>(chainSlot(at), stepsBack(at, load<u16>(slot)) - 1);
  store<u16>(slot, <u32>at);
}

/** Enters `at` and gives the best match longer than `best` as length << 16 | distance - 1, or 0. At least four bytes follow. */
// @ts-ignore: decorator
@inline
function find(at: usize, first: usize, end: usize, best: u32, depth: u32): u32 {
  const word = load<u32>(at);
  const head3 = slot3(word);
  const head4 = slot4(word);
  const back3 = stepsBack(at, load<u16>(head3));
  const back4 = stepsBack(at, load<u16>(head4));
  store<u16>(head3, <u32>at);
  store<u16>(chainSlot(at), back4 - 1);
  store<u16>(head4, <u32>at);

  const lowest = max(first, at - WINDOW_SIZE);
  const longest = min(MAX_MATCH, <u32>(end - at));
  let found: u32 = 0;
  if (best < 3) {
    best = 3;
    const candidate = at - back3;
    if (candidate >= lowest && back3 <= FAR_FOR_THREE && ((load<u32>(candidate) ^ word) & 0xffffff) === 0) {
      found = (3 << 16) | (back3 - 1);
    }
  }
  if (longest <= best) return found;
  let candidate = at - back4;
  let tail = load<u32>(at + best - 3);
  while (candidate >= lowest) {
    const before = candidate - <usize>load<u16>(chainSlot(candidate)) - 1;
    if (load<u32>(candidate + best - 3) === tail && load<u32>(candidate) === word) {
      let length: u32 = 4;
      while (length < longest) {
        const difference = load<u64>(candidate + length) ^ load<u64>(at + length);
        if (difference !== 0) {
          length += <u32>(ctz(difference) >>> 3);
          break;
        }
        length += 8;
      }
      if (length > best) {
        best = min(length, longest);
        found = (best << 16) | (<u32>(at - candidate - 1));
        if (best >= NICE_LENGTH || best === longest) break;
        tail = load<u32>(at + best - 3);
      }
    }
    if (--depth === 0) break;
    candidate = before;
  }
  return found;
}

// @ts-ignore: decorator
@inline
function increment(address: usize): void {
  store<u32>(address, load<u32>(address) + 1);
}

// @ts-ignore: decorator
@inline
function addLiteral(byte: u32): void {
  increment(LITERAL_COUNTS + (byte << 2));
  increment(OBSERVED_NEW + ((((byte >>> 5) & 6) | (byte & 1)) << 2));
  observedNew++;
  literalRun++;
}

// @ts-ignore: decorator
@inline
function addMatch(length: u32, before: u32): void {
  increment(LITERAL_COUNTS + ((END_OF_BLOCK + 1 + <u32>load<u8>(LENGTH_SYMBOL + length)) << 2));
  increment(DISTANCE_COUNTS + (distanceSymbol(before) << 2));
  increment(OBSERVED_NEW + ((8 + <u32>(length >= 9)) << 2));
  observedNew++;
  store<u64>(sequence, (<u64>literalRun) | ((<u64>(length | ((before + 1) << 16))) << 32));
  sequence += 8;
  literalRun = 0;
}

function startBlock(): void {
  memory.fill(LITERAL_COUNTS, 0, 288 << 2);
  memory.fill(DISTANCE_COUNTS, 0, 32 << 2);
  memory.fill(OBSERVED, 0, CATEGORIES << 2);
  memory.fill(OBSERVED_NEW, 0, CATEGORIES << 2);
  sequence = SEQUENCES;
  literalRun = observed = observedNew = 0;
}

/** Whether the latest symbols differ so much from the block's that a block of their own pays; if not they join it. */
function statisticsChanged(blockSize: u32): bool {
  let difference: u64 = 0;
  if (observed > 0) {
    for (let category: u32 = 0; category < CATEGORIES; category++) {
      const before = <u64>load<u32>(OBSERVED + (category << 2)) * observedNew;
      const now = <u64>load<u32>(OBSERVED_NEW + (category << 2)) * observed;
      difference += before > now ? before - now : now - before;
    }
    const scale = <u64>observedNew * observed;
    if (difference + ((<u64>(blockSize >>> 12) * scale) >>> 9) >= (scale * 200) >>> 9) return true;
  }
  for (let category: u32 = 0; category < CATEGORIES; category++) {
    const slot = OBSERVED + (category << 2);
    store<u32>(slot, load<u32>(slot) + load<u32>(OBSERVED_NEW + (category << 2)));
    store<u32>(OBSERVED_NEW + (category << 2), 0);
  }
  observed += observedNew;
  observedNew = 0;
  return false;
}

/**
 * Compresses the `size` bytes at the chunk address, which the `dictionarySize` bytes before it precede; gives the size of the output.
 * What is written depends on these bytes alone, not on earlier calls.
 */
export function deflate(dictionarySize: u32, size: u32, last: bool): u32 {
  memory.fill(HEAD3, 0, 2 << HEAD3_BITS);
  memory.fill(HEAD4, 0, 2 << HEAD4_BITS);
  // An address that was never entered ends a chain.
  memory.fill(CHAIN, 0xff, WINDOW_SIZE << 1);
  startOutput();
  const first = CHUNK - dictionarySize;
  const end = CHUNK + size;
  // From here on fewer than four bytes are left: too few to hash.
  const hashEnd = size < 4 ? CHUNK : end - 3;
  for (let at = first; at < CHUNK && at + 4 <= end; at++) insert(at);

  let at = CHUNK;
  do {
    startBlock();
    const start = at;
    const blockEnd = min(end, start + MAX_BLOCK);
    while (at < blockEnd && sequence < SEQUENCES + (MAX_SEQUENCES << 3)) {
      if (
        observedNew >= LOOK_INTERVAL &&
        <u32>(at - start) >= MIN_BLOCK &&
        <u32>(end - at) >= MIN_BLOCK &&
        statisticsChanged(<u32>(at - start))
      )
        break;
      if (at >= hashEnd) {
        addLiteral(load<u8>(at++));
        continue;
      }
      let match = find(at, first, end, 0, MAX_DEPTH);
      if (match === 0) {
        const stride = 1 + min(literalRun >>> PATIENCE_BITS, MAX_STRIDE);
        const next = min(at + stride, blockEnd);
        do {
          addLiteral(load<u8>(at++));
        } while (at < next);
        continue;
      }
      // A longer match that begins one byte later is better, unless its distance costs more than it gains.
      let entered = at + 1;
      while (match >>> 16 < NICE_LENGTH && entered < hashEnd) {
        const next = find(entered++, first, end, (match >>> 16) - 1, LAZY_DEPTH);
        if (next === 0) break;
        const gain =
          <i32>((next >>> 16) - (match >>> 16)) * 4 +
          <i32>(clz((next & 0x7fff) | 1) - clz((match & 0x7fff) | 1));
        if (gain <= 2) break;
        addLiteral(load<u8>(at++));
        match = next;
      }
      const length = match >>> 16;
      addMatch(length, match & 0x7fff);
      at += length;
      const insertEnd = min(at, hashEnd);
      while (entered < insertEnd) insert(entered++);
    }
    if (literalRun > 0) {
      store<u64>(sequence, literalRun);
      sequence += 8;
    }
    writeBlock(start, at, sequence, last && at === end);
  } while (at < end);
  return endOutput(last);
}

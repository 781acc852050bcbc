// Writes one block (RFC 1951, section 3.2.3) in the form that takes the fewest bits.
import {
  DISTANCE_CODE,
  DISTANCE_CODES,
  DISTANCE_COUNTS,
  END_OF_BLOCK,
  LENGTH_BASE,
  LENGTH_CODES,
  LENGTH_EXTRA,
  LENGTH_SYMBOL,
  LENGTH_WORD,
  LITERAL_CODE,
  LITERAL_COUNTS,
  MAX_MATCH,
  MIN_MATCH,
  OUTPUT,
  PRECODE_CODE,
  PRECODE_CODES,
  PRECODE_COUNTS,
  PRECODE_RUNS,
  SEQUENCES,
  STATIC_DISTANCE_CODE,
  STATIC_LITERAL_CODE,
} from './deflate-layout';
import { distanceExtra, distanceSymbol } from './deflate-tables';
import { buildCode } from './huffman';

/** Four literals, or a match, and the bits of an unfinished byte fit 64 bits with codes of this length. */
const LITERAL_LENGTH_LIMIT: u32 = 14;
const DISTANCE_LENGTH_LIMIT: u32 = 15;
const PRECODE_LENGTH_LIMIT: u32 = 7;
const LITERAL_SYMBOLS: u32 = 286;
const MAX_STORED: u32 = 65535;

const STORED: u32 = 0;
const STATIC: u32 = 1;
const DYNAMIC: u32 = 2;

let out: usize = OUTPUT;
let bitBuffer: u64 = 0;
let bitCount: u64 = 0;

export function outputAddress(): usize {
  return OUTPUT;
}

export function startOutput(): void {
  out = OUTPUT;
  bitBuffer = 0;
  bitCount = 0;
}

/** Ends the output on a byte boundary, with an empty stored block if more is to follow; gives its size. */
export function endOutput(last: bool): u32 {
  if (!last) {
    putBits(STORED << 1, 3);
    alignToByte();
    store<u32>(out, 0xffff0000);
    out += 4;
  }
  alignToByte();
  return <u32>(out - OUTPUT);
}

/** Writes up to 32 bits. */
function putBits(bits: u32, count: u32): void {
  bitBuffer |= (<u64>bits) << bitCount;
  bitCount += count;
  store<u64>(out, bitBuffer);
  out += <usize>(bitCount >>> 3);
  bitBuffer >>>= bitCount & 56;
  bitCount &= 7;
}

function alignToByte(): void {
  if (bitCount > 0) putBits(0, 8 - <u32>bitCount);
}

/** Writes the block of the bytes from `start` to `end`, whose sequences end at `sequencesEnd`. The counts are those of the block. */
export function writeBlock(start: usize, end: usize, sequencesEnd: usize, last: bool): void {
  store<u32>(LITERAL_COUNTS + (END_OF_BLOCK << 2), 1);
  buildCode(LITERAL_COUNTS, LITERAL_SYMBOLS, LITERAL_LENGTH_LIMIT, LITERAL_CODE);
  buildCode(DISTANCE_COUNTS, DISTANCE_CODES, DISTANCE_LENGTH_LIMIT, DISTANCE_CODE);
  const literals = usedSymbols(LITERAL_CODE, LITERAL_SYMBOLS, 257);
  const distances = usedSymbols(DISTANCE_CODE, DISTANCE_CODES, 1);
  const runsEnd = describeLengths(literals, distances);
  buildCode(PRECODE_COUNTS, PRECODE_CODES, PRECODE_LENGTH_LIMIT, PRECODE_CODE);

  const size = <u32>(end - start);
  const storedCost = (size << 3) + (size / MAX_STORED + 1) * 42;
  const staticCost = costOf(STATIC_LITERAL_CODE, STATIC_DISTANCE_CODE);
  const dynamicCost = headerCost() + costOf(LITERAL_CODE, DISTANCE_CODE);
  const bestCoded = min(staticCost, dynamicCost);
  if (storedCost <= bestCoded) {
    writeStored(start, end, last);
  } else if (staticCost <= dynamicCost) {
    putBits((STATIC << 1) | (<u32>last), 3);
    writeSequences(start, sequencesEnd, STATIC_LITERAL_CODE, STATIC_DISTANCE_CODE);
  } else {
    putBits((DYNAMIC << 1) | (<u32>last), 3);
    writeHeader(literals, distances, runsEnd);
    writeSequences(start, sequencesEnd, LITERAL_CODE, DISTANCE_CODE);
  }
}

/** The number of symbols up to the last one that has a code, `least` at least. */
function usedSymbols(code: usize, symbols: u32, least: u32): u32 {
  while (symbols > least && load<u32>(code + ((symbols - 1) << 2)) === 0) symbols--;
  return symbols;
}

/** Bits of the block's symbols under these codes. */
function costOf(literalCode: usize, distanceCode: usize): u32 {
  let cost: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITERAL_SYMBOLS; symbol++) {
    cost += load<u32>(LITERAL_COUNTS + (symbol << 2)) * (load<u32>(literalCode + (symbol << 2)) >>> 16);
  }
  for (let symbol: u32 = 0; symbol < LENGTH_CODES; symbol++) {
    cost += load<u32>(LITERAL_COUNTS + ((END_OF_BLOCK + 1 + symbol) << 2)) * load<u8>(LENGTH_EXTRA + symbol);
  }
  for (let symbol: u32 = 0; symbol < DISTANCE_CODES; symbol++) {
    const bits = (load<u32>(distanceCode + (symbol << 2)) >>> 16) + distanceExtra(symbol);
    cost += load<u32>(DISTANCE_COUNTS + (symbol << 2)) * bits;
  }
  return cost;
}

/** Describes the code lengths by the precode's symbols (3.2.7), counts these, and gives the end of the description. */
function describeLengths(literals: u32, distances: u32): usize {
  memory.fill(PRECODE_COUNTS, 0, PRECODE_CODES << 2);
  let runs = PRECODE_RUNS;
  const total = literals + distances;
  for (let at: u32 = 0; at < total;) {
    const length = lengthAt(at, literals);
    let run: u32 = 1;
    while (at + run < total && lengthAt(at + run, literals) === length) run++;
    at += run;
    if (length === 0) {
      while (run >= 11) {
        const take = min(run, 138);
        runs = addRun(runs, 18, take - 11);
        run -= take;
      }
      if (run >= 3) {
        runs = addRun(runs, 17, run - 3);
        run = 0;
      }
    } else if (run >= 4) {
      runs = addRun(runs, length, 0);
      run--;
      while (run >= 3) {
        const take = min(run, 6);
        runs = addRun(runs, 16, take - 3);
        run -= take;
      }
    }
    for (; run > 0; run--) runs = addRun(runs, length, 0);
  }
  return runs;
}

/** Code length number `at` of the literal code and the distance code in one row. */
function lengthAt(at: u32, literals: u32): u32 {
  const entry = at < literals ? LITERAL_CODE + (at << 2) : DISTANCE_CODE + ((at - literals) << 2);
  return load<u32>(entry) >>> 16;
}

function addRun(runs: usize, symbol: u32, extra: u32): usize {
  const count = PRECODE_COUNTS + (symbol << 2);
  store<u32>(count, load<u32>(count) + 1);
  store<u16>(runs, symbol | (extra << 8));
  return runs + 2;
}

/** The precode's symbols in the order in which a header gives their lengths (3.2.7). */
function precodeOrder(index: u32): u32 {
  if (index < 3) return 16 + index;
  if (index === 3) return 0;
  return index & 1 ? 7 - ((index - 5) >>> 1) : 8 + ((index - 4) >>> 1);
}

function precodeLengths(): u32 {
  let count: u32 = PRECODE_CODES;
  while (count > 4 && load<u32>(PRECODE_CODE + (precodeOrder(count - 1) << 2)) === 0) count--;
  return count;
}

function precodeExtra(symbol: u32): u32 {
  return symbol < 16 ? 0 : symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
}

function headerCost(): u32 {
  let cost: u32 = 14 + 3 * precodeLengths();
  for (let symbol: u32 = 0; symbol < PRECODE_CODES; symbol++) {
    const bits = (load<u32>(PRECODE_CODE + (symbol << 2)) >>> 16) + precodeExtra(symbol);
    cost += load<u32>(PRECODE_COUNTS + (symbol << 2)) * bits;
  }
  return cost;
}

function writeHeader(literals: u32, distances: u32, runsEnd: usize): void {
  const lengths = precodeLengths();
  putBits((literals - 257) | ((distances - 1) << 5) | ((lengths - 4) << 10), 14);
  for (let index: u32 = 0; index < lengths; index++)
    putBits(load<u32>(PRECODE_CODE + (precodeOrder(index) << 2)) >>> 16, 3);
  for (let run = PRECODE_RUNS; run < runsEnd; run += 2) {
    const symbol: u32 = load<u8>(run);
    const entry = load<u32>(PRECODE_CODE + (symbol << 2));
    const length = entry >>> 16;
    putBits((entry & 0xffff) | ((<u32>load<u8>(run, 1)) << length), length + precodeExtra(symbol));
  }
}

function writeStored(start: usize, end: usize, last: bool): void {
  do {
    const size = min(<u32>(end - start), MAX_STORED);
    putBits((STORED << 1) | (<u32>(last && start + size === end)), 3);
    alignToByte();
    store<u16>(out, size);
    store<u16>(out, ~size, 2);
    memory.copy(out + 4, start, size);
    out += size + 4;
    start += size;
  } while (start < end);
}

/** Writes the symbols of the block and its end. */
function writeSequences(at: usize, sequencesEnd: usize, literalCode: usize, distanceCode: usize): void {
  for (let length: u32 = MIN_MATCH; length <= MAX_MATCH; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOL + length);
    const entry = load<u32>(literalCode + ((END_OF_BLOCK + 1 + symbol) << 2));
    const bits = entry >>> 16;
    const extra = length - load<u16>(LENGTH_BASE + (symbol << 1));
    store<u32>(
      LENGTH_WORD + (length << 2),
      (entry & 0xffff) | (extra << bits) | ((bits + load<u8>(LENGTH_EXTRA + symbol)) << 24),
    );
  }
  let to = out;
  let buffer = bitBuffer;
  let count = bitCount;
  for (let sequence = SEQUENCES; sequence < sequencesEnd; sequence += 8) {
    const packed = load<u64>(sequence);
    const run = at + <u32>packed;
    while (at + 4 <= run) {
      let entry = load<u32>(literalCode + ((<usize>load<u8>(at)) << 2));
      buffer |= (<u64>(entry & 0xffff)) << count;
      count += entry >>> 16;
      entry = load<u32>(literalCode + ((<usize>load<u8>(at, 1)) << 2));
      buffer |= (<u64>(entry & 0xffff)) << count;
      count += entry >>> 16;
      entry = load<u32>(literalCode + ((<usize>load<u8>(at, 2)) << 2));
      buffer |= (<u64>(entry & 0xffff)) << count;
      count += entry >>> 16;
      entry = load<u32>(literalCode + ((<usize>load<u8>(at, 3)) << 2));
      buffer |= (<u64>(entry & 0xffff)) << count;
      count += entry >>> 16;
      store<u64>(to, buffer);
      to += <usize>(count >>> 3);
      buffer >>>= count & 56;
      count &= 7;
      at += 4;
    }
    if (at < run) {
      do {
        const entry = load<u32>(literalCode + ((<usize>load<u8>(at)) << 2));
        buffer |= (<u64>(entry & 0xffff)) << count;
        count += entry >>> 16;
      } while (++at < run);
      store<u64>(to, buffer);
      to += <usize>(count >>> 3);
      buffer >>>= count & 56;
      count &= 7;
    }
    const length = (<u32>(packed >>> 32)) & 0xffff;
    if (length !== 0) {
      const word = load<u32>(LENGTH_WORD + (length << 2));
      buffer |= (<u64>(word & 0xffffff)) << count;
      count += word >>> 24;
      const before = <u32>(packed >>> 48) - 1;
      const symbol = distanceSymbol(before);
      const extra = distanceExtra(symbol);
      const entry = load<u32>(distanceCode + (symbol << 2));
      buffer |= (<u64>(entry & 0xffff)) << count;
      count += entry >>> 16;
      buffer |= (<u64>(before & ((1 << extra) - 1))) << count;
      count += extra;
      store<u64>(to, buffer);
      to += <usize>(count >>> 3);
      buffer >>>= count & 56;
      count &= 7;
      at += length;
    }
  }
  out = to;
  bitBuffer = buffer;
  bitCount = count;
  const entry = load<u32>(literalCode + (END_OF_BLOCK << 2));
  putBits(entry & 0xffff, entry >>> 16);
}

// The constant tables of RFC 1951, sections 3.2.5 and 3.2.6.
import {
  LENGTH_BASE,
  LENGTH_CODES,
  LENGTH_EXTRA,
  LENGTH_SYMBOL,
  LITERAL_CODES,
  MAX_MATCH,
  MIN_MATCH,
  STATIC_DISTANCE_CODE,
  STATIC_LITERAL_CODE,
} from './deflate-layout';
import { assignWords } from './huffman';

/** Fills the constant tables; called once for an instance. */
export function initTables(): void {
  let length = MIN_MATCH;
  for (let symbol: u32 = 0; symbol < LENGTH_CODES - 1; symbol++) {
    const extra: u32 = symbol < 8 ? 0 : (symbol >>> 2) - 1;
    store<u16>(LENGTH_BASE + (symbol << 1), length);
    store<u8>(LENGTH_EXTRA + symbol, extra);
    for (let left: u32 = 1 << extra; left > 0; left--) store<u8>(LENGTH_SYMBOL + length++, symbol);
  }
  // The greatest length has a code of its own.
  store<u16>(LENGTH_BASE + ((LENGTH_CODES - 1) << 1), MAX_MATCH);
  store<u8>(LENGTH_EXTRA + LENGTH_CODES - 1, 0);
  store<u8>(LENGTH_SYMBOL + MAX_MATCH, LENGTH_CODES - 1);

  for (let symbol: u32 = 0; symbol < LITERAL_CODES; symbol++) {
    const bits: u32 = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    store<u32>(STATIC_LITERAL_CODE + (symbol << 2), bits << 16);
  }
  assignWords(STATIC_LITERAL_CODE, LITERAL_CODES, 9);
  for (let symbol: u32 = 0; symbol < 32; symbol++) store<u32>(STATIC_DISTANCE_CODE + (symbol << 2), 5 << 16);
  assignWords(STATIC_DISTANCE_CODE, 32, 5);
}

/** The extra bits of a distance code. */
// @ts-ignore: decorator
@inline
export function distanceExtra(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >>> 1) - 1;
}

/** The code of `distance`, less 1: with two bits below the highest one it is the code itself. */
// @ts-ignore: decorator
@inline
export function distanceSymbol(before: u32): u32 {
  if (before < 2) return before;
  const top = 31 - clz(before);
  return (top << 1) + ((before >>> (top - 1)) & 1);
}

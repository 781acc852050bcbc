// LZMA decoding of one LZMA2 chunk at a time (LZMA specification of the LZMA SDK).
// The decoding of a bit is written out at each place: range and code must stay in locals, and there are no macros.
// The window is circular and doubles as the output: a call decodes up to a limit of bytes and can be resumed.
import {
  DISTANCE_ALIGN,
  DISTANCE_SLOT,
  DISTANCE_SPECIAL,
  INPUT,
  IS_MATCH,
  IS_REP,
  IS_REP0_LONG,
  IS_REP_G0,
  IS_REP_G1,
  IS_REP_G2,
  LENGTH,
  LENGTH_HIGH,
  LENGTH_LOW,
  LENGTH_MID,
  LITERAL,
  PROBS,
  REP_LENGTH,
  WINDOW,
} from './lzma-layout';
import { advance, Decoder } from './lzma-state';

const TOP: u32 = 1 << 24;
const CORRUPT: i32 = -1;

/**
 * Decodes until `limit` bytes are made, the window's end is reached or the chunk is complete.
 * Returns the number of bytes, or CORRUPT; at the chunk's end its input must be used up exactly.
 */
export function decode(limit: u32): i32 {
  const start = Decoder.position;
  const windowEnd = WINDOW + Decoder.windowSize;
  const end = start + min(min(limit, Decoder.chunkLeft), <u32>(windowEnd - start));
  const lcBits = Decoder.literalContextBits;
  const lpMask = Decoder.literalPositionMask;
  const pbMask = Decoder.positionMask;
  const inEnd = Decoder.inputEnd;
  let range = Decoder.range;
  let code = Decoder.code;
  let inAt = Decoder.inputAt;
  let state = Decoder.state;
  let rep0 = Decoder.rep0;
  let rep1 = Decoder.rep1;
  let rep2 = Decoder.rep2;
  let rep3 = Decoder.rep3;
  let length = Decoder.pendingLength;
  let at = start;
  let previous: u32 = at > WINDOW ? load<u8>(at - 1) : Decoder.wrapped ? load<u8>(windowEnd - 1) : 0;
  let p: usize;
  let prob: u32;
  let bound: u32;

  while (at < end) {
    if (length === 0) {
      if (inAt > inEnd) return CORRUPT;
      const positionState = (<u32>at) & pbMask;
      p = PROBS + ((IS_MATCH + (state << 4) + positionState) << 1);
      prob = load<u16>(p);
      if (range < TOP) {
        range <<= 8;
        code = (code << 8) | load<u8>(inAt++);
      }
      bound = (range >>> 11) * prob;
      if (code < bound) {
        range = bound;
        store<u16>(p, prob + ((2048 - prob) >>> 5));
        const base =
          PROBS + (LITERAL << 1) + 0x600 * ((((<u32>at) & lpMask) << lcBits) + (previous >>> (8 - lcBits)));
        let symbol: u32 = 1;
        if (state < 7) {
          do {
            p = base + (symbol << 1);
            prob = load<u16>(p);
            if (range < TOP) {
              range <<= 8;
              code = (code << 8) | load<u8>(inAt++);
            }
            bound = (range >>> 11) * prob;
            const mask: u32 = 0 - <u32>(code >= bound);
            range = bound + (mask & (range - bound - bound));
            code -= bound & mask;
            store<u16>(p, prob - ((<i32>(prob - (2017 & ~mask))) >> 5));
            symbol = (symbol << 1) - mask;
          } while (symbol < 256);
          state = state < 4 ? 0 : state - 3;
        } else {
          const from = at - rep0 - 1;
          let match: u32 = load<u8>(<u32>(at - WINDOW) <= rep0 ? from + Decoder.windowSize : from);
          let offset: u32 = 256;
          do {
            match <<= 1;
            const matchBit = match & offset;
            p = base + ((offset + matchBit + symbol) << 1);
            prob = load<u16>(p);
            if (range < TOP) {
              range <<= 8;
              code = (code << 8) | load<u8>(inAt++);
            }
            bound = (range >>> 11) * prob;
            const mask: u32 = 0 - <u32>(code >= bound);
            range = bound + (mask & (range - bound - bound));
            code -= bound & mask;
            store<u16>(p, prob - ((<i32>(prob - (2017 & ~mask))) >> 5));
            symbol = (symbol << 1) - mask;
            offset &= matchBit ^ ~mask;
          } while (symbol < 256);
          state = state < 10 ? state - 3 : state - 6;
        }
        previous = symbol & 255;
        store<u8>(at++, previous);
        continue;
      }
      range -= bound;
      code -= bound;
      store<u16>(p, prob - (prob >>> 5));

      let lengthCoder: usize = LENGTH;
      p = PROBS + ((IS_REP + state) << 1);
      prob = load<u16>(p);
      if (range < TOP) {
        range <<= 8;
        code = (code << 8) | load<u8>(inAt++);
      }
      bound = (range >>> 11) * prob;
      const isRep = code >= bound;
      if (isRep) {
        range -= bound;
        code -= bound;
        store<u16>(p, prob - (prob >>> 5));
        lengthCoder = REP_LENGTH;
        p = PROBS + ((IS_REP_G0 + state) << 1);
        prob = load<u16>(p);
        if (range < TOP) {
          range <<= 8;
          code = (code << 8) | load<u8>(inAt++);
        }
        bound = (range >>> 11) * prob;
        if (code < bound) {
          range = bound;
          store<u16>(p, prob + ((2048 - prob) >>> 5));
          p = PROBS + ((IS_REP0_LONG + (state << 4) + positionState) << 1);
          prob = load<u16>(p);
          if (range < TOP) {
            range <<= 8;
            code = (code << 8) | load<u8>(inAt++);
          }
          bound = (range >>> 11) * prob;
          if (code < bound) {
            range = bound;
            store<u16>(p, prob + ((2048 - prob) >>> 5));
            state = state < 7 ? 9 : 11;
            length = 1;
          } else {
            range -= bound;
            code -= bound;
            store<u16>(p, prob - (prob >>> 5));
          }
        } else {
          range -= bound;
          code -= bound;
          store<u16>(p, prob - (prob >>> 5));
          p = PROBS + ((IS_REP_G1 + state) << 1);
          prob = load<u16>(p);
          if (range < TOP) {
            range <<= 8;
            code = (code << 8) | load<u8>(inAt++);
          }
          bound = (range >>> 11) * prob;
          if (code < bound) {
            range = bound;
            store<u16>(p, prob + ((2048 - prob) >>> 5));
            const distance = rep1;
            rep1 = rep0;
            rep0 = distance;
          } else {
            range -= bound;
            code -= bound;
            store<u16>(p, prob - (prob >>> 5));
            p = PROBS + ((IS_REP_G2 + state) << 1);
            prob = load<u16>(p);
            if (range < TOP) {
              range <<= 8;
              code = (code << 8) | load<u8>(inAt++);
            }
            bound = (range >>> 11) * prob;
            let distance = rep2;
            if (code < bound) {
              range = bound;
              store<u16>(p, prob + ((2048 - prob) >>> 5));
            } else {
              range -= bound;
              code -= bound;
              store<u16>(p, prob - (prob >>> 5));
              distance = rep3;
              rep3 = rep2;
            }
            rep2 = rep1;
            rep1 = rep0;
            rep0 = distance;
          }
        }
      } else {
        range = bound;
        store<u16>(p, prob + ((2048 - prob) >>> 5));
      }

      if (length === 0) {
        // A length: choice, choice2, then a tree of 3, 3 or 8 bits.
        let tree: usize;
        let treeSize: u32 = 8;
        p = PROBS + (lengthCoder << 1);
        prob = load<u16>(p);
        if (range < TOP) {
          range <<= 8;
          code = (code << 8) | load<u8>(inAt++);
        }
        bound = (range >>> 11) * prob;
        if (code < bound) {
          range = bound;
          store<u16>(p, prob + ((2048 - prob) >>> 5));
          tree = p + ((LENGTH_LOW + (positionState << 3)) << 1);
          length = 2 - 8;
        } else {
          range -= bound;
          code -= bound;
          store<u16>(p, prob - (prob >>> 5));
          prob = load<u16>(p, 2);
          if (range < TOP) {
            range <<= 8;
            code = (code << 8) | load<u8>(inAt++);
          }
          bound = (range >>> 11) * prob;
          if (code < bound) {
            range = bound;
            store<u16>(p, prob + ((2048 - prob) >>> 5), 2);
            tree = p + ((LENGTH_MID + (positionState << 3)) << 1);
            length = 10 - 8;
          } else {
            range -= bound;
            code -= bound;
            store<u16>(p, prob - (prob >>> 5), 2);
            tree = p + (LENGTH_HIGH << 1);
            treeSize = 256;
            length = 18 - 256;
          }
        }
        let symbol: u32 = 1;
        do {
          p = tree + (symbol << 1);
          prob = load<u16>(p);
          if (range < TOP) {
            range <<= 8;
            code = (code << 8) | load<u8>(inAt++);
          }
          bound = (range >>> 11) * prob;
          const mask: u32 = 0 - <u32>(code >= bound);
          range = bound + (mask & (range - bound - bound));
          code -= bound & mask;
          store<u16>(p, prob - ((<i32>(prob - (2017 & ~mask))) >> 5));
          symbol = (symbol << 1) - mask;
        } while (symbol < treeSize);
        length += symbol;

        if (isRep) {
          state = state < 7 ? 8 : 11;
        } else {
          state = state < 7 ? 7 : 10;
          rep3 = rep2;
          rep2 = rep1;
          rep1 = rep0;
          tree = PROBS + ((DISTANCE_SLOT + (min(length - 2, 3) << 6)) << 1);
          symbol = 1;
          do {
            p = tree + (symbol << 1);
            prob = load<u16>(p);
            if (range < TOP) {
              range <<= 8;
              code = (code << 8) | load<u8>(inAt++);
            }
            bound = (range >>> 11) * prob;
            const mask: u32 = 0 - <u32>(code >= bound);
            range = bound + (mask & (range - bound - bound));
            code -= bound & mask;
            store<u16>(p, prob - ((<i32>(prob - (2017 & ~mask))) >> 5));
            symbol = (symbol << 1) - mask;
          } while (symbol < 64);
          const slot = symbol - 64;
          rep0 = slot;
          if (slot >= 4) {
            let bits = (slot >>> 1) - 1;
            rep0 = (2 | (slot & 1)) << bits;
            if (slot < 14) {
              tree = PROBS + ((DISTANCE_SPECIAL + rep0 - slot) << 1) - 2;
            } else {
              let direct: u32 = 0;
              for (bits -= 4; bits > 0; bits--) {
                if (range < TOP) {
                  range <<= 8;
                  code = (code << 8) | load<u8>(inAt++);
                }
                range >>>= 1;
                code -= range;
                const mask: u32 = 0 - (code >>> 31);
                code += range & mask;
                direct = (direct << 1) + mask + 1;
              }
              rep0 += direct << 4;
              bits = 4;
              tree = PROBS + (DISTANCE_ALIGN << 1);
            }
            symbol = 1;
            let place: u32 = 1;
            const treeEnd: u32 = 1 << bits;
            do {
              p = tree + (symbol << 1);
              prob = load<u16>(p);
              if (range < TOP) {
                range <<= 8;
                code = (code << 8) | load<u8>(inAt++);
              }
              bound = (range >>> 11) * prob;
              const mask: u32 = 0 - <u32>(code >= bound);
              range = bound + (mask & (range - bound - bound));
              code -= bound & mask;
              store<u16>(p, prob - ((<i32>(prob - (2017 & ~mask))) >> 5));
              symbol = (symbol << 1) - mask;
              rep0 += place & mask;
              place <<= 1;
            } while (place < treeEnd);
          }
        }
      }
      // Also refuses the end marker of plain LZMA (rep0 = 2^32 - 1), which LZMA2 does not have.
      if (rep0 >= Decoder.dictionarySize || (!Decoder.wrapped && rep0 >= <u32>(at - WINDOW))) return CORRUPT;
    }

    let count = min(length, <u32>(end - at));
    length -= count;
    const distance = rep0 + 1;
    let from = at - distance;
    if (<u32>(at - WINDOW) < distance) {
      from += Decoder.windowSize;
      if (from + count > windowEnd) {
        const first = <u32>(windowEnd - from);
        count -= first;
        memory.copy(at, from, first);
        at += first;
        from = WINDOW;
      }
    }
    const copyEnd = at + count;
    if (distance >= 8) {
      if (count > 256 && distance >= count) {
        memory.copy(at, from, count);
      } else {
        do {
          store<u64>(at, load<u64>(from));
          at += 8;
          from += 8;
        } while (at < copyEnd);
      }
    } else if (distance === 1 && count > 64) {
      memory.fill(at, load<u8>(from), count);
    } else {
      do {
        store<u8>(at++, load<u8>(from++));
      } while (at < copyEnd);
    }
    at = copyEnd;
    previous = load<u8>(at - 1);
  }

  const made = <u32>(at - start);
  Decoder.chunkLeft -= made;
  if (Decoder.chunkLeft === 0) {
    if (range < TOP) {
      range <<= 8;
      code = (code << 8) | load<u8>(inAt++);
    }
    if (length !== 0 || code !== 0 || inAt !== inEnd) return CORRUPT;
  }
  Decoder.range = range;
  Decoder.code = code;
  Decoder.inputAt = inAt;
  Decoder.state = state;
  Decoder.rep0 = rep0;
  Decoder.rep1 = rep1;
  Decoder.rep2 = rep2;
  Decoder.rep3 = rep3;
  Decoder.pendingLength = length;
  advance(made);
  return made;
}

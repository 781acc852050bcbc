// The state of an LZMA decoder and what sets it between chunks (LZMA specification of the LZMA SDK; LZMA2 framing is the caller's).
import { INPUT, LITERAL, PROBS, WINDOW, WINDOW_SLACK } from './lzma-layout';

/** What a decoder keeps between calls. Static fields are plain WebAssembly globals. */
export class Decoder {
  static windowSize: u32 = 0;
  static dictionarySize: u32 = 0;
  /** Where the next byte goes. */
  static position: usize = WINDOW;
  /** Whether the window was filled since the dictionary was reset. */
  static wrapped: bool = false;
  static literalContextBits: u32 = 0;
  static literalPositionMask: u32 = 0;
  static positionMask: u32 = 0;
  static range: u32 = 0;
  static code: u32 = 0;
  static inputAt: usize = INPUT;
  static inputEnd: usize = INPUT;
  static state: u32 = 0;
  static rep0: u32 = 0;
  static rep1: u32 = 0;
  static rep2: u32 = 0;
  static rep3: u32 = 0;
  /** Bytes of a match that did not fit the limit. */
  static pendingLength: u32 = 0;
  /** Bytes that the chunk has still to give. */
  static chunkLeft: u32 = 0;
}

export function inputAddress(): usize {
  return INPUT;
}

export function windowPosition(): usize {
  return Decoder.position;
}

/** Bytes that fit before the window's end; 0 never. */
export function windowRoom(): u32 {
  return <u32>(WINDOW + Decoder.windowSize - Decoder.position);
}

/** Makes a window for a dictionary of `size` bytes and pieces of `piece` bytes; false if there is no memory for it. */
export function openWindow(size: u32, piece: u32): bool {
  Decoder.dictionarySize = size;
  // A match copy spills over the oldest bytes: the slack keeps those out of the dictionary.
  Decoder.windowSize = (max(size, piece) + <u32>WINDOW_SLACK + 15) & ~15;
  const pages = <i32>((WINDOW + <usize>Decoder.windowSize + WINDOW_SLACK + 0xffff) >>> 16);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return false;
  resetDictionary();
  return true;
}

export function resetDictionary(): void {
  Decoder.position = WINDOW;
  Decoder.wrapped = false;
}

/** Resets the probabilities, the state and the repeated distances. */
export function resetState(): void {
  Decoder.state = Decoder.rep0 = Decoder.rep1 = Decoder.rep2 = Decoder.rep3 = 0;
  const end = PROBS + ((LITERAL + (0x300 << 4)) << 1);
  for (let at = PROBS; at < end; at += 8) store<u64>(at, 0x0400040004000400);
}

/** Takes the byte that holds lc, lp and pb and resets the state; false if LZMA2 does not allow them. */
export function setProperties(byte: u32): bool {
  if (byte > (4 * 5 + 4) * 9 + 8) return false;
  const lc = byte % 9;
  const lp = (byte / 9) % 5;
  if (lc + lp > 4) return false;
  Decoder.literalContextBits = lc;
  Decoder.literalPositionMask = (1 << lp) - 1;
  Decoder.positionMask = (1 << (byte / 45)) - 1;
  resetState();
  return true;
}

/** Starts a chunk whose `compressed` bytes are at the input address; false if its range coder does not start right. */
export function startChunk(compressed: u32, uncompressed: u32): bool {
  if (compressed < 5 || load<u8>(INPUT) !== 0) return false;
  Decoder.range = 0xffffffff;
  Decoder.code = bswap<u32>(load<u32>(INPUT, 1));
  Decoder.inputAt = INPUT + 5;
  Decoder.inputEnd = INPUT + compressed;
  Decoder.chunkLeft = uncompressed;
  Decoder.pendingLength = 0;
  return true;
}

/** Notes that the caller wrote `length` bytes of an uncompressed chunk at the window position; they fit the room. */
export function advance(length: u32): void {
  Decoder.position += length;
  if (Decoder.position === WINDOW + Decoder.windowSize) {
    Decoder.position = WINDOW;
    Decoder.wrapped = true;
  }
}

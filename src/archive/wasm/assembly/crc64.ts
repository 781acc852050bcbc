// CRC-64 of ECMA-182, reflected, as .xz uses it (xz-file-format, section 6): sixteen tables, sixteen bytes a step.
import { CRC64_TABLES } from './lzma-layout';

const POLYNOMIAL: u64 = 0xc96c5795d7870f42;

/** Fills the tables; called once for an instance. */
export function initCrc64(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc: u64 = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
    store<u64>(CRC64_TABLES + (byte << 3), crc);
  }
  for (let entry: u32 = 256; entry < 4096; entry++) {
    const before = load<u64>(CRC64_TABLES + ((entry - 256) << 3));
    store<u64>(
      CRC64_TABLES + (entry << 3),
      (before >>> 8) ^ load<u64>(CRC64_TABLES + (((<u32>before) & 255) << 3)),
    );
  }
}

/** The table entry of byte `index` of `word`; `slice` is the number of bytes of the step that follow it. */
// @ts-ignore: decorator
@inline
function lookUp(word: u64, index: u64, slice: usize): u64 {
  return load<u64>(CRC64_TABLES + (slice << 11) + ((<usize>((word >>> (index << 3)) & 255)) << 3));
}

/** Continues the CRC `crc` (0 at first) over `length` bytes at `start`. */
export function crc64(crc: u64, start: usize, length: usize): u64 {
  crc = ~crc;
  let at = start;
  const end = start + length;
  while (at + 16 <= end) {
    const a = load<u64>(at) ^ crc;
    const b = load<u64>(at, 8);
    crc =
      lookUp(b, 0, 7) ^
      lookUp(b, 1, 6) ^
      lookUp(b, 2, 5) ^
      lookUp(b, 3, 4) ^
      lookUp(b, 4, 3) ^
      lookUp(b, 5, 2) ^
      lookUp(b, 6, 1) ^
      lookUp(b, 7, 0) ^
      lookUp(a, 0, 15) ^
      lookUp(a, 1, 14) ^
      lookUp(a, 2, 13) ^
      lookUp(a, 3, 12) ^
      lookUp(a, 4, 11) ^
      lookUp(a, 5, 10) ^
      lookUp(a, 6, 9) ^
      lookUp(a, 7, 8);
    at += 16;
  }
  while (at < end) {
    crc = (crc >>> 8) ^ load<u64>(CRC64_TABLES + (((<usize>(crc & 255)) ^ load<u8>(at)) << 3));
    at++;
  }
  return ~crc;
}

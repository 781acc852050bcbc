import type { CachedName } from './library-search.ts';

/** Sizes and places of the format (glibc 2.2 and later: sysdeps/generic/dl-cache.h). */
const OLD_MAGIC = 'ld.so-1.7.0\0';
const OLD_ENTRY_SIZE = 12;
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER_SIZE = 48;
const ENTRY_SIZE = 24;
const FLAGS = 28;
const BIG_ENDIAN = 3;
const MAX_ENTRIES = 100_000;
const MAX_NAME = 4096;

/**
 * The libraries that `/etc/ld.so.cache` names, in its order; those in folders for better hardware are left out.
 * @returns nothing for what is no cache in the format of glibc 2.2 or later, or a damaged one
 */
export function readLdSoCache(bytes: Buffer): CachedName[] | undefined {
  const start = placeOfNewFormat(bytes);
  if (start === undefined) return undefined;
  const cache = bytes.subarray(start);
  const isBig = cache[FLAGS] === BIG_ENDIAN;
  const word = (at: number): number => (isBig ? cache.readUInt32BE(at) : cache.readUInt32LE(at));
  const count = word(MAGIC.length);
  if (count > MAX_ENTRIES || HEADER_SIZE + count * ENTRY_SIZE > cache.length) return undefined;
  const text = (at: number): string | undefined => {
    const end = cache.indexOf(0, at);
    return at >= cache.length || end < 0 || end - at > MAX_NAME ? undefined : cache.toString('utf8', at, end);
  };
  const found: CachedName[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    const [name, path] = [text(word(at + 4)), text(word(at + 8))];
    const isForBetterHardware = word(at + 16) !== 0 || word(at + 20) !== 0;
    if (name !== undefined && path !== undefined && !isForBetterHardware)
      found.push({ kind: word(at), name, path });
  }
  return found;
}

/** glibc before 2.32 wrote the old format and the new one behind it, at a multiple of 8. */
function placeOfNewFormat(bytes: Buffer): number | undefined {
  const isAt = (at: number): boolean =>
    at + HEADER_SIZE <= bytes.length && bytes.toString('latin1', at, at + MAGIC.length) === MAGIC;
  if (isAt(0)) return 0;
  if (bytes.toString('latin1', 0, OLD_MAGIC.length) !== OLD_MAGIC || bytes.length < 16) return undefined;
  for (const count of [bytes.readUInt32LE(12), bytes.readUInt32BE(12)]) {
    const at = Math.ceil((16 + count * OLD_ENTRY_SIZE) / 8) * 8;
    if (isAt(at)) return at;
  }
  return undefined;
}

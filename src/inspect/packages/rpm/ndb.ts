/** The file's head, its slots and its blobs are in units of 16 bytes (RPM: lib/backend/ndb/rpmpkg.c). */
const UNIT = 16;
const HEADER_SIZE = 2 * UNIT;
const HEADER_MAGIC = Buffer.from('RpmP');
const SLOT_MAGIC = Buffer.from('Slot');
const BLOB_MAGIC = Buffer.from('BlbS');
const SLOT_PAGE = 4096;
const VERSION = 0;

/** The headers of `Packages.db`, RPM's own database, in the order of their numbers; nothing for another file. */
export function* readNdb(bytes: Buffer): Generator<Buffer> {
  const isNdb = bytes.length >= HEADER_SIZE && startsWith(bytes, 0, HEADER_MAGIC);
  if (!isNdb || bytes.readUInt32LE(4) !== VERSION) return;
  const end = Math.min(bytes.readUInt32LE(12) * SLOT_PAGE, bytes.length);
  const slots: { number: number; start: number }[] = [];
  for (let at = HEADER_SIZE; at + UNIT <= end; at += UNIT) {
    const number = bytes.readUInt32LE(at + 4);
    if (startsWith(bytes, at, SLOT_MAGIC) && number !== 0)
      slots.push({ number, start: bytes.readUInt32LE(at + 8) * UNIT });
  }
  // No byte of a sound file belongs to two blobs: this bounds what a hostile one costs.
  let left = bytes.length;
  for (const { number, start } of slots.sort((a, b) => a.number - b.number)) {
    if (start + UNIT > bytes.length || !startsWith(bytes, start, BLOB_MAGIC)) continue;
    const length = bytes.readUInt32LE(start + 12);
    left -= length;
    if (left < 0) return;
    const content = start + UNIT;
    if (bytes.readUInt32LE(start + 4) === number && content + length <= bytes.length)
      yield bytes.subarray(content, content + length);
  }
}

function startsWith(bytes: Buffer, at: number, magic: Buffer): boolean {
  return bytes.subarray(at, at + magic.length).equals(magic);
}

import { PithError } from '../core/index.ts';
import { ByteInput } from './byte-input.ts';

/** Numbers of the zstd format: RFC 8878, 3.1.1 and 3.1.2. */
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAX_BLOCK = 128 * 1024;
const RLE = 1;
const RESERVED = 3;
/** Largest window that is allocated, in bytes: the same as for xz. */
const MAX_WINDOW = 2 ** 26;

/**
 * Divides zstd data into pieces that decode to 128 KiB at most each: headers of frames, and blocks. A decoder that is fed
 * larger pieces gives all that is in them at once, up to 32768 bytes for each byte of the piece. Skippable frames are left out.
 * @throws ARCHIVE_INVALID for data that is cut short or malformed, ARCHIVE_TOO_LARGE for a window over the limit
 */
export async function* readZstdBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new ByteInput(source, 'the zstd data');
  try {
    while (!(await input.atEnd())) {
      const magic = await input.take(4);
      const number = magic.readUInt32LE();
      if ((number & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC)
        await skip(input, (await input.take(4)).readUInt32LE());
      else if (number === FRAME_MAGIC) yield* readFrame(input, magic);
      else throw invalid('a frame does not start as one');
    }
  } finally {
    await input.close();
  }
}

async function* readFrame(input: ByteInput, magic: Buffer): AsyncGenerator<Uint8Array> {
  const descriptor = await input.take(1);
  const flags = descriptor.readUInt8();
  const isSingle = (flags & 0x20) !== 0;
  const window = await input.take(isSingle ? 0 : 1);
  const dictionary = await input.take([0, 1, 2, 4][flags & 3] ?? 0);
  const content = await input.take([isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0);
  checkWindow(isSingle ? contentSize(content) : windowSize(window.readUInt8()));
  yield Buffer.concat([magic, descriptor, window, dictionary, content]);
  for (;;) {
    const header = await input.take(3);
    const [number, kind] = [header.readUIntLE(0, 3), (header.readUInt8() >> 1) & 3];
    const size = number >> 3;
    if (kind === RESERVED || size > MAX_BLOCK) throw invalid('a block has a malformed header');
    yield Buffer.concat([header, await input.take(kind === RLE ? 1 : size)]);
    if ((number & 1) === 1) break;
  }
  yield await input.take((flags & 4) === 0 ? 0 : 4);
}

/** RFC 8878, 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** RFC 8878, 3.1.1.1.4. */
function contentSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.length === 2 ? field.readUInt16LE() + 256 : field.readUIntLE(0, field.length);
}

function checkWindow(size: number): void {
  if (size <= MAX_WINDOW) return;
  throw new PithError(
    'ARCHIVE_TOO_LARGE',
    `the zstd data needs a window of ${size} bytes; the limit is ${MAX_WINDOW}`,
    {
      hint: 'Compress the file again with `zstd -19` or a lower level.',
    },
  );
}

async function skip(input: ByteInput, count: number): Promise<void> {
  for (let left = count; left > 0; left -= MAX_BLOCK) await input.take(Math.min(left, MAX_BLOCK));
}

function invalid(why: string): PithError {
  return new PithError('ARCHIVE_INVALID', `the zstd data is damaged: ${why}`);
}

import { PithError } from '../core/index.ts';
import type { ByteInput } from './byte-input.ts';
import { instantiateCodec, type WasmMemory } from './wasm/load.ts';

/** What the decoding half of codec.wasm exports (src/archive/wasm/assembly/lzma.ts and crc64.ts). */
export interface Lzma2Codec {
  readonly memory: WasmMemory;
  initCrc64(): void;
  crc64(crc: bigint, start: number, length: number): bigint;
  inputAddress(): number;
  windowPosition(): number;
  windowRoom(): number;
  openWindow(dictionary: number, piece: number): number;
  resetDictionary(): void;
  resetState(): void;
  setProperties(byte: number): number;
  startChunk(compressed: number, uncompressed: number): number;
  advance(length: number): void;
  decode(limit: number): number;
}

/** Bytes of a decoded piece at most. */
const PIECE_SIZE = 1 << 20;

/** Idle instances, whose memory is warm: a thread may have two packages and an index open at once. */
const idle: Lzma2Codec[] = [];
const MAX_IDLE = 3;

/** A codec for one stream; give it back with {@link releaseCodec}. */
export function acquireCodec(): Lzma2Codec {
  return idle.pop() ?? newCodec();
}

export function releaseCodec(codec: Lzma2Codec): void {
  if (idle.length < MAX_IDLE) idle.push(codec);
}

function newCodec(): Lzma2Codec {
  const codec = instantiateCodec() as Lzma2Codec;
  codec.initCrc64();
  return codec;
}

/**
 * Decodes LZMA2 data up to and with its end marker (LZMA2 as the LZMA SDK and the Linux kernel's XZ Embedded define it).
 * @param dictionary size of the dictionary in bytes, as the filter's properties say
 * @returns pieces of PIECE_SIZE at most: views into the codec's window, valid until the next pull
 * @throws ARCHIVE_INVALID if the data is damaged or cut short, ARCHIVE_TOO_LARGE if there is no memory for the dictionary
 */
export async function* decodeLzma2(
  input: ByteInput,
  codec: Lzma2Codec,
  dictionary: number,
): AsyncGenerator<Uint8Array> {
  if (!codec.openWindow(dictionary, PIECE_SIZE)) {
    throw new PithError(
      'ARCHIVE_TOO_LARGE',
      `there is no memory for the dictionary of ${dictionary} bytes of the xz data`,
    );
  }
  const window = new Uint8Array(codec.memory.buffer);
  const compressedInput = codec.inputAddress();
  let needsDictionaryReset = true;
  let needsProperties = true;
  let start = codec.windowPosition();
  let made = 0;

  for (let control = await input.byte(); control !== 0; control = await input.byte()) {
    const resetsDictionary = control === 1 || control >= 0xe0;
    if (resetsDictionary) {
      if (made > 0) yield window.subarray(start, start + made);
      codec.resetDictionary();
      start = codec.windowPosition();
      made = 0;
      needsDictionaryReset = false;
      needsProperties = true;
    }
    if (needsDictionaryReset || (control > 2 && control < 0x80)) throw damaged();

    const isCompressed = control >= 0x80;
    let left = ((await input.byte()) << 8) + (await input.byte()) + 1;
    if (isCompressed) {
      left += (control & 0x1f) << 16;
      const size = ((await input.byte()) << 8) + (await input.byte()) + 1;
      if (control >= 0xc0) {
        if (!codec.setProperties(await input.byte())) throw damaged();
        needsProperties = false;
      } else if (needsProperties) {
        throw damaged();
      } else if (control >= 0xa0) {
        codec.resetState();
      }
      await input.fill(window.subarray(compressedInput, compressedInput + size));
      if (!codec.startChunk(size, left)) throw damaged();
    }

    while (left > 0) {
      const at = codec.windowPosition();
      const limit = Math.min(left, PIECE_SIZE - made, codec.windowRoom());
      if (isCompressed) {
        if (codec.decode(limit) !== limit) throw damaged();
      } else {
        await input.fill(window.subarray(at, at + limit));
        codec.advance(limit);
      }
      left -= limit;
      made += limit;
      const next = codec.windowPosition();
      if (made === PIECE_SIZE || next !== at + limit) {
        yield window.subarray(start, start + made);
        start = next;
        made = 0;
      }
    }
  }
  if (made > 0) yield window.subarray(start, start + made);
}

function damaged(): PithError {
  return new PithError('ARCHIVE_INVALID', 'the LZMA2 data is damaged');
}

import { gzipSync } from 'node:zlib';
import { compressAll, createCompressor, encodeHeader, END_OF_ARCHIVE, paddingOf } from '../archive/index.ts';
import { digestOf } from '../core/index.ts';
import { blobOfBytes } from './blob.ts';
import { layerTypeOf } from './media-types.ts';
import type { Layer } from './model.ts';

/** For tests: a layer with one file. */
export async function layerOf(
  content: string,
  compression: 'none' | 'gzip' | 'zstd' = 'gzip',
): Promise<Layer> {
  const body = Buffer.from(content);
  const owner = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  const rest = { linkName: '', deviceMajor: 0, deviceMinor: 0 };
  const header = encodeHeader({ path: 'file', type: 'file', size: body.length, ...owner, ...rest });
  const tar = Buffer.concat([header, body, new Uint8Array(paddingOf(body.length)), END_OF_ARCHIVE]);
  const pack = {
    none: () => tar,
    gzip: () => gzipSync(tar),
    zstd: async () => compressAll(await zstd(), tar),
  };
  const blob = blobOfBytes(await pack[compression]());
  const descriptor = { mediaType: layerTypeOf(compression), digest: blob.digest, size: blob.size };
  return { descriptor, diffId: digestOf(tar), blob };
}

let compressor: ReturnType<typeof createCompressor> | undefined;
function zstd(): ReturnType<typeof createCompressor> {
  return (compressor ??= createCompressor('zstd'));
}

export { listAr, type ArMember } from './ar.ts';
export {
  CHUNK_SIZE,
  compressAll,
  COMPRESSOR_VERSION,
  createCompressor,
  DICTIONARY_SIZE,
  type ChunkCompressor,
  type LayerCompression,
} from './compressor.ts';
export { compressionOfName, decompress, type Compression } from './decompress.ts';
export { limitExpansion } from './limit.ts';
export { encodeName } from './names.ts';
export { TYPE_FLAG, type TarEntry, type TarEntryType } from './tar-format.ts';
export { readTar, TarParser, type TarEvent } from './tar-reader.ts';
export { encodeHeader, END_OF_ARCHIVE, paddingOf } from './tar-writer.ts';
export { openZip, type ZipArchive } from './zip/archive.ts';
export { type MemberPlace, unpackMember } from './zip/content.ts';

// One module, two kinds of instance: one decodes LZMA2 and computes CRC-64, the other one compresses.
// Their memory maps may overlap, as no instance does both.
export { decode } from './lzma';
export {
  advance,
  inputAddress,
  openWindow,
  resetDictionary,
  resetState,
  setProperties,
  startChunk,
  windowPosition,
  windowRoom,
} from './lzma-state';
export * from './crc64';
export { initDeflate, chunkAddress, deflate } from './deflate';
export { outputAddress } from './deflate-block';

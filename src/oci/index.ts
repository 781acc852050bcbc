export { assembleImage, assembleIndex, platformOfConfig } from './assemble.ts';
export { blobOfBytes, readBlob } from './blob.ts';
export { inDockerFormat } from './docker-format.ts';
export { encodeIndex, encodeManifest } from './encode.ts';
export {
  CONFIG_TYPE,
  INDEX_TYPE,
  compressionOfLayer,
  isAnyManifestType,
  isConfigType,
  isForeignLayer,
  isIndexType,
  isManifestType,
  layerTypeOf,
  MANIFEST_TYPE,
  REF_NAME_ANNOTATION,
} from './media-types.ts';
export {
  imagesOf,
  type AnyArtifact,
  type Artifact,
  type Blob,
  type BlobOrigin,
  type Image,
  type ImageIndex,
  type Layer,
  type OtherArtifact,
} from './model.ts';
export { MAX_DOCUMENT_SIZE, parseConfig, parseIndex, parseManifest } from './parse.ts';
export { parseOther, type OtherManifest } from './parse-other.ts';
export { formatPlatform, isKnownPlatform, parseAnyPlatform, parsePlatform, platformTag } from './platform.ts';
export type {
  Descriptor,
  Healthcheck,
  HistoryEntry,
  ImageConfig,
  IndexManifest,
  Manifest,
  Platform,
  RunConfig,
} from './types.ts';
export { validateArtifact } from './validate.ts';
export { parseSaveManifest, type SavedImage } from './docker-save.ts';

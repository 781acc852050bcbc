import { isDigest, type Digest } from '../core/index.ts';
import {
  asBoolean,
  asCount,
  asObject,
  asText,
  invalid,
  listOf,
  openJson,
  optional,
  recordOf,
  required,
  wrong,
  type Members,
  type Place,
} from './json.ts';
import { isIndexType, isManifestType } from './media-types.ts';
import type {
  Descriptor,
  Healthcheck,
  HistoryEntry,
  ImageConfig,
  IndexManifest,
  Manifest,
  Platform,
  RunConfig,
} from './types.ts';

/** Most bytes of a manifest, index or configuration: what registries take (distribution-spec 1.1, "Pushing Manifests"). */
export const MAX_DOCUMENT_SIZE = 4 * 1024 * 1024;

const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const asTexts = recordOf(asText);

/**
 * Reads the manifest of an image. Members that the specification does not name are kept.
 * @throws IMAGE_INVALID with the JSON path of what is wrong
 */
export function parseManifest(bytes: Uint8Array, what = 'image manifest'): Manifest {
  const place = openJson(bytes, what, MAX_DOCUMENT_SIZE);
  const members = asObject(place);
  checkKind(place, members, 'manifests', isManifestType, 'the media type of an image manifest');
  return {
    ...members,
    schemaVersion: required(place, members, 'schemaVersion', asVersion),
    ...optional(place, members, {
      mediaType: asText,
      artifactType: asText,
      subject: asDescriptor,
      annotations: asTexts,
    }),
    config: required(place, members, 'config', asDescriptor),
    layers: required(place, members, 'layers', listOf(asDescriptor)),
  };
}

/**
 * Reads an image index, which `index.json` of a layout is as well.
 * @throws IMAGE_INVALID with the JSON path of what is wrong
 */
export function parseIndex(bytes: Uint8Array, what = 'image index'): IndexManifest {
  const place = openJson(bytes, what, MAX_DOCUMENT_SIZE);
  const members = asObject(place);
  checkKind(place, members, 'layers', isIndexType, 'the media type of an image index');
  return {
    ...members,
    schemaVersion: required(place, members, 'schemaVersion', asVersion),
    ...optional(place, members, {
      mediaType: asText,
      artifactType: asText,
      subject: asDescriptor,
      annotations: asTexts,
    }),
    manifests: required(place, members, 'manifests', listOf(asDescriptor)),
  };
}

/**
 * Reads the configuration of an image. Members that the specification does not name are kept.
 * @throws IMAGE_INVALID with the JSON path of what is wrong
 */
export function parseConfig(bytes: Uint8Array, what = 'image configuration'): ImageConfig {
  const place = openJson(bytes, what, MAX_DOCUMENT_SIZE);
  const members = asObject(place);
  const config: ImageConfig = {
    ...members,
    ...platformMembers(place, members),
    ...optional(place, members, {
      created: asText,
      author: asText,
      config: asRunConfig,
      history: listOf(asHistoryEntry),
    }),
    rootfs: required(place, members, 'rootfs', asRootfs),
  };
  const steps = config.history?.filter((entry) => !entry.empty_layer).length ?? 0;
  if (steps > config.rootfs.diff_ids.length)
    throw invalid(
      `${place.at}.history tells of ${steps} layers, but $.rootfs.diff_ids has ${config.rootfs.diff_ids.length}`,
    );
  return config;
}

/** One document must not be readable both as a manifest and as an index (image-spec 1.1, image-index.md; CVE-2021-41190). */
function checkKind(
  place: Place,
  members: Members,
  foreign: string,
  isRight: (mediaType: string) => boolean,
  expected: string,
): void {
  if (Object.hasOwn(members, foreign))
    throw invalid(`${place.at}.${foreign} does not belong into this kind of document`);
  const { mediaType } = optional(place, members, { mediaType: asText });
  if (mediaType !== undefined && !isRight(mediaType))
    throw wrong({ value: mediaType, at: `${place.at}.mediaType` }, expected);
}

function asVersion(place: Place): 2 {
  if (place.value !== 2) throw wrong(place, '2');
  return 2;
}

function asDigest(place: Place): Digest {
  const text = asText(place);
  if (!isDigest(text)) throw wrong(place, 'a digest (sha256: and 64 lower-case hexadecimal digits)');
  return text;
}

function asMediaType(place: Place): string {
  const text = asText(place);
  if (!MEDIA_TYPE.test(text)) throw wrong(place, 'a media type');
  return text;
}

export function asDescriptor(place: Place): Descriptor {
  const members = asObject(place);
  return {
    ...members,
    mediaType: required(place, members, 'mediaType', asMediaType),
    digest: required(place, members, 'digest', asDigest),
    size: required(place, members, 'size', asCount),
    ...optional(place, members, {
      urls: listOf(asText),
      annotations: asTexts,
      data: asText,
      platform: asPlatform,
      artifactType: asText,
    }),
  };
}

function asPlatform(place: Place): Platform {
  const members = asObject(place);
  return { ...members, ...platformMembers(place, members) };
}

function platformMembers(place: Place, members: Members): Platform {
  return {
    architecture: required(place, members, 'architecture', asText),
    os: required(place, members, 'os', asText),
    ...optional(place, members, { variant: asText, 'os.version': asText, 'os.features': listOf(asText) }),
  };
}

function asRunConfig(place: Place): RunConfig {
  const members = asObject(place);
  return {
    ...members,
    ...optional(place, members, {
      User: asText,
      ExposedPorts: recordOf(asEmpty),
      Env: listOf(asText),
      Entrypoint: listOf(asText),
      Cmd: listOf(asText),
      Volumes: recordOf(asEmpty),
      WorkingDir: asText,
      Labels: asTexts,
      StopSignal: asText,
      Healthcheck: asHealthcheck,
    }),
  };
}

function asHealthcheck(place: Place): Healthcheck {
  const members = asObject(place);
  return {
    ...members,
    ...optional(place, members, {
      Test: listOf(asText),
      Interval: asCount,
      Timeout: asCount,
      StartPeriod: asCount,
      Retries: asCount,
    }),
  };
}

function asEmpty(place: Place): Record<string, never> {
  asObject(place);
  return {};
}

function asHistoryEntry(place: Place): HistoryEntry {
  const members = asObject(place);
  return {
    ...members,
    ...optional(place, members, {
      created: asText,
      created_by: asText,
      author: asText,
      comment: asText,
      empty_layer: asBoolean,
    }),
  };
}

function asRootfs(place: Place): ImageConfig['rootfs'] {
  const members = asObject(place);
  const type = required(place, members, 'type', asText);
  if (type !== 'layers') throw wrong({ value: type, at: `${place.at}.type` }, '"layers"');
  return { type, diff_ids: optional(place, members, { diff_ids: listOf(asDigest) }).diff_ids ?? [] };
}

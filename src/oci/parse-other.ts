import { asObject, asText, listOf, openJson, optional, recordOf } from './json.ts';
import { asDescriptor, MAX_DOCUMENT_SIZE } from './parse.ts';
import type { Descriptor } from './types.ts';

/** What a manifest of any kind names. */
export interface OtherManifest {
  /** Configuration, layers and blobs. */
  readonly blobs: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly subject: Descriptor | undefined;
  /** What kind of thing it is: its own word for it, or the media type of its configuration. */
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/**
 * Finds the descriptors in a manifest or index of any kind that follows the image-spec's members, or those of the
 * artifact manifest of its release candidates (`blobs`).
 * @throws IMAGE_INVALID with the JSON path of what is wrong
 */
export function parseOther(bytes: Uint8Array, what: string): OtherManifest {
  const place = openJson(bytes, what, MAX_DOCUMENT_SIZE);
  const descriptors = listOf(asDescriptor);
  const found = optional(place, asObject(place), {
    config: asDescriptor,
    layers: descriptors,
    blobs: descriptors,
    manifests: descriptors,
    subject: asDescriptor,
    artifactType: asText,
    annotations: recordOf(asText),
  });
  const { config, layers = [], blobs = [], manifests = [], subject, annotations } = found;
  const artifactType = found.artifactType === '' ? undefined : found.artifactType;
  return {
    blobs: [...(config ? [config] : []), ...layers, ...blobs],
    manifests,
    subject,
    artifactType: artifactType ?? config?.mediaType,
    annotations,
  };
}

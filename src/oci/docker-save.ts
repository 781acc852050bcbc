import { asObject, asText, listOf, openJson, optional, required, type Place } from './json.ts';
import { MAX_DOCUMENT_SIZE } from './parse.ts';

/** An image in `manifest.json` of what `docker save` writes (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"). */
export interface SavedImage {
  /** Path of the configuration in the archive. */
  readonly config: string;
  readonly names: readonly string[];
  /** Paths of the layers in the archive, in the order in which they are applied. */
  readonly layers: readonly string[];
}

/**
 * Reads `manifest.json`.
 * @throws IMAGE_INVALID with the JSON path of what is wrong
 */
export function parseSaveManifest(bytes: Uint8Array, what = 'manifest.json'): SavedImage[] {
  return listOf(asSavedImage)(openJson(bytes, what, MAX_DOCUMENT_SIZE));
}

function asSavedImage(place: Place): SavedImage {
  const members = asObject(place);
  const { RepoTags = [], Layers = [] } = optional(place, members, {
    RepoTags: listOf(asText),
    Layers: listOf(asText),
  });
  return { config: required(place, members, 'Config', asText), names: RepoTags, layers: Layers };
}

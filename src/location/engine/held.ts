import { isDigest, type Digest } from '../../core/index.ts';

/**
 * Whether what `podman image inspect`, `docker image inspect` or `nerdctl image inspect` printed about a name is about an
 * image with one of these digests: of its manifest, or its ID.
 */
export function describesImage(printed: string, digests: readonly Digest[]): boolean {
  const [first] = parseList(printed);
  if (typeof first !== 'object' || first === null) return false;
  const { Id: id, Digest: digest, RepoDigests: references } = first as Readonly<Record<string, unknown>>;
  const named = Array.isArray(references) ? references.map((text) => String(text).split('@').at(-1)) : [];
  return digests.some((wanted) => [id, digest, ...named].includes(wanted));
}

/** Whether what `podman image inspect` printed is about an image whose manifest is of this media type. */
export function isManifestOf(printed: string, mediaType: string): boolean {
  const [first] = parseList(printed);
  return (
    typeof first === 'object' && first !== null && 'ManifestType' in first && first.ManifestType === mediaType
  );
}

/**
 * The layers of the image that `podman image inspect` or `docker image inspect` printed, by the digests of their unpacked
 * bytes, the lowest first. None where the engine keeps them as they came (Docker on containerd's storage): there it is not
 * known whether it has them in the form that a manifest names.
 */
export function unpackedLayers(printed: string): readonly Digest[] {
  const [first] = parseList(printed);
  const { GraphDriver: driver, RootFS: rootfs } = fieldsOf(first);
  const { Layers: layers } = fieldsOf(rootfs);
  const isUnpacked = Object.keys(fieldsOf(fieldsOf(driver)['Data'])).length > 0;
  return isUnpacked && Array.isArray(layers) && layers.every(isText) && layers.every(isDigest) ? layers : [];
}

/** Whether the table that `ctr image ls` printed has an image with this digest (columns REF, TYPE, DIGEST …). */
export function listsImage(printed: string, digest: Digest): boolean {
  return printed.split('\n').some((line) => line.split(/\s+/)[2] === digest);
}

function parseList(printed: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(printed);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

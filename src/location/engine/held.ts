import type { Digest } from '../../core/index.ts';

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

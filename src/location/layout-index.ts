import { byText } from '../core/index.ts';
import {
  encodeIndex,
  INDEX_TYPE,
  REF_NAME_ANNOTATION,
  type Descriptor,
  type IndexManifest,
} from '../oci/index.ts';
import type { NamedArtifact } from './contract.ts';
import { requireLayoutName } from './reference.ts';

/** Content of the file `oci-layout` (image-spec 1.1, image-layout.md). */
export const LAYOUT_FILE = '{"imageLayoutVersion":"1.0.0"}';

/** The descriptors in `index.json` of artifacts, one a name, with the annotations of the name. @throws USAGE for a bad name */
export function describeNamed(
  artifacts: readonly NamedArtifact[],
  annotationsOf: (name: string) => Readonly<Record<string, string>>,
): Descriptor[] {
  return artifacts.flatMap(({ names, artifact }) => {
    const { mediaType, digest, size, platform } = artifact.descriptor;
    const plain = { mediaType, digest, size };
    const rest = platform ? { platform } : {};
    if (names.length === 0) return [{ ...plain, ...rest }];
    return names.map((name) => ({ ...plain, annotations: annotationsOf(requireLayoutName(name)), ...rest }));
  });
}

/** The name that a descriptor of `index.json` gives. */
export function nameOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[REF_NAME_ANNOTATION];
}

/** Adds descriptors to those of an `index.json`: the same names are replaced, other names are kept; ordered by name. */
export function mergeIndex(existing: IndexManifest | undefined, added: readonly Descriptor[]): IndexManifest {
  const names = new Set(added.map(nameOf).filter((name) => name !== undefined));
  const unnamed = new Set(
    added.filter((descriptor) => nameOf(descriptor) === undefined).map((descriptor) => descriptor.digest),
  );
  const kept = (existing?.manifests ?? []).filter((descriptor) => {
    const name = nameOf(descriptor);
    return name === undefined ? !unnamed.has(descriptor.digest) : !names.has(name);
  });
  const manifests = [...kept, ...added].sort(
    (a, b) => byText(nameOf(a) ?? '', nameOf(b) ?? '') || byText(a.digest, b.digest),
  );
  return { ...existing, schemaVersion: 2, mediaType: INDEX_TYPE, manifests };
}

/** `index.json` as bytes. */
export function encodeLayoutIndex(index: IndexManifest): Uint8Array {
  return encodeIndex(index);
}

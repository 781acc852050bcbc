import { type Digest, isDigest } from '../core/index.ts';
import { parseLocation, parseRegistryReference } from '../location/index.ts';
import { type Artifact, imagesOf } from '../oci/index.ts';
import type { ImageSpec } from './image-spec.ts';

/** Annotations of an image that name the one that it lies on (image-spec 1.1, annotations.md). */
const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';

type Annotations = Readonly<Record<string, string>>;

/** The image that another one says that it lies on. */
export interface BaseAnnotations {
  /** A reference such as `docker.io/library/debian:13`: what stands for the base now. */
  readonly name?: string;
  /** What the base was when the image was made. */
  readonly digest?: Digest;
  /** The base that the image was made on, as what follows `docker://`: the repository of the name with the digest. */
  readonly oldReference?: string;
}

/**
 * What an image says of its base: the annotations of the index, else those that all images agree on. Values that are neither
 * reference nor digest count as absent.
 */
export function readBaseAnnotations(artifact: Artifact): BaseAnnotations {
  const manifests = imagesOf(artifact).map(({ manifest }) => manifest.annotations ?? {});
  const read = (key: string): string | undefined => {
    const values = new Set(manifests.map((annotations) => textOf(annotations, key)));
    const agreed = values.size === 1 ? [...values][0] : undefined;
    return artifact.kind === 'index' ? (textOf(artifact.manifest.annotations ?? {}, key) ?? agreed) : agreed;
  };
  const name = read(NAME);
  const digest = read(DIGEST);
  const repository = name === undefined ? undefined : repositoryOf(name);
  const isKnown = digest !== undefined && isDigest(digest);
  return {
    ...(name === undefined || repository === undefined ? {} : { name }),
    ...(isKnown ? { digest } : {}),
    ...(isKnown && repository !== undefined ? { oldReference: `${repository}@${digest}` } : {}),
  };
}

/**
 * Annotations with the base that an image lies on now.
 * @param name reference of the base in a registry; without one there is none to name
 */
export function withBase(
  annotations: Annotations | undefined,
  name: string | undefined,
  digest: Digest,
): Annotations {
  const others = Object.entries(annotations ?? {}).filter(([key]) => key !== NAME && key !== DIGEST);
  return { ...Object.fromEntries(others), ...(name === undefined ? {} : { [NAME]: name }), [DIGEST]: digest };
}

/** The annotations of an image that is built: the definition's, and those that name the image below it. */
export function imageAnnotations({
  annotations,
  base,
}: Pick<ImageSpec, 'annotations' | 'base'>): Annotations {
  if (!base) return annotations;
  const location = parseLocation(base.location);
  return withBase(annotations, location.kind === 'docker' ? location.reference : undefined, base.digest);
}

function textOf(annotations: Annotations, key: string): string | undefined {
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

function repositoryOf(name: string): string | undefined {
  try {
    const { registry, repository, isFolder } = parseRegistryReference(name);
    return isFolder ? undefined : `${registry}/${repository}`;
  } catch {
    return undefined;
  }
}

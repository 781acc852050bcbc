import { PithError, type Digest } from '../core/index.ts';
import {
  formatPlatform,
  imagesOf,
  platformOfConfig,
  platformTag,
  type Image,
  type Platform,
} from '../oci/index.ts';
import type { NamedArtifact } from './contract.ts';
import { requireDockerReference } from './reference.ts';

/**
 * The artifacts of a write that are no part of another one: indexes, and images that are in none of these. One a digest.
 * What refers to another manifest and has no name of its own counts as a part.
 */
export function rootsOf(artifacts: readonly NamedArtifact[]): NamedArtifact[] {
  const inside = new Set<Digest>();
  for (const { artifact } of artifacts)
    if (artifact.kind === 'index') for (const image of artifact.images) inside.add(image.descriptor.digest);
  const roots = new Map<Digest, NamedArtifact>();
  for (const named of artifacts) {
    const { digest } = named.artifact.descriptor;
    if (!inside.has(digest) && !roots.has(digest) && !isReferrer(named)) roots.set(digest, named);
  }
  return [...roots.values()];
}

function isReferrer({ names, artifact }: NamedArtifact): boolean {
  const { subject } = artifact.kind === 'other' ? artifact : artifact.manifest;
  return names.length === 0 && subject !== undefined;
}

/**
 * Gives the one artifact of a write the name that the location says; images of its index that are written under names
 * of their own get it with their platform (`TAG-amd64`). Without a reference, artifacts keep their names.
 * @throws USAGE if there are several artifacts, or none at all
 */
export function applyReference(
  artifacts: readonly NamedArtifact[],
  reference: string | undefined,
): readonly NamedArtifact[] {
  const [root, ...others] = rootsOf(artifacts);
  if (!root) throw new PithError('USAGE', 'there is no image to write');
  if (reference === undefined) return artifacts;
  if (others.length > 0)
    throw new PithError(
      'USAGE',
      `the name ${reference} cannot stand for ${others.length + 1} images at once`,
      {
        hint: 'Leave the name out of the location: every image is then written under its own.',
      },
    );
  const named: NamedArtifact[] = [{ names: [reference], artifact: root.artifact }];
  const seen = new Set([root.artifact.descriptor.digest]);
  for (const { names, artifact } of artifacts) {
    if (seen.has(artifact.descriptor.digest)) continue;
    if (isReferrer({ names, artifact })) named.push({ names, artifact });
    else if (artifact.kind === 'image') named.push({ names: [platformName(reference, artifact)], artifact });
    else continue;
    seen.add(artifact.descriptor.digest);
  }
  return named;
}

/** The name of one image of an index that has a name: `cc-debian13:latest-amd64`. */
export function platformName(name: string, image: Image): string {
  return `${name}-${platformTag(platformOfConfig(image.config))}`;
}

/** An image and the names by which Docker is to know it. */
export interface DockerImage {
  readonly image: Image;
  readonly names: readonly string[];
}

/**
 * Names for where a name can stand for one platform only: every image of an index gets the index's names with its
 * platform, and one image the plain names.
 * @throws USAGE for a name that Docker does not take or that is given to two images
 */
export function nameForDocker(
  artifacts: readonly NamedArtifact[],
  defaultPlatform: Platform | undefined,
): DockerImage[] {
  const images = new Map<Digest, Image>();
  const owners = new Map<string, Digest>();
  const give = (name: string, image: Image, explicit: boolean): void => {
    const { familiar } = requireDockerReference(name);
    const owner = owners.get(familiar);
    if (owner === undefined) owners.set(familiar, image.descriptor.digest);
    else if (explicit && owner !== image.descriptor.digest)
      throw new PithError('USAGE', `two images have the name ${familiar}`);
  };
  for (const { names, artifact } of artifacts) {
    for (const image of imagesOf(artifact)) images.set(image.descriptor.digest, image);
    if (artifact.kind === 'other' && names.length > 0)
      throw new PithError('USAGE', `${names.join(', ')} is no container image, which Docker does not take`, {
        hint: 'Write it to oci:DIR or docker://REGISTRY/REPOSITORY.',
      });
    const plain = artifact.kind === 'image' ? artifact : defaultImage(imagesOf(artifact), defaultPlatform);
    if (plain) for (const name of names) give(name, plain, true);
  }
  for (const { names, artifact } of artifacts) {
    if (artifact.kind === 'image') continue;
    for (const name of names)
      for (const image of imagesOf(artifact))
        give(platformName(requireDockerReference(name).familiar, image), image, false);
  }
  return [...images.values()].map((image) => ({
    image,
    names: [...owners].filter(([, owner]) => owner === image.descriptor.digest).map(([name]) => name),
  }));
}

function defaultImage(images: readonly Image[], platform: Platform | undefined): Image | undefined {
  const wanted = platform && formatPlatform(platform);
  return images.find((image) => formatPlatform(platformOfConfig(image.config)) === wanted) ?? images[0];
}

import { PithError } from '../../core/index.ts';
import type { AnyArtifact } from '../../oci/index.ts';
import { manifestsOf } from '../blobs.ts';
import type { NamedArtifact } from '../contract.ts';
import { applyReference, rootsOf } from '../names.ts';
import { isRepository, isTag, type RegistryReference } from './reference.ts';

/** An artifact that goes into one repository. */
export interface Target {
  readonly repository: string;
  readonly artifact: AnyArtifact;
  /** As they were given, with the tags that they stand for; none for what is found by its digest only. */
  readonly names: readonly { readonly name: string; readonly tag: string }[];
}

/**
 * Says what goes where: into one repository under the location's tag or digest, or into a folder of repositories, each
 * image under its own name, `REPOSITORY:TAG`.
 * @throws USAGE for names that no registry takes, several images for one name, and a digest that is not that of the image
 */
export function planTargets(location: RegistryReference, artifacts: readonly NamedArtifact[]): Target[] {
  return location.isFolder ? planFolder(location, artifacts) : planRepository(location, artifacts);
}

function planRepository(
  { repository, tag, digest, registry }: RegistryReference,
  artifacts: readonly NamedArtifact[],
): Target[] {
  const [root, ...others] = rootsOf(artifacts);
  if (others.length > 0)
    throw new PithError(
      'USAGE',
      `the name ${registry}/${repository} cannot stand for ${others.length + 1} images at once`,
      {
        hint: `End the location with a slash, such as docker://${registry}/: every image then has a repository of its own.`,
      },
    );
  const named = applyReference(artifacts, tag ?? digest);
  if (digest !== undefined && root && root.artifact.descriptor.digest !== digest)
    throw new PithError(
      'USAGE',
      `the image has the digest ${root.artifact.descriptor.digest}, not ${digest} as the location says`,
      { hint: `Leave the digest out: docker://${registry}/${repository}:TAG.` },
    );
  return named.map(({ names, artifact }) => ({
    repository,
    artifact,
    names: tag === undefined ? [] : names.map((name) => ({ name, tag: requireTag(name, name) })),
  }));
}

function planFolder({ repository }: RegistryReference, artifacts: readonly NamedArtifact[]): Target[] {
  const prefix = repository === '' ? '' : `${repository}/`;
  if (artifacts.length === 0) throw new PithError('USAGE', 'there is no image to write');
  const targets: Target[] = artifacts.flatMap(({ names, artifact }) =>
    names.map((name) => ({
      repository: repositoryIn(prefix, name),
      artifact,
      names: [{ name, tag: tagIn(name) }],
    })),
  );
  // What refers to something may itself be referred to.
  for (const named of artifacts) targets.push(...besideTheirSubject(named, targets));
  return targets;
}

/** What has no name goes where the manifest is that it refers to. */
function besideTheirSubject({ names, artifact }: NamedArtifact, targets: readonly Target[]): Target[] {
  if (names.length > 0) return [];
  const { subject } = artifact.kind === 'other' ? artifact : artifact.manifest;
  const places = targets.filter((target) =>
    manifestsOf([target.artifact]).some(({ descriptor }) => descriptor.digest === subject?.digest),
  );
  const found = [...new Set(places.map((place) => place.repository))];
  if (found.length > 0) return found.map((repository) => ({ repository, artifact, names: [] }));
  throw new PithError(
    'USAGE',
    `${artifact.descriptor.digest} has no name, which a folder of a registry needs`,
    {
      hint: 'Name a repository: docker://REGISTRY/REPOSITORY:TAG.',
    },
  );
}

function repositoryIn(prefix: string, name: string): string {
  const path = prefix + (name.split(':')[0] ?? '');
  if (isRepository(path)) return path;
  throw new PithError('USAGE', `${JSON.stringify(name)} cannot be the name of an image in a registry`, {
    hint: 'A name is lower-case words with an optional tag, such as cc-debian13:latest.',
  });
}

function tagIn(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? 'latest' : requireTag(name.slice(colon + 1), name);
}

function requireTag(tag: string, name: string): string {
  if (isTag(tag)) return tag;
  throw new PithError('USAGE', `${JSON.stringify(name)} cannot be the name of an image in a registry`, {
    hint: 'A tag is up to 128 letters, digits and _ . - and begins with none of the last two.',
  });
}

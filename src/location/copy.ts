import { mapConcurrent, PithError, throwIfInterrupted, type Digest } from '../core/index.ts';
import { type AnyArtifact, type Platform } from '../oci/index.ts';
import { manifestsOf } from './blobs.ts';
import type { ImageSink, ImageSource, NamedArtifact, WriteReport } from './contract.ts';

const OPENED_AT_ONCE = 8;

export interface CopyOptions {
  /** What is copied; the only artifact, or what the location names, unless told. */
  readonly from?: string;
  /** The name that it gets; the one that the destination's location says unless told. */
  readonly to?: string;
  /** The platforms that are copied; all, and the index byte for byte, unless told. */
  readonly platforms?: readonly Platform[];
  /** Whether to copy what refers to it as well: signatures, attestations, bills of materials. */
  readonly referrers?: boolean;
  /** As WriteOptions have it. */
  readonly defaultPlatform?: Platform;
  readonly signal?: AbortSignal;
}

/**
 * Copies one artifact of any kind from one place to another, byte for byte; blobs that are there stay, and where both
 * places are in one registry, blobs are mounted.
 * @throws as ImageSource.open and ImageSink.write
 */
export async function copyArtifact(
  source: ImageSource,
  sink: ImageSink,
  { from, to, platforms, referrers = false, defaultPlatform, signal }: CopyOptions = {},
): Promise<WriteReport> {
  if (!platforms && !referrers && sink.unchanged) {
    const unchanged = await sink.unchanged(to, (await source.resolve(from)).digest);
    if (unchanged) return unchanged;
  }
  const artifact = await source.openAny(from, platforms ? { platforms } : {});
  const named: NamedArtifact = { names: to === undefined ? [] : [to], artifact };
  const more = referrers ? await referrersOf(source, [artifact], signal) : [];
  return await sink.write([named, ...more.map(withoutName)], defaultPlatform ? { defaultPlatform } : {});
}

export interface CopyAllOptions extends Pick<
  CopyOptions,
  'platforms' | 'referrers' | 'defaultPlatform' | 'signal'
> {
  /** The name that an artifact gets for one that it has; the same unless told. */
  readonly rename?: (name: string) => string;
}

/**
 * Copies every artifact that has a name, under all its names, each blob once.
 * @throws UNKNOWN_IMAGE if there is none; USAGE if two would get the same name; as copyArtifact
 */
export async function copyAll(
  source: ImageSource,
  sink: ImageSink,
  { platforms, referrers = false, defaultPlatform, signal, rename = (name) => name }: CopyAllOptions = {},
): Promise<WriteReport> {
  const listed = (await source.list()).filter(({ names }) => names.length > 0);
  if (listed.length === 0) throw new PithError('UNKNOWN_IMAGE', 'there is no image that has a name');
  const owners = new Map<string, string>();
  for (const name of listed.flatMap(({ names }) => names)) {
    const owner = owners.get(rename(name)) ?? name;
    if (owner !== name)
      throw new PithError('USAGE', `${owner} and ${name} would both be called ${rename(name)} there`, {
        hint: 'Copy them one by one, each to a name of its own.',
      });
    owners.set(rename(name), name);
  }
  const named = await mapConcurrent(listed, OPENED_AT_ONCE, async ({ names }): Promise<NamedArtifact> => {
    const artifact = await source.openAny(names[0], platforms ? { platforms } : {});
    return { names: names.map(rename), artifact };
  });
  const artifacts = named.map(({ artifact }) => artifact);
  const more = referrers ? await referrersOf(source, artifacts, signal) : [];
  return await sink.write([...named, ...more.map(withoutName)], defaultPlatform ? { defaultPlatform } : {});
}

function withoutName(artifact: AnyArtifact): NamedArtifact {
  return { names: [], artifact };
}

/** Everything that refers to the manifests of artifacts, and to what refers to them. */
async function referrersOf(
  source: ImageSource,
  artifacts: readonly AnyArtifact[],
  signal: AbortSignal | undefined,
): Promise<AnyArtifact[]> {
  const found = new Map<Digest, AnyArtifact>();
  const asked = new Set<Digest>();
  let next = artifacts;
  while (next.length > 0) {
    const added: AnyArtifact[] = [];
    for (const { descriptor } of manifestsOf(next)) {
      throwIfInterrupted(signal);
      if (asked.has(descriptor.digest)) continue;
      asked.add(descriptor.digest);
      for (const referrer of await source.referrers(descriptor.digest)) {
        if (found.has(referrer.descriptor.digest)) continue;
        found.set(referrer.descriptor.digest, referrer);
        added.push(referrer);
      }
    }
    next = added;
  }
  return [...found.values()];
}

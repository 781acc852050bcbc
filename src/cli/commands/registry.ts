import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isDigest, PithError, type Digest } from '../../core/index.ts';
import {
  findBlob,
  formatLocation,
  openRegistry,
  openSource,
  parseRegistryReference,
  type FetchedManifest,
  type Location,
} from '../../location/index.ts';
import { parseAnyPlatform, type Blob } from '../../oci/index.ts';
import type { Locations } from '../../build/index.ts';
import type { BlobFlags, PlatformFlags, RegistryFlags } from '../flags.ts';
import { locationOf, registryNameOf } from '../image-names.ts';
import { withLocations } from '../locations.ts';
import { replaceFile } from '../replace-file.ts';

/** `pith tags`: the tags of a repository, or the names of a layout, an archive or a folder of repositories. */
export async function tags(name: string, flags: RegistryFlags): Promise<void> {
  const names = await withLocations(flags, async ({ locations }) => {
    const location = locationOf(name);
    const reference = location.kind === 'docker' ? parseRegistryReference(location.reference) : undefined;
    if (reference && !reference.isFolder) return await (await openRegistry(reference, locations)).tags();
    return (await openSource(location, locations).list()).flatMap((listed) => listed.names);
  });
  process.stdout.write(flags.json ? `${JSON.stringify(names)}\n` : names.map((one) => `${one}\n`).join(''));
}

/** `pith digest`: what a name stands for. */
export async function digest(name: string, flags: PlatformFlags): Promise<void> {
  const found = await withLocations(flags, async (workspace) => {
    const location = locationOf(name);
    if (flags.platform !== undefined) return (await read(location, flags, workspace)).descriptor;
    return await openSource(location, workspace.locations).resolve();
  });
  process.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : `${found.digest}\n`);
}

/** `pith manifest`: a manifest or index, byte for byte. */
export async function manifest(name: string, flags: PlatformFlags): Promise<void> {
  const { bytes } = await withLocations(flags, (workspace) => read(locationOf(name), flags, workspace));
  process.stdout.write(bytes);
}

async function read(
  location: Location,
  { platform }: PlatformFlags,
  { locations }: Locations,
): Promise<FetchedManifest> {
  if (location.kind === 'docker' && platform === undefined) {
    const reference = parseRegistryReference(location.reference);
    const { tag, digest, isFolder } = reference;
    const wanted = digest ?? tag;
    if (!isFolder && wanted !== undefined)
      return await (await openRegistry(reference, locations)).manifest(wanted);
  }
  const platforms = platform === undefined ? {} : { platforms: [parseAnyPlatform(platform)] };
  const artifact = await openSource(location, locations).openAny(undefined, platforms);
  return {
    descriptor: artifact.descriptor,
    bytes: artifact.kind === 'image' ? artifact.manifestBytes : artifact.bytes,
  };
}

/** `pith blob`: the bytes of a blob. @param text its digest, unless the name has it */
export async function blob(name: string, text: string | undefined, flags: BlobFlags): Promise<void> {
  await withLocations(flags, async ({ locations }) => {
    const location = locationOf(name);
    const reference = location.kind === 'docker' ? parseRegistryReference(location.reference) : undefined;
    const wanted = text ?? reference?.digest;
    if (wanted === undefined || !isDigest(wanted))
      throw new PithError('USAGE', `${JSON.stringify(wanted ?? name)} is not the digest of a blob`, {
        hint: 'Write REGISTRY/REPOSITORY@sha256:…, or LOCATION sha256:….',
      });
    const found =
      reference && !reference.isFolder
        ? await (await openRegistry(reference, locations)).blob(wanted)
        : await blobIn(location, wanted, locations);
    if (flags.output === undefined)
      await pipeline(Readable.from(found.open()), process.stdout, { end: false });
    else await replaceFile(flags.output, found.open());
  });
}

async function blobIn(location: Location, wanted: Digest, locations: Locations['locations']): Promise<Blob> {
  const found = findBlob(await openSource(location, locations).openAny(), wanted);
  if (found) return found;
  throw new PithError('UNKNOWN_IMAGE', `${formatLocation(location)} has no blob ${wanted}`, {
    hint: '`pith manifest` shows the digests of its blobs.',
  });
}

/** `pith delete`: removes tags, or manifests with all their tags, from registries. */
export async function remove(names: readonly string[], flags: RegistryFlags): Promise<void> {
  const references = names.map(registryNameOf);
  const folder = references.find(({ isFolder }) => isFolder);
  if (folder)
    throw new PithError('USAGE', `${folder.registry}/${folder.repository} is a folder of repositories`, {
      hint: 'Name each image: `pith tags` lists them.',
    });
  const done: string[] = [];
  try {
    await withLocations(flags, async ({ locations }) => {
      for (const reference of references) {
        const { digest, tag = 'latest' } = reference;
        const client = await openRegistry(reference, locations);
        await client.delete(digest ?? tag);
        done.push(digest === undefined ? `${client.name}:${tag}` : `${client.name}@${digest}`);
      }
    });
  } finally {
    // What is gone is said, whatever became of the rest.
    if (flags.json && done.length > 0) process.stdout.write(`${JSON.stringify(done)}\n`);
    else for (const one of done) process.stdout.write(`${one}\n`);
  }
}

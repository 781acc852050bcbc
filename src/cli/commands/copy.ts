import { PithError } from '../../core/index.ts';
import {
  copyAll,
  copyArtifact,
  type CopyAllOptions,
  formatLocation,
  openSink,
  openSource,
  parseRegistryReference,
  type Location,
  type RegistryReference,
  type WriteReport,
} from '../../location/index.ts';
import { isIndexType, parseAnyPlatform } from '../../oci/index.ts';
import type { Locations } from '../../build/index.ts';
import type { CopyFlags } from '../flags.ts';
import { keptName, lastPart, LOCAL_IMAGES, localImageOf, localTargetOf, locationOf } from '../image-names.ts';
import { printWritten } from '../written.ts';
import { withLocations } from '../locations.ts';

/** `pith copy`: copies an image, or all, from one location to another. */
export async function copy(from: string, to: string, flags: CopyFlags): Promise<void> {
  await move(() => ({ from: locationOf(from), to: locationOf(to) }), flags);
}

/** `pith push`: copies an image of this machine into a registry. @param to the image's own name unless given */
export async function push(image: string, to: string | undefined, flags: CopyFlags): Promise<void> {
  if (to === undefined && !/^[^/]*[.:][^/]*\/|^localhost\//.test(image.replace(/^docker:\/\//, '')))
    throw new PithError('USAGE', `${JSON.stringify(image)} names no registry to push to`, {
      hint: `Say where it goes: \`pith push ${image} REGISTRY/REPOSITORY[:TAG]\`.`,
    });
  await move(async () => ({ from: await localImageOf(image), to: locationOf(to ?? image) }), flags);
}

/** `pith pull`: copies an image of a registry onto this machine. */
export async function pull(image: string, to: string | undefined, flags: CopyFlags): Promise<void> {
  const from = locationOf(image);
  const target = to ?? `oci:${LOCAL_IMAGES}`;
  const name = flags.all ? undefined : image.replace(/^docker:\/\/|@.*$/g, '');
  await move(() => ({ from, to: localTargetOf(target), name }), flags);
}

interface Move {
  readonly from: Location;
  readonly to: Location;
  /** The name in the destination, if that gives none. */
  readonly name?: string | undefined;
}

async function move(plan: () => Promise<Move> | Move, flags: CopyFlags): Promise<void> {
  const report = await withLocations(flags, async (workspace) => {
    const planned = await plan();
    return flags.all ? await moveAll(planned, flags, workspace) : await moveOne(planned, flags, workspace);
  });
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  printWritten(report, flags);
}

async function moveOne(
  { from, to, name }: Move,
  flags: CopyFlags,
  workspace: Locations,
): Promise<WriteReport> {
  const { locations } = workspace;
  const source = openSource(from, locations);
  const sink = openSink(to, locations);
  // A layout says at once what it has not; registries may let us wait.
  if (from.kind === 'oci') await source.resolve();
  await sink.check();
  const kept = keptName(from, to);
  const options = optionsOf(flags, workspace);
  const isChoice = isEngine(to) && !options.platforms && isIndexType((await source.resolve()).mediaType);
  const platforms = isChoice ? [workspace.platform] : options.platforms;
  const chosen = platforms ? { platforms } : {};
  const report = await copyArtifact(source, sink, {
    ...options,
    ...(kept === undefined ? {} : { to: name ?? kept }),
    ...chosen,
  });
  if (report.names.length > 0) return report;
  const { digest } = (await source.openAny(undefined, chosen)).descriptor;
  return { ...report, names: [{ name: digest, digest }] };
}

/** All images of a location into a layout, an archive or a folder of a registry; all tags of a repository into another. */
async function moveAll({ from, to }: Move, flags: CopyFlags, workspace: Locations): Promise<WriteReport> {
  const { locations } = workspace;
  if (isOneImage(from) || isEngine(from) || isEngine(to))
    throw new PithError('USAGE', '--all copies whole layouts, archives, repositories and folders of them', {
      hint: 'Leave the tag out of the source, and write to a layout, an archive or a registry.',
    });
  const [source, target] = [repositoryOf(from), repositoryOf(to)];
  if (target && !source)
    throw new PithError(
      'USAGE',
      `${formatLocation(to)} is one repository, which images of several names do not fit`,
      {
        hint: `End it with a slash: every image then has a repository of its own.`,
      },
    );
  const named = target ?? source;
  const rename = named ? (tag: string): string => `${lastPart(named)}:${tag}` : renameFor(to);
  const sink = target ? folderOf(target) : to;
  return await copyAll(openSource(from, locations), openSink(sink, locations), {
    ...optionsOf(flags, workspace),
    rename,
  });
}

/** Whether a location says which of the images that are there is meant. */
function isOneImage({ kind, reference }: Location): boolean {
  return kind === 'docker' ? /:[^/]*$|@/.test(reference) : reference !== undefined;
}

/** What was pulled has the name of its registry, which is not that of another one. */
function renameFor({ kind }: Location): (name: string) => string {
  return (name) => (kind === 'docker' ? name.replace(/^(?:[^/]*[.:][^/]*|localhost)\//, '') : name);
}

/** The repository of a registry that a location is, unless it is a folder of them. */
function repositoryOf(location: Location): RegistryReference | undefined {
  if (location.kind !== 'docker') return undefined;
  const reference = parseRegistryReference(location.reference);
  return reference.isFolder ? undefined : reference;
}

function folderOf({ registry, repository }: RegistryReference): Location {
  return { kind: 'docker', reference: `${registry}/${repository.slice(0, repository.lastIndexOf('/') + 1)}` };
}

function isEngine({ kind }: Location): boolean {
  return kind === 'containers-storage' || kind === 'docker-daemon' || kind === 'containerd';
}

function optionsOf(
  { platform, referrers = false }: CopyFlags,
  { locations: { signal }, platform: defaultPlatform }: Locations,
): CopyAllOptions {
  const platforms = platform?.includes('all') ? undefined : platform?.map(parseAnyPlatform);
  return { referrers, defaultPlatform, ...(platforms ? { platforms } : {}), ...(signal ? { signal } : {}) };
}

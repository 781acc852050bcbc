import { mapConcurrent, PithError, throwIfInterrupted } from '../core/index.ts';
import {
  formatLocation,
  type ImageSink,
  type Location,
  openSink,
  parseLocation,
  platformName,
  type NamedArtifact,
  type WriteReport,
} from '../location/index.ts';
import {
  assembleIndex,
  formatPlatform,
  type Image,
  imagesOf,
  inDockerFormat,
  type Artifact,
  type Platform,
} from '../oci/index.ts';
import { isTarball, type LockedPackage } from '../resolve/index.ts';
import { notesOf, onFittingPlatforms, packApplications, type PackedApplication } from './app/applications.ts';
import { asFilesOfApplication, isFileOf } from './app/file-faults.ts';
import { withArchives } from './archives.ts';
import { createBuilder } from './builder.ts';
import { type BuiltImage, type ImageBuilder, type ImageOptions } from './image.ts';
import { lockFor, pinsOf } from './lock.ts';
import { OwnFiles } from './own-files.ts';
import { type Plan, planImage } from './plan.ts';
import type { Pool } from './pool.ts';
import { type BuildTarget, planTargets } from './targets.ts';
import type { Workspace } from './workspace.ts';

export interface BuildOptions extends ImageOptions {
  /** None means every image of the catalogue. */
  readonly targets: readonly BuildTarget[];
  /** Platforms, or `all`. */
  readonly platforms: readonly string[];
  /** Locations to write to, or what else takes images. */
  readonly outputs: readonly (string | ImageSink)[];
  /** Build exactly what this lockfile says. */
  readonly lockfile?: string;
  /** Of manifests; default: oci. */
  readonly format?: 'oci' | 'docker';
}

/** Packages that are fetched or made into segments at once; the workers set the pace of the second. */
const PREPARED_AT_ONCE = 12;

/** Damaged blobs of the cache that a build replaces; where there are more, the whole cache is to be looked at. */
const MAX_REPAIRS = 100;

/** One row of the result: an image, or the index of its platforms, under a name. */
export interface BuildResult {
  readonly name: string;
  readonly variant: string;
  readonly platforms: readonly string[];
  readonly digest: string;
  /** Compressed bytes of the layers; of an index the sum over its images. */
  readonly size: number;
  readonly unpacked: number;
  readonly packages: number;
  readonly layers: number;
  /** Milliseconds from the start of the build until this image was complete. */
  readonly time: number;
}

export interface BuildReport {
  readonly images: readonly BuildResult[];
  readonly outputs: readonly WriteReport[];
  /** Uncompressed bytes of package archives that were read; 0 where all segments were in the cache. */
  readonly decompressed: number;
  /** Milliseconds. */
  readonly time: number;
}

/**
 * The chain: definition → plan → resolve → lock → fetch → segments → layers → image → index → locations.
 * A blob of the cache that turns out to be damaged is removed, and the build starts again.
 */
export async function build(options: BuildOptions, workspace: Workspace): Promise<BuildReport> {
  const seen = new Set<string>();
  for (;;) {
    try {
      return await runBuild(options, workspace);
    } catch (error) {
      const isNew = error instanceof PithError && error.code === 'CACHE_CORRUPT' && !seen.has(error.message);
      if (!isNew || seen.size === MAX_REPAIRS) throw error;
      seen.add(error.message);
      if (error.path !== undefined) await workspace.store.removeDamaged(error.path);
      workspace.onProgress({ kind: 'note', what: `${error.message}; building again` });
    }
  }
}

async function runBuild(options: BuildOptions, workspace: Workspace): Promise<BuildReport> {
  const start = workspace.now();
  const sinks = options.outputs.map((output) =>
    typeof output === 'string'
      ? openSink(checkFormat(parseLocation(output), options), workspace.locations)
      : output,
  );
  const asked = await planTargets(
    options.targets,
    options.platforms,
    workspace,
    await pinsOf(options.lockfile),
  );
  for (const sink of sinks) await sink.check();
  return withArchives(workspace, async (archives, pool) => {
    const tools = { archives, pool, workspace };
    const fitting = await onFittingPlatforms(asked, options.platforms, tools);
    const { wanted, packed } = await packApplications(fitting, options, tools);
    for (const what of notesOf(packed)) workspace.onProgress({ kind: 'note', what });
    const lockfile = await lockFor(wanted, options.lockfile, archives, workspace);
    const images = wanted.map(({ image }) => image);
    const { builder, segments } = createBuilder(images, lockfile, options, { workspace, archives, pool });
    const own = new OwnFiles(workspace);
    const plans: Plan[] = [];
    for (const { image, platforms, variants } of wanted)
      for (const variant of variants)
        for (const platform of platforms)
          plans.push(await own.read(planImage(image, variant, platform, lockfile)));
    await prepareSegments(plans, builder, pool, workspace);
    const found = packed.flatMap((one) => one.found);
    const built: (BuiltImage & { time: number })[] = [];
    for (const plan of plans) {
      throwIfInterrupted(workspace.signal);
      const one = await asFilesOfApplication(
        () => builder.build(plan),
        (path) => isFileOf(found, path),
      );
      built.push({ ...one, time: workspace.now() - start });
      workspace.onProgress({
        kind: 'image-done',
        what: `${plan.image.name}:${plan.variant} ${formatPlatform(plan.platform)}`,
      });
    }
    const rows = groupByName(built).map((row) =>
      options.format === 'docker' ? { ...row, artifact: inDockerFormat(row.artifact) } : row,
    );
    const outputs: WriteReport[] = [];
    const remembering = rememberFiles(packed);
    // Only the first fault is told.
    remembering.catch(() => undefined);
    for (const sink of sinks) outputs.push(await writeTo(sink, rows, workspace.platform));
    await remembering;
    return {
      images: rows.map((row) => resultOf(row)),
      outputs,
      decompressed: segments.decompressed,
      time: workspace.now() - start,
    };
  });
}

/** Keeps in mind what was read of the files of applications. */
async function rememberFiles(packed: readonly PackedApplication[]): Promise<void> {
  const projects = new Set(packed.flatMap(({ found }) => found.map(({ project }) => project)));
  for (const project of projects) await project.remember();
}

/** Podman, skopeo and umoci find no manifest in a layout that is not in the format of OCI. */
function checkFormat(location: Location, { format }: BuildOptions): Location {
  if (format !== 'docker' || (location.kind !== 'oci' && location.kind !== 'oci-archive')) return location;
  throw new PithError('USAGE', `${formatLocation(location)} is for images in the format of OCI`, {
    hint: 'Leave out `--format docker`, or write to docker-archive:, docker:// or an engine with `-o`.',
  });
}

/**
 * Makes the segments of all packages that are not in the store, the largest first, so that no worker is left with a
 * large one at the end. Images that are in the store whole need none.
 */
async function prepareSegments(
  plans: readonly Plan[],
  builder: ImageBuilder,
  pool: Pool,
  workspace: Workspace,
): Promise<void> {
  const jobs = plans
    .filter((plan) => !builder.isStored(plan))
    .flatMap((plan) => builder.missingPackages(plan).map((wanted) => ({ plan, ...wanted })))
    .sort((a, b) => sizeOf(b.planned.locked) - sizeOf(a.planned.locked));
  const unique = [...new Map(jobs.map((job) => [job.key, job])).values()];
  if (unique.length === 0) return;
  pool.start();
  workspace.onProgress({ kind: 'packages', count: unique.length });
  await mapConcurrent(unique, PREPARED_AT_ONCE, async ({ plan, planned }) => {
    await builder.packageSegment(plan, planned);
    workspace.onProgress({ kind: 'segment-done', what: describe(planned.locked) });
  });
  void pool.close();
}

/** Bytes of the package file; the registry does not say those of a tarball, which are many. */
function sizeOf(locked: LockedPackage): number {
  return isTarball(locked) ? Number.MAX_SAFE_INTEGER : locked.size;
}

function describe(locked: LockedPackage): string {
  const { name, version } = locked;
  return isTarball(locked) ? `${name} ${version}` : `${name} ${version} ${locked.architecture}`;
}

/** What one name stands for: the image of the one platform, or the index of all. */
interface Row {
  readonly name: string;
  readonly variant: string;
  readonly built: readonly (BuiltImage & { time: number })[];
  readonly artifact: Artifact;
}

function groupByName(built: readonly (BuiltImage & { time: number })[]): Row[] {
  const groups = new Map<string, (BuiltImage & { time: number })[]>();
  for (const one of built) {
    const key = `${one.plan.image.name}:${one.plan.variant}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { image, variant } = first.plan;
    const artifact =
      group.length === 1
        ? first.image
        : assembleIndex(
            group.map((one) => one.image),
            image.annotations,
          );
    return [{ name: image.name, variant, built: group, artifact }];
  });
}

async function writeTo(
  sink: ImageSink,
  rows: readonly Row[],
  defaultPlatform: Platform,
): Promise<WriteReport> {
  const artifacts: NamedArtifact[] = rows.flatMap(({ name, variant, artifact }) => {
    const full = `${name}:${variant}`;
    const single = (image: Image): NamedArtifact => ({ names: [platformName(full, image)], artifact: image });
    return [
      { names: [full], artifact },
      ...(artifact.kind === 'index' ? imagesOf(artifact).map(single) : []),
    ];
  });
  return sink.write(artifacts, { defaultPlatform });
}

function resultOf({ name, variant, built, artifact }: Row): BuildResult {
  const sum = (value: (one: BuiltImage) => number): number =>
    built.reduce((total, one) => total + value(one), 0);
  const most = (value: (one: BuiltImage & { time: number }) => number): number =>
    Math.max(...built.map(value));
  return {
    name,
    variant,
    platforms: built.map((one) => formatPlatform(one.plan.platform)),
    digest: artifact.descriptor.digest,
    size: sum((one) => one.size),
    unpacked: sum((one) => one.unpacked),
    packages: most((one) => one.packages),
    layers: most((one) => one.image.layers.length),
    time: most((one) => one.time),
  };
}

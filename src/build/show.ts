import { formatPlatform } from '../oci/index.ts';
import { identityOf, isTarball, type LockedOmission } from '../resolve/index.ts';
import type { ScriptEffect } from '../rootfs/index.ts';
import { packApplications } from './app/applications.ts';
import { withArchives } from './archives.ts';
import { createBuilder } from './builder.ts';
import type { ConfigSpec } from './config-spec.ts';
import { type ImageOptions } from './image.ts';
import { lockFor, pinsOf } from './lock.ts';
import { OwnFiles } from './own-files.ts';
import { planImage, type PlannedLevel, type PlannedPackage } from './plan.ts';
import { planTargets } from './targets.ts';
import type { Workspace } from './workspace.ts';

export interface ShowOptions extends ImageOptions {
  readonly target: string;
  readonly platforms: readonly string[];
  readonly lockfile?: string;
}

export interface ShownPackage {
  readonly name: string;
  readonly version: string;
  /** Source package and its version; empty for a package of npm. */
  readonly source: { readonly name: string; readonly version: string };
  /** `npm` for a package of the npm registry. */
  readonly suite: string;
  /** SHA-256 digest or, for npm, integrity of the package file. */
  readonly digest: string;
  /** Bytes of the package file; 0 where its registry does not say. */
  readonly size: number;
  /** Why it is in: the definition that asks for it, or the package that needs it and how. */
  readonly because: string;
  /** Bytes of its files in the image. */
  readonly unpacked: number;
  /** Number of files that the contents rules leave out. */
  readonly omitted: number;
}

export interface ShownFile {
  readonly path: string;
  readonly type: string;
  /** Octal. */
  readonly mode: string;
  readonly owner: string;
  readonly size: number;
  readonly target?: string;
  readonly origin: string;
  /** Whether it comes from a package, rather than from a definition or by derivation. */
  readonly isPackaged: boolean;
}

export interface ShownImage {
  readonly name: string;
  readonly variant: string;
  readonly platform: string;
  readonly description: string;
  readonly suites: readonly string[];
  readonly packages: readonly ShownPackage[];
  /** Packages that others depend on and that are left out, each with the rule. */
  readonly omissions: readonly LockedOmission[];
  readonly files: readonly ShownFile[];
  /** What maintainer scripts would do that no derived file stands for. */
  readonly scripts: readonly ScriptEffect[];
  readonly config: ConfigSpec;
}

/** What would be built and why, without writing it anywhere: packages are fetched and unpacked into the cache for it. */
export async function show(options: ShowOptions, workspace: Workspace): Promise<ShownImage[]> {
  const asked = await planTargets(
    [options.target],
    options.platforms,
    workspace,
    await pinsOf(options.lockfile),
  );
  return withArchives(workspace, async (archives, pool) => {
    const { wanted } = await packApplications(asked, options, { archives, pool, workspace });
    const lockfile = await lockFor(wanted, options.lockfile, archives, workspace);
    const images = wanted.map(({ image }) => image);
    const { builder } = createBuilder(images, lockfile, options, { workspace, archives, pool });
    const own = new OwnFiles(workspace);
    const shown: ShownImage[] = [];
    const notes = new Set<string>();
    for (const { image, platforms, variants } of wanted) {
      for (const variant of variants) {
        for (const platform of platforms) {
          const plan = await own.read(planImage(image, variant, platform, lockfile));
          const composition = await builder.compose(plan);
          const { tree, scripts } = composition;
          for (const note of await builder.notesOf(plan, composition)) notes.add(note);
          const packages: ShownPackage[] = [];
          for (const level of plan.levels) {
            for (const planned of level.packages) {
              const { size: unpacked, omitted } = await builder.packageSegment(plan, planned);
              packages.push({ ...shownPackage(planned, level), unpacked, omitted });
            }
          }
          const origins = new Set(packages.map(({ name, version }) => `${name} ${version}`));
          shown.push({
            name: image.name,
            variant,
            platform: formatPlatform(platform),
            description: image.description,
            suites: image.suites.map((suite) => `${suite.suite}${suite.pinned ? ' (pinned)' : ''}`),
            packages,
            omissions: plan.levels.flatMap((level) => level.omissions),
            files: [...tree.entries()]
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([path, { file, origin }]) => ({
                path: path === '.' ? '/' : `/${path}`,
                type: file.type,
                mode: file.mode.toString(8).padStart(4, '0'),
                owner: `${file.uid}:${file.gid}`,
                size: file.size,
                ...(file.linkName === '' ? {} : { target: file.linkName }),
                origin,
                isPackaged: origins.has(origin),
              })),
            scripts,
            config: plan.config,
          });
        }
      }
    }
    for (const what of notes) workspace.onProgress({ kind: 'note', what });
    return shown;
  });
}

function shownPackage(
  { locked, because: { request, by = '', relation = '' } }: PlannedPackage,
  level: PlannedLevel,
): Omit<ShownPackage, 'unpacked' | 'omitted'> {
  const { name, version } = locked;
  const because =
    request === undefined
      ? `${by} needs it (${relation})`
      : `asked for by ${level.name}${request === name ? '' : ` as ${request}`}`;
  const more = isTarball(locked)
    ? { source: { name, version }, suite: locked.archive, size: 0 }
    : { source: locked.source, suite: locked.suite, size: locked.size };
  return { name, version, ...more, digest: identityOf(locked), because };
}

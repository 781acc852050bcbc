import { formatPlatform } from '../oci/index.ts';
import { formatRequest, type LockedPackage } from '../resolve/index.ts';
import { withArchives } from './archives.ts';
import { createBuilder } from './builder.ts';
import type { ConfigSpec } from './image-spec.ts';
import { type ImageOptions } from './image.ts';
import { lockFor, selectLocked } from './lock.ts';
import { planImage } from './plan.ts';
import { planTargets } from './targets.ts';
import type { Workspace } from './workspace.ts';

export interface ShowOptions extends ImageOptions {
  readonly target: string;
  readonly platforms: readonly string[];
  readonly lockfile?: string;
}

export interface ShownPackage extends LockedPackage {
  /** Why it is in: the definition that lists it, and how. */
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
  readonly files: readonly ShownFile[];
  readonly config: ConfigSpec;
}

/** What would be built and why, without writing it anywhere: packages are fetched and unpacked into the cache for it. */
export async function show(options: ShowOptions, workspace: Workspace): Promise<ShownImage[]> {
  const wanted = await planTargets([options.target], options.platforms, workspace);
  return withArchives(workspace, async (archives, pool) => {
    const lockfile = await lockFor(wanted, options.lockfile, archives, workspace);
    const images = wanted.map(({ image }) => image);
    const { builder } = createBuilder(images, lockfile, options, { workspace, archives, pool });
    const shown: ShownImage[] = [];
    for (const { image, platforms, variants } of wanted) {
      for (const variant of variants) {
        for (const platform of platforms) {
          const plan = planImage(image, variant, platform);
          const selection = selectLocked(
            lockfile,
            image,
            platform,
            options.lockfile ?? 'the resolved packages',
          );
          const { tree } = await builder.compose(plan, selection);
          const packages: ShownPackage[] = [];
          for (const level of plan.levels) {
            for (const spec of level.packages) {
              const locked = selection.get(formatRequest(spec)) as LockedPackage;
              const { size, omitted } = await builder.packageSegment(plan, spec, selection);
              packages.push({ ...locked, because: `listed by ${level.name}`, unpacked: size, omitted });
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
            config: plan.config,
          });
        }
      }
    }
    return shown;
  });
}

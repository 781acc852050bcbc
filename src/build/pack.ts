import { statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { PithError } from '../core/index.ts';
import { formatPlatform } from '../oci/index.ts';
import { onFittingPlatforms, packApplications, type PackedApplication } from './app/applications.ts';
import { dockerfileOf } from './app/dockerfile.ts';
import type { Written } from './app/written-places.ts';
import { withArchives } from './archives.ts';
import type { AppDefinition, Definition } from './definition-types.ts';
import type { ImageOptions } from './image.ts';
import type { LoadedDefinition } from './image-spec.ts';
import { planTargets } from './targets.ts';
import type { Workspace } from './workspace.ts';

/** What is said of an image besides its application. */
export type PackSettings = Pick<
  Definition,
  | 'extends'
  | 'entrypoint'
  | 'cmd'
  | 'user'
  | 'workdir'
  | 'env'
  | 'ports'
  | 'labels'
  | 'packages'
  | 'healthcheck'
> &
  Omit<AppDefinition, 'path'>;

/**
 * The definition of an image of one application, as if there were a file of it beside the application.
 * @param path of the application's folder or file
 * @param name of the image; that of the application unless given
 * @throws PithError APP_INVALID if there is nothing
 */
export function defineAppImage(
  path: string,
  name: string | undefined,
  workspace: Workspace,
  { kind, main, binaries, ...settings }: PackSettings,
): LoadedDefinition {
  const location = resolve(workspace.workingFolder, path);
  const stat = statSync(location, { throwIfNoEntry: false });
  if (!stat)
    throw new PithError('APP_INVALID', `there is nothing at ${path}`, {
      path: location,
      hint: 'Name the folder or the file of an application.',
    });
  const programs = Object.entries(binaries ?? {}).map(
    ([platform, file]) => [platform, resolve(workspace.workingFolder, file)] as const,
  );
  const folder = binaries
    ? folderAbove([workspace.workingFolder, ...programs.map(([, file]) => dirname(file))])
    : stat.isDirectory()
      ? location
      : dirname(location);
  const app: AppDefinition = {
    path: stat.isDirectory() ? '.' : basename(location),
    ...(kind === undefined ? {} : { kind }),
    ...(main === undefined ? {} : { main }),
    ...(binaries
      ? {
          binaries: Object.fromEntries(
            programs.map(([platform, file]) => [platform, relative(folder, file)]),
          ),
        }
      : {}),
  };
  const place = join(folder, 'pith.yaml');
  return {
    definition: { ...withoutUndefined(settings), name: name ?? imageName(basename(location)), app },
    path: place,
    isNamed: false,
    resolvePath: (file) => resolve(folder, file),
  };
}

/** What an application is and what it would be put on, without an image being made of it. */
export async function explainApplication(
  loaded: LoadedDefinition,
  platforms: readonly string[],
  options: ImageOptions & Written,
  workspace: Workspace,
): Promise<PackedApplication> {
  const asked = await planTargets(
    [{ loaded, variant: 'latest' }],
    platforms.length > 0 ? platforms : [formatPlatform(workspace.platform)],
    workspace,
  );
  return withArchives(workspace, async (archives, pool) => {
    const tools = { archives, pool, workspace };
    const fitting = await onFittingPlatforms(asked, platforms, tools);
    const { packed } = await packApplications(fitting, options, tools);
    const [only] = packed;
    if (!only) throw new PithError('INTERNAL', 'an application that is none');
    return only;
  });
}

/**
 * The Dockerfile whose image is that of an application (docs/applications.md).
 * @param variant of the base, such as `debug`
 * @throws PithError APP_INVALID, and as build
 */
export async function writeAppDockerfile(
  loaded: LoadedDefinition,
  variant: string,
  platforms: readonly string[],
  options: ImageOptions,
  workspace: Workspace,
): Promise<string> {
  const asked = await planTargets([{ loaded, variant }], platforms, workspace);
  return withArchives(workspace, async (archives, pool) => {
    const tools = { archives, pool, workspace };
    const fitting = await onFittingPlatforms(asked, platforms, tools);
    const { wanted, packed } = await packApplications(fitting, options, tools);
    const [image] = wanted;
    const [application] = packed;
    if (!image || !application) throw new PithError('INTERNAL', 'an application that is none');
    return dockerfileOf(application, image, variant, tools);
  });
}

/** The lowest folder that all of some are in, or are. */
function folderAbove([first = '/', ...others]: readonly string[]): string {
  let folder = first;
  const holds = (path: string): boolean => path === folder || path.startsWith(join(folder, '/'));
  while (!others.every(holds) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** A folder's name as that of an image: lower-case words. */
function imageName(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return words === '' ? 'app' : words;
}

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
}

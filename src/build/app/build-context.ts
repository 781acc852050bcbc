import { lstatSync, readdirSync } from 'node:fs';
import type { Application, BuildContext } from '../../app/index.ts';
import { openZip } from '../../archive/index.ts';
import { parentsOf } from '../../rootfs/index.ts';
import { unreadable } from '../disk-content.ts';
import type { DiskProject } from './disk-project.ts';

/**
 * What a build by a Dockerfile would see of a project.
 * @throws PithError APP_INVALID for what cannot be read
 */
export async function readBuildContext(project: DiskProject, { layers }: Application): Promise<BuildContext> {
  const paths = [...project.files.keys()];
  const folders = new Set(paths.flatMap((path) => parentsOf(path)));
  const archives = new Set(
    layers.flatMap(({ files }) =>
      [...files.values()].flatMap(({ path, member }) => (member === undefined ? [] : [path])),
    ),
  );
  const members = new Map<string, string[]>();
  for (const path of archives) {
    const size = project.files.get(path)?.size ?? 0;
    const zip = await openZip((range) => project.read(path, range), size, path);
    members.set(
      path,
      [...zip.members.keys()].filter((name) => !name.endsWith('/')),
    );
  }
  const isKnown = (path: string): boolean => project.files.has(path) || folders.has(path);
  return {
    files: new Map(
      paths.map((path) => {
        const isLink = project.files.get(path)?.type === 'symlink';
        return [path, isLink ? undefined : modeOf(project, path)];
      }),
    ),
    folders: new Map(
      [...folders].map((path) => {
        const hasMore = !namesIn(project, path).every((name) => isKnown(`${path}/${name}`));
        return [path, { mode: modeOf(project, path), hasMore }];
      }),
    ),
    members,
  };
}

function modeOf({ location }: DiskProject, path: string): number {
  try {
    return lstatSync(`${location}/${path}`).mode & 0o7777;
  } catch (error) {
    throw unreadable(`${location}/${path}`, path, error);
  }
}

function namesIn({ location }: DiskProject, path: string): string[] {
  try {
    return readdirSync(`${location}/${path}`);
  } catch (error) {
    throw unreadable(`${location}/${path}`, path, error);
  }
}

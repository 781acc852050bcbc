import { byText } from '../../../core/index.ts';
import { isIn } from '../../common/paths.ts';
import type { AppLayer, AppSource, Project, ProjectFile } from '../../model.ts';
import { SITE_PACKAGES, type PackageFolder } from '../installed.ts';
import type { Wheel } from './read-wheel.ts';

/** First bytes that a look at a member is worth, without the rest of it being unpacked. */
const PEEK = 64;

/**
 * A project as it would be with its wheels unpacked: each is a folder with its members.
 * @param isKept which of the project's own files are seen
 */
export function withWheels(
  project: Project,
  wheels: readonly Wheel[],
  isKept: (path: string) => boolean,
): Project {
  const sources = sourcesOf(wheels);
  const files = [...project.files].filter(([path]) => isKept(path) && !path.endsWith('.whl'));
  for (const wheel of wheels)
    for (const [to, { size }] of wheel.members) {
      const path = `${wheel.path}/${to}`;
      const common = { isExecutable: false, target: '', isIgnoredByGit: false };
      files.push([path, { path, type: 'file', size, ...common } satisfies ProjectFile]);
    }
  const owner = (path: string): Wheel | undefined => wheels.find((wheel) => isIn(wheel.path, path));
  return {
    name: project.name,
    single: undefined,
    files: new Map(files.sort(([a], [b]) => byText(a, b))),
    read: async (path, range) => {
      const member = sources.get(path)?.member;
      const zip = member === undefined ? undefined : owner(path)?.zip;
      if (member === undefined || !zip) return project.read(path, range);
      const isPeek = range?.start === 0 && range.length <= PEEK;
      const content = await (isPeek ? zip.peek(member) : zip.read(member));
      return range ? content.subarray(range.start, range.start + range.length) : content;
    },
    elf: (path) => (sources.has(path) ? Promise.resolve(undefined) : project.elf(path)),
  };
}

/** The folder of packages that each wheel is. */
export function foldersOf(wheels: readonly Wheel[]): PackageFolder[] {
  return wheels.map(({ path, name, version }) => ({
    folder: path,
    to: SITE_PACKAGES,
    packages: new Map([[name, version]]),
    isWheel: true,
  }));
}

/** Layers of a project with its wheels unpacked, as layers of the project itself. */
export function packedLayers(layers: readonly AppLayer[], wheels: readonly Wheel[]): AppLayer[] {
  const sources = sourcesOf(wheels);
  return layers.map(({ name, files }) => ({
    name,
    files: new Map([...files].map(([to, source]) => [to, sources.get(source.path) ?? source])),
  }));
}

/** Where the members lie, by their paths in the project with its wheels unpacked. */
function sourcesOf(wheels: readonly Wheel[]): Map<string, AppSource> {
  return new Map(
    wheels.flatMap(({ path, members }) =>
      [...members].map(([to, { member, digest }]): [string, AppSource] => [
        `${path}/${to}`,
        { path, member, ...(digest === undefined ? {} : { digest }) },
      ]),
    ),
  );
}

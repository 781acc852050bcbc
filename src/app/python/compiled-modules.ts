import { mapConcurrent } from '../../core/index.ts';
import { invalid } from '../common/documents.ts';
import { formatOf } from '../common/native-format.ts';
import { baseOf } from '../common/paths.ts';
import type { Project } from '../model.ts';

/** What is compiled among the packages. */
export interface CompiledModules {
  /** Shared libraries, those that wheels bring along included. */
  readonly binaries: readonly string[];
  /** A module that is compiled for certain versions of Python, if there is one. */
  readonly example: string | undefined;
  readonly wanted: string;
  readonly accepts: (version: string) => boolean;
}

const LIBRARY = /\.(?:so(?:\.\d+)*|pyd)$/;
/** PEP 3149: tag of the interpreter, and on Linux the platform. */
const TAGGED = /^(.*)\.(?:cpython-|cp)(\d)(\d{1,3}t?)(?:-([\w-]+))?\.so$/;

/**
 * Reads the names and first bytes of compiled modules.
 * @throws PithError APP_INVALID for one of another system: those would be missing
 */
export async function findCompiledModules(
  project: Project,
  paths: readonly string[],
): Promise<CompiledModules> {
  const libraries = paths.filter((path) => LIBRARY.test(path) && project.files.get(path)?.type === 'file');
  const formats = await mapConcurrent(libraries, 8, (path) => formatOf(project, path));
  const versions = new Map<string, Set<string>>();
  let example: string | undefined;
  for (const [index, path] of libraries.entries()) {
    const [, module, major, minor, platform = ''] = TAGGED.exec(path) ?? [];
    if (formats[index] === 'foreign' || path.endsWith('.pyd') || /darwin|musl|win/.test(platform))
      throw invalid(
        `${path} is for ${platform.includes('musl') ? 'Linux with musl' : 'another system'}, not for Linux with glibc`,
        'Install for Linux: `pip install --target vendor --platform manylinux_2_28_x86_64 --only-binary=:all: -r requirements.txt`.',
        path,
      );
    if (module === undefined || major === undefined || minor === undefined) continue;
    example ??= baseOf(path);
    versions.set(module, (versions.get(module) ?? new Set()).add(`${major}.${minor}`));
  }
  const sets = [...versions.values()];
  const accepts = (version: string): boolean => sets.every((set) => set.has(version));
  return {
    binaries: libraries.filter((_, index) => formats[index] === 'elf'),
    example,
    wanted: [...new Set(sets.flatMap((set) => [...set]))].join(', '),
    accepts,
  };
}

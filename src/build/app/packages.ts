import type { Platform } from '../../oci/index.ts';
import type { BuildTools } from '../builder.ts';
import type { ImageSpec } from '../image-spec.ts';
import { debianArchitecture } from '../plan.ts';
import type { AppPackage } from './definitions.ts';
import type { Lack } from './evidence.ts';

/**
 * The packages that bring the libraries that are missing, by the archive's index of contents.
 * @returns those that there are for every platform
 */
export async function findPackages(
  lacks: readonly Lack[],
  image: ImageSpec,
  platforms: readonly Platform[],
  { archives }: BuildTools,
): Promise<AppPackage[]> {
  const names = [
    ...new Set(lacks.filter(({ version }) => version === undefined).map(({ needed }) => needed)),
  ];
  const packages = new Map<string, AppPackage>();
  for (const platform of platforms) {
    const owners = await archives.findLibraries(image, debianArchitecture(platform), names);
    for (const [library, name] of owners) {
      const lack = lacks.find(({ needed }) => needed === library);
      if (lack && !packages.has(name))
        packages.set(name, { name, because: `/${lack.path} needs ${library}` });
    }
  }
  return [...packages.values()];
}

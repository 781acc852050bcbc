import { digestOf } from '../core/index.ts';
import {
  compareVersions,
  type MultiArch,
  type Package,
  type PackageSource,
  parseProvides,
} from '../distro/index.ts';

/**
 * Packages as tests write them, one a line: `name version/suite; Depends: …; Provides: …`. The suite is trixie unless told.
 */
export function packagesOf(text: string): Package[] {
  return text.split('\n').map((line) => {
    const [head = '', ...rest] = line.split(/;\s*/);
    const [name = '', place = ''] = head.trim().split(' ');
    const [version = '', suite = 'trixie'] = place.split('/');
    const fields = new Map(rest.map((field) => field.split(/:\s(.*)/s, 2) as [string, string]));
    const field = (key: string): string => fields.get(key) ?? '';
    return {
      name,
      version,
      architecture: 'amd64',
      source: { name, version },
      archive: 'debian',
      suite,
      component: 'main',
      path: `pool/main/${name}_${version}_amd64.deb`,
      size: 10,
      digest: digestOf(line),
      installedSize: 100,
      section: 'libs',
      priority: field('Priority') || 'optional',
      essential: false,
      multiArch: (field('Multi-Arch') || 'no') as MultiArch,
      depends: field('Depends'),
      preDepends: field('Pre-Depends'),
      provides: field('Provides'),
      conflicts: field('Conflicts'),
      breaks: field('Breaks'),
      recommends: field('Recommends'),
    };
  });
}

/** A source that has these packages; it cannot fetch them. */
export function sourceOf(packages: readonly Package[]): PackageSource {
  const byVersion = (a: Package, b: Package): number => compareVersions(b.version, a.version);
  // Fresh objects, as an index gives them.
  const answer = (found: readonly Package[]): Package[] => found.map((one) => ({ ...one })).sort(byVersion);
  return {
    id: 'test',
    order: compareVersions,
    candidates: (name) => answer(packages.filter((one) => one.name === name)),
    providers: (name) => answer(packages.filter((one) => one.name !== name && mentions(one.provides, name))),
    names: () => new Set(packages.map(({ name }) => name)),
    fetch: () => Promise.reject(new Error('not fetched here')),
  };
}

function mentions(provides: string, name: string): boolean {
  try {
    return parseProvides(provides).some((one) => one.name === name);
  } catch {
    return provides.includes(name);
  }
}

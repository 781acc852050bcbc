import { architectureOf } from '../../rootfs/index.ts';
import type { ImageView } from '../view.ts';
import type { InspectSummary } from './inspect-schema.ts';
import type { MeasuredPackage } from './packages.ts';

const OS_RELEASE = ['/etc/os-release', '/usr/lib/os-release'];
/** Packages that are a C library, by the name of their distribution. */
const LIBRARIES: Readonly<Record<string, 'glibc' | 'musl'>> = {
  libc6: 'glibc',
  'libc6.1': 'glibc',
  glibc: 'glibc',
  musl: 'musl',
};
const ZONES = 'usr/share/zoneinfo';

/** What an image is: its distribution, C library, architectures, time zones, and whether it is distroless. */
export function describeSystem(
  view: ImageView,
  packages: readonly MeasuredPackage[],
): InspectSummary['system'] {
  const release = osReleaseOf(view);
  const platforms = new Set(view.found('elf').flatMap(({ fact }) => architectureOf(fact.elf) ?? []));
  const isTool = view
    .found('tool')
    .some(({ fact }) => fact.category === 'shell' || fact.category === 'package-manager');
  return {
    id: release['ID'],
    version: release['VERSION_ID'],
    name: release['PRETTY_NAME'],
    distroless: !isTool,
    libc: libraryOf(view, packages),
    platforms: [...platforms].sort(),
    timeZones: zonesOf(view, packages),
  };
}

function osReleaseOf(view: ImageView): Readonly<Record<string, string>> {
  for (const path of OS_RELEASE) {
    const id = view.file(path)?.id;
    const facts = id === undefined ? [] : view.tree.facts(id);
    for (const fact of facts) if (fact.kind === 'os-release') return fact.values;
  }
  return {};
}

function libraryOf(view: ImageView, packages: readonly MeasuredPackage[]): InspectSummary['system']['libc'] {
  for (const { installed } of packages) {
    const name = LIBRARIES[installed.name];
    if (name && ['deb', 'apk', 'rpm'].includes(installed.type)) return { name, version: installed.version };
  }
  for (const { fact } of view.found('elf')) {
    if (fact.elf.soname === 'libc.so.6') return { name: 'glibc', version: undefined };
    if (fact.elf.soname?.startsWith('libc.musl-')) return { name: 'musl', version: undefined };
  }
  return undefined;
}

function zonesOf(
  view: ImageView,
  packages: readonly MeasuredPackage[],
): InspectSummary['system']['timeZones'] {
  const id = view.tree.resolve(ZONES);
  const files = id === undefined ? 0 : (view.tree.totals().files[id] ?? 0);
  const data = packages.find(({ installed }) => installed.name === 'tzdata');
  return files === 0 ? undefined : { files, version: data?.installed.version };
}

import { baseOf } from '../../common/paths.ts';
import { normaliseName } from '../installed.ts';

/** A wheel by its file name (PyPA specifications, "Binary distribution format", "File name convention"). */
export interface WheelFile {
  readonly path: string;
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
}

/** What a wheel has to run on. */
export interface WheelTarget {
  /** `3.13` */
  readonly python: string;
  /** `linux/amd64`; undefined where nobody asks for one. */
  readonly platform: string | undefined;
}

/** The glibc of the images with each Python: 2.N. */
const GLIBCS: Readonly<Record<string, number>> = { '3.13': 41, '3.11': 36 };
/** Names of glibc's versions before they were told (PEP 600, "Legacy manylinux tags"). */
const LEGACY: Readonly<Record<string, number>> = { '1': 5, '2010': 12, '2014': 17 };
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'linux/amd64',
  aarch64: 'linux/arm64',
  armv7l: 'linux/arm/v7',
  i686: 'linux/386',
  ppc64le: 'linux/ppc64le',
  riscv64: 'linux/riscv64',
  s390x: 'linux/s390x',
};
const LINUX = /^(?:manylinux_2_(\d{1,3})|manylinux(1|2010|2014)|linux)_([a-z0-9_]+)$/;

/** @returns undefined for a name that no wheel has */
export function parseWheelName(path: string): WheelFile | undefined {
  const parts = baseOf(path)
    .replace(/\.whl$/, '')
    .split('-');
  const [pythons, abis, platforms] = parts.slice(-3).map((tags) => tags.split('.'));
  const [name, version] = parts;
  const isWheel =
    path.endsWith('.whl') && (parts.length === 5 || (parts.length === 6 && /^\d/.test(parts[2] ?? '')));
  if (!isWheel || !pythons || !abis || !platforms || name === undefined || version === undefined)
    return undefined;
  return { path, name: normaliseName(name), version: version.replaceAll('_', '-'), pythons, abis, platforms };
}

/**
 * How well a wheel fits: the lower, the more specific (PyPA specifications, "Platform compatibility tags").
 * @returns undefined if it does not fit
 */
export function rankOf({ pythons, abis, platforms }: WheelFile, target: WheelTarget): number | undefined {
  const ranks = pythons.flatMap((python) =>
    abis.flatMap((abi) => {
      const interpreter = rankOfInterpreter(python, abi, target.python);
      return platforms.flatMap((one) => {
        const platform = rankOfPlatform(one, target);
        return interpreter === undefined || platform === undefined ? [] : [interpreter * 1000 + platform];
      });
    }),
  );
  return ranks.length === 0 ? undefined : Math.min(...ranks);
}

function rankOfInterpreter(python: string, abi: string, version: string): number | undefined {
  const minor = Number(version.split('.')[1]);
  const [, name, major, of] = /^(cp|py)(\d)(\d{0,3})$/.exec(python) ?? [];
  if (major !== '3') return undefined;
  const its = of === '' ? 0 : Number(of);
  if (its > minor) return undefined;
  if (name === 'cp') {
    if (abi === 'abi3' && of !== '') return 1 + minor - its;
    return its === minor && (abi === `cp3${minor}` || abi === 'none') ? 0 : undefined;
  }
  return abi === 'none' ? 100 + minor - its : undefined;
}

function rankOfPlatform(tag: string, { python, platform }: WheelTarget): number | undefined {
  if (tag === 'any') return 900;
  const [, exact, legacy = '', architecture = ''] = LINUX.exec(tag) ?? [];
  const name = ARCHITECTURES[architecture];
  if (name === undefined || (platform !== undefined && name !== platform)) return undefined;
  const most = GLIBCS[python] ?? 0;
  const needed = exact === undefined ? LEGACY[legacy] : Number(exact);
  if (needed === undefined) return 500;
  return needed > most ? undefined : most - needed;
}

/** What a wheel that does not fit is for, in words. */
export function purposeOf({ pythons, abis, platforms }: WheelFile, target: WheelTarget): string {
  const [platform = ''] = platforms;
  if (platforms.every((one) => rankOfPlatform(one, target) === undefined)) {
    if (platform.startsWith('win')) return 'Windows';
    if (/^(?:macosx|ios)_/.test(platform)) return 'a system of Apple';
    if (platform.startsWith('musllinux')) return 'Linux with musl';
    const [, exact, , architecture = ''] = LINUX.exec(platform) ?? [];
    const name = ARCHITECTURES[architecture];
    return name !== undefined && name === target.platform
      ? `glibc 2.${exact ?? ''} or newer`
      : (name ?? platform);
  }
  if (abis.some((abi) => /^cp\d+t$/.test(abi))) return 'Python without a global lock';
  const versions = pythons
    .map((one) => /^(?:cp|py)(\d)(\d*)$/.exec(one))
    .flatMap((found) =>
      found ? [found[2] === '' ? (found[1] ?? '') : `${found[1] ?? ''}.${found[2] ?? ''}`] : [],
    );
  return versions.length === 0 ? pythons.join(', ') : `Python ${versions.join(', ')}`;
}

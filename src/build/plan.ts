import { nearest, PithError } from '../core/index.ts';
import { formatPlatform, parsePlatform, type Platform } from '../oci/index.ts';
import {
  type LockedLevel,
  type LockedMember,
  type LockedOmission,
  type LockedPackage,
  type Lockfile,
  isTarball,
} from '../resolve/index.ts';
import type { SuiteDefinition } from './definition-types.ts';
import type { ConfigSpec } from './config-spec.ts';
import { hasPackages, type ImageSpec, type Level, type PackageForm } from './image-spec.ts';
import type { PlannedFile } from './planned-file.ts';

/** One image to be made: one variant for one platform. */
export interface Plan {
  readonly image: ImageSpec;
  readonly variant: string;
  readonly platform: Platform;
  readonly levels: readonly PlannedLevel[];
  readonly config: ConfigSpec;
}

/** A level with the packages that its requests come to on the platform. */
export interface PlannedLevel extends Pick<Level, 'name' | 'users' | 'groups' | 'bytecode'> {
  readonly files: readonly PlannedFile[];
  readonly packages: readonly PlannedPackage[];
  readonly omissions: readonly LockedOmission[];
}

export interface PlannedPackage extends PackageForm {
  readonly locked: LockedPackage;
  readonly because: Pick<LockedMember, 'request' | 'by' | 'relation'>;
}

/** What is asked of the command line: a name, perhaps with a variant. */
export interface Target {
  readonly name: string;
  readonly variant?: string;
}

/** Reads `NAME` or `NAME:VARIANT`. A path of a definition file may hold colons only as `:VARIANT`. */
export function parseTarget(text: string): Target {
  const colon = text.lastIndexOf(':');
  if (colon <= 0 || text.slice(colon).includes('/')) return { name: text };
  return { name: text.slice(0, colon), variant: text.slice(colon + 1) };
}

/** The variants that a target asks for: the one that it names, or all. */
export function variantsOf(image: ImageSpec, variant: string | undefined): string[] {
  const known = Object.keys(image.variants);
  if (variant === undefined) return known;
  if (known.includes(variant)) return [variant];
  const near = nearest(variant, known);
  throw new PithError('UNKNOWN_VARIANT', `${image.name} has no variant ${JSON.stringify(variant)}`, {
    hint: `${near ? `Did you mean ${near}? ` : ''}The variants are ${known.join(', ')}.`,
  });
}

/**
 * The platforms to build an image for.
 * @param asked platforms as text; `all` stands for every platform of the image
 */
export function platformsOf(image: ImageSpec, asked: readonly string[]): Platform[] {
  const own = ownPlatforms(image);
  if (asked.includes('all')) return own;
  const known = own.map(formatPlatform);
  return asked.map((text) => {
    const platform = parsePlatform(text);
    if (known.includes(formatPlatform(platform))) return platform;
    throw new PithError('UNKNOWN_PLATFORM', `${image.name} does not exist for ${formatPlatform(platform)}`, {
      hint: `Its platforms are ${known.join(', ')}.`,
    });
  });
}

function ownPlatforms({ name, file, platforms }: ImageSpec): Platform[] {
  const path = file === undefined ? {} : { path: file };
  if (platforms.length === 0)
    throw new PithError('DEFINITION_INVALID', `${file ?? name} names no platforms`, {
      ...path,
      hint: 'Write `platforms: [linux/amd64]`, or extend an image that has some.',
    });
  try {
    return platforms.map(parsePlatform);
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    const { code, message, hint } = error;
    throw new PithError(code, `${file ?? name}: in \`platforms\`, ${message}`, {
      cause: error,
      ...path,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/**
 * Puts the locked packages of an image's levels in the place of their requests.
 * @param lockfile holds the image and the platform
 */
export function planImage(image: ImageSpec, variant: string, platform: Platform, lockfile: Lockfile): Plan {
  const spec = image.variants[variant];
  if (!spec) throw new PithError('UNKNOWN_VARIANT', `${image.name} has no variant ${variant}`);
  const locked = lockfile.images[image.name]?.platforms[formatPlatform(platform)] ?? {};
  const levels = [...image.levels, ...spec.levels].map((level) =>
    planLevel({ ...level, files: filesFor(level, platform) }, locked[level.name], lockfile),
  );
  return { image, variant, platform, levels, config: expandVersions(spec.config, levels) };
}

function filesFor({ files }: Level, platform: Platform): Level['files'] {
  const name = formatPlatform(platform);
  return files.filter((file) => file.platform === undefined || file.platform === name);
}

/** Of a level that asks for no packages. */
const NOTHING: LockedLevel = { packages: [], omissions: [] };

function planLevel(level: Level, locked: LockedLevel | undefined, lockfile: Lockfile): PlannedLevel {
  const { name, files, users, groups, bytecode, contents, packages: specs } = level;
  if (!locked && hasPackages(level))
    throw new PithError('INTERNAL', `nothing is locked for the level ${name}`);
  const { packages: members, omissions } = locked ?? NOTHING;
  const packages = members.map(({ package: key, ...because }): PlannedPackage => {
    const found = lockfile.packages[key];
    if (!found) throw new PithError('INTERNAL', `the lockfile has no ${key}`);
    const spec = specs.find(({ request }) => request === because.request);
    const { contents: rules = contents, move = {}, applets = false, into } = spec ?? {};
    return {
      locked: found,
      because,
      contents: rules,
      move,
      applets,
      ...(into === undefined ? {} : { into }),
    };
  });
  return { name, files, users, groups, bytecode, packages, omissions };
}

/** Puts the upstream version of a package of the image in the place of `${version:NAME}`, in environment and labels. */
function expandVersions(config: ConfigSpec, levels: readonly PlannedLevel[]): ConfigSpec {
  const versions = new Map(
    levels.flatMap(({ packages }) => packages.map(({ locked }) => [locked.name, upstreamVersion(locked)])),
  );
  const expand = (values: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        value.replace(/\$\{version:([a-z0-9][a-z0-9+.-]*)\}/g, (_match, name: string) => {
          const version = versions.get(name);
          if (version !== undefined) return version;
          throw new PithError(
            'DEFINITION_INVALID',
            `${key} speaks of the version of ${name}, which is not in the image`,
            { hint: 'Name a package of the image in ${version:…}.' },
          );
        }),
      ]),
    );
  return { ...config, env: expand(config.env), labels: expand(config.labels) };
}

/** What the program calls its version: `21.0.13` of `21.0.13+9-1~deb13u2`; `1.3` of `1:1.3.dfsg+really1.3-1`. */
function upstreamVersion(locked: LockedPackage): string {
  if (isTarball(locked)) return locked.version;
  const [, upstream = locked.version] = /^(?:\d+:)?(\d[\d.]*\d|\d)/.exec(locked.version) ?? [];
  return upstream;
}

/** Suites that give packages only to requests that name them. */
export function pinnedSuites(suites: readonly SuiteDefinition[]): Set<string> {
  return new Set(suites.filter((suite) => suite.pinned).map((suite) => suite.suite));
}

/** Architectures as Debian names them (Debian policy, 11.1), by platform. */
const DEBIAN_ARCHITECTURES: Readonly<Record<string, string>> = {
  'linux/386': 'i386',
  'linux/amd64': 'amd64',
  'linux/arm/v5': 'armel',
  'linux/arm/v6': 'armel',
  'linux/arm/v7': 'armhf',
  'linux/arm64': 'arm64',
  'linux/mips64le': 'mips64el',
  'linux/mipsle': 'mipsel',
  'linux/ppc64le': 'ppc64el',
  'linux/riscv64': 'riscv64',
  'linux/s390x': 's390x',
};

export function debianArchitecture(platform: Platform): string {
  const name = formatPlatform(platform);
  const architecture = DEBIAN_ARCHITECTURES[name];
  if (architecture === undefined)
    throw new PithError('UNKNOWN_PLATFORM', `Debian has no architecture for ${name}`);
  return architecture;
}

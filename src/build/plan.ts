import { nearest, PithError } from '../core/index.ts';
import { formatPlatform, parsePlatform, type Platform } from '../oci/index.ts';
import { formatRequest, type Request } from '../resolve/index.ts';
import type { SuiteDefinition } from './definition-types.ts';
import type { ConfigSpec, ImageSpec, Level } from './image-spec.ts';

/** One image to be made: one variant for one platform. */
export interface Plan {
  readonly image: ImageSpec;
  readonly variant: string;
  readonly platform: Platform;
  readonly levels: readonly Level[];
  readonly config: ConfigSpec;
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
  const own = image.platforms.map(parsePlatform);
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

export function planImage(image: ImageSpec, variant: string, platform: Platform): Plan {
  const spec = image.variants[variant];
  if (!spec) throw new PithError('UNKNOWN_VARIANT', `${image.name} has no variant ${variant}`);
  return { image, variant, platform, levels: [...image.levels, ...spec.levels], config: spec.config };
}

/** All packages that the variants of an image ask for, each once. */
export function requestsOf(image: ImageSpec): Request[] {
  const levels = [...image.levels, ...Object.values(image.variants).flatMap((variant) => variant.levels)];
  const requests = levels.flatMap((level) =>
    level.packages.map(({ name, suite }) => (suite === undefined ? { name } : { name, suite })),
  );
  return [...new Map(requests.map((request) => [formatRequest(request), request])).values()];
}

/** Suites that give packages only to requests that name them. */
export function pinnedSuites(suites: readonly SuiteDefinition[]): Set<string> {
  return new Set(suites.filter((suite) => suite.pinned).map((suite) => suite.suite));
}

/** Architectures as Debian names them (Debian policy, 11.1), by platform. */
const DEBIAN_ARCHITECTURES: Readonly<Record<string, string>> = {
  'linux/386': 'i386',
  'linux/amd64': 'amd64',
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

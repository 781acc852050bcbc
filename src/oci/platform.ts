import { nearest, PithError } from '../core/index.ts';
import type { Platform } from './types.ts';

/** Architectures as the Go language names them (image-spec 1.1, image-index.md), and the variant that goes without saying. */
const ARCHITECTURES: Readonly<Record<string, string | undefined>> = {
  '386': undefined,
  amd64: undefined,
  arm: 'v7',
  arm64: 'v8',
  loong64: undefined,
  mips64le: undefined,
  mipsle: undefined,
  ppc64le: undefined,
  riscv64: undefined,
  s390x: undefined,
};

/** Other names in use: of kernels and of Debian. */
const ALIASES = new Map([
  ['aarch64', 'arm64'],
  ['armhf', 'arm'],
  ['i386', '386'],
  ['ppc64el', 'ppc64le'],
  ['x86_64', 'amd64'],
]);

/**
 * Reads `os/architecture[/variant]`, or an architecture alone (of linux). The usual variant is filled in,
 * so that one platform has one form: `linux/arm64` and `linux/arm64/v8` are the same, `linux/arm` is v7.
 * @throws UNKNOWN_PLATFORM for what is not linux on one of the architectures that there are
 */
export function parsePlatform(text: string): Platform {
  const platform = readPlatform(text);
  if (platform && isKnownPlatform(platform)) return platform;
  const near = platform && nearest(platform.architecture, Object.keys(ARCHITECTURES));
  throw noPlatform(
    text,
    platform?.os === 'linux' && near !== undefined ? `Did you mean linux/${near}?` : undefined,
  );
}

/** Whether parsePlatform takes it. */
export function isKnownPlatform({ os, architecture }: Platform): boolean {
  return os === 'linux' && Object.hasOwn(ARCHITECTURES, architecture);
}

/** As parsePlatform, of images that others make: any system and architecture. @throws UNKNOWN_PLATFORM for another form */
export function parseAnyPlatform(text: string): Platform {
  const platform = readPlatform(text);
  if (platform) return platform;
  throw noPlatform(text);
}

const PART = /^[a-z0-9][a-z0-9._-]{0,63}$/;

function readPlatform(text: string): Platform | undefined {
  const parts = text.toLowerCase().split('/');
  const [os = '', name = '', variant, ...more] = parts.length === 1 ? ['linux', ...parts] : parts;
  const architecture = ALIASES.get(name) ?? name;
  const isFormed = [os, architecture, variant ?? 'v'].every((part) => PART.test(part));
  if (!isFormed || more.length > 0) return undefined;
  return platformOf(os, architecture, variant ?? usualVariant(architecture));
}

function usualVariant(architecture: string): string | undefined {
  return Object.hasOwn(ARCHITECTURES, architecture) ? ARCHITECTURES[architecture] : undefined;
}

function noPlatform(
  text: string,
  hint = 'A platform is written as linux/amd64, linux/arm64, linux/arm/v7 …',
): PithError {
  return new PithError('UNKNOWN_PLATFORM', `${JSON.stringify(text)} is not a platform`, { hint });
}

/**
 * The platform as text, one for each platform. The variant is left out where it goes without saying, but for 32-bit ARM, as
 * everyone writes it.
 */
export function formatPlatform({ os, architecture, variant: said }: Platform): string {
  const usual = usualVariant(architecture);
  const variant = said ?? usual;
  return variant === undefined || (architecture !== 'arm' && variant === usual)
    ? `${os}/${architecture}`
    : `${os}/${architecture}/${variant}`;
}

/** The platform as a part of a tag: `amd64`, `arm64`, `arm` for arm/v7, `armv6` for arm/v6, `windows-amd64`. */
export function platformTag({ os, architecture, variant }: Platform): string {
  const system = os === 'linux' ? '' : `${os}-`;
  return variant === undefined || variant === usualVariant(architecture)
    ? system + architecture
    : system + architecture + variant;
}

function platformOf(os: string, architecture: string, variant: string | undefined): Platform {
  return variant === undefined ? { architecture, os } : { architecture, os, variant };
}

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
 * @throws UNKNOWN_PLATFORM
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [os = '', name = '', variant] = parts.length === 1 ? ['linux', ...parts] : parts;
  const architecture = ALIASES.get(name) ?? name;
  const isKnown = Object.hasOwn(ARCHITECTURES, architecture);
  if (parts.length > 3 || os !== 'linux' || !isKnown || variant === '') {
    const near = isKnown ? undefined : nearest(architecture, Object.keys(ARCHITECTURES));
    throw new PithError('UNKNOWN_PLATFORM', `${JSON.stringify(text)} is not a platform`, {
      hint: near
        ? `Did you mean linux/${near}?`
        : 'A platform is written as linux/amd64, linux/arm64, linux/arm/v7 …',
    });
  }
  return platformOf(os, architecture, variant ?? ARCHITECTURES[architecture]);
}

/** The platform as text. The variant is left out where it goes without saying, but for 32-bit ARM, as everyone writes it. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  const usual = architecture !== 'arm' && variant === ARCHITECTURES[architecture];
  return variant === undefined || usual ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** The platform as a part of a tag: `amd64`, `arm64`, `arm` for arm/v7, `armv6` for arm/v6. */
export function platformTag({ architecture, variant }: Platform): string {
  return variant === undefined || variant === ARCHITECTURES[architecture]
    ? architecture
    : architecture + variant;
}

function platformOf(os: string, architecture: string, variant: string | undefined): Platform {
  return variant === undefined ? { architecture, os } : { architecture, os, variant };
}

import { PithError } from '../../core/index.ts';
import type { FoundProgram } from './find-programs.ts';

/** EI_OSABI of systems that are not Linux (gABI, "ELF Identification"). */
const SYSTEMS: Readonly<Record<number, string>> = {
  1: 'HP-UX',
  2: 'NetBSD',
  6: 'Solaris',
  7: 'AIX',
  9: 'FreeBSD',
  12: 'OpenBSD',
};
const STATIC =
  'Link it statically (Go: `CGO_ENABLED=0 go build`; Rust: `-C target-feature=+crt-static`; C and C++: `-static`), or build it where glibc is, such as in a Debian container.';

/** Loaders that no image of Debian has. */
const LOADERS: readonly {
  readonly pattern: RegExp;
  readonly why: (loader: string) => string;
  readonly hint: string;
}[] = [
  {
    pattern: /\/ld-musl-[^/]+$/,
    why: (loader) =>
      `was built for musl, as Alpine has it: its loader is ${loader}, and images of Debian have glibc`,
    hint: STATIC,
  },
  {
    pattern: /\/ld-uClibc[^/]*$/,
    why: (loader) => `was built for uClibc: its loader is ${loader}, and images of Debian have glibc`,
    hint: STATIC,
  },
  {
    pattern: /^\/(?:nix\/store|gnu\/store|home|opt|usr\/local|snap|app)\//,
    why: (loader) => `has its loader in a folder of the machine that built it: ${loader}`,
    hint: 'Link it statically, build it in a Debian container, or give it the usual loader with `patchelf --set-interpreter` and remove its RUNPATH.',
  },
  {
    pattern: /^\/(?:system|apex)\//,
    why: (loader) => `was built for Android: its loader is ${loader}`,
    hint: 'Build it for Linux.',
  },
  {
    pattern: /^\/(?:usr\/)?libexec\//,
    why: (loader) => `was built for a BSD: its loader is ${loader}`,
    hint: 'Build it for Linux.',
  },
];

/** @throws PithError APP_INVALID for a program that no image can run, whatever packages it has */
export function refuseUnusable({ path, elf, platform }: FoundProgram): void {
  const refuse = (why: string, hint: string): never => {
    throw new PithError('APP_INVALID', `${path} ${why}`, { path, hint });
  };
  const system = SYSTEMS[elf.osAbi];
  if (system !== undefined) refuse(`was built for ${system}`, 'Build it for Linux.');
  const { interpreter } = elf;
  const loader = LOADERS.find(({ pattern }) => interpreter !== undefined && pattern.test(interpreter));
  if (loader && interpreter !== undefined) refuse(loader.why(interpreter), loader.hint);
  const musl = elf.needed.find((name) => name.startsWith('libc.musl-'));
  if (musl !== undefined) refuse(`was built for musl: it needs ${musl}`, STATIC);
  if (platform === undefined)
    refuse(
      `is for a machine that container images have no name for (ELF machine ${elf.machine}, ${elf.class}-bit)`,
      'Build it for one of the platforms that `pith ls` lists.',
    );
}

/** The error for several programs of which any could be meant. */
export function ambiguous(programs: readonly FoundProgram[]): PithError {
  const shown = programs
    .slice(0, 12)
    .map(({ path, platform }) => `${path} (${platform ?? 'unknown platform'})`);
  const more = programs.length > shown.length ? ` and ${programs.length - shown.length} more` : '';
  const isOneEach = new Set(programs.map(({ platform }) => platform)).size === programs.length;
  return new PithError('APP_INVALID', `there are several programs: ${shown.join(', ')}${more}`, {
    hint: isOneEach
      ? 'Choose with `--main PATH`, or give one for each platform with `--binary PLATFORM=PATH`.'
      : 'Choose the one that runs with `--main PATH`.',
  });
}

type Architecture = 'amd64' | '386' | 'arm64' | 'arm' | 'ppc64le' | 'riscv64' | 's390x';

/** The compiler of each architecture, with what only it is told. */
export const COMPILERS: Readonly<Record<Architecture, readonly [string, ...string[]]>>;

/** Compiles the probe for an architecture; gives the path of the program. */
export function buildProbe(architecture: Architecture, folder: string): string;

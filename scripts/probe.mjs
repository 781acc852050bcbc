// Builds probe/bin/ARCHITECTURE of probe.c, with the C compilers of Debian 12 (CONTRIBUTING.md). `npm run probe`
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../probe/probe.c', import.meta.url));

/** The compiler of each architecture, with what only it is told. */
export const COMPILERS = {
  amd64: ['x86_64-linux-gnu-gcc', '-fcf-protection=none'],
  386: [
    'x86_64-linux-gnu-gcc',
    '-m32',
    '-march=i486',
    '-fcf-protection=none',
    '-isystem/usr/include/x86_64-linux-gnu',
  ],
  arm64: ['aarch64-linux-gnu-gcc', '-mno-outline-atomics'],
  arm: ['arm-linux-gnueabihf-gcc', '-marm'],
  ppc64le: ['powerpc64le-linux-gnu-gcc', '-mcpu=power8'],
  riscv64: ['riscv64-linux-gnu-gcc', '-mno-relax'],
  s390x: ['s390x-linux-gnu-gcc'],
};

const FLAGS = [
  ...['-std=gnu11', '-Os', '-Wall', '-Wextra', '-Werror'],
  ...['-ffreestanding', '-fno-builtin', '-fno-tree-loop-distribute-patterns', '-fno-stack-protector'],
  ...['-fno-asynchronous-unwind-tables', '-fno-unwind-tables', '-fno-ident', '-fno-pie', '-no-pie'],
  ...['-nostdlib', '-static', '-s', '-Wl,--build-id=none', '-Wl,-z,noexecstack', '-Wl,-z,noseparate-code'],
  ...['-Wl,-z,norelro', '-Wl,--no-warn-rwx-segments', '-Wl,--gc-sections', '-ffunction-sections'],
];

/** Compiles the probe for an architecture; gives the path of the program. */
export function buildProbe(architecture, folder) {
  const [compiler, ...own] = COMPILERS[architecture];
  const output = join(folder, architecture);
  execFileSync(compiler, [...FLAGS, ...own, '-o', output, SOURCE], { stdio: 'inherit' });
  return output;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL('../probe/bin/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const architecture of Object.keys(COMPILERS)) buildProbe(architecture, folder);
}

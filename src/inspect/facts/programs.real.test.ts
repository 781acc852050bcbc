import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, SEARCH_PATH } from '../../testing/tools.ts';
import type { ElfFact } from '../facts.ts';
import { readFacts } from './fixtures.ts';
import { programReader } from './programs.ts';

const C = `#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) { char text[64]; strcpy(text, argv[argc - 1]); printf("%s\\n", text); return 0; }
`;

describeWith('programs of gcc', { tools: ['gcc', 'strip'] }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pith-programs-'));
  beforeAll(() => {
    writeFileSync(join(folder, 'x.c'), C);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function compile(...flags: string[]): Promise<ElfFact> {
    execFileSync('gcc', ['-o', 'x', 'x.c', ...flags], { cwd: folder, stdio: 'ignore' });
    const facts = await readFacts(programReader, 'x', readFileSync(join(folder, 'x')), { mode: 0o755 });
    const [fact] = facts.filter((each) => each.kind === 'elf');
    if (!fact) throw new Error('no ELF file');
    return fact;
  }

  it.each<[string[], Partial<ElfFact['hardening']>, boolean]>([
    [['-pie', '-fPIE', '-Wl,-z,relro,-z,now'], { relro: 'full', nx: true, pie: true }, false],
    [['-pie', '-fPIE', '-Wl,-z,relro,-z,lazy'], { relro: 'partial', pie: true }, false],
    [['-no-pie', '-Wl,-z,norelro'], { relro: 'none', pie: false }, false],
    [['-Wl,-z,execstack'], { nx: false }, false],
    [['-fstack-protector-all'], { stackProtector: true }, false],
    [['-fno-stack-protector'], { stackProtector: false }, false],
    [['-O2', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'], { fortify: true }, false],
    [['-O2', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=0'], { fortify: false }, false],
    [['-s'], {}, true],
    [['-Wl,-rpath,/opt/lib', '-Wl,--enable-new-dtags'], { runpath: true, rpath: false }, false],
    [['-Wl,-rpath,/opt/lib', '-Wl,--disable-new-dtags'], { runpath: false, rpath: true }, false],
    [['-static', '-fstack-protector-all'], { pie: false, stackProtector: true }, false],
    [['-static-pie', '-fPIE'], { pie: true }, false],
  ])('with %j have %j', async (flags, hardening, stripped) => {
    const fact = await compile(...flags);
    expect(fact.hardening).toMatchObject(hardening);
    expect(fact.stripped).toBe(stripped);
  });

  it('that are static and stripped tell nothing of what they call', async () => {
    const { hardening, stripped } = await compile('-static', '-s');
    expect(stripped).toBe(true);
    expect(hardening.stackProtector).toBeUndefined();
    expect(hardening.fortify).toBeUndefined();
  });

  it('are libraries without a word on PIE', async () => {
    expect((await compile('-shared', '-fPIC', '-Wl,-soname,libx.so.1')).hardening).not.toHaveProperty('pie');
  });

  it('with debugging information alone are not stripped', async () => {
    execFileSync('gcc', ['-g', '-o', 'x', 'x.c'], { cwd: folder });
    chmodSync(join(folder, 'x'), 0o755);
    execFileSync('strip', ['--keep-section=.debug_info', '-s', '-R', '.symtab', 'x'], {
      cwd: folder,
      stdio: 'ignore',
    });
    const [fact] = await readFacts(programReader, 'x', readFileSync(join(folder, 'x')));
    const sections = execFileSync('readelf', ['-SW', 'x'], { cwd: folder, encoding: 'utf8' });
    expect(fact).toMatchObject({ kind: 'elf', stripped: !sections.includes('debug_info') });
  });
});

/** Tools that Debian's machines have, by the names of their programs. */
const TOOLS: Readonly<Record<string, string>> = {
  'apt-get': 'apt',
  bash: 'bash',
  busybox: 'busybox',
  curl: 'curl',
  dash: 'dash',
  dpkg: 'dpkg',
  gcc: 'gcc',
  gdb: 'gdb',
  rpm: 'rpm',
  socat: 'socat',
  ssh: 'ssh',
  strace: 'strace',
  su: 'su',
  sudo: 'sudo',
  wget: 'wget',
};
/** Programs that hold the names of such tools, or texts near theirs. */
const OTHERS = [
  'cat',
  'ls',
  'find',
  'grep',
  'perl',
  'python3',
  'node',
  'openssl',
  'git',
  'tar',
  'login',
  'mount',
  'systemctl',
  'skopeo',
];

for (const [program, tool] of Object.entries(TOOLS))
  describeWith(`the program ${program}`, { tools: [program] }, () => {
    it(`is ${tool}, also under another name`, async () => {
      const facts = await readFacts(programReader, 'app/server', readProgram(program), { mode: 0o755 });
      expect(facts).toContainEqual(expect.objectContaining({ kind: 'tool', tool }));
    });
  });

for (const program of OTHERS)
  describeWith(`the program ${program}`, { tools: [program] }, () => {
    it('is none of the tools', async () => {
      const facts = await readFacts(programReader, 'bin/sh', readProgram(program), { mode: 0o755 });
      expect(facts.filter(({ kind }) => kind === 'tool')).toEqual([]);
    });
  });

function readProgram(name: string): Buffer {
  const which = { encoding: 'utf8', env: { PATH: SEARCH_PATH } } as const;
  return readFileSync(realpathSync(execFileSync('sh', ['-c', `command -v ${name}`], which).trim()));
}

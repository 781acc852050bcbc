import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith } from '../testing/tools.ts';
import { type ElfInfo, ElfScanner } from './elf.ts';

function scan(path: string): ElfInfo | undefined {
  const bytes = readFileSync(path);
  const scanner = new ElfScanner(bytes.length);
  for (let at = 0; at < bytes.length; at += 1 << 16) scanner.write(bytes.subarray(at, at + (1 << 16)));
  return scanner.finish();
}

/** What binutils reads of a file's versions. */
function versionsOf(path: string): { needed: Record<string, string[]>; defined: string[] } {
  const text = execFileSync('readelf', ['-VW', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const needed: Record<string, string[]> = {};
  const defined: string[] = [];
  let library = '';
  for (const line of text.split('\n')) {
    const file = /Version: \d+ {2}File: (\S+) /.exec(line)?.[1];
    const need = /^ {2}0x[0-9a-f]+: {3}Name: (\S+) {2}Flags: (.*?) {2}Version: /.exec(line);
    const definition = /Rev: 1 {2}Flags: (.*?) {2}Index: \d+ {2}Cnt: \d+ {2}Name: (\S+)/.exec(line);
    if (file !== undefined) needed[(library = file)] = [];
    else if (need && !need[2]?.includes('WEAK')) needed[library]?.push(need[1] ?? '');
    else if (definition && !definition[1]?.includes('BASE')) defined.push(definition[2] ?? '');
  }
  return { needed, defined };
}

/** Programs and libraries of this machine, each once; every seventh is enough. */
function machineFiles(): string[] {
  const folders = ['/bin', '/lib', '/usr/lib'].flatMap((folder) => {
    const items = readdirSync(folder, { withFileTypes: true });
    const multiarch = items.filter((item) => item.isDirectory() && item.name.endsWith('-linux-gnu'));
    return [folder, ...multiarch.map((item) => join(folder, item.name))];
  });
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((item) => item.isFile() && (folder === '/bin' || /\.so(\.|$)/.test(item.name)))
      .map((item) => realpathSync(join(folder, item.name))),
  );
  const sorted = [...new Set(files)].sort();
  return sorted.filter((path, index) => index % 7 === 0 || /lib(?:c|m|stdc\+\+|gcc_s|ssl)\.so/.test(path));
}

describeWith('the versions of real files', { tools: ['readelf'] }, () => {
  it('are those that readelf lists', () => {
    let definitions = 0;
    for (const path of machineFiles()) {
      const info = scan(path);
      if (!info?.dynamic) continue;
      const { needed, defined } = versionsOf(path);
      expect(info.versionsNeeded ?? {}, path).toEqual(needed);
      expect(info.versionsDefined ?? [], path).toEqual(defined);
      definitions += defined.length;
    }
    expect(definitions).toBeGreaterThan(20);
  });
});

describeWith('versions of a linker script', { tools: ['gcc', 'readelf', 'ld.gold'] }, () => {
  it.each(['bfd', 'gold'])('as %s writes them', (linker) => {
    const folder = mkdtempSync(join(tmpdir(), 'pith-versions-'));
    try {
      writeFileSync(join(folder, 'x.c'), 'int one(void) { return 1; } int two(void) { return 2; }');
      writeFileSync(
        join(folder, 'x.map'),
        'LIBX_1.0 { global: one; local: *; }; LIBX_2.0 { global: two; } LIBX_1.0;',
      );
      const library = join(folder, 'libx.so.1');
      const script = `-Wl,--version-script=${join(folder, 'x.map')}`;
      const flags = ['-shared', '-fPIC', `-fuse-ld=${linker}`, '-Wl,-soname,libx.so.1', script];
      execFileSync('gcc', [...flags, '-o', library, join(folder, 'x.c')]);
      expect(scan(library)?.versionsDefined).toEqual(['LIBX_1.0', 'LIBX_2.0']);
      expect(versionsOf(library).defined).toEqual(['LIBX_1.0', 'LIBX_2.0']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

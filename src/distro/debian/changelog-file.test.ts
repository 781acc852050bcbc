import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDeb, type TestFile } from '../../testing/deb.ts';
import { rejectionOf } from '../../testing/thrown.ts';
import { MAX_CHANGELOG } from './changelog.ts';
import { readChangelog } from './changelog-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pith-changelog-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const DOC = 'usr/share/doc';
const entry = (version: string): string => `x (${version}) sid; urgency=low\n  * a\n -- A <a@b>  x\n\n`;

function file(path: string, text: string | Buffer): TestFile {
  return { path: `${DOC}/${path}`, content: gzipSync(text) };
}

function link(path: string, linkName: string): TestFile {
  return { path: `${DOC}/${path}`, type: 'symlink', linkName };
}

/** The versions in the changelog of a package `x`, or where its link leads, or nothing. */
async function found(files: readonly TestFile[], name = 'x'): Promise<string[] | string | undefined> {
  const path = join(folder, 'x.deb');
  writeFileSync(path, makeDeb({ name, files }));
  const result = await readChangelog(path, name);
  if (result.kind === 'entries') return result.entries.map(({ version }) => version);
  return result.kind === 'elsewhere' ? result.package : undefined;
}

describe('the changelog of a package', () => {
  it.each<[string, TestFile[], string[] | string | undefined]>([
    [
      'is changelog.Debian.gz, not the one from upstream',
      [file('x/changelog.Debian.gz', entry('2-1') + entry('1-1')), file('x/changelog.gz', entry('9'))],
      ['2-1', '1-1'],
    ],
    ['is changelog.gz of a native package', [file('x/changelog.gz', entry('1'))], ['1']],
    ['may be uncompressed', [{ path: `${DOC}/x/changelog.Debian`, content: entry('1-1') }], ['1-1']],
    [
      'has the entries of binary-only uploads first',
      [file('x/changelog.Debian.amd64.gz', entry('1-1+b1')), file('x/changelog.Debian.gz', entry('1-1'))],
      ['1-1+b1', '1-1'],
    ],
    ['is elsewhere where the folder is a link', [link('x', 'gcc-14-base')], 'gcc-14-base'],
    ['is elsewhere where the link is absolute', [link('x', '/usr/share/doc/x-data')], 'x-data'],
    [
      'is elsewhere where the file is a link',
      [link('x/changelog.Debian.gz', '../x-data/changelog.Debian.gz')],
      'x-data',
    ],
    [
      'is another file of the folder where a link says so',
      [file('x/changelog.gz', entry('1')), link('x/changelog.Debian.gz', 'changelog.gz')],
      ['1'],
    ],
    ['is not that of another package', [file('y/changelog.Debian.gz', entry('1'))], undefined],
    ['is not in a folder below', [file('x/z/changelog.Debian.gz', entry('1'))], undefined],
    ['is not the one from upstream alone', [file('x/changelog.gz', 'Version 1\n- a\n')], undefined],
    ['is nowhere where links lead out', [link('x', '../../../../etc')], undefined],
    [
      'is nowhere where links lead to a file outside',
      [link('x/changelog.Debian.gz', '/etc/passwd')],
      undefined,
    ],
    ['is nowhere where a link leads to itself', [link('x', 'x')], undefined],
    [
      'is nowhere where a link leads to itself in the folder',
      [link('x/changelog.gz', 'changelog.gz')],
      undefined,
    ],
    ['is nowhere where a link is no name', [link('x', 'a b')], undefined],
    [
      'is nowhere where it is a folder',
      [{ path: `${DOC}/x/changelog.Debian.gz`, type: 'directory' }],
      undefined,
    ],
    ['is nowhere in a package of nothing', [], undefined],
  ])('%s', async (_what, files, expected) => {
    expect(await found(files)).toEqual(expected);
  });

  it('is read as far as it can be one, however much it unpacks to', async () => {
    const bomb = Buffer.concat([
      Buffer.from(entry('2')),
      Buffer.alloc(4 * MAX_CHANGELOG),
      Buffer.from(entry('1')),
    ]);
    expect(await found([file('x/changelog.Debian.gz', bomb)])).toEqual(['2']);
  });

  it('that is larger than any is passed over', async () => {
    const large = { path: `${DOC}/x/changelog.Debian`, content: Buffer.alloc((8 << 20) + 1, entry('1')) };
    expect(await found([large])).toBeUndefined();
  });

  it.each<[string, Buffer]>([
    ['damaged', Buffer.from('no gzip')],
    ['cut short', gzipSync(entry('1')).subarray(0, 30)],
  ])('that is %s is said', async (_what, content) => {
    const failure = await rejectionOf(found([{ path: `${DOC}/x/changelog.Debian.gz`, content }]));
    expect(failure).toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining("x's changelog.Debian.gz") as string,
    });
  });

  it('of a file that is no package is said', async () => {
    const path = join(folder, 'no.deb');
    writeFileSync(path, 'no package');
    expect((await rejectionOf(readChangelog(path, 'x'))).code).toBe('ARCHIVE_INVALID');
  });
});

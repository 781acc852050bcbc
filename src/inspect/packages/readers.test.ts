import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf } from '../../testing/elf.ts';
import type { Fact } from '../facts.ts';
import { factsOf } from './fixtures.ts';
import { packageReaders } from './index.ts';
import type { OwnedFile } from './model.ts';

/** A place that each reader looks at. */
const PLACES = [
  'var/lib/dpkg/status',
  'var/lib/dpkg/info/a.list',
  'var/lib/dpkg/info/a.md5sums',
  'var/lib/dpkg/info/a.conffiles',
  'usr/share/doc/a/copyright',
  'lib/apk/db/installed',
  'var/lib/rpm/rpmdb.sqlite',
  'var/lib/rpm/Packages.db',
  'var/lib/rpm/Packages',
  'node_modules/a/package.json',
  'a-1.dist-info/METADATA',
  'x/a-1.dist-info/RECORD',
  'x/a-1.egg-info/installed-files.txt',
  'opt/a-1.0.jar',
  'usr/bin/a',
];

describe('readers of packages', () => {
  it('say nothing of other files', async () => {
    for (const reader of packageReaders)
      for (const path of [
        'etc/passwd',
        'usr/bin/bash',
        'app/package.json',
        'usr/share/doc/a/README',
        'x.zip',
      ])
        expect(await factsOf(reader, path, makeElf({}))).toEqual([]);
  });

  it('never throw, whatever a file holds', async () => {
    const letters = fc.constantFrom(...'PVALFRZ:\n /.-{}[]"\',Q12License:Files*'.split(''));
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: letters, maxLength: 500 }).map((text) => Buffer.from(text)),
      fc
        .constantFrom('PK\x05\x06', '\x7fELF Go\0\0', 'RpmP', 'SQLite format 3\0')
        .chain((magic) =>
          fc
            .uint8Array({ minLength: 600, maxLength: 1200 })
            .map((bytes) => Buffer.concat([Buffer.from(magic, 'latin1'), bytes])),
        ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PLACES), content, async (path, bytes) => {
        for (const reader of packageReaders) {
          const facts = await factsOf(reader, path, bytes);
          expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('end soon, however much there is of one sign', async () => {
    for (const sign of [
      '\n',
      ' ',
      '/',
      'a',
      ':',
      ',',
      '"',
      '{',
      '\0',
      '-',
      'F:\n',
      'R:a\n',
      'P:a\nV:1\n\n',
      ' a\n',
      'License: a or ',
    ]) {
      const text = Buffer.alloc(1 << 18, sign);
      for (const path of PLACES)
        for (const reader of packageReaders)
          expect((await factsOf(reader, path, text)).length).toBeLessThan(2);
    }
  });

  it('make no more of a file than a bound: short names in long folders', async () => {
    const folder = `${'x'.repeat(2000)}/${'y'.repeat(2000)}`;
    const database = `P:a\nV:1\nF:${folder}\n${'R:z\n'.repeat(200_000)}`;
    const record = 'z\n'.repeat(200_000);
    for (const [path, text] of [
      ['lib/apk/db/installed', database],
      [`${folder}/a-1.dist-info/RECORD`, record],
    ] as const) {
      let size = 0;
      for (const reader of packageReaders)
        for (const fact of await factsOf(reader, path, text))
          for (const file of filesOf(fact)) size += file.path.length;
      expect(size).toBeGreaterThan(1 << 20);
      expect(size).toBeLessThan(1 << 28);
    }
  });
});

function filesOf(fact: Fact): readonly OwnedFile[] {
  if (fact.kind === 'owned-files') return fact.owned.files;
  return fact.kind === 'packages' ? fact.packages.flatMap(({ files = [] }) => files) : [];
}

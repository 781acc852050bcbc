import { describe, expect, it } from 'vitest';
import { packagesIn } from '../fixtures.ts';
import { readDatabase } from './database.ts';
import { debianReader } from './readers.ts';

const BASH = `Package: bash
Status: install ok installed
Essential: yes
Installed-Size: 7164
Architecture: amd64
Source: bash-source (5.2-1)
Version: 5.2.15-2+b2
Conffiles:
 /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d
 /etc/old.conf 89269e1298235f1b12b4c16e4065ad0e obsolete
 /etc/new.conf newconffile
 /etc/two words 89269e1298235f1b12b4c16e4065ad0f obsolete remove-on-upgrade
Description: GNU Bourne Again SHell
 Bash is an sh-compatible command language interpreter.
`;

describe("dpkg's database", () => {
  it('tells of a package', () => {
    expect(readDatabase(BASH)).toEqual([
      {
        type: 'deb',
        name: 'bash',
        version: '5.2.15-2+b2',
        architecture: 'amd64',
        source: { name: 'bash-source', version: '5.2-1' },
        licences: [],
        summary: 'GNU Bourne Again SHell',
        installedSize: 7164 * 1024,
        purl: 'pkg:deb/bash@5.2.15-2%2Bb2?arch=amd64',
        files: [
          { path: 'etc/bash.bashrc', md5: '89269e1298235f1b12b4c16e4065ad0d', configuration: true },
          { path: 'etc/old.conf', md5: '89269e1298235f1b12b4c16e4065ad0e', configuration: true },
          { path: 'etc/new.conf', configuration: true },
          { path: 'etc/two words', md5: '89269e1298235f1b12b4c16e4065ad0f', configuration: true },
        ],
      },
    ]);
  });

  it.each([
    ['install ok installed', true],
    ['hold ok installed', true],
    ['install ok unpacked', true],
    ['install ok half-configured', true],
    ['install ok triggers-awaited', true],
    ['install ok triggers-pending', true],
    ['deinstall ok config-files', false],
    ['purge ok not-installed', false],
    ['install reinstreq half-installed', false],
  ])('has the package with the status %s: %s', (status, isThere) => {
    const text = BASH.replace('install ok installed', status);
    expect(readDatabase(text)).toHaveLength(isThere ? 1 : 0);
  });

  it('says where a package is in the image in part', () => {
    expect(readDatabase(`${BASH}X-Pith-Partial: 12 files left out\n`)).toMatchObject([{ partial: true }]);
  });

  it.each([
    ['a line that is no field', 'Package: a\nnonsense\nVersion: 1'],
    ['a field twice', 'Package: a\nVersion: 1\nVersion: 2'],
    ['no version', 'Package: a'],
    ['a version that is none', 'Package: a\nVersion: 1 2'],
    ['no name', 'Version: 1'],
    ['a control character', 'Package: a\u0001\nVersion: 1'],
    ['nothing', '\n\n'],
  ])('passes over a stanza with %s', (_what, stanza) => {
    expect(readDatabase(`${stanza}\n\n${BASH}\n${stanza}`)).toMatchObject([{ name: 'bash' }]);
  });

  it.each([
    ['var/lib/dpkg/status', 1],
    ['var/lib/dpkg/status.d/bash', 1],
    ['var/lib/dpkg/status.d/.wh.bash', 0],
    ['var/lib/dpkg/status-old', 0],
    ['var/lib/dpkg/status.d/bash.md5sums', 0],
    ['home/var/lib/dpkg/status', 0],
  ])('is %s: %d', async (path, count) => {
    expect(await packagesIn(debianReader, path, BASH)).toHaveLength(count);
  });
});

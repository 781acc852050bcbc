import { describe, expect, it } from 'vitest';
import { alpineReader, readInstalled } from './alpine.ts';
import { packagesIn } from './fixtures.ts';

const SHA256 = Buffer.alloc(32, 7);
const MUSL = `C:Q1p7YgxTTHm4oDTFZ6FZ1q6TvvDEE=
P:musl
V:1.2.4-r2
A:x86_64
S:407278
I:667648
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
t:1690000000
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1qwerty=
R:libc.musl-x86_64.so.1
F:
R:top
Z:Q2${SHA256.toString('base64')}
F:etc/empty
`;
const UTILS = 'P:musl-utils\nV:1.2.4-r2\nA:x86_64\nL:MIT AND BSD-2-Clause AND GPL-2.0-or-later\no:musl-src\n';

describe("apk's database", () => {
  it('tells of packages and their files', () => {
    const common = { type: 'apk', version: '1.2.4-r2', architecture: 'x86_64' };
    expect(readInstalled(`${MUSL}\n${UTILS}\n`)).toEqual([
      {
        ...common,
        name: 'musl',
        licences: ['MIT'],
        summary: 'the musl c library (libc) implementation',
        installedSize: 667648,
        purl: 'pkg:apk/musl@1.2.4-r2?arch=x86_64',
        files: [
          { path: 'lib/ld-musl-x86_64.so.1' },
          { path: 'lib/libc.musl-x86_64.so.1' },
          { path: 'top', sha256: SHA256.toString('hex') },
        ],
      },
      {
        ...common,
        name: 'musl-utils',
        source: { name: 'musl-src', version: '1.2.4-r2' },
        licences: ['MIT AND BSD-2-Clause AND GPL-2.0-or-later'],
        purl: 'pkg:apk/musl-utils@1.2.4-r2?arch=x86_64',
      },
    ]);
  });

  it('needs no empty line at its end', () => {
    expect(readInstalled(`${UTILS}\n${MUSL}`.trimEnd())).toHaveLength(2);
  });

  it.each([
    ['no name', 'V:1\n'],
    ['no version', 'P:a\n'],
    ['lines that are no fields', 'P\nVVVV\n:\n'],
    ['a file without a package', 'F:lib\nR:x\nZ:Q1x\n'],
    ['a digest without a file', `Z:Q2${SHA256.toString('base64')}\n`],
    ['a name with a control character', 'P:a\u0007\nV:1\n'],
  ])('passes over %s', (_what, stanza) => {
    expect(readInstalled(`${stanza}\n${UTILS}`)).toMatchObject([{ name: 'musl-utils' }]);
  });

  it('leaves out files that lead out of the image', () => {
    expect(readInstalled('P:a\nV:1\nF:../..\nR:etc/passwd\nF:usr/./lib\nR:x\n')).toMatchObject([
      { files: [{ path: 'usr/lib/x' }] },
    ]);
  });

  it.each([
    ['lib/apk/db/installed', 1],
    ['usr/lib/apk/db/installed', 1],
    ['lib/apk/db/triggers', 0],
    ['srv/lib/apk/db/installed', 0],
  ])('is %s: %d', async (path, count) => {
    expect(await packagesIn(alpineReader, path, UTILS)).toHaveLength(count);
  });
});

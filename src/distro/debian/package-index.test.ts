import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildIndex, openIndex, type PackageIndex } from './package-index.ts';

const HEX = '0123456789abcdef'.repeat(4);
type Fields = Record<string, string>;

function stanza(fields: Fields): string {
  const base = {
    Package: 'libc6',
    Version: '2.41-12',
    Architecture: 'amd64',
    Filename: 'pool/main/g/glibc/libc6_2.41-12_amd64.deb',
    Size: '2846580',
    SHA256: HEX,
  };
  return Object.entries({ ...base, ...fields })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

async function indexOf(text: string, size = 1000): Promise<PackageIndex> {
  return openIndex(await buildIndex(inPieces(text, size)));
}

describe('a package index', () => {
  it('gives every field that is kept', async () => {
    const index = await indexOf(
      stanza({
        Source: 'glibc (2.41-11)',
        'Installed-Size': '13226',
        Maintainer: 'Jürgen <j@example.org>',
        Section: 'libs',
        Priority: 'required',
        Essential: 'yes',
        'Multi-Arch': 'same',
        Depends: 'libgcc-s1, x | y (>= 1)',
        'Pre-Depends': 'p',
        Provides: 'libc',
        Conflicts: 'c',
        Breaks: 'b (<< 2)',
        Recommends: 'r',
        Replaces: 'not kept',
        Description: 'GNU C Library',
      }),
    );
    expect(index.get('libc6')).toEqual([
      {
        name: 'libc6',
        version: '2.41-12',
        architecture: 'amd64',
        source: { name: 'glibc', version: '2.41-11' },
        path: 'pool/main/g/glibc/libc6_2.41-12_amd64.deb',
        size: 2846580,
        digest: `sha256:${HEX}`,
        installedSize: 13226 * 1024,
        section: 'libs',
        priority: 'required',
        essential: true,
        multiArch: 'same',
        depends: 'libgcc-s1, x | y (>= 1)',
        preDepends: 'p',
        provides: 'libc',
        conflicts: 'c',
        breaks: 'b (<< 2)',
        recommends: 'r',
      },
    ]);
  });

  it('fills in what may be absent', async () => {
    const [found] = (await indexOf(stanza({}))).get('libc6');
    expect(found).toMatchObject({
      source: { name: 'libc6', version: '2.41-12' },
      installedSize: 0,
      essential: false,
      multiArch: 'no',
      depends: '',
    });
  });

  it.each([
    ['glibc', { name: 'glibc', version: '2.41-12' }],
    ['glibc (1:2)', { name: 'glibc', version: '1:2' }],
  ])('reads Source: %s', async (field, source) => {
    expect((await indexOf(stanza({ Source: field }))).get('libc6')[0]?.source).toEqual(source);
  });

  it('keeps several versions of one name', async () => {
    const index = await indexOf(
      `${stanza({ Version: '1' })}\n${stanza({ Package: 'a' })}\n${stanza({ Version: '2' })}`,
    );
    expect(index.get('libc6').map(({ version }) => version)).toEqual(['1', '2']);
    expect([...index.names()]).toEqual(['a', 'libc6']);
  });

  it('finds providers by the names that they provide', async () => {
    const index = await indexOf(
      [
        stanza({ Package: 'mawk', Provides: 'awk' }),
        stanza({ Package: 'gawk', Provides: 'posix-awk (= 1), awk:any,awk' }),
        stanza({ Package: 'awk-doc', Provides: 'doc' }),
      ].join('\n'),
    );
    const names = (name: string): string[] => index.providers(name).map((found) => found.name);
    expect(names('awk')).toEqual(['gawk', 'mawk']);
    expect(names('posix-awk')).toEqual(['gawk']);
    expect(names('mawk')).toEqual([]);
    expect(names('aw')).toEqual([]);
  });

  it('joins folded fields', async () => {
    expect((await indexOf(stanza({ Depends: 'a,\n b,\n\tc' }))).get('libc6')[0]?.depends).toBe('a, b, c');
  });

  it('is the same whatever the pieces are', async () => {
    const text = `${stanza({ Depends: 'ä' })}\n\n${stanza({ Package: 'b', Provides: 'x' })}`;
    const whole = await buildIndex(inPieces(text, text.length * 2));
    for (const size of [1, 2, 7, 64]) expect(await buildIndex(inPieces(text, size))).toEqual(whole);
  });

  it.each(['', '\n\n', '\n \n'.slice(0, 1)])('is empty for %j', async (text) => {
    const index = await indexOf(text);
    expect([...index.names()]).toEqual([]);
    expect(index.get('a')).toEqual([]);
    expect(index.providers('a')).toEqual([]);
  });

  it('finds every name and no other', async () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,8}$/);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { maxLength: 30 }), name, async (names, other) => {
        const index = await indexOf(names.map((each) => stanza({ Package: each })).join('\n'));
        expect([...index.names()]).toEqual([...names].sort());
        for (const each of names) expect(index.get(each).map((found) => found.name)).toEqual([each]);
        expect(index.get(other)).toHaveLength(names.includes(other) ? 1 : 0);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['Package', ''],
    ['Version', ''],
    ['Architecture', ''],
    ['Filename', ''],
    ['Size', ''],
    ['SHA256', ''],
  ])('is refused where %s is missing', async (field, value) => {
    await expect(indexOf(stanza({ [field]: value }))).rejects.toMatchObject({ code: 'RELEASE_INVALID' });
  });

  it('is refused where a field stands twice', async () => {
    await expect(indexOf(`${stanza({})}SHA256: ${HEX}\n`)).rejects.toThrow(/SHA256 appears twice/);
  });

  it.each([
    ['Filename', '/etc/passwd'],
    ['Filename', 'pool/../../x.deb'],
    ['Filename', 'pool//x.deb'],
    ['Filename', 'pool/x.deb?y'],
    ['Filename', 'http://evil.example/x.deb'],
    ['Size', '-1'],
    ['Size', '1e9'],
    ['Size', '99999999999999999999'],
    ['SHA256', HEX.slice(1)],
    ['SHA256', HEX.toUpperCase()],
    ['Version', '1 2'],
    ['Version', '1/2'],
    ['Architecture', '../x'],
    ['Installed-Size', 'much'],
    ['Multi-Arch', 'maybe'],
  ])('refuses a package with %s: %s when it is read', async (field, value) => {
    const index = await indexOf(stanza({ [field]: value }));
    expect(() => index.get('libc6')).toThrow(expect.objectContaining({ code: 'RELEASE_INVALID' }) as Error);
  });

  it.each(['../x', '-x', 'a/b', 'ä'])('refuses the name %j when it is read', async (name) => {
    const index = await indexOf(stanza({ Package: name }));
    expect(() => [...index.names()].flatMap((each) => index.get(each))).toThrow(/wrong Package/);
  });
});

describe('openIndex', () => {
  it.each([
    ['nothing', () => new Uint8Array()],
    ['something else', () => new Uint8Array(100)],
    ['an index that is cut off', (bytes: Uint8Array) => bytes.subarray(0, 60)],
    [
      'an index of another format',
      (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 14 ? 57 : byte)),
    ],
    [
      'wrong counts',
      (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at >= 16 && at < 24 ? 255 : byte)),
    ],
    [
      'wrong offsets',
      (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at >= 24 && at < 48 ? 255 : byte)),
    ],
  ])('refuses %s', async (_what, damage) => {
    const bytes = damage(await buildIndex(inPieces(stanza({ Provides: 'x' }), 100)));
    const use = (): unknown => [openIndex(bytes).get('libc6'), openIndex(bytes).providers('x')];
    expect(use).toThrow(expect.objectContaining({ code: 'CACHE_CORRUPT' }) as Error);
  });
});

import { describe, expect, it } from 'vitest';
import { END_OF_ARCHIVE, readTar } from '../archive/index.ts';
import { deriveAccounts } from './accounts.ts';
import { contentsFilter, matcher, UnmatchedPatterns } from './contents.ts';
import { deriveApplets, readApplets } from './derived/busybox.ts';
import { deriveCaBundle } from './derived/ca-bundle.ts';
import { deriveMergedUsr } from './derived/merged-usr.ts';
import { folder, regularFile, symlink, writeFiles } from './files.ts';
import { checkLink, mergeUsr, parentsOf, safePath } from './paths.ts';
import type { ListedFile } from './segment.ts';
import { FileTree } from './tree.ts';

describe('patterns', () => {
  it.each([
    ['usr/share/doc/**', 'usr/share/doc/app/README', true],
    ['usr/share/doc/**', 'usr/share/doc', false],
    ['usr/share/doc/*', 'usr/share/doc/app/README', false],
    ['usr/lib/**/*.a', 'usr/lib/libc.a', true],
    ['usr/lib/**/*.a', 'usr/lib/x86_64-linux-gnu/gcc/libgcc.a', true],
    ['usr/lib/**/*.a', 'usr/lib/libc.so', false],
    ['**', 'anything/at/all', true],
    ['**/busybox', 'busybox', true],
    ['**/busybox', 'usr/bin/busybox', true],
    ['**/busybox', 'usr/bin/notbusybox', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a.c', 'abc', false],
    ['(x|y)+[z]', '(x|y)+[z]', true],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(matcher([pattern])(path)).toBe(matches);
  });

  it('keep wins over drop, and nothing is dropped without a pattern', () => {
    expect(contentsFilter({ drop: ['a/**'], keep: ['a/b'] })('a/b')).toBe(true);
    expect(contentsFilter({ drop: ['a/**'], keep: ['a/b'] })('a/c')).toBe(false);
    expect(contentsFilter({ drop: [], keep: [] })('a')).toBe(true);
  });
});

describe('patterns that match nothing', () => {
  it('are told from those that match something, in their order', () => {
    const unmatched = new UnmatchedPatterns(['usr/lib/*.so', 'etc/**', 'opt', 'usr/bin/app']);
    for (const path of ['usr', 'usr/bin', 'usr/bin/app', 'etc/app/conf', 'usr/lib/x86/libz.so'])
      unmatched.see(path);
    expect(unmatched.patterns).toEqual(['usr/lib/*.so', 'opt']);
    expect(new UnmatchedPatterns([]).patterns).toEqual([]);
  });
});

describe('paths', () => {
  it.each([
    ['./usr//bin/./app/', 'usr/bin/app'],
    ['.', ''],
    ['./', ''],
    ['..data/..x', '..data/..x'],
  ])('%j is %j', (raw, path) => {
    expect(safePath(raw, 'test')).toBe(path);
  });

  it.each(['/etc', '../x', 'a/../../b', 'a/..', 'a\0b'])('%j is refused', (raw) => {
    expect(() => safePath(raw, 'app 1.0')).toThrow(/app 1\.0/);
  });

  it.each([
    ['usr/lib/l', '../../etc', true],
    ['usr/lib/l', '../../../etc', false],
    ['l', 'x/../y', true],
    ['l', 'x/../../y', false],
    ['usr/l', '/anywhere', true],
  ])('a link at %s to %s is allowed: %s', (path, target, allowed) => {
    const check = (): void => {
      checkLink(path, target, 'test');
    };
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(/out of the root/);
  });

  it('know their parents and their place in a merged /usr', () => {
    expect(parentsOf('usr/share/doc')).toEqual(['usr', 'usr/share']);
    expect(['lib/x', 'lib', 'lib64/ld', 'library/x', 'usr/lib/x'].map(mergeUsr)).toEqual([
      'usr/lib/x',
      'usr/lib',
      'usr/lib64/ld',
      'library/x',
      'usr/lib/x',
    ]);
  });
});

describe('a file tree', () => {
  const listed = (path: string, change: Partial<ListedFile> = {}): ListedFile => ({
    path,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    mtime: 0,
    linkName: '',
    deviceMajor: 0,
    deviceMinor: 0,
    digest: `sha256:${'a'.repeat(64)}`,
    ...change,
  });

  it('takes one file from two packages if it is the same, and folders always', () => {
    const tree = new FileTree();
    tree.addPackage([listed('a'), listed('d', { type: 'directory', mode: 0o755 })], 'one 1');
    tree.addPackage([listed('a', { mtime: 9 }), listed('d', { type: 'directory', mode: 0o700 })], 'two 2');
    expect(tree.get('a')?.origin).toBe('two 2');
    expect(tree.get('d')?.file.mode).toBe(0o700);
  });

  it.each<[string, Partial<ListedFile>]>([
    ['content', { digest: `sha256:${'b'.repeat(64)}` }],
    ['mode', { mode: 0o755 }],
    ['owner', { uid: 1 }],
    ['type', { type: 'symlink', linkName: 'x' }],
  ])('says which two packages bring one file with another %s', (_what, change) => {
    const tree = new FileTree();
    tree.addPackage([listed('etc/x')], 'one 1');
    expect(() => {
      tree.addPackage([listed('etc/x', change)], 'two 2');
    }).toThrow('one 1 and two 2 both bring /etc/x, with different content');
  });

  it('lets a package bring a file where a script made one', () => {
    const tree = new FileTree();
    tree.addFiles(
      [listed('x', { type: 'symlink', linkName: 'y' }), listed('z', { type: 'symlink', linkName: 'y' })],
      () => 'postinst of one',
      (path) => path === 'x',
    );
    tree.addPackage([listed('x')], 'two 2');
    expect(tree.get('x')).toMatchObject({ origin: 'two 2', file: { type: 'file' } });
    expect(() => {
      tree.addPackage([listed('z')], 'two 2');
    }).toThrow('postinst of one and two 2 both bring /z');
    expect(() => {
      tree.addPackage([listed('x', { mode: 0o755 })], 'three 3');
    }).toThrow('two 2 and three 3 both bring /x');
  });
});

describe('files that are put over those of packages', () => {
  const entry = (path: string, type: ListedFile['type']): ListedFile => ({
    ...{ path, type, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 },
    ...{ linkName: '', deviceMajor: 0, deviceMinor: 0 },
  });
  const put = (...files: ListedFile[]): FileTree => {
    const tree = new FileTree();
    tree.addPackage(
      [entry('srv', 'directory'), entry('srv/data', 'directory'), entry('srv/app', 'file')],
      'one 1',
    );
    tree.addFiles(files, () => 'the definition x');
    return tree;
  };

  it('may replace files and empty folders', () => {
    expect(put(entry('srv/app', 'symlink')).get('srv/app')?.file.type).toBe('symlink');
    expect(put(entry('srv/data', 'symlink')).get('srv/data')?.origin).toBe('the definition x');
    expect(put(entry('srv', 'directory')).get('srv/app')?.origin).toBe('one 1');
  });

  it('may not replace a folder that holds something', () => {
    expect(() => put(entry('srv', 'file'))).toThrow(
      '/srv (the definition x) would replace a folder that holds /srv/data (one 1)',
    );
  });
});

describe('files that no package brings', () => {
  it('are written in the order of their paths with the folders that are missing', async () => {
    const { bytes, listing } = writeFiles(
      [
        regularFile('etc/z', 'z', 't'),
        symlink('etc/a', 'z', 't'),
        regularFile('opt/x/y', '', 't'),
        folder('', 't'),
      ],
      new Set(['etc']),
    );
    const paths = [];
    for await (const { entry } of readTar(stream(bytes), 't')) paths.push(`${entry.type} ${entry.path}`);
    expect(paths).toEqual([
      'directory .',
      'symlink etc/a',
      'file etc/z',
      'directory opt',
      'directory opt/x',
      'file opt/x/y',
    ]);
    expect(listing.map(({ path }) => path)).toEqual(['.', 'etc/a', 'etc/z', 'opt', 'opt/x', 'opt/x/y']);
  });

  it('the later of two with one path is taken, and none may lie below a file', () => {
    expect(
      writeFiles([regularFile('a', '1', 't'), regularFile('a', '2', 't')], new Set()).listing,
    ).toHaveLength(1);
    expect(() =>
      writeFiles([regularFile('a', '1', 'first'), regularFile('a/b', '2', 'second')], new Set()),
    ).toThrow('/a/b (second) lies below /a (first)');
  });
});

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  yield END_OF_ARCHIVE;
  await Promise.resolve();
}

describe('accounts', () => {
  it('are lines of passwd(5) and group(5), and homes that only their user may read', () => {
    const files = deriveAccounts(
      [
        {
          name: 'nonroot',
          uid: 65532,
          gid: 65532,
          home: '/home/nonroot',
          shell: '/sbin/nologin',
          createHome: true,
        },
      ],
      [{ name: 'nonroot', gid: 65532, members: ['a', 'b'] }],
    );
    expect(files.map(({ path, content }) => [path, Buffer.from(content).toString()])).toEqual([
      ['etc/passwd', 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'],
      ['etc/group', 'nonroot:x:65532:a,b\n'],
      ['home/nonroot', ''],
    ]);
    expect(files[2]).toMatchObject({ kind: 'directory', mode: 0o700, uid: 65532, gid: 65532 });
  });

  it('are none where there are none', () => {
    expect(deriveAccounts([], [])).toEqual([]);
  });
});

describe('derived files', () => {
  const pem = (name: string): Buffer =>
    Buffer.from(`-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n\n`);

  it('the CA bundle holds all certificates in the order of their paths', () => {
    const packaged = new Map([
      ['usr/share/ca-certificates/mozilla/b.crt', pem('B')],
      ['usr/share/ca-certificates/mozilla/A.crt', pem('A')],
      ['etc/x', pem('X')],
    ]);
    const files = deriveCaBundle({ packaged, own: new Map() }, 42);
    expect(Buffer.from(files.at(-1)?.content ?? []).toString()).toBe(
      '-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nB\n-----END CERTIFICATE-----\n',
    );
    expect(files.at(-1)).toMatchObject({ path: 'etc/ssl/certs/ca-certificates.crt', mtime: 42, mode: 0o644 });
  });

  it('there is no bundle without certificates, and no certificate that is none', () => {
    expect(deriveCaBundle({ packaged: new Map(), own: new Map() }, 0)).toEqual([]);
    const packaged = new Map([['usr/share/ca-certificates/x.crt', Buffer.from('no')]]);
    expect(() => deriveCaBundle({ packaged, own: new Map() }, 0)).toThrow(/not a certificate/);
  });

  it("one's own certificates come behind those of the packages, and make a bundle alone too", () => {
    const own = new Map([
      ['usr/local/share/ca-certificates/z.crt', pem('Z')],
      ['opt/own.crt', pem('O')],
    ]);
    const packaged = new Map([['usr/share/ca-certificates/z.crt', pem('P')]]);
    const bundle = (trusted: Parameters<typeof deriveCaBundle>[0]): string =>
      Buffer.from(deriveCaBundle(trusted, 0).at(-1)?.content ?? [])
        .toString()
        .replace(/-----.*-----\n/g, '');
    expect(bundle({ packaged, own })).toBe('P\nO\nZ\n');
    expect(bundle({ packaged: new Map(), own })).toBe('O\nZ\n');
  });

  it('begin with the bundle of an image below, which does not get what it has', () => {
    const below = Buffer.concat([pem('B'), pem('Z')].map((one) => one.subarray(0, -1)));
    const packaged = new Map([
      ['etc/ssl/certs/ca-certificates.crt', below],
      ['usr/share/ca-certificates/b.crt', pem('B')],
      ['usr/share/ca-certificates/c.crt', pem('C')],
    ]);
    const own = new Map([
      ['opt/z.crt', pem('Z')],
      ['opt/y.crt', pem('Y')],
    ]);
    const made = deriveCaBundle({ packaged, own }, 0).at(-1);
    const text = Buffer.from(made?.content ?? []).toString();
    expect(text.replace(/-----.*-----\n/g, '')).toBe('B\nZ\nC\nY\n');
    expect(made?.origin).toBe(
      'the bundle of the image below and 1 certificates of /usr/share/ca-certificates and 1 of definitions',
    );
  });

  const table = (...names: string[]): Buffer =>
    Buffer.from(`\x7fELF [\0[[\0]]\0…\x03${['[', '[[', ...names].join('\0')}\0\0more\0text\0`);

  it('applets are read from the table in the binary up to where its order ends', () => {
    expect(readApplets(table('acpid', 'sh', 'zcat'), 'b')).toEqual(['[', '[[', 'acpid', 'sh', 'zcat']);
    expect(readApplets(table('sh', 'zcat', 'about'), 'b')).toEqual(['[', '[[', 'sh', 'zcat']);
    expect(() => readApplets(Buffer.from('no table'), 'usr/bin/busybox')).toThrow(/\/usr\/bin\/busybox/);
    expect(() => readApplets(Buffer.from('\0[\0[[\0sh'), 'b')).toThrow();
  });

  it('applets are links beside the binary, but for itself', () => {
    expect(
      deriveApplets('busybox/busybox', table('busybox', 'sh'), 1).map(
        ({ path, target }) => `${path} -> ${target}`,
      ),
    ).toEqual(['busybox/[ -> busybox', 'busybox/[[ -> busybox', 'busybox/sh -> busybox']);
  });

  it('a merged /usr has a link for each folder that is there', () => {
    expect(
      deriveMergedUsr(new Set(['usr', 'usr/bin', 'usr/lib', 'usr/lib64', 'lib32'])).map(
        ({ path, target }) => `${path} -> ${target}`,
      ),
    ).toEqual(['bin -> usr/bin', 'lib -> usr/lib', 'lib64 -> usr/lib64']);
  });
});

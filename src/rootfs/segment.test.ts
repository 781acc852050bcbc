import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END_OF_ARCHIVE, readTar, type TarEntry } from '../archive/index.ts';
import { digestOf, PithError } from '../core/index.ts';
import { makeTar, type TestFile } from '../testing/deb.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { MAX_SCRIPT } from './scripts/script-files.ts';
import { type SegmentListing, type SegmentRules, SegmentWriter } from './segment.ts';

const RULES: SegmentRules = { contents: { drop: [], keep: [] }, mergeUsr: false, move: {} };
const CONTROL = 'Package: app\nVersion: 1.0\nArchitecture: amd64\n';

async function makeSegment(
  files: readonly TestFile[],
  rules: Partial<SegmentRules> = {},
  metadata: Record<string, string> = {},
  pieceSize = 1 << 20,
): Promise<{
  entries: Map<string, { entry: TarEntry; content: string }>;
  order: string[];
  listing: SegmentListing;
  bytes: Buffer;
}> {
  const parts: Uint8Array[] = [];
  const writer = new SegmentWriter('app 1.0', { ...RULES, ...rules }, (bytes) =>
    parts.push(Buffer.from(bytes)),
  );
  const tar = makeTar(files);
  for (let at = 0; at < tar.length; at += pieceSize) writer.write(tar.subarray(at, at + pieceSize));
  const listing = writer.finish(
    new Map(
      Object.entries({ control: CONTROL, ...metadata }).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  );
  const bytes = Buffer.concat(parts);
  const entries = new Map<string, { entry: TarEntry; content: string }>();
  const order: string[] = [];
  for await (const { entry, body } of readTar(whole(Buffer.concat([bytes, END_OF_ARCHIVE])), 'segment')) {
    let content = '';
    for await (const piece of body) content += Buffer.from(piece).toString('latin1');
    entries.set(entry.path, { entry, content });
    order.push(entry.path);
  }
  return { entries, order, listing, bytes };
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  await Promise.resolve();
}

const folder = (path: string): TestFile => ({ path, type: 'directory' });
const file = (path: string, content = ''): TestFile => ({ path, content });
const link = (path: string, linkName: string): TestFile => ({ path, type: 'symlink', linkName, mode: 0o777 });

describe('a segment', () => {
  it('holds the files of the package in their order, with relative paths, and its entry of the package database', async () => {
    const { order, entries } = await makeSegment([
      folder('./'),
      folder('./usr/'),
      file('./usr/app', 'hello'),
    ]);
    expect(order).toEqual([
      'usr',
      'usr/app',
      'var',
      'var/lib',
      'var/lib/dpkg',
      'var/lib/dpkg/status.d',
      'var/lib/dpkg/status.d/app',
    ]);
    expect(entries.get('usr/app')?.content).toBe('hello');
    expect(entries.get('var/lib/dpkg/status.d/app')?.content).toBe(CONTROL);
  });

  it('keeps owner, mode, time, links and extended attributes', async () => {
    const { entries } = await makeSegment([
      {
        ...file('./ping', 'x'),
        mode: 0o4755,
        uid: 7,
        gid: 8,
        mtime: 1234,
        xattrs: { 'security.capability': Buffer.from('cap') },
      },
      { path: './pong', type: 'hardlink', linkName: './ping' },
      link('./abs', '/usr/lib/x'),
    ]);
    expect(entries.get('ping')?.entry).toMatchObject({
      mode: 0o4755,
      uid: 7,
      gid: 8,
      mtime: 1234,
      xattrs: { 'security.capability': Buffer.from('cap') },
    });
    expect(entries.get('pong')?.entry).toMatchObject({ type: 'hardlink', linkName: 'ping' });
    expect(entries.get('abs')?.entry).toMatchObject({ type: 'symlink', linkName: '/usr/lib/x' });
  });

  it('lists its files with the digests of their content, the newest time and what was captured', async () => {
    const { listing } = await makeSegment([
      { ...file('./usr/share/ca-certificates/a.crt', 'PEM'), mtime: 1_800_000_000 },
    ]);
    expect(listing.files.find(({ path }) => path === 'usr/share/ca-certificates/a.crt')?.digest).toBe(
      digestOf('PEM'),
    );
    expect(listing.newest).toBe(1_800_000_000);
    expect(Buffer.from(listing.captured['usr/share/ca-certificates/a.crt'] ?? []).toString()).toBe('PEM');
  });

  it('does not depend on how its input is cut into pieces', async () => {
    const files = [
      folder('./usr'),
      file('./usr/a', 'x'.repeat(3000)),
      file(`./usr/${'n'.repeat(150)}`, 'long'),
      link('./usr/l', 'a'),
    ];
    const { bytes } = await makeSegment(files);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (size) => {
        expect((await makeSegment(files, {}, {}, size)).bytes).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });
});

describe('contents rules', () => {
  const doc = [
    folder('./usr'),
    folder('./usr/share'),
    folder('./usr/share/doc'),
    folder('./usr/share/doc/app'),
    file('./usr/share/doc/app/README'),
    file('./usr/share/doc/app/copyright', 'GPL'),
  ];

  it('leave out what they drop and keep what they keep, with the folders above it', async () => {
    const { order, listing } = await makeSegment(doc, {
      contents: { drop: ['usr/share/doc/**'], keep: ['usr/share/doc/*/copyright'] },
    });
    expect(order.slice(0, 5)).toEqual([
      'usr',
      'usr/share',
      'usr/share/doc',
      'usr/share/doc/app',
      'usr/share/doc/app/copyright',
    ]);
    expect(listing.omitted).toBe(1);
  });

  it('leave out folders of which nothing is kept', async () => {
    const { order } = await makeSegment(doc, { contents: { drop: ['**'], keep: [] } });
    expect(order.filter((path) => path.startsWith('usr'))).toEqual([]);
  });

  it('make the package database say that the package is there in part, and list only the sums of what is there', async () => {
    const sums = `${'a'.repeat(32)}  usr/share/doc/app/README\n${'b'.repeat(32)}  usr/share/doc/app/copyright\n`;
    const { entries } = await makeSegment(
      doc,
      { contents: { drop: ['usr/share/doc/**'], keep: ['usr/share/doc/*/copyright'] } },
      { md5sums: sums },
    );
    expect(entries.get('var/lib/dpkg/status.d/app')?.content).toBe(
      `${CONTROL}X-Pith-Partial: 1 files left out\n`,
    );
    expect(entries.get('var/lib/dpkg/status.d/app.md5sums')?.content).toBe(
      `${'b'.repeat(32)}  usr/share/doc/app/copyright\n`,
    );
  });

  it('move single files and make the folders that these need', async () => {
    const { order } = await makeSegment(
      [folder('./usr'), folder('./usr/bin'), file('./usr/bin/busybox', 'ELF')],
      {
        contents: { drop: ['**'], keep: ['usr/bin/busybox'] },
        move: { 'usr/bin/busybox': 'busybox/busybox' },
      },
    );
    expect(order.slice(0, 2)).toEqual(['busybox', 'busybox/busybox']);
  });

  it('refuse to part the two names of one file', async () => {
    const files = [file('./a', 'x'), { path: './b', type: 'hardlink', linkName: './a' } as const];
    await expect(makeSegment(files, { contents: { drop: ['a'], keep: [] } })).rejects.toThrow(
      /keep b but drop a/,
    );
  });
});

describe('a merged /usr', () => {
  it('moves the files of the top-level folders and the targets of hard links', async () => {
    const { order, entries } = await makeSegment(
      [
        folder('./lib'),
        folder('./lib/x'),
        file('./lib/x/libc.so.6', 'ELF'),
        { path: './bin', type: 'directory' },
        { path: './bin/ls', type: 'hardlink', linkName: './lib/x/libc.so.6' },
        file('./etc', ''),
      ],
      { mergeUsr: true },
    );
    expect(order.filter((path) => !path.startsWith('var'))).toEqual([
      'usr/lib',
      'usr/lib/x',
      'usr/lib/x/libc.so.6',
      'usr/bin',
      'usr/bin/ls',
      'etc',
    ]);
    expect(entries.get('usr/bin/ls')?.entry.linkName).toBe('usr/lib/x/libc.so.6');
  });

  it('keeps a package’s own link /lib → usr/lib', async () => {
    const { entries } = await makeSegment([link('./lib', 'usr/lib'), folder('./usr'), folder('./usr/lib')], {
      mergeUsr: true,
    });
    expect(entries.get('lib')?.entry.linkName).toBe('usr/lib');
  });

  it('writes a folder once that the package has under both names', async () => {
    const { order } = await makeSegment([folder('./lib'), folder('./usr'), folder('./usr/lib')], {
      mergeUsr: true,
    });
    expect(order.filter((path) => path === 'usr/lib')).toHaveLength(1);
  });

  it('refuses two files for one path', async () => {
    await expect(
      makeSegment(
        [
          folder('./lib'),
          file('./lib/a', '1'),
          folder('./usr'),
          folder('./usr/lib'),
          file('./usr/lib/a', '2'),
        ],
        { mergeUsr: true },
      ),
    ).rejects.toThrow(/two files for "usr\/lib\/a"/);
  });
});

describe('a hostile package', () => {
  it.each<[string, TestFile[]]>([
    ['an absolute path', [file('/etc/passwd')]],
    ['a path with ..', [file('./usr/../../etc/passwd')]],
    ['a path that ends in ..', [folder('./usr/..')]],
    ['a link out of the root', [folder('./usr'), link('./usr/x', '../../etc')]],
    ['a link out of the root and back', [link('./x', 'a/../../b')]],
    ['an empty link', [link('./x', '')]],
    ['a file below a link', [link('./etc', '/tmp'), file('./etc/passwd')]],
    ['a file below a file', [file('./etc', 'x'), file('./etc/passwd')]],
    ['a file twice', [file('./a', '1'), file('./a', '2')]],
    ['a file and a folder', [file('./a', '1'), folder('./a')]],
    ['a hard link to outside', [{ path: './a', type: 'hardlink', linkName: '../../etc/shadow' }]],
    [
      'a hard link to what is not in the package',
      [{ path: './a', type: 'hardlink', linkName: './etc/shadow' }],
    ],
    [
      'a hard link to a link',
      [link('./l', '/etc/shadow'), { path: './a', type: 'hardlink', linkName: './l' }],
    ],
    ['a device', [{ path: './dev/sda', type: 'block', deviceMajor: 8 }]],
    ['a pipe', [{ path: './p', type: 'fifo' }]],
  ])('with %s is refused by name', async (_what, files) => {
    const failure = await makeSegment(files).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(PithError);
    expect((failure as PithError).code).toMatch(/^ARCHIVE_/);
    expect((failure as PithError).message).toContain('app 1.0');
  });

  it.each(['', 'Package: ../../etc/passwd\n', 'Version: 1\n', 'Package: a/b\n'])(
    'whose control file is %j is refused',
    async (control) => {
      await expect(makeSegment([], {}, { control })).rejects.toThrow(/names no package/);
    },
  );
});

describe('patterns for one package', () => {
  const files = [
    folder('./usr/'),
    folder('./usr/bin/'),
    file('./usr/bin/curl', 'x'),
    file('./usr/bin/wcurl'),
  ];
  const only = (...patterns: string[]): Partial<SegmentRules> => ({
    contents: { drop: ['**'], keep: patterns, expected: patterns },
  });

  it('take what they match', async () => {
    const { order } = await makeSegment(files, only('usr/bin/curl'));
    expect(order.filter((path) => path.startsWith('usr'))).toEqual(['usr', 'usr/bin', 'usr/bin/curl']);
  });

  it.each<[string, Partial<SegmentRules>, string, string]>([
    ['a misspelt path', only('usr/bin/*', 'usr/bin/crul'), '"usr/bin/crul"', 'Did you mean usr/bin/curl?'],
    ['a slash before it', only('/usr/bin/curl'), '"/usr/bin/curl"', 'Did you mean usr/bin/curl?'],
    ['a pattern', only('usr/lib/**'), '"usr/lib/**"', 'Patterns are paths in the package'],
    ['a file to be moved', { move: { 'bin/curl': 'curl' } }, '"bin/curl"', 'Patterns are paths'],
  ])('are wrong if they match nothing: %s', async (_what, rules, pattern, hint) => {
    const error = await rejectionOf(makeSegment(files, rules));
    expect(error.code).toBe('DEFINITION_INVALID');
    expect(error.message).toBe(`app 1.0: no path of the package matches ${pattern}`);
    expect(error.hint).toContain(hint);
  });

  it('of all packages may match nothing', async () => {
    const contents = { drop: ['usr/share/man/**'], keep: ['usr/share/doc/*/copyright'] };
    expect((await makeSegment(files, { contents })).listing.omitted).toBe(0);
  });
});

describe('what the installation of a package would use', () => {
  const files = [
    folder('./usr/'),
    folder('./usr/lib/'),
    folder('./usr/lib/sysusers.d/'),
    file('./usr/lib/sysusers.d/app.conf', 'u app'),
    folder('./usr/lib/tmpfiles.d/'),
    file('./usr/lib/tmpfiles.d/app.conf', 'd /run/app'),
    file('./usr/lib/tmpfiles.d/README', 'no'),
  ];

  it('is kept apart: its scripts, and its configuration of systemd also where the rules drop it', async () => {
    const { listing, order } = await makeSegment(
      files,
      { contents: { drop: ['usr/lib/**'], keep: [] } },
      { preinst: 'a', postinst: 'b', prerm: 'c', triggers: 'd', md5sums: '' },
    );
    expect(order.some((path) => path.endsWith('.conf'))).toBe(false);
    const texts = (contents: Readonly<Record<string, Uint8Array>>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(contents).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
      );
    expect(texts(listing.captured)).toEqual({
      'usr/lib/sysusers.d/app.conf': 'u app',
      'usr/lib/tmpfiles.d/app.conf': 'd /run/app',
    });
    expect(texts(listing.scripts)).toEqual({ preinst: 'a', postinst: 'b', triggers: 'd' });
  });

  it('of a script that is too large is enough to know that', async () => {
    const { listing } = await makeSegment(files, {}, { postinst: 'x'.repeat(2 * MAX_SCRIPT) });
    expect(listing.scripts['postinst']?.length).toBe(MAX_SCRIPT + 1);
  });
});

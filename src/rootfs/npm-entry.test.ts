import { describe, expect, it } from 'vitest';
import { END_OF_ARCHIVE, readTar, type TarEntry } from '../archive/index.ts';
import { digestOf } from '../core/index.ts';
import { makeTar, type TestFile } from '../testing/deb.ts';
import { NPM_TIME } from '../testing/npm-registry.ts';
import { npmEntry } from './npm-entry.ts';
import { type SegmentListing, type SegmentRules, SegmentWriter } from './segment.ts';

const NODE_ONLY: SegmentRules = {
  contents: { drop: ['**'], keep: ['bin/node', 'LICENSE'] },
  mergeUsr: true,
  move: {},
  into: 'nodejs',
};
const ALL: SegmentRules = { ...NODE_ONLY, contents: { drop: [], keep: [] } };
const file = (path: string, more: Partial<TestFile> = {}): TestFile => ({ path, mtime: NPM_TIME, ...more });
/** In the order that npm packs them: no folders, package.json late. */
const NODE: readonly TestFile[] = [
  file('package/share/man/man1/node.1'),
  file('package/LICENSE', { content: 'MIT', mode: 0o664 }),
  file('package/bin/node', { content: 'ELF', mode: 0o775, uid: 501, gid: 20 }),
  file('package/include/node/node.h'),
  file('package/package.json'),
];

async function makeSegment(
  files: readonly TestFile[],
  rules: SegmentRules,
): Promise<{ entries: TarEntry[]; listing: SegmentListing; bytes: Buffer }> {
  const parts: Uint8Array[] = [];
  const emit = (bytes: Uint8Array): unknown => parts.push(Buffer.from(bytes));
  const writer = new SegmentWriter('node 24.0.0', rules, emit, npmEntry);
  writer.write(makeTar(files));
  const listing = writer.finish();
  const bytes = Buffer.concat(parts);
  const entries: TarEntry[] = [];
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.concat([bytes, END_OF_ARCHIVE]);
    await Promise.resolve();
  };
  for await (const { entry } of readTar(source(), 'segment')) entries.push(entry);
  return { entries, listing, bytes };
}

const pathsOf = async (files: readonly TestFile[], rules: SegmentRules): Promise<string[]> =>
  (await makeSegment(files, rules)).entries.map(({ path }) => path);

describe('a segment of an npm package', () => {
  it('holds what the rules keep, in the folder that it is put into, with the folders above', async () => {
    expect(await pathsOf(NODE, NODE_ONLY)).toEqual([
      'nodejs',
      'nodejs/LICENSE',
      'nodejs/bin',
      'nodejs/bin/node',
    ]);
  });

  it('belongs to root, with the modes of programs and files, and the time that npm gives', async () => {
    const { entries, listing } = await makeSegment(NODE, NODE_ONLY);
    const owned = { uid: 0, gid: 0, mtime: NPM_TIME };
    expect(entries).toMatchObject([
      { path: 'nodejs', type: 'directory', mode: 0o755, ...owned },
      { path: 'nodejs/LICENSE', type: 'file', mode: 0o644, ...owned },
      { path: 'nodejs/bin', type: 'directory', mode: 0o755, ...owned },
      { path: 'nodejs/bin/node', type: 'file', mode: 0o755, ...owned },
    ]);
    expect(listing).toMatchObject({ newest: NPM_TIME, omitted: 3, dependsOnMerge: false });
    expect(listing.files.find(({ path }) => path === 'nodejs/bin/node')?.digest).toBe(digestOf('ELF'));
  });

  it('has nothing but the package: no entry of the package database', async () => {
    expect((await pathsOf(NODE, ALL)).filter((path) => !/^nodejs(\/|$)/.test(path))).toEqual([]);
  });

  it('is the same for images with and without a merged /usr', async () => {
    const { bytes } = await makeSegment(NODE, ALL);
    expect((await makeSegment(NODE, { ...ALL, mergeUsr: false })).bytes).toEqual(bytes);
  });

  it.each([
    [undefined, ['usr', 'usr/bin', 'usr/bin/node']],
    ['', ['usr', 'usr/bin', 'usr/bin/node']],
    ['usr/lib/node', ['usr', 'usr/lib', 'usr/lib/node', 'usr/lib/node/bin', 'usr/lib/node/bin/node']],
    ['lib', ['usr', 'usr/lib', 'usr/lib/bin', 'usr/lib/bin/node']],
  ])('may be put anywhere: into %j', async (into, expected) => {
    const rules = { contents: { drop: ['**'], keep: ['bin/*'] }, mergeUsr: true, move: {} };
    expect(await pathsOf(NODE, into === undefined ? rules : { ...rules, into })).toEqual(expected);
  });

  it('has single files where `move` puts them', async () => {
    const rules = { ...NODE_ONLY, move: { LICENSE: 'usr/share/doc/nodejs/copyright' } };
    expect(await pathsOf(NODE, rules)).toContain('usr/share/doc/nodejs/copyright');
  });

  it.each<[string, readonly TestFile[], readonly string[]]>([
    ['whatever its folder is called', [file('node-v24/a')], ['nodejs', 'nodejs/a']],
    [
      'with folders of its own',
      [
        file('package/', { type: 'directory' }),
        file('package/lib', { type: 'directory', mode: 0o700 }),
        file('package/lib/a'),
      ],
      ['nodejs', 'nodejs/lib', 'nodejs/lib/a'],
    ],
    ['without what lies beside its folder', [file('beside'), file('package/a')], ['nodejs', 'nodejs/a']],
    [
      'with links of its own',
      [
        file('package/a'),
        file('package/b', { type: 'hardlink', linkName: 'package/a' }),
        file('package/c', { type: 'symlink', linkName: 'a' }),
      ],
      ['nodejs', 'nodejs/a', 'nodejs/b', 'nodejs/c'],
    ],
    [
      'without extended attributes',
      [file('package/a', { xattrs: { 'user.x': Buffer.from('1') } })],
      ['nodejs', 'nodejs/a'],
    ],
    ['with set-user-id taken away', [file('package/a', { mode: 0o6755 })], ['nodejs', 'nodejs/a']],
  ])('is made %s', async (_what, files, expected) => {
    const { entries } = await makeSegment(files, ALL);
    expect(entries.map(({ path }) => path)).toEqual(expected);
    for (const { mode, type, xattrs, linkName } of entries) {
      expect(xattrs).toBeUndefined();
      if (type !== 'symlink') expect([0o755, 0o644]).toContain(mode);
      if (type === 'hardlink') expect(linkName).toBe('nodejs/a');
    }
  });

  it.each<[string, readonly TestFile[]]>([
    ['an absolute path', [file('/package/a')]],
    ['a path that leads out', [file('package/../../etc/passwd')]],
    ['a path that leads out of its folder', [file('package/../a/b')]],
    ['a link that leads out', [file('package/a', { type: 'symlink', linkName: '../../etc' })]],
    ['a file below a link', [file('package/a', { type: 'symlink', linkName: 'b' }), file('package/a/x')]],
    ['a file below a file', [file('package/a'), file('package/a/b')]],
    ['a file in place of a folder that it needs', [file('package/a/b'), file('package/a')]],
    ['a file twice', [file('package/a'), file('package/a')]],
    ['a file twice, in two folders', [file('package/a'), file('other/a')]],
    [
      'a hard link to what lies beside',
      [file('beside'), file('package/a', { type: 'hardlink', linkName: 'beside' })],
    ],
    ['a hard link out', [file('package/a', { type: 'hardlink', linkName: '../../etc/shadow' })]],
    ['a device', [file('package/sda', { type: 'block' })]],
    ['a pipe', [file('package/p', { type: 'fifo' })]],
  ])('with %s is refused by name', async (_what, files) => {
    await expect(makeSegment(files, ALL)).rejects.toMatchObject({
      code: expect.stringMatching(/^ARCHIVE_/) as string,
      message: expect.stringContaining('node 24.0.0') as string,
    });
  });
});

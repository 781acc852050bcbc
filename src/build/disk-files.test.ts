import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { FileTree, type ListedFile } from '../rootfs/index.ts';
import { failureOf } from '../testing/thrown.ts';
import { placeDiskFiles } from './disk-files.ts';
import type { DiskEntry } from './disk-tree.ts';
import type { PlannedFile } from './planned-file.ts';

const USERS = [
  {
    name: 'nonroot',
    uid: 65532,
    gid: 65532,
    home: '/home/nonroot',
    shell: '/sbin/nologin',
    createHome: true,
  },
];

/** Entries of a source: a path with `folder`, `-> TARGET`, `= INODE` or content; `*` before content makes it executable. */
function treeOf(table: Record<string, string>): PlannedFile['tree'] {
  const entries = Object.entries(table).map(([path, what]): DiskEntry => {
    const common = { path, isExecutable: what.startsWith('*'), mtime: 7, target: '', size: 0 };
    if (what === 'folder') return { ...common, type: 'directory' };
    if (what.startsWith('-> ')) return { ...common, type: 'symlink', target: what.slice(3) };
    const inode = what.startsWith('= ') ? { inode: what.slice(2) } : {};
    return { ...common, type: 'file', size: what.length, digest: digestOf(what), ...inode };
  });
  return { location: '/project/conf', entries, digest: digestOf('a'), datedDigest: digestOf('b') };
}

function source(to: string, table: Record<string, string>, more: Partial<PlannedFile> = {}): PlannedFile {
  const tree = treeOf(table);
  return { to, from: './conf', project: '/project', ...(tree ? { tree } : {}), ...more };
}

function listed(path: string, type: ListedFile['type'] = 'directory', linkName = ''): ListedFile {
  const numbers = { mode: 0o700, uid: 1, gid: 1, size: 0, mtime: 0, deviceMajor: 0, deviceMinor: 0 };
  return { ...numbers, path, type, linkName };
}

function place(
  files: readonly PlannedFile[],
  existing: readonly ListedFile[] = [],
  latest = Infinity,
): ListedFile[] {
  const tree = new FileTree();
  tree.addPackage(existing, 'base 1');
  const level = {
    ...{ name: 'app', files, users: USERS, groups: [], packages: [], omissions: [], bytecode: false },
  };
  const isKept = (path: string): boolean => path !== 'implied';
  return placeDiskFiles(level, tree, isKept, USERS, latest).map(({ file }) => file);
}

/** `mode owner path`, with the target of links. */
function brief(files: readonly ListedFile[]): string[] {
  return files.map(({ type, mode, uid, gid, path, linkName }) =>
    [type[0], mode.toString(8), `${uid}:${gid}`, path, ...(linkName === '' ? [] : ['->', linkName])].join(
      ' ',
    ),
  );
}

describe('a folder of the disk in an image', () => {
  it('has its contents at the path, whether that ends with a slash or not', () => {
    const table = { '': 'folder', 'a.conf': 'x', sub: 'folder', 'sub/run': '*y', 'sub/l': '-> ../a.conf' };
    const expected = [
      'd 755 0:0 etc',
      'd 755 0:0 etc/app',
      'f 644 0:0 etc/app/a.conf',
      'd 755 0:0 etc/app/sub',
      's 777 0:0 etc/app/sub/l -> ../a.conf',
      'f 755 0:0 etc/app/sub/run',
    ];
    expect(brief(place([source('/etc/app', table)]))).toEqual(expected);
    expect(brief(place([source('/etc/app/', table)]))).toEqual(expected);
  });

  it('may be the root, which stays as it is', () => {
    expect(brief(place([source('/', { '': 'folder', srv: 'folder', 'srv/x': 'x' })]))).toEqual([
      'd 755 0:0 srv',
      'f 644 0:0 srv/x',
    ]);
  });

  it('takes mode and owner: folders may be entered by whoever may read them; links have no mode', () => {
    const table = { '': 'folder', x: '*x', l: '-> x' };
    const make = (mode: string): string[] =>
      brief(place([source('/srv', table, { mode, owner: 'nonroot' })]));
    expect(make('0640')).toEqual([
      'd 750 65532:65532 srv',
      's 777 65532:65532 srv/l -> x',
      'f 640 65532:65532 srv/x',
    ]);
    expect(make('4711')[0]).toBe('d 711 65532:65532 srv');
    expect(make('4711')[2]).toBe('f 4711 65532:65532 srv/x');
    expect(make('600')[0]).toBe('d 700 65532:65532 srv');
  });

  it('leaves folders as they are that the image has', () => {
    const table = { '': 'folder', app: 'folder', 'app/x': 'x' };
    const files = place([source('/etc', table, { owner: '5:6' })], [listed('etc'), listed('etc/app')]);
    expect(brief(files)).toEqual(['f 644 5:6 etc/app/x']);
  });

  it('has its own form of folders that are there only since a file of the same definition needs them', () => {
    const files = place([source('/implied', { '': 'folder' }, { mode: '0600' })], [listed('implied')]);
    expect(brief(files)).toEqual(['d 700 0:0 implied']);
  });

  it.each<[string, string | undefined, number]>([
    ['the beginning of 1970', undefined, 0],
    ['the one that is given', '2026-01-31T12:00:00+01:00', 1769857200],
    ['that of the disk', 'source', 7],
  ])('has as its time %s', (_what, time, mtime) => {
    const table = { '': 'folder', x: 'x' };
    expect(new Set(place([source('/etc/app', table, { time })]).map((file) => file.mtime))).toEqual(
      new Set([mtime]),
    );
  });

  it('has no later time than is allowed', () => {
    const table = { '': 'folder', x: 'x' };
    expect(place([source('/x', table, { time: '2026-01-01' })], [], 99)[0]?.mtime).toBe(99);
  });
});

describe('a file of the disk in an image', () => {
  it('has the path that is given, or its own name below a folder', () => {
    expect(brief(place([source('/opt/app', { '': 'x' })]))).toEqual(['d 755 0:0 opt', 'f 644 0:0 opt/app']);
    expect(brief(place([source('/opt/', { '': 'x' }, { from: './a/app.conf' })]))[1]).toBe(
      'f 644 0:0 opt/app.conf',
    );
    expect(brief(place([source('/', { '': 'x' }, { from: './a/app.conf' })]))).toEqual([
      'f 644 0:0 app.conf',
    ]);
  });

  it('knows what it is made of', () => {
    expect(place([source('/x', { '': 'content' })])[0]).toMatchObject({
      size: 7,
      digest: digestOf('content'),
    });
  });
});

describe('names of one file', () => {
  const same = { '': 'folder', b: '= 1:5', a: '= 1:5', c: '= 1:6', 'd/e': '= 1:5', d: 'folder' };

  it('are links to the first of them', () => {
    expect(brief(place([source('/s', same)]))).toEqual([
      'd 755 0:0 s',
      'f 644 0:0 s/a',
      'h 644 0:0 s/b -> s/a',
      'f 644 0:0 s/c',
      'd 755 0:0 s/d',
      'h 644 0:0 s/d/e -> s/a',
    ]);
  });

  it('stay one file if the first is replaced', () => {
    const over: PlannedFile = { to: '/s/a', content: 'mine', project: '/project' };
    expect(brief(place([source('/s', same), over])).filter((line) => /[ab]$|e /.test(line))).toEqual([
      'f 644 0:0 s/b',
      'h 644 0:0 s/d/e -> s/b',
    ]);
  });

  it('of two sources are two files', () => {
    const files = place([source('/s', same), source('/t', same)]);
    expect(files.filter(({ type, path }) => type === 'file' && path.endsWith('/a'))).toHaveLength(2);
  });
});

describe('of files with one path', () => {
  const one = source('/s', { '': 'folder', x: 'one', y: 'one' });
  const two = source('/s/x', { '': 'twice' });
  const text: PlannedFile = { to: '/s/x', content: 'text', project: '/project' };

  it('the one that stands last is taken', () => {
    expect(place([one, two]).find(({ path }) => path === 's/x')?.size).toBe(5);
    expect(place([two, one]).find(({ path }) => path === 's/x')?.size).toBe(3);
    expect(place([one, text]).some(({ path }) => path === 's/x')).toBe(false);
    expect(place([text, one]).some(({ path }) => path === 's/x')).toBe(true);
  });

  it('the order is by path, whatever that of the sources', () => {
    const name = fc.constantFrom('a', 'a-b', 'b', 'z');
    fc.assert(
      fc.property(fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 6 }), (paths) => {
        const files = paths.map((parts) => source(`/${parts.join('/')}/`, { '': 'folder', file: 'x' }));
        const placed = place(files).map(({ path }) => path);
        expect(placed).toEqual([...new Set(placed)].sort());
        for (const path of placed) {
          const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
          if (parent !== '') expect(placed.indexOf(parent)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('what is refused', () => {
  it.each<[string, PlannedFile, string, string]>([
    [
      'a link out of the root',
      source('/s', { '': 'folder', out: '-> ../../etc' }),
      'app: ./conf/out is a link out of the image\'s root (to "../../etc")',
      'leave it out with `ignore`',
    ],
    [
      'a folder in the place of a link',
      source('/', { '': 'folder', bin: 'folder', 'bin/x': 'x' }),
      'the folder /bin cannot be put into the image: there, it is a link to usr/bin (base 1)',
      'use the path that it leads to',
    ],
    [
      'a folder in the place of a file',
      source('/etc/passwd', { '': 'folder' }),
      'the folder /etc/passwd cannot be put into the image: there, it is a file (base 1)',
      'Choose another path',
    ],
    [
      'an owner that does not exist',
      source('/s', { '': 'x' }, { owner: 'app' }),
      'the file /s of app belongs to app, but there is no such user',
      'The users are nonroot',
    ],
    [
      'an owner out of range',
      source('/s', { '': 'x' }, { owner: '0:4294967295' }),
      'the file /s of app belongs to 0:4294967295, which is out of range',
      'up to 4294967294',
    ],
  ])('%s', (_what, file, message, hint) => {
    const existing = [listed('bin', 'symlink', 'usr/bin'), listed('etc'), listed('etc/passwd', 'file')];
    const error = failureOf(() => place([file], existing));
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID', message });
    expect(error.hint).toContain(hint);
  });

  it('a link within the root is not', () => {
    expect(brief(place([source('/s/t', { '': 'folder', up: '-> ../../etc' })]))).toContain(
      's 777 0:0 s/t/up -> ../../etc',
    );
  });
});

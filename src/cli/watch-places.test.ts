import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WatchedFiles } from './watch-files.ts';
import { watchPlaces } from './watch-places.ts';
import { PollWatch } from './watch-poll.ts';

let folder: string;
let seen: string[];
let open: { close(): void }[];

const place = (...parts: string[]): string => join(folder, 'project', ...parts);
const write = (path: string, text = 'x'): Promise<void> => writeFile(place(path), text);
const note = (path: string): void => {
  seen.push(path);
};

/** Waits until a change of one of these paths has been seen, and forgets what was seen. */
async function until(...paths: string[]): Promise<void> {
  while (!paths.some((path) => seen.includes(path))) await sleep(5);
  await sleep(20);
  seen = [];
}

/** Waits until everything that was done so far has been seen, and gives it. */
async function after(...paths: string[]): Promise<string[]> {
  await write('last');
  while (!seen.includes('last')) await sleep(5);
  const found = seen.filter((path) => paths.includes(path));
  await until('last');
  return [...new Set(found)].sort();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pith-watch-'));
  await mkdir(place('src', 'deep'), { recursive: true });
  await write('src/deep/a');
  seen = [];
  open = [];
});
afterEach(async () => {
  for (const one of open) one.close();
  await rm(folder, { recursive: true });
});

describe('a folder', () => {
  const start = (outputs: string[] = [], path = place()): void => {
    open.push(watchPlaces({ path, flags: {} as never, outputs }, note, note));
  };

  it.each<[string, () => Promise<unknown>, string]>([
    ['a change', () => write('src/deep/a', 'y'), 'src/deep/a'],
    ['a new file', () => write('src/b'), 'src/b'],
    ['a removed file', () => rm(place('src/deep/a')), 'src/deep/a'],
    [
      'a file that an editor renames over the old one',
      async () => {
        await write('src/deep/.a.swp', 'y');
        await rename(place('src/deep/.a.swp'), place('src/deep/a'));
      },
      'src/deep/a',
    ],
    ['a folder that is moved away', () => rename(place('src/deep'), join(folder, 'elsewhere')), 'src/deep'],
  ])('tells of %s', async (_what, change, path) => {
    start();
    await change();
    await until(path);
  });

  it('tells of what happens in new folders, and in those that were removed and made again', async () => {
    start();
    await mkdir(place('new', 'one'), { recursive: true });
    await until('new');
    for (let round = 0; round < 3; round++) {
      await write('new/one/a', String(round));
      await until('new/one/a');
      await rename(place('new', 'one', 'a'), place('new', 'one', 'b'));
      await until('new/one/b');
      await rm(place('new'), { recursive: true });
      await until('new');
      await mkdir(place('new', 'one'), { recursive: true });
      await until('new');
    }
  });

  it('is watched again when it is removed and made again itself', async () => {
    start();
    await rm(place(), { recursive: true });
    await until('');
    await mkdir(place('src'), { recursive: true });
    await until('');
    await write('src/a');
    await until('src/a');
  });

  it('says nothing of what .dockerignore leaves out, as it is at the time', async () => {
    await mkdir(place('logs'));
    await mkdir(place('.git'));
    await write('.dockerignore', 'logs\n*.tmp\n');
    start();
    for (const path of ['logs/a', 'b.tmp', '.git/HEAD']) await write(path);
    expect(await after('logs', 'logs/a', 'b.tmp', '.git', '.git/HEAD')).toEqual([]);
    await write('.dockerignore', '*.tmp\n');
    await until('.dockerignore');
    for (const path of ['logs/a', 'b.tmp']) await write(path, 'y');
    expect(await after('logs/a', 'b.tmp')).toEqual(['logs/a']);
  });

  it('tells of what .dockerignore takes back in', async () => {
    await mkdir(place('dist'));
    await write('.dockerignore', '*\n!dist/server\n!last\n');
    start();
    await write('dist/server');
    await write('dist/map');
    await write('src/deep/a', 'y');
    expect(await after('dist/server', 'dist/map', 'src/deep/a')).toEqual(['dist/server']);
  });

  it('tells of what is packed though .dockerignore names it, and of the rest of that not', async () => {
    for (const path of ['target/classes', '.venv/lib', 'node_modules/a', 'logs'])
      await mkdir(place(...path.split('/')), { recursive: true });
    await write('.dockerignore', 'target\n.venv\nnode_modules\nlogs\ndist\n');
    start();
    const changed = [
      'target/app.jar',
      'target/classes/A',
      '.venv/lib/a',
      'node_modules/a/index.js',
      'logs/a',
    ];
    for (const path of changed) await write(path);
    expect(await after(...changed)).toEqual(['.venv/lib/a', 'target/app.jar']);
    await write('package.json', '{}');
    await write('.dockerignore', 'node_modules\n');
    await until('.dockerignore');
    await write('node_modules/a/index.js', 'y');
    await until('node_modules/a/index.js');
    await write('.dockerignore', '*\n!last\n');
    await until('.dockerignore');
    await write('node_modules/a/index.js', 'z');
    expect(await after('node_modules/a/index.js')).toEqual([]);
  });

  it('says nothing of what is written by the packing', async () => {
    await mkdir(place('images', 'blobs'), { recursive: true });
    start([`oci:${place('images')}:app:1`, `docker-archive:${place('app.tar')}`]);
    for (const path of ['images/index.json', 'images/blobs/a', 'app.tar', '.pith-host-1']) await write(path);
    await write('app.tar.gz');
    expect(
      await after('images/index.json', 'images/blobs/a', 'app.tar', '.pith-host-1', 'app.tar.gz'),
    ).toEqual(['app.tar.gz']);
  });

  it('does not follow links', async () => {
    await mkdir(join(folder, 'outside'));
    await symlink(join(folder, 'outside'), place('link'));
    start();
    await writeFile(join(folder, 'outside', 'a'), '');
    expect(await after('link', 'link/a')).toEqual([]);
  });

  it('may be named by a link itself', async () => {
    await symlink(place(), join(folder, 'link'));
    start([], join(folder, 'link'));
    await write('src/b');
    await until('src/b');
  });

  it('has to be there', () => {
    expect(() => {
      start([], place('nowhere'));
    }).toThrow(expect.objectContaining({ code: 'APP_INVALID' }));
  });
});

describe('a file', () => {
  it.each([['written'], ['replaced']])('tells when it is %s, and nothing of its neighbours', async (how) => {
    const server = place('server');
    await writeFile(server, '1');
    open.push(watchPlaces({ path: server, flags: {} as never, outputs: [] }, note, note));
    await write('neighbour');
    if (how === 'replaced') {
      await write('server.new');
      await rename(place('server.new'), server);
    } else await writeFile(server, '2');
    while (seen.length === 0) await sleep(5);
    expect(new Set(seen)).toEqual(new Set(['']));
  });

  it('of each platform is watched', async () => {
    const binary = ['linux/amd64', 'linux/arm64'].map(
      (platform) => `${platform}=${place(platform.slice(6))}`,
    );
    for (const name of ['amd64', 'arm64']) await write(name);
    open.push(watchPlaces({ path: '.', flags: { binary } as never, outputs: [] }, note, note));
    for (const name of ['amd64', 'arm64']) {
      await write(name, 'y');
      await until('');
    }
  });
});

describe('where the system does not watch files', () => {
  it('their times are looked at', async () => {
    await write('.dockerignore', '*.tmp\n');
    open.push(new PollWatch(new WatchedFiles(place(), [place('images')]), note));
    await mkdir(place('images'));
    for (const path of ['images/a', 'a.tmp', 'b']) await write(path);
    await rm(place('src'), { recursive: true });
    while (seen.length < 2) await sleep(20);
    expect(seen.sort()).toEqual(['b', 'src/deep/a']);
  });

  it.each([
    ['a file that is there', true],
    ['a file that is not there yet', false],
  ])('the time of %s is looked at', async (_what, isThere) => {
    if (isThere) await write('server');
    open.push(new PollWatch(new WatchedFiles(place('server'), []), note));
    await write('server', 'y');
    while (seen.length === 0) await sleep(20);
    expect(seen).toEqual(['']);
  });
});

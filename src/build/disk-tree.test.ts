import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { Store } from '../store/index.ts';
import { makeElf } from '../testing/elf.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { DigestMemory } from './digest-memory.ts';
import { type DiskTree, type DiskTreeOptions, readDiskTree } from './disk-tree.ts';

let folder: string;
let top: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-disk-'));
  top = join(folder, 'conf');
  mkdirSync(top);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string | Uint8Array = '', mode = 0o644): string {
  mkdirSync(join(top, path, '..'), { recursive: true });
  writeFileSync(join(top, path), content);
  chmodSync(join(top, path), mode);
  return join(top, path);
}

function read(options: Partial<DiskTreeOptions> = {}, location = top): Promise<DiskTree> {
  const memory = new DigestMemory(Store.open(join(folder, 'store')), Date.now);
  const onUnused = (pattern: string): void => {
    throw new Error(`${pattern} matches nothing`);
  };
  return readDiskTree(location, { name: './conf', ignore: [], memory, onUnused, ...options });
}

async function paths(options: Partial<DiskTreeOptions> = {}): Promise<string[]> {
  return (await read(options)).entries.map(({ path }) => path);
}

describe('a folder of the disk', () => {
  it('is taken whole: sub folders, empty ones, hidden files, links as they are', async () => {
    write('app.conf', 'level=info\n');
    write('.hidden');
    write('sub/deep/run', '#!', 0o700);
    mkdirSync(join(top, 'empty'));
    symlinkSync('../app.conf', join(top, 'sub/link'));
    symlinkSync('/nowhere', join(top, 'broken'));
    const { entries } = await read();
    expect(entries.map(({ path, type, target, isExecutable }) => [path, type, target, isExecutable])).toEqual(
      [
        ['', 'directory', '', true],
        ['.hidden', 'file', '', false],
        ['app.conf', 'file', '', false],
        ['broken', 'symlink', '/nowhere', true],
        ['empty', 'directory', '', true],
        ['sub', 'directory', '', true],
        ['sub/deep', 'directory', '', true],
        ['sub/deep/run', 'file', '', true],
        ['sub/link', 'symlink', '../app.conf', true],
      ],
    );
    expect(entries[2]).toMatchObject({ size: 11, digest: digestOf('level=info\n') });
  });

  it('may be a single file', async () => {
    const { entries } = await read({}, write('one', 'x'));
    expect(entries).toMatchObject([{ path: '', type: 'file', size: 1, digest: digestOf('x') }]);
  });

  it('says which names are one file', async () => {
    linkSync(write('a', 'same'), join(top, 'c'));
    linkSync(write('b', 'same'), join(folder, 'outside'));
    write('d', 'same');
    const [, a, b, c, d] = (await read()).entries;
    expect(a?.inode).toMatch(/^\d+:\d+$/);
    expect(c?.inode).toBe(a?.inode);
    expect(b?.inode).not.toBe(a?.inode);
    expect(d?.inode).toBeUndefined();
  });

  it('says what programs need', async () => {
    write('app', makeElf({ needed: ['libz.so.1'] }));
    expect((await read()).entries[1]?.elf?.needed).toEqual(['libz.so.1']);
  });

  it('has whole seconds as times, and none before 1970', async () => {
    utimesSync(write('a'), 1_700_000_000.9, 1_700_000_000.9);
    utimesSync(write('b'), new Date(-5000), new Date(-5000));
    const [, a, b] = (await read()).entries;
    expect([a?.mtime, b?.mtime]).toEqual([1_700_000_000, 0]);
  });

  it('is known by a digest of everything but times and owners, and by one with the times', async () => {
    const changes: readonly [string, () => void][] = [
      ['content', () => write('a', 'y')],
      [
        'mode',
        () => {
          chmodSync(join(top, 'a'), 0o755);
        },
      ],
      ['a name', () => write('b')],
      [
        'a folder',
        () => {
          mkdirSync(join(top, 'c'));
        },
      ],
      [
        'a link',
        () => {
          symlinkSync('a', join(top, 'd'));
        },
      ],
      [
        'a hard link',
        () => {
          linkSync(join(top, 'a'), join(top, 'e'));
        },
      ],
    ];
    write('a', 'x');
    const seen = new Set([(await read()).digest]);
    for (const [what, change] of changes) {
      change();
      const { digest } = await read();
      expect(seen.has(digest), what).toBe(false);
      seen.add(digest);
    }
    const before = await read();
    utimesSync(join(top, 'a'), 1, 1);
    const after = await read();
    expect(after.digest).toBe(before.digest);
    expect(after.datedDigest).not.toBe(before.datedDigest);
  });
});

describe('patterns of what is left out', () => {
  it.each<[string[], string[]]>([
    [['*.log'], ['', 'a.txt', 'node_modules', 'node_modules/x.log', 'src', 'src/b.log', 'src/b.txt']],
    [['**/*.log'], ['', 'a.txt', 'node_modules', 'src', 'src/b.txt']],
    [['node_modules'], ['', 'a.log', 'a.txt', 'src', 'src/b.log', 'src/b.txt']],
    [['node_modules/**'], ['', 'a.log', 'a.txt', 'node_modules', 'src', 'src/b.log', 'src/b.txt']],
    [['**'], ['']],
  ])('%j', async (ignore, left) => {
    for (const path of ['a.log', 'a.txt', 'src/b.log', 'src/b.txt', 'node_modules/x.log']) write(path);
    expect(await paths({ ignore })).toEqual(left);
  });

  it('are told of if they match nothing', async () => {
    write('a');
    const unused: string[] = [];
    await read({ ignore: ['a', '.evn', 'b/**'], onUnused: (pattern) => unused.push(pattern) });
    expect(unused).toEqual(['.evn', 'b/**']);
  });

  it('keep away what could not be taken', async () => {
    execFileSync('mkfifo', [join(top, 'pipe')]);
    expect(await paths({ ignore: ['pipe'] })).toEqual(['']);
  });
});

describe('what images do not hold, by its name', () => {
  it('a named pipe', async () => {
    mkdirSync(join(top, 'run'));
    execFileSync('mkfifo', [join(top, 'run/pipe')]);
    expect(await rejectionOf(read())).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: './conf/run/pipe is a named pipe, which images do not hold',
      path: join(top, 'run/pipe'),
      hint: 'Remove it, or leave it out with `ignore`.',
    });
  });

  it('a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(top, 'socket'), resolve));
    expect((await rejectionOf(read())).message).toBe('./conf/socket is a socket, which images do not hold');
    await new Promise((resolve) => server.close(resolve));
  });

  it('a device', async () => {
    expect((await rejectionOf(read({ name: './null' }, '/dev/null'))).message).toBe(
      './null is a device, which images do not hold',
    );
  });

  it('names and link targets that are not UTF-8', async () => {
    const name = Buffer.concat([Buffer.from(`${top}/`), Buffer.from([0x61, 0xff])]);
    symlinkSync(Buffer.from([0xfe]), join(top, 'link'));
    expect((await rejectionOf(read())).message).toBe('the target of the link ./conf/link is not UTF-8: "þ"');
    rmSync(join(top, 'link'));
    writeFileSync(name, '');
    expect((await rejectionOf(read())).message).toBe('a name in ./conf is not UTF-8: "aÿ"');
  });
});

describe('a file that changes', () => {
  /** Changes it once it was looked at, before it is read. */
  function changing(change: () => void): DigestMemory {
    const memory = new DigestMemory(Store.open(join(folder, 'store')), Date.now);
    const recall = memory.recall.bind(memory);
    memory.recall = (...args) => {
      change();
      return recall(...args);
    };
    return memory;
  }

  it.each<[string, (path: string) => void]>([
    [
      'grows',
      (path) => {
        appendFileSync(path, 'more');
      },
    ],
    [
      'shrinks',
      (path) => {
        truncateSync(path, 1);
      },
    ],
    [
      'goes',
      (path) => {
        rmSync(path);
      },
    ],
    [
      'becomes a link',
      (path) => {
        rmSync(path);
        symlinkSync('/etc/passwd', path);
      },
    ],
    [
      'becomes a pipe',
      (path) => {
        rmSync(path);
        execFileSync('mkfifo', [path]);
      },
    ],
  ])('is not taken if it %s', async (_what, change) => {
    const path = write('app.log', 'lines');
    const memory = changing(() => {
      change(path);
    });
    expect(await rejectionOf(read({ memory }))).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: './conf/app.log changed while it was read',
      path,
      hint: 'Run the command again when nothing writes it.',
    });
  });
});

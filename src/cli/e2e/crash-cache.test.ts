import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectFailure, expectSound } from '../../testing/failure.ts';
import { createSandbox, digestIn, type Sandbox } from '../../testing/sandbox.ts';

let sandbox: Sandbox;
let expected: string;
beforeEach(async () => {
  sandbox = await createSandbox();
  expected = digestIn(await sandbox.build(['--json']));
});
afterEach(() => sandbox.close());

/** The files of the cache: blobs, and records of one kind. */
function entries(kind: string): string[] {
  const folder = join(sandbox.cacheDir, 'v1', kind);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
}

const DAMAGE: readonly [string, (path: string) => void][] = [
  [
    'flipped in one bit',
    (path) => {
      const bytes = readFileSync(path);
      const middle = Math.floor(bytes.length / 2);
      bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
      writeFileSync(path, bytes);
    },
  ],
  [
    'cut short',
    (path) => {
      truncateSync(path, Math.floor(readFileSync(path).length / 2));
    },
  ],
  [
    'emptied',
    (path) => {
      truncateSync(path, 0);
    },
  ],
  [
    'deleted',
    (path) => {
      rmSync(path);
    },
  ],
];

const BUILDS: readonly [string, string[]][] = [
  ['to a layout', ['-o', 'oci:again']],
  ['in one layer', ['-o', 'oci:again', '--max-layers', '1']],
  ['to an archive', ['-o', 'docker-archive:again.tar']],
  ['of more packages', ['./more.yaml', '-o', 'oci:again']],
];

describe.each(DAMAGE)('a cache of which something was %s', (what, damage) => {
  const builds = what === 'flipped in one bit' ? BUILDS : BUILDS.slice(0, 2);
  it.each(builds)('gives the right image %s', async (_how, more) => {
    await sandbox.write(
      'more.yaml',
      `name: more\nextends: ./pith.yaml\nfiles: [{to: /etc/more, content: x}]\n`,
    );
    const reference = digestIn(
      await sandbox.build(['--json', ...more, '--cache-dir', sandbox.path('fresh')]),
    );
    const kinds = [
      'blobs',
      ...readdirSync(sandbox.path('cache/v1/records')).map((kind) => `records/${kind}`),
    ];
    expect(kinds.length).toBeGreaterThan(5);
    for (const kind of kinds) {
      for (const path of entries(kind)) {
        rmSync(sandbox.path('again'), { recursive: true, force: true });
        rmSync(sandbox.path('again.tar'), { force: true });
        damage(path);
        const again = await sandbox.build(['--json', ...more]);
        expect(again, `${path}\n${again.stderr}`).toMatchObject({ code: 0 });
        expect(digestIn(again), path).toBe(reference);
      }
    }
    await sandbox.run(['cache', 'verify', '--cache-dir', sandbox.cacheDir]);
    await expectSound(sandbox);
  });

  it('everywhere gives the right image', async () => {
    for (const path of [...entries('blobs'), ...entries('records')]) damage(path);
    expect(digestIn(await sandbox.build(['--json', '-o', 'oci:again']))).toBe(expected);
    await sandbox.run(['cache', 'verify', '--cache-dir', sandbox.cacheDir]);
    await expectSound(sandbox);
  });

  it('is found by pith cache verify', async () => {
    const [path = ''] = entries('blobs');
    damage(path);
    const verified = await sandbox.run(['cache', 'verify', '--json', '--cache-dir', sandbox.cacheDir]);
    expect(verified.code).toBe(what === 'deleted' ? 0 : 8);
    await expectSound(sandbox);
    expect(digestIn(await sandbox.build(['--json']))).toBe(expected);
  });
});

describe('segments that were made of damaged packages', () => {
  it('are not: the package is fetched again', async () => {
    const deb = entries('blobs').find((path) => readFileSync(path).subarray(0, 7).toString() === '!<arch>')!;
    const bytes = readFileSync(deb);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 30) ^ 1, bytes.length - 30);
    writeFileSync(deb, bytes);
    rmSync(sandbox.path('cache/v1/records'), { recursive: true });
    const again = await sandbox.build(['--json', '-o', 'oci:again']);
    expect(digestIn(again)).toBe(expected);
    expect(again.stderr).toMatch(/damaged in the cache; building again/);
    await expectSound(sandbox);
  });
});

describe('a cache folder', () => {
  it('that is a file is told', async () => {
    const file = await sandbox.write('file', '');
    for (const args of [
      ['build', './pith.yaml'],
      ['lock', './pith.yaml'],
      ['show', './pith.yaml'],
      ['cache', 'ls'],
      ['cache', 'verify'],
      ['cache', 'prune'],
    ]) {
      const flags = args[0] === 'cache' ? ['--cache-dir', file] : sandbox.flags(file);
      expectFailure(await sandbox.run([...args, ...flags]), {
        code: 'OUTPUT_FAILED',
        message: /\/file.*(is a file, not a folder|something else)/,
        hint: /path/,
      });
    }
  });

  it('that is not there yet holds nothing', async () => {
    const none = ['--cache-dir', sandbox.path('none')];
    expect(await sandbox.run(['cache', 'ls', ...none])).toMatchObject({ code: 0 });
    expect(await sandbox.run(['cache', 'verify', ...none])).toMatchObject({ code: 0 });
    expect(await sandbox.run(['cache', 'prune', ...none])).toMatchObject({ code: 0 });
  });

  describe.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')('that is read-only', () => {
    beforeEach(() => {
      execFileSync('mount', ['--bind', sandbox.cacheDir, sandbox.cacheDir]);
      execFileSync('mount', ['-o', 'remount,ro,bind', sandbox.cacheDir]);
    });
    afterEach(() => execFileSync('umount', [sandbox.cacheDir]));

    it('serves what it holds', async () => {
      expect(digestIn(await sandbox.build(['--json', '-o', 'oci:again']))).toBe(expected);
      expect(digestIn(await sandbox.build(['--json', '--offline', '-o', 'oci:offline']))).toBe(expected);
    });

    it('says so where something has to be written', async () => {
      expectFailure(await sandbox.build(['--max-layers', '1']), {
        code: 'OUTPUT_FAILED',
        message: /cache\/v1.*read-only/,
        hint: /writable/,
      });
    });
  });
});

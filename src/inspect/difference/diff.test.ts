import { beforeAll, describe, expect, it } from 'vitest';
import { viewOf } from '../../testing/inspected.ts';
import type { LayerFiles } from '../../testing/layered-image.ts';
import { loadReaders } from '../load-readers.ts';
import type { FileReader } from '../model.ts';
import { type DiffReport, diffReport } from './diff-schema.ts';
import { diffImages } from './diff.ts';
import { comparePlain, loadCompareVersions } from './versions.ts';

let readers: readonly FileReader[];
beforeAll(async () => {
  readers = await loadReaders();
});

type Options = NonNullable<Parameters<typeof viewOf>[1]>;

async function differenceOf(
  before: readonly LayerFiles[],
  after: readonly LayerFiles[],
  [old = {}, now = {}]: readonly Options[] = [],
): Promise<DiffReport> {
  const one = { name: 'before', view: await viewOf(before, { readers, ...old }) };
  const other = { name: 'after', view: await viewOf(after, { readers, ...now }) };
  const report = diffImages(one, other, await loadCompareVersions());
  expect(diffReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(JSON.parse(JSON.stringify(report)));
  return report;
}

/** `A path`, `D path`, `C path: what`. */
function linesOf({ files }: DiffReport): string[] {
  return [
    ...files.added.map(({ path }) => `A ${path}`),
    ...files.removed.map(({ path }) => `D ${path}`),
    ...files.changed.map(({ path, what }) => `C ${path}: ${what.join(' ')}`),
  ];
}

describe('files', () => {
  it.each<[string, LayerFiles, LayerFiles, readonly string[]]>([
    ['the same', { a: 'x' }, { a: 'x' }, []],
    [
      'another time is no difference',
      { a: { content: 'x', mtime: 1 } },
      { a: { content: 'x', mtime: 2 } },
      [],
    ],
    ['added', { a: 'x' }, { a: 'x', b: 'y' }, ['A /b']],
    ['removed', { a: 'x', b: 'y' }, { a: 'x' }, ['D /b']],
    ['a whole folder', { a: 'x' }, { a: 'x', 'd/e/f': 'y' }, ['A /d', 'A /d/e', 'A /d/e/f']],
    ['content of the same size', { a: 'x' }, { a: 'y' }, ['C /a: content']],
    ['mode', { a: 'x' }, { a: { content: 'x', mode: 0o4755 } }, ['C /a: mode']],
    ['owner', { a: 'x' }, { a: { content: 'x', uid: 5 } }, ['C /a: owner']],
    ['group and content', { a: 'x' }, { a: { content: 'y', gid: 5 } }, ['C /a: content owner']],
    ['target', { a: '-> b' }, { a: '-> c' }, ['C /a: target']],
    ['the mode of a link is none', { a: { type: 'symlink', linkName: 'b', mode: 0o755 } }, { a: '-> b' }, []],
    ['type', { a: 'x' }, { a: '-> b' }, ['C /a: type']],
    ['a folder in the place of a file', { a: 'x' }, { 'a/b': 'y' }, ['A /a/b', 'C /a: type mode']],
    ['a hard link is the file', { a: 'x', b: 'x' }, { a: 'x', b: { type: 'hardlink', linkName: 'a' } }, []],
    [
      'neighbours whose names begin alike',
      { 'a/c': '3', 'a.b': '2' },
      { 'a/d': '3', 'a.b': '2', 'a-b': '4' },
      ['A /a-b', 'A /a/d', 'D /a/c'],
    ],
  ])('%s', async (_, before, after, lines) => {
    expect(linesOf(await differenceOf([before], [after])).sort()).toEqual([...lines].sort());
  });

  it('whose layers are others are the same', async () => {
    const report = await differenceOf([{ a: 'x', b: 'y' }], [{ a: 'x' }, { b: 'y' }]);
    expect(report.identical).toBe(true);
    expect(report.layers).toMatchObject({ shared: [], sharedSize: 0 });
    expect(report.layers.added).toHaveLength(2);
  });

  it('are told in the order of paths', async () => {
    const report = await differenceOf([{}], [{ z: '1', 'a/z': '1', 'a/b': '1', m: '1' }]);
    expect(report.files.added.map(({ path }) => path)).toEqual(['/a', '/a/b', '/a/z', '/m', '/z']);
  });
});

const status = (packages: Readonly<Record<string, string>>): LayerFiles => ({
  'var/lib/dpkg/status': Object.entries(packages)
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: all\n\n`,
    )
    .join(''),
});

describe('packages', () => {
  it('come, go, get newer and older, as dpkg compares versions', async () => {
    const { packages } = await differenceOf(
      [status({ same: '1', up: '1.9', down: '2:1', gone: '1', tilde: '1.0~rc1' })],
      [status({ same: '1', up: '1.10', down: '3', come: '1', tilde: '1.0' })],
    );
    expect(packages.map(({ name, change, before, version }) => [name, change, before, version])).toEqual([
      ['come', 'added', undefined, '1'],
      ['down', 'downgraded', '2:1', '3'],
      ['gone', 'removed', '1', undefined],
      ['tilde', 'upgraded', '1.0~rc1', '1.0'],
      ['up', 'upgraded', '1.9', '1.10'],
    ]);
  });

  it('that are there in several versions are paired', async () => {
    const npm = (versions: readonly string[]): LayerFiles =>
      Object.fromEntries(
        versions.map((version, at) => [
          `app/${'node_modules/x/'.repeat(at)}node_modules/ms/package.json`,
          JSON.stringify({ name: 'ms', version }),
        ]),
      );
    const { packages } = await differenceOf(
      [npm(['1.0.0', '2.0.0'])],
      [npm(['2.0.0', '1.0.10', '3.0.0-rc.1'])],
    );
    expect(packages.map(({ change, before, version }) => [change, before, version])).toEqual([
      ['upgraded', '1.0.0', '1.0.10'],
      ['added', undefined, '3.0.0-rc.1'],
    ]);
  });
});

describe('versions', () => {
  it.each([
    ['1.9', '1.10', -1],
    ['1.0', '1.0', 0],
    ['1.0rc1', '1.0', -1],
    ['1.0', '1.0.1', -1],
    ['2', '10', -1],
    ['1.a', '1.b', -1],
    ['1.00', '1.0', 1],
    ['99999999999999999999', '100000000000000000000', -1],
  ])('%s and %s', (a, b, order) => {
    expect(Math.sign(comparePlain(a, b))).toBe(order);
    expect(Math.sign(comparePlain(b, a))).toBe(order === 0 ? 0 : -order);
  });

  it('are compared as their ecosystem does', async () => {
    const compare = await loadCompareVersions();
    expect(compare('npm', '1.0.0-rc.1', '1.0.0')).toBeLessThan(0);
    expect(compare('golang', 'v1.9.0', 'v1.10.0')).toBeLessThan(0);
    expect(compare('deb', '1.0~rc1', '1.0')).toBeLessThan(0);
    expect(compare('npm', 'not a version', '1.0.0')).toBe(comparePlain('not a version', '1.0.0'));
  });
});

describe('the configuration', () => {
  it('is compared member by member', async () => {
    const { config, identical } = await differenceOf(
      [{ a: 'x' }],
      [{ a: 'x' }],
      [
        { config: { User: '0', Env: ['A=1', 'B=2'], Labels: { x: '1' }, Entrypoint: ['/a'] } },
        { config: { Env: ['A=1', 'B=3=4'], Labels: { y: '1' }, Entrypoint: ['/a', 'b'], StopSignal: 'INT' } },
      ],
    );
    expect(config).toEqual([
      { field: 'entrypoint', before: '["/a"]', after: '["/a","b"]' },
      { field: 'env.B', before: '2', after: '3=4' },
      { field: 'labels.x', before: '1', after: undefined },
      { field: 'labels.y', before: undefined, after: '1' },
      { field: 'stopSignal', before: undefined, after: 'INT' },
      { field: 'user', before: '0', after: undefined },
    ]);
    expect(identical).toBe(false);
  });

  it('has what Docker knows beyond OCI, but not what is left of the build', async () => {
    const before = {
      Cmd: ['/a'],
      Image: 'sha256:1',
      Hostname: 'a',
      OnBuild: null,
      Shell: ['/bin/bash', '-c'],
    };
    const after = {
      Cmd: ['/a'],
      Image: 'sha256:2',
      Hostname: 'b',
      OnBuild: ['RUN x'],
      Shell: [],
      StopTimeout: 3,
    };
    const { config } = await differenceOf(
      [{ a: 'x' }],
      [{ a: 'x' }],
      [{ config: before }, { config: after }],
    );
    expect(config).toEqual([
      { field: 'onBuild', before: undefined, after: '["RUN x"]' },
      { field: 'shell', before: '["/bin/bash","-c"]', after: undefined },
      { field: 'stopTimeout', before: undefined, after: '3' },
    ]);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewOf } from '../../testing/inspected.ts';
import { makeImage, makeLayer } from '../../testing/layered-image.ts';
import { compareImages } from '../difference/compare.ts';
import { compareJsonSchema, compareReport } from '../difference/compare-schema.ts';
import { diffJsonSchema } from '../difference/diff-schema.ts';
import { loadReaders } from '../load-readers.ts';
import { readImage } from '../read-image.ts';
import { ImageView } from '../view.ts';
import { recogniseBase } from './base.ts';
import { findDuplicates, wasteOf } from './duplicates.ts';
import { formatDate } from './findings.ts';
import { inspectJsonSchema, type InspectReport, inspectReport } from './inspect-schema.ts';
import { reportFiles, reportOn } from './report.ts';

const published = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../schema/${name}.schema.json`, import.meta.url), 'utf8'));

describe('the published schemas', () => {
  it.each([
    ['inspect', inspectJsonSchema],
    ['diff', diffJsonSchema],
    ['compare', compareJsonSchema],
  ] as const)('%s is the one that reports are tested by', (name, make) => {
    expect(published(name)).toEqual(make());
  });
});

const STATUS = `Package: libc6
Status: install ok installed
Version: 2.41-12
Architecture: amd64
Installed-Size: 12
Description: C library

`;

describe('a report', () => {
  let view: ImageView;
  let report: InspectReport;

  beforeAll(async () => {
    view = await viewOf(
      [
        {
          etc: 'folder',
          'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody::65534:65534:nobody:/:/usr/sbin/nologin\n',
          'etc/shadow': 'root:*:19000:0:99999:7:::\n',
          'etc/group': 'root:x:0:\nstaff:x:50:ann,bob\n',
          'usr/lib/os-release': 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
          'etc/os-release': '-> ../usr/lib/os-release',
          'var/lib/dpkg/status': STATUS,
          'var/lib/dpkg/info/libc6.list': '/.\n/usr\n/usr/lib/libc.so.6\n',
          'usr/lib/libc.so.6': 'library',
          'usr/share/zoneinfo/Etc/UTC': 'zone',
          'old\n': 'gone',
        },
        {
          'usr/bin/one': { content: 'same', mode: 0o4755 },
          'usr/bin/two': { content: 'same', uid: 7 },
          'usr/bin/three': { type: 'hardlink', linkName: 'usr/bin/two', uid: 7 },
          'key.pem': generateKeyPairSync('ed25519')
            .privateKey.export({ type: 'pkcs8', format: 'pem' })
            .toString(),
          '.wh.old\n': '',
          '.wh.nothing': '',
        },
        { '.wh.key.pem': '' },
      ],
      {
        readers: await loadReaders(),
        created: '2026-01-01T00:00:00Z',
        config: { User: '65534', Entrypoint: ['/usr/bin/one'], Env: ['A=b'], ExposedPorts: { '80/tcp': {} } },
        history: [
          { created_by: 'one' },
          { comment: 'nothing', empty_layer: true },
          { created_by: 'two' },
          {},
        ],
        annotations: { 'org.opencontainers.image.base.name': 'debian:13' },
      },
    );
    report = { ...reportOn(view, { name: 'oci:images:app' }), files: [...reportFiles(view)] };
  });

  it('has the form of its schema, through JSON, too', () => {
    expect(inspectReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(
      JSON.parse(JSON.stringify(report)),
    );
  });

  it('says what the image is', () => {
    expect(report.image).toMatchObject({ name: 'oci:images:app', platform: 'linux/amd64' });
    expect(report.image.config).toMatchObject({ user: '65534', env: ['A=b'], ports: ['80/tcp'] });
    expect(report.system).toMatchObject({
      id: 'debian',
      version: '13',
      name: 'Debian GNU/Linux 13 (trixie)',
      distroless: true,
      libc: { name: 'glibc', version: '2.41-12' },
      timeZones: { files: 1 },
    });
    expect(report.base).toMatchObject({ name: 'debian:13', recognisedBy: 'annotations' });
  });

  it('counts layers and files', () => {
    expect(report.totals).toMatchObject({ layers: 3, links: 1 });
    expect(report.totals.files).toBe(report.files.filter(({ type }) => type === 'file').length);
    expect(report.layers.map(({ added, changed, removed }) => [added, changed, removed])).toEqual([
      [20, 0, 0],
      [5, 0, 1],
      [0, 0, 1],
    ]);
    expect(report.layers.map(({ createdBy }) => createdBy)).toEqual(['one', 'two', undefined]);
    expect(report.history.map(({ layer }) => layer)).toEqual([0, undefined, 1, 2]);
    expect(report.layers[0]?.wastedBytes).toBe(4);
    expect(report.efficiency.wasted.map(({ path, removed }) => [path, removed])).toEqual([
      ['/key.pem', true],
      ['/old\n', true],
    ]);
  });

  it('finds packages and whose the files are', () => {
    expect(report.packages).toMatchObject([{ type: 'deb', name: 'libc6', files: 1, size: 7, layer: 0 }]);
    const owner = report.packages[0]?.purl;
    expect(report.files.find(({ path }) => path === '/usr/lib/libc.so.6')?.package).toBe(owner);
    expect(report.files.find(({ path }) => path === '/usr/bin/one')?.package).toBeUndefined();
  });

  it('finds users, groups and what runs with the rights of others', () => {
    expect(report.users.map(({ name, password }) => [name, password])).toEqual([
      ['root', 'locked'],
      ['nobody', 'empty'],
    ]);
    expect(report.groups[1]).toEqual({ name: 'staff', gid: 50, members: ['ann', 'bob'] });
    expect(report.setuid).toEqual([
      { path: '/usr/bin/one', mode: '4755', uid: 0, gid: 0, setuid: true, setgid: false },
    ]);
  });

  it('finds secrets that a higher layer only hides', () => {
    expect(report.secrets).toMatchObject([
      { path: '/key.pem', layer: 1, removed: true, type: 'private-key' },
    ]);
  });

  it('tells of files that are twice there; a hard link is another name', () => {
    expect(report.duplicates.groups).toMatchObject([{ size: 4, paths: ['/usr/bin/one', '/usr/bin/two'] }]);
    expect(report.duplicates.bytes).toBe(4);
  });

  it('tells of whiteouts of nothing', () => {
    expect(report.flaws).toEqual([{ layer: 1, path: '/.wh.nothing', flaw: 'whiteout-of-nothing' }]);
  });

  it('has files with links as they stand there', () => {
    expect(report.files.find(({ path }) => path === '/etc/os-release')).toMatchObject({
      type: 'symlink',
      target: '../usr/lib/os-release',
    });
    expect(report.files.find(({ path }) => path === '/usr/bin/three')?.target).toBe('/usr/bin/two');
  });

  it('is compared with others', async () => {
    const other = await viewOf([{ a: 'x' }]);
    const compared = compareImages([report, reportOn(other, { name: 'other' })], Date.now());
    expect(compareReport.parse(JSON.parse(JSON.stringify(compared)))).toMatchObject({
      images: [
        { name: 'oci:images:app', layers: 3, sharedLayers: 3, packagesByType: { deb: 1 }, setuid: 1 },
        { name: 'other', layers: 1, sharedLayers: 0, packages: 0, shells: [], user: '' },
      ],
    });
  });
});

describe('layers that other images have, too', () => {
  it('name these, but not the image itself', async () => {
    const [a, b] = [makeLayer({ a: 'x' }), makeLayer({ b: 'x' })];
    const image = makeImage([a, b]);
    const view = new ImageView(await readImage(image, { readers: [], version: 0 }));
    const bases = [
      { name: 'itself', image },
      { name: 'one', image: makeImage([a]) },
      { name: 'two', image: makeImage([b, a]) },
    ];
    const { layers, base } = reportOn(view, { name: 'x', bases });
    expect(layers.map(({ sharedWith }) => sharedWith)).toEqual([['one', 'two'], ['two']]);
    expect(base).toMatchObject({ name: 'one', recognisedBy: 'layers' });
  });
});

describe('a layer that is not what the configuration says', () => {
  it('is shown with both digests', async () => {
    const good = makeLayer({ a: 'x' });
    const bad = { ...makeLayer({ a: 'y' }), diffId: good.diffId };
    const view = new ImageView(await readImage(makeImage([bad]), { readers: [], version: 0 }));
    const [layer] = reportOn(view, { name: 'x' }).layers;
    expect(layer?.diffId).toBe(good.diffId);
    expect(layer?.actualDiffId).toBe(makeLayer({ a: 'y' }).diffId);
  });
});

describe('duplicates', () => {
  it('are found among very many files, those first that waste most', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, at) => [`f${at}`, `content ${at % 1000} ${'x'.repeat(at % 1000)}`]),
    );
    const { tree } = await viewOf([files, { empty: '', empty2: '' }]);
    const groups = findDuplicates(tree);
    expect(groups).toHaveLength(1000);
    expect(groups.every(({ ids }) => ids.length === 3)).toBe(true);
    expect(groups.map(wasteOf)).toEqual(groups.map(wasteOf).sort((a, b) => b - a));
  });
});

describe('the base of an image', () => {
  const [a, b, c] = [makeLayer({ a: 'x' }), makeLayer({ b: 'x' }), makeLayer({ c: 'x' })];
  const image = makeImage([a, b, c]);

  it.each<[string, readonly [string, readonly (typeof a)[]][], string | undefined]>([
    [
      'the one with most of its layers',
      [
        ['a', [a]],
        ['ab', [a, b]],
      ],
      'ab',
    ],
    ['not the image itself', [['abc', [a, b, c]]], undefined],
    ['not one with the same layers in another order', [['ba', [b, a]]], undefined],
    ['not one without layers', [['none', []]], undefined],
  ])('%s', (_, candidates, name) => {
    const images = candidates.map(([one, layers]) => ({ name: one, image: makeImage(layers) }));
    expect(recogniseBase(image, images)?.name).toBe(name);
  });
});

describe('a time', () => {
  it.each([
    [0, '1970-01-01T00:00:00Z'],
    [-1, '1969-12-31T23:59:59Z'],
    [1e18, '+275760-09-13T00:00:00Z'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(formatDate(seconds)).toBe(text);
  });
});

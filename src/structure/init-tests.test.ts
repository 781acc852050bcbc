import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../oci/index.ts';
import type { LayerFiles } from '../testing/layered-image.ts';
import { testedImage, testFile } from '../testing/structure-tests.ts';
import { initTests } from './init-tests.ts';
import { runTests } from './run-tests.ts';

const PASSWD =
  'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n';
const DISTROLESS: LayerFiles = {
  tmp: { type: 'directory', mode: 0o1777 },
  'etc/passwd': PASSWD,
  'etc/os-release': '-> ../usr/lib/os-release',
  'usr/lib/os-release': 'PRETTY_NAME="Distroless"\nID="debian"\nVERSION_ID="13"\n',
  'etc/ssl/certs/ca-certificates.crt': 'x',
  'home/nonroot': { type: 'directory', uid: 65532, gid: 65532, mode: 0o700 },
  'usr/bin/java': '-> ../lib/jvm/java',
  'usr/lib/jvm/java': { content: 'ELF', mode: 0o755 },
  'usr/share/doc/java/copyright': 'GPL-2',
};

const IMAGES: readonly (readonly [string, LayerFiles, RunConfig])[] = [
  [
    'a distroless one',
    DISTROLESS,
    {
      User: '65532',
      WorkingDir: '/home/nonroot',
      Env: ['PATH=/usr/bin', 'ODD=a=b $HOME: "c"', 'EMPTY='],
      Entrypoint: ['/usr/bin/java', '-jar'],
      ExposedPorts: { '80/tcp': {}, '80/udp': {} },
      Volumes: { '/data': {} },
    },
  ],
  [
    'one with a shell',
    { ...DISTROLESS, 'bin/sh': { content: 'sh', mode: 0o755 } },
    { Cmd: ['sh', '-c', 'true'], Env: ['PATH=/bin'] },
  ],
  ['an empty one', {}, {}],
  ['one with a refused licence', { 'usr/share/doc/a/copyright': 'AGPL' }, { Entrypoint: ['/none'] }],
  ['one with a program that is none', { app: 'text' }, { Entrypoint: ['./app'], WorkingDir: '/' }],
];

describe.each(IMAGES)('the first tests of %s', (_, files, config) => {
  it('pass on it', async () => {
    const image = await testedImage([files], config);
    const file = await testFile(await initTests(image, 'oci:images:app'));
    const [done] = await runTests([file], image, { skipped: 'none' });
    expect(done?.results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(done?.results.length).toBeGreaterThan(8);
  });
});

it('the first tests say what the image is', async () => {
  const text = await initTests(await testedImage([DISTROLESS], IMAGES[0]?.[2]), 'oci:images:app');
  expect(text).toMatch(
    /^# What oci:images:app \(linux\/amd64\) is; run it with `pith test`\.\nschemaVersion: 2\.0\.0\n/,
  );
  for (const line of [
    'path: /usr/lib/jvm/java',
    'isExecutableBy: any',
    'permissions: dtrwxrwxrwx',
    'uid: 65532',
    '- debian: true',
    'path: /bin/sh',
  ])
    expect(text).toContain(line);
});

it('the first tests fail once a shell comes in', async () => {
  const file = await testFile(await initTests(await testedImage([DISTROLESS]), 'x'));
  const other = await testedImage([DISTROLESS, { 'bin/sh': 'x' }]);
  const [done] = await runTests([file], other, { skipped: 'none' });
  expect(done?.results.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name)).toEqual([
    'File Existence Test: no shell: /bin/sh',
  ]);
});

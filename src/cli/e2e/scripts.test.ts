import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownImage } from '../../build/index.ts';
import { makeDeb, type TestPackage } from '../../testing/deb.ts';
import { createSandbox, published, type Sandbox } from '../../testing/sandbox.ts';

const packageOf = (wanted: TestPackage): ReturnType<typeof published> =>
  published(wanted.name, makeDeb(wanted));
const alternative = (path: string, priority: number): string =>
  `#!/bin/sh\nset -e\nupdate-alternatives --install /usr/lib/libx.so.1 libx.so.1 ${path} ${priority}\n`;

const PACKAGES = [
  packageOf({
    name: 'low',
    files: [{ path: 'usr/lib/low/libx.so.1', content: 'low' }],
    control: { postinst: alternative('/usr/lib/low/libx.so.1', 10) },
  }),
  packageOf({
    name: 'high',
    files: [
      { path: 'usr/lib/high/libx.so.1', content: 'high' },
      { path: 'usr/lib/sysusers.d/high.conf', content: 'u high - "High" /var/lib/high\n' },
      { path: 'usr/lib/tmpfiles.d/high.conf', content: 'd /run/high 0750 high high\n' },
    ],
    control: {
      postinst: `${alternative('/usr/lib/high/libx.so.1', 20)}mkdir -p /var/lib/high /srv/x\nchown high: /var/lib/high\ngenerate --all\nldconfig\n`,
    },
  }),
  packageOf({
    name: 'other',
    files: [
      { path: 'usr/share/other', content: 'x' },
      { path: 'srv/x', content: 'a file' },
    ],
  }),
];

const FORM =
  'suites: [{archive: debian, suite: trixie}]\nplatforms: [linux/amd64]\nusers: [{name: root, uid: 0}]\ngroups: [{name: root, gid: 0}]\n';

describe('an image of packages with scripts', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox({ packages: PACKAGES });
    await sandbox.write('base.yaml', `name: base\npackages: [low]\n${FORM}`);
    await sandbox.write(
      'pith.yaml',
      'name: app\nextends: ./base.yaml\npackages: [high]\nfiles: [{to: /etc/app, content: x, owner: high}]\n',
    );
  });
  afterAll(async () => {
    await sandbox.close();
  });

  const show = async (name: string): Promise<ShownImage> => {
    const { code, stdout, stderr } = await sandbox.run([
      'show',
      name,
      '--json',
      '--files',
      '--platform',
      'linux/amd64',
      ...sandbox.flags(),
    ]);
    expect(stderr.replace(/.*warn.*\n/g, '')).not.toContain('error');
    expect(code).toBe(0);
    return (JSON.parse(stdout) as ShownImage[])[0] as ShownImage;
  };
  const linesOf = ({ files }: ShownImage, pattern: RegExp): string[] =>
    files
      .filter(
        ({ path, isPackaged, type }) =>
          pattern.test(path) && !(isPackaged && type === 'file' && path.includes('libx')),
      )
      .map(({ path, mode, owner, target, origin }) =>
        [mode, owner, target === undefined ? path : `${path} -> ${target}`, origin].join(' '),
      );

  it('has what the scripts make, and says of which packages', async () => {
    const image = await show('./base.yaml');
    expect(linesOf(image, /libx|alternatives/)).toEqual([
      '0755 0:0 /etc/alternatives alternatives of low',
      '0777 0:0 /etc/alternatives/libx.so.1 -> /usr/lib/low/libx.so.1 alternatives of low',
      '0777 0:0 /usr/lib/libx.so.1 -> /etc/alternatives/libx.so.1 alternatives of low',
    ]);
    expect(image.scripts).toEqual([]);
  });

  it('changes the links of the level below where a package has the higher priority', async () => {
    const image = await show('./pith.yaml');
    expect(linesOf(image, /\/libx\.so\.1$|^\/run\/|^\/var\/lib\/high|^\/srv|\/etc\/(?:app|passwd)/)).toEqual([
      '0777 0:0 /etc/alternatives/libx.so.1 -> /usr/lib/high/libx.so.1 alternatives of high',
      '0644 999:999 /etc/app the definition app',
      '0644 0:0 /etc/passwd the users of the definition and of high',
      '0750 999:999 /run/high tmpfiles.d of high',
      '0755 0:0 /srv postinst of high',
      '0755 0:0 /srv/x postinst of high',
      '0777 0:0 /usr/lib/libx.so.1 -> /etc/alternatives/libx.so.1 alternatives of low',
      '0755 999:999 /var/lib/high postinst of high',
    ]);
  });

  it('says what scripts would do beyond', async () => {
    expect((await show('./pith.yaml')).scripts).toEqual([
      { package: 'high', script: 'postinst', command: 'generate --all', isNeedless: false, why: '' },
      {
        package: 'high',
        script: 'postinst',
        command: 'ldconfig',
        isNeedless: true,
        why: '/etc/ld.so.cache is derived',
      },
    ]);
    const { stdout } = await sandbox.run([
      'show',
      './pith.yaml',
      '--platform',
      'linux/amd64',
      ...sandbox.flags(),
    ]);
    expect(stdout).toContain(
      [
        'WHAT SCRIPTS WOULD DO BEYOND (1 not done)',
        'PACKAGE  SCRIPT    CALLS           WHY',
        'high     postinst  generate --all  not done',
        'high     postinst  ldconfig        /etc/ld.so.cache is derived',
      ].join('\n'),
    );
  });

  it('is built with them, in a layer of the level that has the packages', async () => {
    const { code, stderr } = await sandbox.build();
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    const index = JSON.parse(readFileSync(sandbox.path('images', 'index.json'), 'utf8')) as {
      manifests: unknown[];
    };
    expect(index.manifests.length).toBeGreaterThan(0);
  });

  it('lets a package of a level above bring a file where a script made a folder', async () => {
    await sandbox.write('over.yaml', 'name: over\nextends: ./pith.yaml\npackages: [other]\n');
    expect(linesOf(await show('./over.yaml'), /^\/srv/)).toEqual([
      '0755 0:0 /srv other 1.0',
      '0644 0:0 /srv/x other 1.0',
    ]);
  });
});

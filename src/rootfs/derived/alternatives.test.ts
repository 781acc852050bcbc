import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeFiles,
  follow,
  followScript,
  installedOf,
  seenEntries,
  startInstallation,
} from '../../testing/installation.ts';
import { describeWith } from '../../testing/tools.ts';
import { Alternatives } from './alternatives.ts';

const TREE = {
  'usr/bin': 'folder',
  'usr/bin/real': 'file',
  'usr/lib/one': 'file',
  'usr/lib/two': 'file',
  'usr/lib/three': 'file',
  'usr/share/man/man1': 'folder',
  'usr/share/one.1.gz': 'file',
  bin: '-> usr/bin',
};
const install = (path: string, priority: number, more = ''): string =>
  `update-alternatives --quiet --install /usr/bin/tool tool /usr/lib/${path} ${priority} ${more}`;

describe('alternatives', () => {
  it('are links to the choice with the highest priority, the first that was added of two', async () => {
    const { made, missing } = await followScript(
      [install('two', 10), install('one', 20), install('three', 20)].join('\n'),
      TREE,
    );
    expect(made).toEqual([
      'l etc/alternatives/tool -> /usr/lib/one',
      'l usr/bin/tool -> /etc/alternatives/tool',
    ]);
    expect(missing).toEqual([]);
  });

  it('bring slaves whose files are in the image, at their place in a merged /usr', async () => {
    const slaves =
      '--slave /usr/share/man/man1/tool.1.gz tool.1.gz /usr/share/one.1.gz --slave /bin/other other /usr/lib/none';
    const { made } = await followScript(
      install('one', 1, slaves).replace('/usr/bin/tool', '/bin/tool'),
      TREE,
    );
    expect(made).toEqual([
      'l etc/alternatives/tool -> /usr/lib/one',
      'l etc/alternatives/tool.1.gz -> /usr/share/one.1.gz',
      'l usr/bin/tool -> /etc/alternatives/tool',
      'l usr/share/man/man1/tool.1.gz -> /etc/alternatives/tool.1.gz',
    ]);
  });

  it('leave a file of a package alone, and replace a link', async () => {
    const script =
      'update-alternatives --install /usr/bin/real real /usr/lib/one 1\nln -s /x /usr/bin/tool\n' +
      install('one', 1);
    const { made } = await followScript(script, TREE);
    expect(made).toEqual([
      'l etc/alternatives/real -> /usr/lib/one',
      'l etc/alternatives/tool -> /usr/lib/one',
      'l usr/bin/tool -> /etc/alternatives/tool',
    ]);
  });

  it('may be set by hand and automatic again', async () => {
    const set = (path: string): string => `update-alternatives --set tool ${path}`;
    const script = [install('one', 1), install('two', 2), set('/usr/lib/one'), install('three', 3)].join(
      '\n',
    );
    expect((await followScript(script, TREE)).made[0]).toBe('l etc/alternatives/tool -> /usr/lib/one');
    expect((await followScript(`${script}\nupdate-alternatives --auto tool`, TREE)).made[0]).toBe(
      'l etc/alternatives/tool -> /usr/lib/three',
    );
    expect(
      (await followScript(`${script}\nupdate-alternatives --remove tool /usr/lib/one`, TREE)).made[0],
    ).toBe('l etc/alternatives/tool -> /usr/lib/three');
    expect((await followScript(`${script}\nupdate-alternatives --remove-all tool`, TREE)).made).toEqual([]);
  });

  it('of a level above win over those of the levels below by their priority, and only then', async () => {
    const installation = await startInstallation();
    const packageOf = (name: string, path: string, priority: number): ReturnType<typeof installedOf> =>
      installedOf({ name, scripts: { postinst: install(path, priority) } });
    const tree = seenEntries(TREE);
    const first = installation.install([packageOf('a', 'one', 10)], tree);
    expect(first.map(({ origin }) => origin)).toEqual(['alternatives of a', 'alternatives of a']);
    for (const { path, target } of first)
      tree.set(path, {
        file: { type: 'symlink', linkName: target, mode: 0o777, uid: 0, gid: 0, size: 0, mtime: 0 },
      });
    expect(installation.install([packageOf('b', 'two', 5)], tree)).toEqual([]);
    const third = installation.install([packageOf('c', 'three', 20)], tree);
    expect(describeFiles(third)).toEqual(['l etc/alternatives/tool -> /usr/lib/three']);
    expect(third[0]?.origin).toBe('alternatives of c');
  });

  it.each([
    ['whose file is not in the image', install('none', 1), '/usr/lib/none is not in the image'],
    [
      'with a relative link',
      'update-alternatives --install usr/bin/x x /usr/lib/one 1',
      'x is no sound alternative',
    ],
    [
      'that climb out',
      'update-alternatives --install /usr/../../x x /usr/lib/one 1',
      'x is no sound alternative',
    ],
    [
      'with a name that is a path',
      'update-alternatives --install /usr/bin/x ../x /usr/lib/one 1',
      '../x is no sound alternative',
    ],
    ['with a priority that is no number', 'update-alternatives --install /usr/bin/x x /usr/lib/one high', ''],
    ['with a broken slave', 'update-alternatives --install /usr/bin/x x /usr/lib/one 1 --slave /y', ''],
    [
      'whose link is that of another',
      `${install('one', 1)}; update-alternatives --install /usr/bin/tool x /usr/lib/one 1`,
      '/usr/bin/tool belongs to the alternatives of tool',
    ],
    [
      'whose name is that of a slave',
      `${install('one', 1, '--slave /y y /usr/lib/two')}; update-alternatives --install /usr/bin/y y /usr/lib/one 1`,
      'the name y belongs to the alternatives of tool',
    ],
  ])('%s are not made, which is reported', async (_what, script, why) => {
    const { made, missing } = await followScript(script, TREE);
    expect(made.filter((line) => !/\b(?:tool|y)\b/.test(line))).toEqual([]);
    expect(missing).toHaveLength(1);
    expect(missing[0]).toContain(why === '' ? 'update-alternatives' : `(${why})`);
  });

  it('of packages of which only a part is in the image are made if their files are', async () => {
    const contents = { drop: ['**'], keep: ['usr/lib/one'] };
    const { made } = await follow(
      [{ contents, scripts: { postinst: `${install('one', 1)}\nmkdir /etc/x` } }],
      { ...TREE, etc: 'folder' },
    );
    expect(made).toEqual([
      'l etc/alternatives/tool -> /usr/lib/one',
      'l usr/bin/tool -> /etc/alternatives/tool',
    ]);
  });

  it('are not made where the contents rules of the package drop the link', async () => {
    const contents = { drop: ['usr/share/man/**'], keep: [] };
    const slave = '--slave /usr/share/man/man1/tool.1.gz tool.1.gz /usr/share/one.1.gz';
    const { made } = await follow([{ contents, scripts: { postinst: install('one', 1, slave) } }], TREE);
    expect(made).toEqual([
      'l etc/alternatives/tool -> /usr/lib/one',
      'l usr/bin/tool -> /etc/alternatives/tool',
    ]);
  });

  it('are not more than an image can have', () => {
    const alternatives = new Alternatives();
    const choice = { path: '/a', priority: 1, slaves: [], origin: 'app', keepsLink: () => true, mtime: 0 };
    const faults = Array.from({ length: 10_001 }, (_, i) =>
      alternatives.install({ name: `n${i}`, link: `/l${i}`, choice }),
    );
    expect(faults.findIndex((fault) => fault !== undefined)).toBe(10_000);
  });
});

describeWith(
  'alternatives of any calls, and those of the real update-alternatives',
  { tools: ['update-alternatives'] },
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pith-alternatives-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const FILES = ['/lib/c', '/lib/a', '/lib/b', '/lib/none'];
    const name = fc.constantFrom('x', 'y');
    const path = fc.constantFrom(...FILES);
    const slave = fc
      .tuple(fc.constantFrom('s', 't'), fc.constantFrom('', '2'), path)
      .map(([own, more, file]) => ({ own, text: `--slave /bin/${own}${more} ${own} ${file}` }));
    const action = fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .tuple(
            name,
            fc.constantFrom('', '', '2'),
            path,
            fc.integer({ min: -2, max: 3 }),
            fc.uniqueArray(slave, { selector: ({ own }) => own, maxLength: 2 }),
          )
          .map(([own, more, file, priority, slaves]) =>
            [
              `--install /bin/${own}${more} ${own} ${file} ${priority}`,
              ...slaves.map(({ text }) => text),
            ].join(' '),
          ),
      },
      { weight: 1, arbitrary: fc.tuple(name, path).map(([own, file]) => `--set ${own} ${file}`) },
      { weight: 1, arbitrary: fc.tuple(name, path).map(([own, file]) => `--remove ${own} ${file}`) },
      { weight: 1, arbitrary: name.map((own) => `--auto ${own}`) },
    );

    it('are the same links', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(action, { minLength: 1, maxLength: 7 }),
          fc.boolean(),
          async (actions, isTaken) => {
            // It moves a link to its new place over whatever file is there, which no package needs.
            fc.pre(!isTaken || !actions.some((words) => words.includes('/bin/y2')));
            const root = mkdtempSync(join(folder, 'root-'));
            for (const one of ['etc/alternatives', 'var/lib/dpkg/alternatives', 'bin', 'lib'])
              mkdirSync(join(root, one), { recursive: true });
            const files = [...FILES.slice(0, 3), ...(isTaken ? ['/bin/y'] : [])];
            for (const file of files) writeFileSync(join(root, file), '');
            for (const words of actions)
              spawnSync('update-alternatives', ['--root', root, '--log', '/dev/null', ...words.split(' ')], {
                env: { PATH: '/usr/bin:/bin' },
              });
            const real = ['bin', 'etc/alternatives'].flatMap((one) =>
              readdirSync(join(root, one))
                .filter((file) => lstatSync(join(root, one, file)).isSymbolicLink())
                .map((file) => `l ${one}/${file} -> ${readlinkSync(join(root, one, file))}`),
            );
            const script = actions.map((words) => `update-alternatives ${words}`).join('\n');
            const tree = Object.fromEntries([
              ...files.map((file) => [file.slice(1), 'file']),
              ['etc/alternatives', 'folder'],
              ['bin', 'folder'],
              [dirname('lib/x'), 'folder'],
            ]) as Record<string, string>;
            const { made } = await followScript(script, tree);
            expect(made).toEqual(real.sort());
            rmSync(root, { recursive: true });
          },
        ),
        { numRuns: 100 },
      );
    });
  },
);

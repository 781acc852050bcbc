import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../../testing/commands.ts';
import { describeWith } from '../../testing/tools.ts';
import { packagesIn } from './fixtures.ts';
import { nodejsReader } from './nodejs.ts';

const PLAIN = { name: 'plain', version: '1.0.0' };

function find(path: string, manifest: unknown): ReturnType<typeof packagesIn> {
  return packagesIn(nodejsReader, path, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
}

describe('packages of npm', () => {
  it.each<[string, boolean]>([
    ['app/node_modules/plain/package.json', true],
    ['node_modules/plain/package.json', true],
    ['app/node_modules/@scope/plain/package.json', true],
    ['app/node_modules/a/node_modules/b/package.json', true],
    ['app/node_modules/.pnpm/b@1.0.0/node_modules/b/package.json', true],
    ['usr/local/lib/node_modules/npm/package.json', true],
    ['usr/share/nodejs/semver/package.json', true],
    ['usr/share/nodejs/@npmcli/arborist/package.json', true],
    ['app/package.json', false],
    ['app/node_modules/a/dist/package.json', false],
    ['app/node_modules/a/dist/esm/package.json', false],
    ['app/node_modules/@scope/package.json', false],
    ['app/node_modules/package.json', false],
    ['app/node_modules/.cache/package.json', false],
    ['app/node_modules/a/package-lock.json', false],
  ])('%s: %s', async (path, isPackage) => {
    expect(await find(path, PLAIN)).toHaveLength(isPackage ? 1 : 0);
  });

  it.each([
    [{ license: 'MIT' }, ['MIT']],
    [{ license: '(MIT OR Apache-2.0)' }, ['(MIT OR Apache-2.0)']],
    [{ license: { type: 'ISC', url: 'https://example.com' } }, ['ISC']],
    [{ licenses: [{ type: 'MIT' }, { type: 'BSD' }, 'ISC'] }, ['MIT', 'BSD', 'ISC']],
    [{ licenses: { type: 'MIT' } }, ['MIT']],
    [{ license: 'MIT', licenses: [{ type: 'MIT' }] }, ['MIT']],
    [{ license: 7, licenses: [null, [], {}, ''] }, []],
    [{}, []],
  ])('with %j are under %j', async (more, licences) => {
    expect(await find('node_modules/plain/package.json', { ...PLAIN, ...more })).toEqual([
      { type: 'npm', ...PLAIN, licences, purl: 'pkg:npm/plain@1.0.0' },
    ]);
  });

  it('may have another name than their folder', async () => {
    expect(
      await find('node_modules/alias/package.json', {
        ...PLAIN,
        name: '@scope/real',
        description: 'What it is\nand more',
      }),
    ).toMatchObject([{ name: '@scope/real', purl: 'pkg:npm/%40scope/real@1.0.0', summary: 'What it is' }]);
  });

  it.each([
    ['no name', { version: '1.0.0' }],
    ['no version', { name: 'plain' }],
    ['a name that is a path', { ...PLAIN, name: '../../x' }],
    ['a name of a wrong type', { ...PLAIN, name: ['plain'] }],
    ['a version that is too long', { ...PLAIN, version: '1'.repeat(1000) }],
    ['a list', [PLAIN]],
    ['nothing', ''],
    ['no JSON', '{"name": "plain",'],
    ['null', 'null'],
  ])('are not found in %s', async (_what, manifest) => {
    expect(await find('node_modules/plain/package.json', manifest)).toEqual([]);
  });
});

describeWith("this project's packages", { tools: ['npm'] }, () => {
  it('are those that npm ls lists', async () => {
    const root = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));
    // npm ls fails where a package is extraneous, but lists all the same.
    const { stdout } = await run('npm', ['ls', '--all', '--parseable', '--long'], { cwd: root });
    const listed = stdout
      .split('\n')
      .map((line) => line.split(':', 2))
      .filter(([path = '']) => path.startsWith(join(root, 'node_modules')))
      .map(([path = '', name = '']) => `${path.slice(root.length + 1)} ${name}`);
    const ours: string[] = [];
    for (const file of readdirSync(join(root, 'node_modules'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('package.json')) continue;
      const path = `node_modules/${file}`;
      for (const { name, version } of await find(path, readFileSync(join(root, path), 'utf8')))
        ours.push(`${path.slice(0, -'/package.json'.length)} ${name}@${version}`);
    }
    expect(ours.sort()).toEqual([...new Set(listed)].sort());
    expect(ours.length).toBeGreaterThan(100);
  });
});

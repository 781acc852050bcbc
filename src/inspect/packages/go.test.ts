import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed, temporaryFolder } from '../../testing/commands.ts';
import { describeWith } from '../../testing/tools.ts';
import { packagesIn } from './fixtures.ts';
import { goReader } from './go.ts';
import type { FoundPackage } from './model.ts';

/** A program with a vendored module, one replaced by another version, and one replaced by a folder. */
const SOURCES = {
  'app/go.mod': `module example.com/acme/app
go 1.18
require (
	example.com/plain v1.2.3
	example.com/forked v1.0.0
	example.com/local v0.0.0
)
replace example.com/forked => example.com/Fork v1.0.1
replace example.com/local => ../local
`,
  'app/main.go':
    'package main\nimport (\n"example.com/plain"\n"example.com/forked"\n"example.com/local"\n)\nfunc main() { println(plain.X, forked.X, local.X) }\n',
  'app/vendor/modules.txt': `# example.com/plain v1.2.3
## explicit; go 1.18
example.com/plain
# example.com/forked v1.0.0 => example.com/Fork v1.0.1
## explicit; go 1.18
example.com/forked
# example.com/local v0.0.0 => ../local
## explicit; go 1.18
example.com/local
# example.com/forked => example.com/Fork v1.0.1
# example.com/local => ../local
`,
  'app/vendor/example.com/plain/plain.go': 'package plain\nconst X = 1\n',
  'app/vendor/example.com/forked/forked.go': 'package forked\nconst X = 2\n',
  'app/vendor/example.com/local/local.go': 'package local\nconst X = 3\n',
  'local/go.mod': 'module example.com/local\ngo 1.18\n',
} as const;

describeWith('a program of Go', { tools: ['go'] }, () => {
  const { folder, remove } = temporaryFolder();
  const program = join(folder, 'app/program');
  afterAll(remove);
  beforeAll(async () => {
    for (const [path, content] of Object.entries(SOURCES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    await build([]);
  });

  function build(args: readonly string[]): Promise<string> {
    const env = {
      GOFLAGS: '-mod=vendor',
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local',
      CGO_ENABLED: '0',
      GOWORK: 'off',
    };
    return succeed('go', ['build', '-buildvcs=false', ...args, '-o', program, '.'], {
      cwd: join(folder, 'app'),
      env,
    });
  }

  const find = (): Promise<readonly FoundPackage[]> =>
    packagesIn(goReader, 'app/program', readFileSync(program));

  it('holds the modules that go version -m lists', async () => {
    const lines = (await succeed('go', ['version', '-m', program])).split('\n');
    const [, compiler = ''] = /: go(\S+)/.exec(lines[0] ?? '') ?? [];
    const listed = new Set<string>();
    let last = '';
    for (const [, kind, path = '', version = ''] of lines.map((line) => line.split('\t'))) {
      if (kind === 'mod' || kind === 'dep') listed.add((last = `${path} ${version || '(devel)'}`));
      if (kind !== '=>') continue;
      listed.delete(last);
      listed.add(path.startsWith('.') ? `${last.split(' ')[0] ?? ''} (devel)` : `${path} ${version}`);
    }
    const found = await find();
    expect(found.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
      [...listed, `stdlib ${compiler}`].sort(),
    );
    expect(found.map(({ purl }) => purl)).toEqual(
      expect.arrayContaining([
        'pkg:golang/example.com/acme/app',
        'pkg:golang/example.com/plain@v1.2.3',
        'pkg:golang/example.com/fork@v1.0.1',
        'pkg:golang/example.com/local',
        `pkg:golang/stdlib@${compiler}`,
      ]),
    );
  });

  it('holds them when it is stripped', async () => {
    const whole = await find();
    await build(['-ldflags=-s -w', '-trimpath']);
    expect(await find()).toEqual(whole);
  });
});

describeWith('a program that Go did not build', { tools: ['ls'] }, () => {
  it('has no modules', async () => {
    expect(await packagesIn(goReader, 'bin/ls', readFileSync('/bin/ls'))).toEqual([]);
    expect(await packagesIn(goReader, 'a', 'Go\0\0')).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { PithError } from '../core/index.ts';
import { makeElf } from '../testing/elf.ts';
import { makeProject, type Content } from './fixtures.ts';
import type { Application, AppRequest } from './model.ts';
import { detectNode } from './nodejs.ts';

const MACH_O = Buffer.from(`cffaedfe${'00'.repeat(100)}`, 'hex');
const EXPRESS = {
  'node_modules/express/package.json': '{"name":"express"}',
  'node_modules/express/index.js': '',
};

type Files = Readonly<Record<string, Content>>;

async function detect(files: Files, request: AppRequest = {}): Promise<Application> {
  const found = await detectNode(makeProject(files), request);
  if (!found) throw new Error('nothing was detected');
  return found;
}

/** Paths of the image by layers. */
async function layersOf(files: Files, request: AppRequest = {}): Promise<Record<string, string[]>> {
  const { layers } = await detect(files, request);
  return Object.fromEntries(layers.map(({ name, files: placed }) => [name, [...placed.keys()]]));
}

async function failure(files: Files, request: AppRequest = {}): Promise<PithError> {
  const error: unknown = await detectNode(makeProject(files), request).catch((reason: unknown) => reason);
  if (error instanceof PithError) return error;
  throw new Error(`no failure, but ${JSON.stringify(error)}`);
}

const manifest = (fields: object): string => JSON.stringify({ name: 'shop', ...fields });

describe('what starts', () => {
  const start = (text: string): object => ({ scripts: { start: text } });
  it.each<[string, object, Files, string[], Record<string, string>]>([
    ['the start script', start('node server.js'), { 'server.js': '' }, ['server.js'], {}],
    [
      'its arguments',
      start('node --enable-source-maps ./a.js --x "b c"'),
      { 'a.js': '' },
      ['--enable-source-maps', 'a.js', '--x', 'b c'],
      {},
    ],
    [
      'options with a value',
      start('node -r ./b.js a.js'),
      { 'a.js': '', 'b.js': '' },
      ['-r', './b.js', 'a.js'],
      {},
    ],
    ['variables before it', start('A=1 B="2 3" node a.js'), { 'a.js': '' }, ['a.js'], { A: '1', B: '2 3' }],
    ['variables of cross-env', start('cross-env A=1 node a.js'), { 'a.js': '' }, ['a.js'], { A: '1' }],
    ['a default of a variable', start('node a.js ${PORT:-80}'), { 'a.js': '' }, ['a.js', '80'], {}],
    ['a file without its ending', start('node dist/main'), { 'dist/main.js': '' }, ['dist/main'], {}],
    ['a folder', start('node .'), { 'index.js': '' }, ['index.js'], {}],
    [
      'a script that starts another',
      { scripts: { start: 'npm run serve -- --x', serve: 'node a.js' } },
      { 'a.js': '' },
      ['a.js', '--x'],
      {},
    ],
    [
      'start:prod before start',
      { scripts: { start: 'nest start', 'start:prod': 'node a.js' } },
      { 'a.js': '' },
      ['a.js'],
      {},
    ],
    [
      'a program of a package',
      start('next start -p 80'),
      {
        'node_modules/.bin/next': { link: '../next/bin/next' },
        'node_modules/next/bin/next': '#!/usr/bin/env node\n',
      },
      ['node_modules/next/bin/next', 'start', '-p', '80'],
      {},
    ],
    [
      'a program that pnpm wraps',
      start('serve'),
      { 'node_modules/serve/package.json': '{"name":"serve","bin":"./m.js"}', 'node_modules/serve/m.js': '' },
      ['node_modules/serve/m.js'],
      {},
    ],
    ['main', { main: './lib/a.js' }, { 'lib/a.js': '' }, ['lib/a.js'], {}],
    [
      'exports',
      { exports: { '.': { types: './a.d.ts', import: './a.mjs' } } },
      { 'a.mjs': '' },
      ['a.mjs'],
      {},
    ],
    ['bin', { bin: { shop: 'cli.js', other: 'b.js' } }, { 'cli.js': '', 'b.js': '' }, ['cli.js'], {}],
    ['a usual name', {}, { 'server.mjs': '' }, ['server.mjs'], {}],
  ])('is %s', async (_what, fields, files, words, env) => {
    const { config } = await detect({ 'package.json': manifest(fields), ...files });
    expect(config.entrypoint).toEqual(['/nodejs/bin/node', ...words]);
    expect(config).toMatchObject({ workdir: '/app', env: { NODE_ENV: 'production', ...env } });
  });

  it.each<[string, RegExp]>([
    ['node a.js | pino', /needs a shell for a pipe/],
    ['node a.js || true', /a choice/],
    ['node a.js > log', /a redirection/],
    ['node a.js &', /background/],
    ['cd dist; node a.js', /several commands/],
    ['node $FILE', /the variable `\$FILE`/],
    ['node $(cat main)', /\$\(cat main\)/],
    ['prisma migrate deploy && node a.js', /runs `prisma migrate deploy` first/],
    ['if true; then node a.js; fi', /`if`/],
  ])('is not `%s`, since there is no shell', async (script, message) => {
    const error = await failure({ 'package.json': manifest({ scripts: { start: script } }), 'a.js': '' });
    expect(error).toMatchObject({
      code: 'APP_INVALID',
      hint: expect.stringMatching(/no shell.*--main FILE/) as string,
    });
    expect(error.message).toMatch(message);
  });

  it('leaves out what is for development, and says so', async () => {
    const scripts = { start: 'tsc && node --watch --env-file=.env --inspect a.js' };
    const { config, notes } = await detect({ 'package.json': manifest({ scripts }), 'a.js': '' });
    expect(config.entrypoint).toEqual(['/nodejs/bin/node', 'a.js']);
    expect(notes.join('\n')).toMatch(/`tsc`.*\n`--watch`.*\n`--env-file=.env`.*\n`--inspect`/);
  });

  it('falls back to main where the script needs a shell', async () => {
    const { config, notes } = await detect({
      'package.json': manifest({ main: 'a.js', scripts: { start: 'node b.js | x' } }),
      'a.js': '',
    });
    expect(config.entrypoint).toEqual(['/nodejs/bin/node', 'a.js']);
    expect(notes[0]).toMatch(/needs a shell for a pipe.*it is not used/);
  });

  it('is what the user says, before all else', async () => {
    const files = {
      'package.json': manifest({ scripts: { start: 'node a.js' } }),
      'a.js': '',
      'src/b.js': '',
    };
    expect((await detect(files, { main: 'src/b.js' })).config.entrypoint).toEqual([
      '/nodejs/bin/node',
      'src/b.js',
    ]);
    expect(await failure(files, { main: 'src/bb.js' })).toMatchObject({
      message: 'src/bb.js is not there',
      hint: 'Did you mean src/b.js?',
    });
    expect(await failure(files, { main: '../x.js' })).toMatchObject({ code: 'APP_INVALID' });
  });

  it('has to be said where nothing tells', async () => {
    for (const files of [
      { 'package.json': manifest({ dependencies: { express: '4' } }) },
      { 'package.json': '{}' },
    ])
      expect(await failure(files, { kind: 'nodejs' })).toMatchObject({
        message: 'package.json says nothing of what runs',
        hint: expect.stringContaining('--main FILE') as string,
      });
    expect(await detectNode(makeProject({ 'package.json': '{}' }), {})).toBeUndefined();
  });

  it('has to be built first', async () => {
    const error = await failure({
      'package.json': manifest({ main: 'dist/a.js', scripts: { build: 'tsc' } }),
      'src/a.ts': '',
    });
    expect(error.message).toMatch(/"main" is dist\/a.js, which is not there/);
    expect(error.hint).toMatch(/npm run build/);
  });

  it('may be TypeScript from Node.js 22 on, but no JSX', async () => {
    const { needs, notes } = await detect({ 'package.json': manifest({ main: 'a.ts' }), 'a.ts': '' });
    expect(['20', '22', '24'].map((version) => needs.runtime?.accepts(version))).toEqual([false, true, true]);
    expect(notes[0]).toMatch(/strips its types/);
    expect(await failure({ 'a.tsx': '' }, { kind: 'nodejs', main: 'a.tsx' })).toMatchObject({
      code: 'APP_INVALID',
    });
  });
});

describe('dependencies', () => {
  const app = {
    'package.json': manifest({ main: 'a.js', dependencies: { express: '4' } }),
    'a.js': 'require("express")',
  };

  it.each<[string, Files, string]>([
    ['npm', { 'package-lock.json': '{"packages":{}}' }, 'npm ci --omit=dev'],
    ['pnpm', { 'pnpm-lock.yaml': 'lockfileVersion: 9' }, 'pnpm install --prod --frozen-lockfile'],
    ['yarn', { 'yarn.lock': '# yarn lockfile v1\n' }, 'yarn install --production --frozen-lockfile'],
    ['yarn (berry)', { 'yarn.lock': '__metadata:\n  version: 8\n' }, 'yarn workspaces focus --production'],
  ])('of %s have to be installed', async (name, lockfile, command) => {
    const error = await failure({ ...app, ...lockfile });
    expect(error).toMatchObject({
      code: 'APP_INVALID',
      message: 'a.js imports express, which is not in node_modules',
    });
    expect(error.hint).toContain(`\`${command}\``);
    expect((await detect({ ...app, ...lockfile, ...EXPRESS })).title).toBe(`Node.js application (${name})`);
  });

  it('are not needed by a bundle', async () => {
    const { evidence, layers } = await detect({
      ...app,
      'a.js': 'import "./b.js"',
      'b.js': 'import fs from "node:fs"',
    });
    expect(evidence.join()).toMatch(/a bundle/);
    expect(layers.map(({ name }) => name)).toEqual(['application']);
  });

  it('of modules that the main file imports count, too', async () => {
    const error = await failure({
      ...app,
      'a.js': 'require("./lib")',
      'lib/index.js': 'require("express/lib/x")',
    });
    expect(error.message).toBe('lib/index.js imports express, which is not in node_modules');
  });

  it('that the lockfile of npm has are all there', async () => {
    const packages = {
      'node_modules/express': {},
      'node_modules/debug': {},
      'node_modules/vitest': { dev: true },
      'node_modules/fsevents': { optional: true },
    };
    const error = await failure({ ...app, ...EXPRESS, 'package-lock.json': JSON.stringify({ packages }) });
    expect(error.message).toBe('package-lock.json has packages that are not installed: node_modules/debug');
  });

  it('for development are told, with the command that leaves them out', async () => {
    const files = {
      ...app,
      ...EXPRESS,
      'package.json': manifest({
        main: 'a.js',
        dependencies: { express: '4' },
        devDependencies: { vitest: '4' },
      }),
      'node_modules/vitest/package.json': '{}',
    };
    expect((await detect(files)).notes.join()).toMatch(/development \(vitest\).*npm install --omit=dev/);
  });

  it('stay out where all are for development', async () => {
    const files = {
      'package.json': manifest({ main: 'a.js', devDependencies: { vitest: '4' } }),
      'a.js': '',
      'node_modules/vitest/package.json': '{}',
    };
    expect(await layersOf(files)).toEqual({ application: ['/app/a.js', '/app/package.json'] });
  });

  it('of pnpm are links that stay', async () => {
    const real = 'node_modules/.pnpm/express@4.0.0/node_modules/express';
    const files = {
      ...app,
      'node_modules/express': { link: '.pnpm/express@4.0.0/node_modules/express' },
      [`${real}/package.json`]: '{}',
      'node_modules/.modules.yaml': 'prunedAt: now',
      'node_modules/compiled/build/node_gyp_bins/python3': { link: '/usr/bin/python3' },
      'node_modules/compiled/build/Release/compiled.a': '',
      'node_modules/.pnpm/node_modules/shop': { link: '../../../../shop' },
    };
    expect((await layersOf(files))['dependencies']).toEqual([
      `/app/${real}/package.json`,
      '/app/node_modules/express',
    ]);
    expect((await detect(files)).evidence.join()).toMatch(/their links stay/);
  });

  it('that are links out of the folder are refused', async () => {
    const files = { ...app, ...EXPRESS, 'node_modules/common': { link: '../../common' } };
    expect(await failure(files)).toMatchObject({
      code: 'APP_INVALID',
      message: 'node_modules/common is a link out of the folder (to ../../common)',
      hint: expect.stringContaining('pnpm --filter NAME deploy') as string,
    });
  });

  it("of Yarn's Plug'n'Play are zip files in the project", async () => {
    const files = { ...app, '.pnp.cjs': '', '.pnp.loader.mjs': '' };
    expect((await failure(files)).hint).toMatch(/enableGlobalCache false/);
    const { config } = await detect({
      ...files,
      '.yarn/cache/express.zip?': 'PK',
      '.yarn/install-state.gz': '',
    });
    expect(config.entrypoint).toEqual([
      '/nodejs/bin/node',
      '-r',
      './.pnp.cjs',
      '--experimental-loader',
      './.pnp.loader.mjs',
      'a.js',
    ]);
    expect(
      (await layersOf({ ...files, '.yarn/cache/express.zip?': 'PK', '.yarn/install-state.gz': '' }))[
        'dependencies'
      ],
    ).toEqual(['/app/.pnp.cjs', '/app/.pnp.loader.mjs', '/app/.yarn/cache/express.zip']);
  });

  it('in a workspace belong to its packages', async () => {
    const files = {
      'package.json': manifest({ workspaces: ['apps/*'], private: true }),
      'apps/api/package.json':
        '{"name":"api","version":"2.0.0","scripts":{"start":"node a.js"},"dependencies":{"express":"4"}}',
      'apps/api/a.js': 'require("express")',
    };
    expect(await failure(files)).toMatchObject({
      message: expect.stringMatching(/root of a workspace.*: apps\/api$/) as string,
      hint: expect.stringContaining('--main apps/api/FILE') as string,
    });
    expect(await failure(files, { main: 'apps/api/a.js' })).toMatchObject({
      message: 'apps/api/a.js imports express, which is not in node_modules',
    });
    const { config } = await detect({ ...files, ...EXPRESS }, { main: 'apps/api/a.js' });
    expect(config).toMatchObject({
      entrypoint: ['/nodejs/bin/node', 'apps/api/a.js'],
      labels: { 'org.opencontainers.image.version': '2.0.0' },
    });
    const pnpm = await failure({
      ...files,
      'package.json': '{}',
      'pnpm-workspace.yaml': 'packages: [apps/*]',
    });
    expect(pnpm.hint).toContain('pnpm --filter ./apps/api deploy --prod out');
  });
});

describe('layers', () => {
  it('hold dependencies, resources and the application, and nobody’s business stays out', async () => {
    const layers = await layersOf({
      ...EXPRESS,
      'package.json': manifest({ main: 'dist/a.js', dependencies: { express: '4' } }),
      'package-lock.json': '{}',
      'dist/a.js?': '',
      'public/logo.svg': '',
      'public/app.js': '',
      'views/home.ejs': '',
      'views/home.js': '',
      '.env': 'SECRET=1',
      '.env.production': 'SECRET=1',
      '.npmrc': '',
      '.git/config': '',
      '.gitignore': '',
      'notes.txt?': '',
      'node_modules/.cache/x?': '',
      'node_modules/express/.env': '',
    });
    expect(layers).toEqual({
      dependencies: [
        '/app/node_modules/express/.env',
        '/app/node_modules/express/index.js',
        '/app/node_modules/express/package.json',
        '/app/package-lock.json',
      ],
      resources: ['/app/public/app.js', '/app/public/logo.svg', '/app/views/home.ejs'],
      application: ['/app/dist/a.js', '/app/package.json', '/app/views/home.js'],
    });
  });

  it('tell what was left out that could matter', async () => {
    const { notes } = await detect({
      'server.js': '',
      'package.json': '{}',
      '.env': '',
      'gen/a.js?': '',
      'gen/b.js?': '',
    });
    expect(notes.join('\n')).toMatch(/\.env is left out.*\nleft out because git ignores it: gen\/$/);
  });

  it('put large dependencies apart', async () => {
    const large = { 'node_modules/big/package.json': '{}', 'node_modules/big/data': Buffer.alloc(21 << 20) };
    const layers = await layersOf({ ...EXPRESS, ...large, 'package.json': '{}', 'server.js': '' });
    expect(Object.keys(layers)).toEqual(['large-dependencies', 'dependencies', 'application']);
    expect(layers['large-dependencies']).toHaveLength(2);
  });
});

describe('native parts', () => {
  const app = { 'package.json': '{}', 'server.js': '' };
  const sharp = (platform: string, fields: object, content: Content): Files => ({
    [`node_modules/@img/sharp-${platform}/package.json`]: JSON.stringify(fields),
    [`node_modules/@img/sharp-${platform}/lib/sharp.node`]: content,
  });
  const linux = sharp('linux-x64', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }, makeElf());
  const musl = sharp('linuxmusl-x64', { os: ['linux'], libc: ['musl'] }, makeElf());
  const mac = sharp('darwin-arm64', { os: ['darwin'] }, MACH_O);

  it('are what the image has to serve', async () => {
    const files = {
      ...app,
      ...linux,
      'node_modules/a/bin/tool': { program: makeElf() },
      'node_modules/a/bin/script': { program: '#!/usr/bin/env node\n'.padEnd(90) },
      'node_modules/a/libz.so.1': makeElf(),
    };
    expect((await detect(files)).needs.binaries).toEqual([
      'node_modules/@img/sharp-linux-x64/lib/sharp.node',
      'node_modules/a/bin/tool',
      'node_modules/a/libz.so.1',
    ]);
  });

  it('for other systems stay out with their packages, and links to them', async () => {
    const files = {
      ...app,
      ...linux,
      ...musl,
      ...mac,
      'node_modules/.bin/mac': { link: '../@img/sharp-darwin-arm64/x.js' },
      'node_modules/link': { link: '@img/sharp-darwin-arm64' },
    };
    expect((await layersOf(files))['dependencies']).toEqual([
      '/app/node_modules/@img/sharp-linux-x64/lib/sharp.node',
      '/app/node_modules/@img/sharp-linux-x64/package.json',
    ]);
    expect((await detect(files)).notes.join()).toMatch(
      /not for Linux with glibc: @img\/sharp-darwin-arm64, @img\/sharp-linuxmusl-x64/,
    );
  });

  it.each<[string, Content, boolean]>([
    ['prebuilds/darwin-x64/a.node', MACH_O, false],
    ['prebuilds/win32-x64/a.node', Buffer.from('MZ'.padEnd(99)), false],
    ['prebuilds/linux-x64/a.musl.node', makeElf(), false],
    ['prebuilds/android-arm64/a.node', makeElf(), false],
    ['lib/binding/napi-v3-linux-musl-x64/a.node', makeElf(), false],
    ['prebuilds/linux-arm64/a.glibc.node', makeElf({ machine: 183 }), true],
    ['prebuilds/darwin-x64/readme.md', 'x', true],
    ['build/Release/darwinian.node', makeElf(), true],
  ])('in %s are packed or not', async (path, content, isPacked) => {
    const files = {
      ...app,
      'node_modules/a/package.json': '{}',
      'node_modules/a/prebuilds/linux-x64/a.node': makeElf(),
      [`node_modules/a/${path}`]: content,
    };
    expect((await layersOf(files))['dependencies']?.includes(`/app/node_modules/a/${path}`)).toBe(isPacked);
  });

  it('that are only for another system are refused, by file', async () => {
    expect(await failure({ ...app, ...mac })).toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringMatching(
        /^node_modules\/@img\/sharp-darwin-arm64 is for another system/,
      ) as string,
      hint: expect.stringContaining('--os=linux') as string,
    });
    const built = { 'node_modules/b/package.json': '{}', 'node_modules/b/build/Release/b.node': MACH_O };
    expect(await failure({ ...app, ...built })).toMatchObject({
      message: expect.stringMatching(
        /^node_modules\/b\/build\/Release\/b.node is for another system/,
      ) as string,
    });
    const fsevents = {
      'node_modules/fsevents/package.json': '{"os":["darwin"]}',
      'node_modules/fsevents/fsevents.node': MACH_O,
    };
    expect((await detect({ ...app, ...fsevents })).notes.join()).toMatch(/fsevents/);
  });
});

describe('outputs of builds', () => {
  const nitro = {
    '.output/server/index.mjs?': '',
    '.output/server/node_modules/a/package.json?': '{}',
    '.output/public/a.css?': '',
    '.output/nitro.json?': '{"preset":"node-server","framework":{"name":"nuxt"}}',
  };

  it('of Nitro are packed alone', async () => {
    const files = {
      ...nitro,
      ...EXPRESS,
      'package.json': manifest({ version: '1.0.0', scripts: { start: 'nuxt start' } }),
      'app.vue': '',
    };
    expect(await detect(files)).toMatchObject({
      title: 'Node.js application (nuxt, Nitro)',
      config: {
        entrypoint: ['/nodejs/bin/node', '.output/server/index.mjs'],
        ports: ['3000/tcp'],
        labels: { 'org.opencontainers.image.version': '1.0.0' },
      },
    });
    expect(await layersOf(files)).toEqual({
      dependencies: ['/app/.output/server/node_modules/a/package.json'],
      resources: ['/app/.output/public/a.css'],
      application: ['/app/.output/nitro.json', '/app/.output/server/index.mjs'],
    });
  });

  it('of Nitro for another host are refused', async () => {
    const error = await failure({ ...nitro, '.output/nitro.json?': '{"preset":"vercel"}' });
    expect(error).toMatchObject({
      code: 'APP_INVALID',
      hint: expect.stringContaining('NITRO_PRESET=node_server') as string,
    });
  });

  it.each(['', 'apps/web/'])('of Next.js standalone get their pages and pictures (%j)', async (inner) => {
    const files = {
      'package.json': manifest({ dependencies: { next: '16' } }),
      [`.next/standalone/${inner}server.js?`]: '',
      [`.next/standalone/${inner}.next/BUILD_ID?`]: 'x',
      [`.next/standalone/${inner}.env?`]: 'SECRET=1',
      '.next/standalone/node_modules/next/package.json?': '{}',
      '.next/static/a.js?': '',
      '.next/cache/x?': '',
      'public/logo.svg': '',
      'src/page.tsx': '',
    };
    expect(await layersOf(files)).toEqual({
      dependencies: ['/app/node_modules/next/package.json'],
      resources: [`/app/${inner}.next/static/a.js`, `/app/${inner}public/logo.svg`],
      application: [`/app/${inner}.next/BUILD_ID`, `/app/${inner}server.js`],
    });
    expect((await detect(files)).config).toMatchObject({
      entrypoint: ['/nodejs/bin/node', `${inner}server.js`],
      env: { HOSTNAME: '0.0.0.0', PORT: '3000' },
      writable: [`/app/${inner}.next/cache`],
    });
  });
});

describe('the version of Node.js', () => {
  it.each<[Files, string, string[]]>([
    [{}, 'any', ['22', '24', '26']],
    [
      { 'package.json': manifest({ engines: { node: '>=20' } }) },
      '>=20 (engines of package.json)',
      ['22', '24', '26'],
    ],
    [
      { 'package.json': manifest({ engines: { node: '^22.18 || 24.1.0' } }) },
      '^22.18 || 24.1.0 (engines of package.json)',
      ['22', '24'],
    ],
    [
      { 'package.json': manifest({ devEngines: { runtime: [{ name: 'node', version: '<24' }] } }) },
      '<24 (devEngines of package.json)',
      ['22'],
    ],
    [
      { 'package.json': manifest({ volta: { node: '24.1.0' } }) },
      '24 (24.1.0 in volta of package.json)',
      ['24'],
    ],
    [{ '.nvmrc': 'v22.1.0\n' }, '22 (v22.1.0 in .nvmrc)', ['22']],
    [{ '.nvmrc': 'lts/krypton' }, 'lts/krypton (.nvmrc)', ['24']],
    [{ '.nvmrc': 'lts/*' }, 'lts/* (.nvmrc)', ['22', '24', '26']],
    [{ '.node-version': '26' }, '26 (.node-version)', ['26']],
    [{ 'package.json': manifest({ engines: { node: '18.x' } }) }, '18.x (engines of package.json)', []],
  ])('of %j is %s', async (files, wanted, accepted) => {
    const { needs } = await detect({ 'package.json': '{}', 'server.js': '', ...files });
    expect(needs.runtime).toMatchObject({ name: 'nodejs', wanted });
    expect(['22', '24', '26'].filter((version) => needs.runtime?.accepts(version))).toEqual(accepted);
  });

  it.each<[Files]>([
    [{ '.nvmrc': 'banana' }],
    [{ 'package.json': manifest({ engines: { node: 'x'.repeat(9999) } }) }],
  ])('of %j is a fault', async (files) => {
    expect(await failure({ 'package.json': '{}', 'server.js': '', ...files })).toMatchObject({
      code: 'APP_INVALID',
    });
  });
});

describe('native modules', () => {
  const compiled = (...symbols: string[]): Content =>
    Buffer.concat([makeElf(), Buffer.from(`\0${symbols.join('\0')}\0`)]);
  it.each<[string, Files, string[]]>([
    ['of one version', { 'a.node': compiled('node_register_module_v127') }, ['22']],
    [
      'of several',
      { 'a.node': compiled('node_register_module_v127'), 'b.node': compiled('node_register_module_v137') },
      ['22', '24'],
    ],
    ['of an old version', { 'a.node': compiled('node_register_module_v115') }, []],
    ['of Node-API', { 'a.node': compiled('napi_register_module_v1') }, ['22', '24', '26']],
  ])('%s decide the version', async (_what, modules, accepted) => {
    const inPackage = Object.entries(modules).map(([path, content]) => [`node_modules/a/${path}`, content]);
    const { needs } = await detect({
      'package.json': '{}',
      'server.js': '',
      ...(Object.fromEntries(inPackage) as Files),
    });
    expect(['22', '24', '26'].filter((version) => needs.runtime?.accepts(version))).toEqual(accepted);
  });
});

describe('a program without a package.json', () => {
  it('is one file', async () => {
    const project = { ...makeProject({ 'job.mjs': 'server.listen(8080)' }), single: 'job.mjs' };
    expect(await detectNode(project, {})).toMatchObject({
      title: 'Node.js program (one file)',
      config: { entrypoint: ['/nodejs/bin/node', 'job.mjs'], ports: ['8080/tcp'] },
    });
    expect(await detectNode({ ...makeProject({ job: 'x' }), single: 'job' }, {})).toBeUndefined();
  });

  it('is a bundle in its folder', async () => {
    expect((await detect({ 'dist/index.js': '' })).config.entrypoint).toEqual([
      '/nodejs/bin/node',
      'dist/index.js',
    ]);
  });
});

describe('nothing of Node.js', () => {
  it.each<[string, Files, AppRequest]>([
    ['an empty folder', {}, {}],
    ['pages with a script', { 'index.html': '', 'app.js': '' }, {}],
    ['a Python project with a package.json', { 'package.json': '{}', 'pyproject.toml': '' }, {}],
    ['another kind is asked for', { 'package.json': '{}', 'server.js': '' }, { kind: 'python' }],
    ['a main file of another kind', { 'package.json': '{}', 'server.js': '', 'a.py': '' }, { main: 'a.py' }],
  ])('is %s', async (_what, files, request) => {
    expect(await detectNode(makeProject(files), request)).toBeUndefined();
  });
});

describe('hostile and broken files', () => {
  it.each<[string, Files, RegExp]>([
    ['package.json', { 'package.json': '{\n"name": "x",\n}' }, /^package.json, line 3, column 1: /],
    ['package.json that is a list', { 'package.json': '[]' }, /package.json holds no object/],
    ['package.json that is no text', { 'package.json': Buffer.from([0xff, 0xfe, 0]) }, /not UTF-8/],
    [
      'a lockfile of npm',
      { 'package.json': '{}', 'server.js': '', ...EXPRESS, 'package-lock.json': '{"a":' },
      /^package-lock.json, line 1, column 6: /,
    ],
    [
      'a lockfile with a conflict',
      { 'package.json': '{}', 'server.js': '', 'pnpm-lock.yaml': 'lockfileVersion: 9\n<<<<<<< HEAD\n' },
      /^pnpm-lock.yaml, line 2, column 1: a conflict/,
    ],
    [
      'a lockfile that is none',
      { 'package.json': '{}', 'server.js': '', 'yarn.lock': 'hello' },
      /yarn.lock is no such lockfile/,
    ],
    [
      'a workspace file',
      { 'package.json': '{}', 'pnpm-workspace.yaml': 'packages:\n  - "a' },
      /^pnpm-workspace.yaml, line 2, column 7: /,
    ],
    [
      'a circle of scripts',
      { 'package.json': manifest({ scripts: { start: 'npm run a', a: 'npm run start' } }) },
      /start each other/,
    ],
    [
      'a circle of links',
      { 'package.json': manifest({ main: 'a.js' }), 'a.js': { link: 'b.js' }, 'b.js': { link: 'a.js' } },
      /not there/,
    ],
  ])('are refused: %s', async (_what, files, message) => {
    const error = await failure(files);
    expect(error.code).toBe('APP_INVALID');
    expect(error.message).toMatch(message);
  });

  it.each(['__proto__', '../../etc/passwd', '/etc/passwd', 'a\0b', 'x'.repeat(100_000)])(
    'do no harm as names: %j',
    async (name) => {
      const fields = `{"name":${JSON.stringify(name)},"main":"a.js","bin":{"${name.slice(0, 9)}x":"a.js"},"dependencies":{${JSON.stringify(name)}:"1"},"scripts":{"__proto__":"node a.js"}}`;
      expect(
        await detect({ 'package.json': fields, 'a.js': `require(${JSON.stringify(name)})` }).catch(
          (error: unknown) => error,
        ),
      ).toBeDefined();
      expect(({} as Record<string, unknown>)['a.js']).toBeUndefined();
    },
  );
});

it('knows ports from the ways that are usual', async () => {
  const ports = async (text: string): Promise<readonly string[]> =>
    (await detect({ 'package.json': '{}', 'server.js': text })).config.ports;
  expect(await ports('app.listen(process.env.PORT || 3000)')).toEqual(['3000/tcp']);
  expect(await ports('const p=process.env["PORT"]??8e3;s.listen(p)')).toEqual(['8000/tcp']);
  expect(await ports('http.createServer(f).listen(8080, () => {})')).toEqual(['8080/tcp']);
  expect(await ports(' * app.listen(80)\n// PORT || 81\nx.listen(99999)')).toEqual([]);
});

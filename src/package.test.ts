import { execFileSync, spawnSync, type StdioOptions } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let files: string[];

/** Packs what is there (dist/ is current, the tests' set-up sees to it) and installs it as a user would. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-package-'));
  const quiet: StdioOptions = ['ignore', 'pipe', 'ignore'];
  const options = { cwd: ROOT, encoding: 'utf8' as const, stdio: quiet };
  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    options,
  );
  const [info] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  files = info.files.map(({ path }) => path);
  writeFileSync(join(folder, 'package.json'), '{"name": "user", "private": true, "type": "module"}');
  const install = ['install', '--offline', '--no-audit', '--no-fund', join(folder, info.filename)];
  execFileSync('npm', install, { ...options, cwd: folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the package as npm has it', () => {
  it('holds the bundles, the catalogue with its keys, the schema and the documentation', () => {
    for (const path of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/pith.js',
      'dist/index.js',
      'dist/worker.js',
      'dist/page.html',
      'dist/codec.wasm',
      'dist/zstd.wasm',
      'dist/types/index.d.ts',
      'dist/THIRD-PARTY-LICENSES.txt',
      'catalogue/static-debian13.yaml',
      'catalogue/keys/debian/keys.json',
      'schema/definition.schema.json',
      'docs/definitions.md',
    ])
      expect(files).toContain(path);
  });

  it('holds nothing else: no sources, no tests, no tools', () => {
    const allowed =
      /^(dist|catalogue|schema|docs|probe\/bin)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(files.filter((path) => !allowed.test(path))).toEqual([]);
    expect(files.filter((path) => /\.(ts|tgz|map)$/.test(path) && !path.endsWith('.d.ts'))).toEqual([]);
  });

  it('needs no other package and runs no script when it is installed', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest['dependencies']).toBeUndefined();
    expect(Object.keys(manifest['scripts'] as object).filter((name) => name.includes('install'))).toEqual([]);
  });
});

describe('the installed package', () => {
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PITH_CACHE_DIR: join(folder, 'cache') },
    });

  it('is the command line', () => {
    const pith = join(folder, 'node_modules', '.bin', 'pith');
    expect(run(pith, '--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run(pith, 'ls', '--json')).toContain('static-debian13');
  });

  it('is a library whose functions work', () => {
    const program =
      "const { openWorkspace } = await import('pith'); console.log((await openWorkspace().catalogue.image('cc-debian13')).levels.map((level) => level.name).join(' '))";
    expect(run('--input-type=module', '-e', program)).toBe('static-debian13 base-debian13 cc-debian13\n');
  });

  it('is a library whose types compile', () => {
    writeFileSync(
      join(folder, 'user.ts'),
      "import { build, openWorkspace, PithError, type BuildReport } from 'pith';\n" +
        "const report: BuildReport = await build({ targets: ['cc-debian13'], platforms: ['all'], outputs: ['oci:x'] }, openWorkspace({ env: {} }));\n" +
        'export const digest: string | undefined = report.images[0]?.digest;\nexport const isOurs = (error: unknown): boolean => error instanceof PithError;\n' +
        "import { Checker, type Finding, type ImageView } from 'pith';\n" +
        'export const faults = (view: ImageView): readonly Finding[] => new Checker({}, 0).check({ view, context: { now: 0 } }).findings;\n',
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = join(ROOT, 'node_modules', '@types');
    const flags = [
      '--noEmit',
      '--strict',
      '--target',
      'es2023',
      '--module',
      'nodenext',
      '--typeRoots',
      types,
      '--types',
      'node',
    ];
    expect(run(tsc, ...flags, 'user.ts')).toBe('');
  });

  /** Names of the bundle's files that a command loads. */
  function loadedBy(...args: string[]): string[] {
    const pith = join(folder, 'node_modules', 'pith', 'dist', 'pith.js');
    const env = { ...process.env, NODE_DEBUG: 'esm', PITH_CACHE_DIR: join(folder, 'cache') };
    const { stderr } = spawnSync(process.execPath, [pith, ...args], { cwd: folder, encoding: 'utf8', env });
    return [
      ...new Set([...stderr.matchAll(/Storing file:\S*\/dist\/(\S+\.js)/g)].map((match) => match[1] ?? '')),
    ];
  }

  it('loads no code that a command does not use', () => {
    const version = loadedBy('--version');
    expect(version).toContain('pith.js');
    expect(version.filter((name) => name.startsWith('chunk-build'))).toEqual([]);
    loadedBy('ls');
    const list = loadedBy('ls');
    expect(list.length).toBeGreaterThan(version.length);
    for (const name of [...version, ...list])
      expect(name).not.toMatch(/undici|openpgp|definition-file|zstd|spinner/);
  });
});

// Builds dist/: the command line, the library and the worker as bundles with what they need of node_modules, and the
// WebAssembly files beside them. `--types` adds the declarations of the library.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildWasm } from '../src/archive/wasm/build.mjs';
import { buildPage } from './build-page.mjs';
import { sourcesOf } from './current.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Bundled CommonJS packages expect these. */
const COMMONJS = `import { createRequire as __createRequire } from 'node:module';
import { dirname as __pathDirname } from 'node:path';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url), __dirname = __pathDirname(__fileURLToPath(import.meta.url));`;

export async function buildAll({ types = false } = {}) {
  const started = new Date();
  const out = mkdtempSync(join(root, '.dist-'));
  try {
    await buildInto(out, types);
    writeFileSync(join(out, '.stamp'), '');
    utimesSync(join(out, '.stamp'), started, started);
    chmodSync(out, 0o755);
    replaceFolder(out, join(root, 'dist'));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function buildInto(out, types) {
  const options = {
    absWorkingDir: root,
    outdir: out,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunk-[name]-[hash]',
    define: { PITH_VERSION: JSON.stringify(version), PITH_SOURCES: JSON.stringify(digestOfSources()) },
    // Half a megabyte that npm's HTTP library takes only if it is there, for what pith does not call.
    alias: { 'iconv-lite': join(root, 'scripts/nothing.mjs') },
    banner: { js: COMMONJS },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
  // The worker, what moves images and what looks into them are bundles of their own: they start faster with one small file.
  const [main, images, inspection, worker, page] = await Promise.all([
    build({
      ...options,
      entryPoints: { pith: 'src/cli/pith.ts', index: 'src/index.ts' },
      splitting: true,
      plugins: [{ name: 'beside', setup: besideOwnBundles }],
    }),
    build({ ...options, entryPoints: { images: 'src/cli/images.ts' } }),
    build({ ...options, entryPoints: { inspection: 'src/cli/inspection.ts' }, splitting: true }),
    build({ ...options, entryPoints: { worker: 'src/build/worker.ts' } }),
    buildPage(root, out),
    buildWasm(out),
  ]);
  copyFileSync(join(dirname(require.resolve('@bokuweb/zstd-wasm')), 'zstd.wasm'), join(out, 'zstd.wasm'));
  writeFileSync(
    join(out, 'THIRD-PARTY-LICENSES.txt'),
    licences(
      [main, images, inspection, worker, page].flatMap(({ metafile }) => Object.keys(metafile.inputs)),
    ),
  );
  chmodSync(join(out, 'pith.js'), 0o755);
  if (types) {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', 'tsconfig.types.json', '--outDir', join(out, 'types')];
    execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  }
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const path of sourcesOf(root)) {
    const bytes = readFileSync(path);
    hash.update(`${relative(root, path)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** Leaves src/cli/images.ts and inspection.ts to their own bundles. */
function besideOwnBundles({ onResolve }) {
  onResolve({ filter: /^\.\/(images|inspection)\.ts$/ }, ({ path }) => ({
    path: path.replace(/\.ts$/, '.js'),
    external: true,
  }));
}

/** Puts a finished folder in the place of another one; who reads meanwhile finds the old or the new. */
function replaceFolder(made, target) {
  const old = `${made}-old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(made, target);
  rmSync(old, { recursive: true, force: true });
}

/** The licences of the packages that are in the bundles; one may be there in several versions. */
function licences(inputs) {
  const folders = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []),
  );
  return [...new Set([...folders].map(licenceOf))].sort().join('\n');
}

function licenceOf(path) {
  const folder = join(root, path);
  const { name, version: its, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']
    .map((file) => readIfThere(join(folder, file)))
    .find(Boolean);
  return `${'='.repeat(78)}\n${name} ${its} (${license})\n${'='.repeat(78)}\n${text ?? ''}\n`;
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildAll({ types: process.argv.includes('--types') });

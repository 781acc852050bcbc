import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Image } from '../oci/index.ts';
import { Store } from '../store/index.ts';
import { type LayerFiles, makeImage, makeLayer } from '../testing/layered-image.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { describeWith } from '../testing/tools.ts';
import { rebaseImage } from './rebase.ts';

const SOURCE = 'int one(void) { return 1; }\nint two(void) { return 2; }\n';
const MAPS = {
  first: 'LIBX_1.0 { global: one; local: *; };',
  second: 'LIBX_1.0 { global: one; local: *; }; LIBX_2.0 { global: two; } LIBX_1.0;',
};
const PROGRAM = 'int one(void); int two(void); int main(void) { return one() + two() == 3 ? 0 : 1; }\n';
const PLATFORM = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

describeWith('a program of gcc and two versions of its library', { tools: ['gcc', 'ldd'] }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pith-rebase-real-'));
  const store = Store.open(join(folder, 'cache'));
  const at = (...parts: string[]): string => join(folder, ...parts);
  let machine: LayerFiles = {};

  beforeAll(() => {
    writeFileSync(at('x.c'), SOURCE);
    writeFileSync(at('app.c'), PROGRAM);
    for (const [name, map] of Object.entries(MAPS)) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}.map`), map);
      const script = `-Wl,--version-script=${at(`${name}.map`)}`;
      const output = at(name, 'libx.so.1');
      execFileSync('gcc', ['-shared', '-fPIC', '-Wl,-soname,libx.so.1', script, '-o', output, at('x.c')]);
    }
    execFileSync('gcc', ['-o', at('app'), at('app.c'), at('second', 'libx.so.1')]);
    const loaded = execFileSync('ldd', [at('app')], {
      encoding: 'utf8',
      env: { ...process.env, LD_LIBRARY_PATH: at('second') },
    });
    const paths = [...loaded.matchAll(/(\/\S*(?:libc\.so|ld-linux)\S*)/g)].map(([path]) => path);
    machine = Object.fromEntries(paths.map((path) => [path.slice(1), readFileSync(path)]));
    expect(paths).toHaveLength(2);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const baseWith = (library: keyof typeof MAPS, more: LayerFiles = {}): Image =>
    makeImage(
      [makeLayer({ ...machine, ...more, 'usr/lib/libx.so.1': readFileSync(at(library, 'libx.so.1')) })],
      { platform: PLATFORM },
    );
  const runs = (library: keyof typeof MAPS): { status: number | null; stderr: string } =>
    spawnSync(at('app'), { encoding: 'utf8', env: { LD_LIBRARY_PATH: at(library) } });

  it('is rebased where the loader takes it', async () => {
    expect(runs('second').status).toBe(0);
    const oldBase = baseWith('second');
    const app = makeLayer({ 'app/app': { mode: 0o755, content: readFileSync(at('app')) } });
    const image = makeImage([...oldBase.layers, app], { platform: PLATFORM });
    const newBase = baseWith('second', { 'usr/share/new': 'new' });
    const { platforms } = await rebaseImage({ image, oldBase, newBase }, { store });
    expect(platforms[0]).toMatchObject({ findings: [], layersKept: 1 });
  });

  it('is refused where the loader refuses it', async () => {
    expect(runs('first').stderr).toContain("version `LIBX_2.0' not found");
    const oldBase = baseWith('second');
    const app = makeLayer({ 'app/app': { mode: 0o755, content: readFileSync(at('app')) } });
    const image = makeImage([...oldBase.layers, app], { platform: PLATFORM });
    const error = await rejectionOf(rebaseImage({ image, oldBase, newBase: baseWith('first') }, { store }));
    expect(error.message).toBe(
      'the image would not be sound on the new base: /app/app needs LIBX_2.0 of libx.so.1, which /usr/lib/libx.so.1 of the new base does not define',
    );
  });
});

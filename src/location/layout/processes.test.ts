import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { validateArtifact } from '../../oci/index.ts';
import { canMount, context, filesBelow, inTemporaryFolder, onSmallDisk, smallImage } from '../fixtures.ts';
import { openSink, openSource, parseLocation } from '../index.ts';

/** A program that writes images `NAME:0`, `NAME:1` … into a layout, one after the other: `node PROGRAM DIR NAME COUNT`. */
const PROGRAM = `
import { hostname } from 'node:os';
import { createHash } from 'node:crypto';
import { openSink, parseLocation } from './src/location/index.ts';
import { assembleImage, blobOfBytes, layerTypeOf } from './src/oci/index.ts';
const [dir, name, count] = process.argv.slice(2);
const isAlive = (pid) => { try { process.kill(pid, 0); return true; } catch { return false; } };
const context = { environment: {}, writer: { pid: process.pid, host: hostname(), isAlive } };
const layerOf = (text) => {
  const blob = blobOfBytes(Buffer.alloc(50_000, createHash('sha256').update(text).digest()));
  return { descriptor: { mediaType: layerTypeOf('none'), digest: blob.digest, size: blob.size }, diffId: blob.digest, blob };
};
process.stdout.write('ready\\n');
for (let i = 0; i < Number(count); i++) {
  const layers = ['shared', name, name + i, 'shared' + i].map(layerOf);
  const artifact = assembleImage({ config: { os: 'linux', architecture: 'amd64' }, layers });
  await openSink(parseLocation('oci:' + dir), context).write([{ names: [name + ':' + i, name + ':latest'], artifact }]);
}
`;

async function compile(folder: string): Promise<string> {
  const outfile = join(folder, 'program.mjs');
  const stdin = {
    contents: PROGRAM,
    resolveDir: join(import.meta.dirname, '../../..'),
    loader: 'ts' as const,
  };
  await build({
    stdin,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@bokuweb/zstd-wasm'],
    logLevel: 'silent',
  });
  return outfile;
}

async function namesIn(path: string): Promise<string[]> {
  const source = openSource(parseLocation(`oci:${path}`));
  const names = (await source.list()).flatMap((item) => item.names);
  for (const name of names) await validateArtifact(await source.open(name));
  return names.sort();
}

describe('processes that write into one folder', () => {
  it('lose nothing of each other, four at once', () =>
    inTemporaryFolder(async (folder) => {
      const program = await compile(folder);
      const out = join(folder, 'out');
      const writers = ['a', 'b', 'c', 'd'];
      const codes = await Promise.all(
        writers.map(async (name) => {
          const child = spawn(process.execPath, [program, out, name, '4'], {
            stdio: ['ignore', 'ignore', 'inherit'],
          });
          return (await once(child, 'exit'))[0] as number;
        }),
      );
      expect(codes).toEqual([0, 0, 0, 0]);
      expect(await namesIn(out)).toEqual(
        writers.flatMap((name) => [0, 1, 2, 3, 'latest'].map((i) => `${name}:${i}`)),
      );
      expect((await filesBelow(out)).filter((name) => name.includes('.pith'))).toEqual([]);
    }));

  it('leave the old or the new state whenever they are killed', () =>
    inTemporaryFolder(async (folder) => {
      const program = await compile(folder);
      const out = join(folder, 'out');
      let before: string[] = [];
      for (let round = 0; round < 12 || before.length === 0; round++) {
        const child = spawn(process.execPath, [program, out, `r${round}`, '50'], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await once(child.stdout, 'data');
        await sleep(round * 5);
        child.kill('SIGKILL');
        await once(child, 'exit');
        const after = (await filesBelow(out).catch((): string[] => [])).includes('index.json')
          ? await namesIn(out)
          : [];
        expect(after).toEqual(expect.arrayContaining(before));
        before = after;
      }
      await openSink(parseLocation(`oci:${out}`), context).write([
        { names: ['last'], artifact: await smallImage('last') },
      ]);
      expect((await filesBelow(out)).filter((name) => name.includes('.pith'))).toEqual([]);
      expect(await namesIn(out)).toEqual([...before, 'last'].sort());
    }));
});

describe.skipIf(!canMount())('on a full disk', () => {
  it.each(['oci', 'oci-archive', 'docker-archive'])('%s leaves everything as it was', (kind) =>
    inTemporaryFolder(async (folder) => {
      const disk = join(folder, 'disk');
      await onSmallDisk(disk, async () => {
        const out = join(disk, 'out');
        const sink = openSink(parseLocation(`${kind}:${out}`), context);
        const small = await smallImage('small');
        await sink.write([{ names: ['small:1'], artifact: small }]);
        const before = await filesBelow(disk);
        const old = kind === 'oci' ? await readFile(join(out, 'index.json')) : await readFile(out);
        const large = [{ names: ['large:1'], artifact: await smallImage('large', 'linux/arm64') }];
        await expect(sink.write(large)).rejects.toMatchObject({ code: 'DISK_FULL' });
        expect(await filesBelow(disk)).toEqual(before);
        expect(kind === 'oci' ? await readFile(join(out, 'index.json')) : await readFile(out)).toEqual(old);
      });
    }),
  );
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { startPith } from '../../testing/cli.ts';
import { pith, SHARED_CACHE, succeed } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { noise } from '../../testing/sandbox.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** `pith pack` of an application that takes a moment, with a cache of its own that has the packages. */

const APP = 'app';
let bench: PackBench;
let cache: string;
let expected: string;
beforeAll(async () => {
  bench = await createPackBench();
  cache = join(bench.storage.folder, 'cache');
  await bench.write(`${APP}/package.json`, '{"name": "web", "main": "a.js"}');
  await bench.write(`${APP}/a.js`, "process.on('SIGTERM', () => process.exit());\n");
  for (let at = 0; at < 12; at++) await bench.write(`${APP}/public/${at}.bin`, noise(3 << 20, at + 1));
  expected = (await bench.image(APP)).digest;
  // Entries of a cache are never written to.
  await succeed('cp', ['--archive', '--link', SHARED_CACHE, cache]);
});
afterAll(() => bench.remove());

const ARGS = ['pack', APP, '--platform', 'linux/amd64', '-t', 'app:1'];

function start(output: string): ReturnType<typeof startPith> {
  const env = { ...process.env, PITH_CACHE_DIR: cache };
  return startPith([...ARGS, '-o', `oci:${output}`], { cwd: bench.path(), env });
}

/** Changes a file, so that its layer is made anew. */
async function change(seed: number): Promise<void> {
  await bench.write(`${APP}/public/0.bin`, noise(3 << 20, seed));
}

function temporaryFiles(): string[] {
  const folder = join(cache, 'v1/tmp');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Blobs of a layout have the digests that they are named by. */
function expectWhole(layout: string): void {
  const blobs = join(layout, 'blobs/sha256');
  if (!existsSync(blobs)) return;
  for (const name of readdirSync(blobs))
    expect(digestOf(readFileSync(join(blobs, name)))).toBe(`sha256:${name}`);
}

describe('a pack that is ended', () => {
  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    'by %s says so and leaves nothing behind',
    async (signal) => {
      let interrupted = 0;
      for (let delay = 80; delay < 800; delay += 120) {
        await change(delay);
        const output = bench.path(`${signal}-${delay}`);
        const { child, result } = start(output);
        await sleep(delay);
        child.kill(signal);
        const { code, stdout, stderr } = await result;
        if (code === 0 || code === signal) continue;
        interrupted++;
        expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
        expect(stderr).toMatch(/pith: error: interrupted \[INTERRUPTED\]\n/);
        expect(temporaryFiles()).toEqual([]);
        expect(existsSync(join(output, 'index.json'))).toBe(false);
      }
      expect(interrupted).toBeGreaterThan(0);
    },
  );

  it('by SIGKILL is started again and comes to the same', async () => {
    const output = bench.path('killed');
    for (let delay = 60; delay < 700; delay += 90) {
      await change(1000 + delay);
      const { child, result } = start(output);
      await sleep(delay);
      child.kill('SIGKILL');
      await result;
      expectWhole(output);
    }
    await change(1);
    const { code, stdout, stderr } = await start(output).result;
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(expected);
    expectWhole(output);
    expect(await pith(['cache', 'verify', '--cache-dir', cache])).toMatchObject({ code: 0 });
  });
});

describe('packs at once', () => {
  it('of one application into one layout and cache come to the same', async () => {
    await change(7);
    const output = bench.path('shared');
    const results = await Promise.all([start(output).result, start(output).result, start(output).result]);
    for (const { code, stderr } of results) expect(code, stderr).toBe(0);
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
    expectWhole(output);
  });
});

describeWith('a full disk', { tools: ['mount', 'umount'], unless: unlessRoot() }, () => {
  it('is said, and nothing is left in the layout', async () => {
    const small = bench.path('small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'pith-test', small]);
    try {
      const { code, stdout, stderr } = await start(join(small, 'images')).result;
      expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: '' });
      expect(stderr).toMatch(/pith: error: .*the disk is full \[DISK_FULL\]\n/);
      expect(existsSync(join(small, 'images/index.json'))).toBe(false);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

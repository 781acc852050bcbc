import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, succeed } from './commands.ts';

/** Kept between runs: a release is some 100 MB. */
const KEPT = join(tmpdir(), 'pith-e2e-node');

/**
 * The newest binary of a Node.js release line, from its npm package.
 * @param line such as `x64@24` or `arm64@20`
 * @returns its path, or undefined if npm cannot get it
 */
export async function nodeRelease(line: string): Promise<string | undefined> {
  const kept = join(KEPT, line);
  if (existsSync(kept)) return kept;
  await mkdir(KEPT, { recursive: true });
  const folder = await mkdtemp(join(KEPT, 'new-'));
  try {
    const packed = await run('npm', ['pack', '--silent', `node-linux-${line}`], { cwd: folder });
    if (packed.code !== 0) return undefined;
    await succeed('tar', ['-xzf', packed.stdout.trim(), '--strip-components=2', 'package/bin/node'], {
      cwd: folder,
    });
    await rename(join(folder, 'node'), kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true });
  }
}

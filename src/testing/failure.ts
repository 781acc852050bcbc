import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ErrorCode } from '../core/index.ts';
import type { CliResult } from './cli.ts';
import { contentOf, digestIn, type Sandbox } from './sandbox.ts';

/** How a run must fail. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly hint: RegExp;
}

/** The exit code that docs/errors.md gives to an error. */
function documentedExit(code: ErrorCode): number {
  const table = readFileSync(fileURLToPath(new URL('../../docs/errors.md', import.meta.url)), 'utf8');
  const row = table.split('\n').find((line) => line.includes(`\`${code}\``));
  return Number(/^\| (\d+)/.exec(row ?? '')?.[1]);
}

/** Checks that a run failed with one clear message and its hint as the last lines, and printed no result. */
export function expectFailure(result: CliResult, { code, message, hint }: Failure): void {
  const lines = result.stderr.trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith('pith: error: '));
  const said = lines.slice(at, -1).join('\n');
  expect(result, result.stderr).toMatchObject({ code: documentedExit(code), stdout: '' });
  expect(said, result.stderr).toContain(`[${code}]`);
  expect(said).toMatch(message);
  expect(lines.at(-1), result.stderr).toMatch(/^pith: hint: /);
  expect(lines.at(-1)).toMatch(hint);
  expect(lines.filter((line) => line.startsWith('pith: error: '))).toHaveLength(1);
  expect(result.stderr).not.toMatch(/\n {4}at |node:internal/);
}

/**
 * Runs an attack and checks how it fails and that nothing has changed: the folder is as it was but for the cache, in
 * which everything that was there still is, nothing is damaged and no temporary file is left.
 */
export async function expectHarmless(
  sandbox: Sandbox,
  attack: () => Promise<CliResult>,
  failure: Failure,
): Promise<void> {
  const outside = (): [string, string][] =>
    [...contentOf(sandbox.folder)].filter(([path]) => path !== 'cache' && !path.startsWith('cache/'));
  const [before, cacheBefore] = [outside(), contentOf(sandbox.cacheDir)];
  expectFailure(await attack(), failure);
  expect(outside()).toEqual(before);
  const cacheAfter = contentOf(sandbox.cacheDir);
  for (const [path, digest] of cacheBefore)
    if (!path.includes('/suite-2/')) expect(cacheAfter.get(path), path).toBe(digest);
  await expectSound(sandbox);
}

/** Checks that the cache holds no damaged entry and no temporary file. */
export async function expectSound(sandbox: Sandbox): Promise<void> {
  const verified = await sandbox.run(['cache', 'verify', '--cache-dir', sandbox.cacheDir]);
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect([...contentOf(sandbox.path('cache/v1/tmp')).keys()]).toEqual([]);
}

/** Checks that a build with the cache as it is gives the same digest as one with a cache of its own. */
export async function expectHealed(sandbox: Sandbox, more: readonly string[] = []): Promise<void> {
  const fresh = await sandbox.build([
    '--json',
    '--cache-dir',
    sandbox.path('fresh'),
    '-o',
    'oci:fresh-images',
    ...more,
  ]);
  const again = await sandbox.build(['--json', ...more]);
  expect(digestIn(again)).toBe(digestIn(fresh));
  expect(digestIn(fresh)).toMatch(/^sha256:/);
}

import { statSync, utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BuildReport } from '../../build/index.ts';
import { createSandbox, noise, type Sandbox } from '../../testing/sandbox.ts';

const BASE =
  'name: base\nsuites: [{archive: debian, suite: trixie}]\nplatforms: [linux/amd64]\npackages: [alpha, beta]\n' +
  'files: [{to: /nodejs/bin/node, content: "", mode: "0755"}]\n';
const APP = 'name: web\nextends: ./base.yaml\napp: {path: app, kind: nodejs}\n';
/** Enough for threads. */
const COUNT = 2200;
/** Milliseconds after which the times of a file tell of each change. */
const SURE = 3100;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  await sandbox.write('base.yaml', BASE);
  await sandbox.write('web.yaml', APP);
  await sandbox.write('app/package.json', JSON.stringify({ main: 'a.js', dependencies: { one: '1' } }));
  await sandbox.write('app/node_modules/one/large.bin', noise(2 << 20));
  for (let index = 0; index < COUNT; index++)
    await sandbox.write(`app/node_modules/one/${index % 7}/${index}.js`, `exports.value = ${index};\n`);
  await sandbox.write('app/node_modules/one/package.json', JSON.stringify({ name: 'one', version: '1' }));
});
afterAll(() => sandbox.close());

async function build(cache: string, ...more: string[]): Promise<string> {
  const flags = sandbox.flags(sandbox.path(cache));
  const args = [
    'build',
    './web.yaml',
    '--platform',
    'linux/amd64',
    '--json',
    '-o',
    `oci:images-${cache}`,
    ...flags,
  ];
  const { code, stdout, stderr } = await sandbox.run([...args, ...more]);
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as BuildReport).images[0]?.digest ?? '';
}

describe('an application that is packed again', () => {
  beforeEach(async () => {
    await sandbox.write('app/a.js', "require('one');\n");
    await sleep(SURE);
  });

  it('is the same image, whether its files were read, remembered, or read by other threads', async () => {
    const cold = await build('one');
    expect(await build('one')).toBe(cold);
    expect(await build('two', '--jobs', '1')).toBe(cold);
    expect(await build('three', '--jobs', '3')).toBe(cold);
  });

  it('is another image after a change of one file, and the first one after that was undone', async () => {
    const first = await build('one');
    await sandbox.write('app/a.js', "require('two');\n");
    const changed = await build('one');
    expect(changed).not.toBe(first);
    expect(await build('four')).toBe(changed);
    await sandbox.write('app/a.js', "require('one');\n");
    expect(await build('one')).toBe(first);
  });

  it('is another image after a change of a remembered file that keeps its size and time', async () => {
    const first = await build('one');
    const path = 'app/node_modules/one/3/3.js';
    const { atime, mtime } = statSync(sandbox.path(path));
    await sandbox.write(path, 'exports.value = 4;\n');
    utimesSync(sandbox.path(path), atime, mtime);
    const changed = await build('one');
    expect(changed).not.toBe(first);
    expect(await build('five')).toBe(changed);
    await sandbox.write(path, 'exports.value = 3;\n');
    expect(await build('one')).toBe(first);
  });
});

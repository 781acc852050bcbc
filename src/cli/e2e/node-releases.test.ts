import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestsOf, pithBuild, succeed, temporaryFolder } from '../../testing/commands.ts';
import { lockWorld } from '../../testing/locked.ts';
import { nodeRelease } from '../../testing/node-releases.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const IMAGES = ['cc-debian13', 'static-debian12', '--platform', 'linux/amd64'];
const { folder, remove } = temporaryFolder();
let locked: readonly string[];

/** Builds with a cold cache and without network. */
async function build(
  name: string,
  node: readonly string[],
  compression: string,
): Promise<Record<string, string>> {
  const cache = ['--cache-dir', join(folder, `cache-${name}-${compression}`), '--compression', compression];
  const args = [...IMAGES, ...locked, ...cache, '-o', `oci:${folder}/images-${name}-${compression}`];
  return digestsOf(await pithBuild(args, { node }));
}

const expected: Record<string, Record<string, string>> = {};
const COMPRESSIONS = ['gzip', 'zstd'];

beforeAll(async () => {
  locked = (await lockWorld(folder, IMAGES)).flags;
  for (const compression of COMPRESSIONS)
    expected[compression] = await build('own', [process.execPath], compression);
});
afterAll(remove);

/** Tests with a Node.js from npm, skipped if npm cannot get it. */
function describeNode(line: string, prefix: () => readonly string[]): void {
  let node: string | undefined;
  beforeAll(async () => {
    node = await nodeRelease(line);
  });
  beforeEach(({ skip }) => {
    skip(node === undefined, `npm cannot get node-linux-${line}`);
  });

  it(`is Node.js ${line}`, async () => {
    const script = ['-p', 'process.arch + "@" + process.versions.node'];
    expect(await succeed('env', [...prefix(), node ?? '', ...script])).toMatch(new RegExp(`^${line}\\.`));
  });

  it.each(COMPRESSIONS)('gives the same digests with %s', async (compression) => {
    const digests = await build(line.replace('@', '-'), [...prefix(), node ?? ''], compression);
    expect(Object.keys(digests)).toHaveLength(8);
    expect(digests).toEqual(expected[compression]);
  });
}

describe.each(['x64@20', 'x64@24', 'x64@26'])('Node.js %s', (line) => {
  describeWith('on this machine', { tools: ['npm', 'tar'], unless: unlessX64() }, () => {
    describeNode(line, () => []);
  });
});

describe('Node.js arm64@20', () => {
  const tools = ['npm', 'tar', 'qemu-aarch64-static', 'umoci'];
  describeWith('emulated, on the libraries of our own cc image', { tools, unless: unlessRoot() }, () => {
    const bundle = join(folder, 'bundle');
    beforeAll(async () => {
      const layout = join(folder, 'arm64');
      await pithBuild(['cc-debian13:latest', '--platform', 'linux/arm64', '-o', `oci:${layout}`]);
      await succeed('umoci', ['unpack', '--image', `${layout}:cc-debian13:latest`, bundle]);
    });
    describeNode('arm64@20', () => ['qemu-aarch64-static', '-L', join(bundle, 'rootfs')]);
  });
});

function unlessX64(): string | undefined {
  return process.arch === 'x64' ? undefined : `this machine is ${process.arch}`;
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { startPith, type CliResult } from '../../testing/cli.ts';
import { expectFailure } from '../../testing/failure.ts';
import { startRegistry, type TestRegistry } from '../../testing/registry.ts';
import type { TestRequest } from '../../testing/registry-protocol.ts';
import {
  contentOf,
  createSandbox,
  DEFINITION,
  digestIn,
  noise,
  packageOf,
  type Sandbox,
} from '../../testing/sandbox.ts';

/** Requests at which a transfer is stopped. */
const STEPS = {
  'a blob goes up': ({ method, url }: TestRequest) => method === 'PUT' && url.pathname.includes('/uploads/'),
  'a manifest goes up': ({ method, url }: TestRequest) =>
    method === 'PUT' && url.pathname.includes('/manifests/'),
  'the tag moves': ({ method, url }: TestRequest) =>
    method === 'PUT' && url.pathname.endsWith('/manifests/1'),
  'a blob comes down': ({ method, url }: TestRequest) => method === 'GET' && url.pathname.includes('/blobs/'),
} as const;
type Step = keyof typeof STEPS;

let sandbox: Sandbox;
let registry: TestRegistry;
/** Requests that are not answered, and who wants to know that one has come. */
let held: { step: Step; skip: number; reached: () => void } | undefined;

beforeEach(async () => {
  held = undefined;
  registry = await startRegistry({
    override: (request) => {
      if (!held || !STEPS[held.step](request) || held.skip-- > 0) return undefined;
      held.reached();
      return new Promise(() => undefined);
    },
  });
  sandbox = await createSandbox({
    packages: [
      packageOf('alpha', [{ path: 'usr/share/alpha', content: noise(300_000, 1) }]),
      packageOf('beta', [{ path: 'usr/share/beta', content: noise(400_000, 2) }]),
      packageOf('gamma', [{ path: 'usr/share/gamma', content: noise(500_000, 3) }]),
    ],
  });
});
afterEach(async () => {
  await registry.close();
  await sandbox.close();
});

const name = (): string => `${registry.host}/app:1`;
const run = (...args: string[]): Promise<CliResult> =>
  sandbox.run(args, { XDG_RUNTIME_DIR: sandbox.path('session') });
const push = (): Promise<CliResult> => run('push', 'app:latest', name());
const tag = (): string | undefined => registry.protocol.repositories.get('app')?.tags.get('1');
const build = async (packages: string): Promise<string> => {
  await sandbox.write('pith.yaml', DEFINITION.replace('[alpha, beta]', packages));
  return digestIn(await sandbox.build(['--json']));
};
/** Starts a command, and stops it when it has come so far. */
async function stopAt(step: Step, signal: NodeJS.Signals, args: string[], skip = 0): Promise<CliResult> {
  const arrived = new Promise<void>((reached) => (held = { step, skip, reached }));
  const { child, result } = startPith(args, {
    cwd: sandbox.folder,
    env: { ...sandbox.env, XDG_RUNTIME_DIR: sandbox.path('session') },
  });
  await Promise.race([arrived, result]);
  child.kill(signal);
  const outcome = await result;
  held = undefined;
  return outcome;
}
/** Paths outside the cache. */
const paths = (): string[] =>
  [...contentOf(sandbox.folder).keys()].filter((path) => !/^(?:cache|session)(?:\/|$)/.test(path));
const requestsOf = (kind: RegExp): string[] =>
  registry.requests.map(({ line }) => line).filter((line) => kind.test(line));

describe('a push', () => {
  it.each(['a blob goes up', 'a manifest goes up', 'the tag moves'] as const)(
    'that is interrupted when %s leaves the tag as it was',
    async (step) => {
      const before = await build('[alpha]');
      expect(await push()).toMatchObject({ code: 0 });
      const after = await build('[alpha, beta, gamma]');
      expectFailure(await stopAt(step, 'SIGINT', ['push', 'app:latest', name()]), {
        code: 'INTERRUPTED',
        message: /interrupted/,
        hint: /again/,
      });
      expect(tag()).toBe(before);
      // What was begun is taken back.
      expect(registry.protocol.uploads.size).toBe(0);
      expect(await push()).toMatchObject({ code: 0 });
      expect(tag()).toBe(after);
    },
  );

  it('that was killed sends what is missing, and no more', async () => {
    const digest = await build('[alpha, beta, gamma]');
    expect((await stopAt('the tag moves', 'SIGKILL', ['push', 'app:latest', name()])).code).toBe('SIGKILL');
    expect(tag()).toBeUndefined();
    registry.requests.length = 0;
    expect(await push()).toMatchObject({ code: 0 });
    expect(tag()).toBe(digest);
    expect(requestsOf(/^(?:PUT|PATCH|POST) /)).toEqual(['PUT /v2/app/manifests/1']);

    await build('[beta, gamma]');
    registry.protocol.repositories.clear();
    await stopAt('a blob goes up', 'SIGKILL', ['push', 'app:latest', name()], 2);
    const there = [...registry.protocol.repository('app').blobs.keys()];
    expect(there.length).toBeGreaterThanOrEqual(2);
    registry.requests.length = 0;
    expect(await push()).toMatchObject({ code: 0 });
    const sent = requestsOf(/^PUT .*\/uploads\//).map((line) =>
      decodeURIComponent(/digest=(.*)$/.exec(line)?.[1] ?? ''),
    );
    expect(sent.filter((one) => there.includes(one))).toEqual([]);
    expect(sent.length + there.length).toBe(registry.protocol.repository('app').blobs.size);
  });

  it('beside another one of the same image does no harm', async () => {
    const digest = await build('[alpha, beta, gamma]');
    const results = await Promise.all([push(), push(), push()]);
    expect(results.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, stdout: `docker://${name()}@${digest}\n` })),
    );
    expect(tag()).toBe(digest);
    expect(registry.protocol.uploads.size).toBe(0);
    expect(await run('pull', name(), 'oci:pulled:x')).toMatchObject({ code: 0 });
  });
});

describe('a pull', () => {
  let digest: string;
  beforeEach(async () => {
    digest = await build('[alpha, beta, gamma]');
    expect(await push()).toMatchObject({ code: 0 });
  });

  it.each(['oci:mine:x', 'oci-archive:mine.tar', 'docker-archive:mine.tar:app:x'])(
    'into %s that is interrupted leaves nothing behind',
    async (target) => {
      const before = paths();
      expectFailure(await stopAt('a blob comes down', 'SIGINT', ['pull', name(), target], 2), {
        code: 'INTERRUPTED',
        message: /interrupted/,
        hint: /again/,
      });
      expect(paths()).toEqual(before);
      expect(await run('pull', name(), target)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(digest) as string,
      });
    },
  );

  it.each(['oci:mine:x', 'oci-archive:mine.tar', 'docker-archive:mine.tar:app:x'])(
    'into %s that was killed is done again, and leaves no temporary files',
    async (target) => {
      await stopAt('a blob comes down', 'SIGKILL', ['pull', name(), target], 2);
      expect(paths().some((path) => path.includes('.pith'))).toBe(true);
      const result = await run('pull', name(), target);
      expect(result, result.stderr).toMatchObject({ code: 0 });
      expect(paths().filter((path) => path.includes('.pith'))).toEqual([]);
      if (!target.startsWith('oci:')) return;
      for (const path of paths().filter((file) => /^mine\/blobs\/sha256\/./.test(file)))
        expect(digestOf(readFileSync(sandbox.path(path)))).toBe(`sha256:${path.split('/').at(-1) ?? ''}`);
    },
  );

  it('into an image that is there already leaves it as it was when it is interrupted', async () => {
    const before = contentOf(sandbox.path('images'));
    await stopAt('a blob comes down', 'SIGINT', ['pull', name(), 'oci:images:app:latest'], 1);
    expect(contentOf(sandbox.path('images'))).toEqual(before);
  });

  it('beside another one into the same folder does no harm', async () => {
    const results = await Promise.all(
      ['a', 'b', 'c'].map((tagged) => run('pull', name(), `oci:mine:${tagged}`)),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await run('tags', 'oci:mine')).stdout.split('\n').sort()).toEqual(['', 'a', 'b', 'c']);
  });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot || process.platform !== 'linux')('a pull onto a full disk', () => {
  beforeEach(async () => {
    await build('[alpha, beta, gamma]');
    expect(await push()).toMatchObject({ code: 0 });
    mkdirSync(sandbox.path('small'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'pith-test', sandbox.path('small')]);
  });
  afterEach(() => {
    execFileSync('umount', [sandbox.path('small')]);
  });

  it.each(['oci:small/images:x', 'oci-archive:small/images.tar', 'docker-archive:small/images.tar:app:x'])(
    'into %s is said, and leaves nothing behind',
    async (target) => {
      expectFailure(await run('pull', name(), target), {
        code: 'DISK_FULL',
        message: /small\/images.*the disk is full/,
        hint: /[Ff]ree some space/,
      });
      expect([...contentOf(sandbox.path('small')).keys()]).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=30m', sandbox.path('small')]);
      expect(await run('pull', name(), target)).toMatchObject({ code: 0 });
    },
  );

  it('of a single blob, likewise', async () => {
    const { stdout } = await run('manifest', name());
    const { layers } = JSON.parse(stdout) as { layers: { digest: string; size: number }[] };
    const [largest] = layers.sort((a, b) => b.size - a.size);
    await sandbox.write('small/filler', noise(400_000));
    expectFailure(await run('blob', `${registry.host}/app@${largest?.digest ?? ''}`, '-o', 'small/layer'), {
      code: 'DISK_FULL',
      message: /small\/layer.*the disk is full/,
      hint: /[Ff]ree some space/,
    });
    expect([...contentOf(sandbox.path('small')).keys()]).toEqual(['filler']);
  });
});

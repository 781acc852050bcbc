import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../testing/thrown.ts';
import { inTemporaryFolder } from '../fixtures.ts';
import { runInSandbox, whyNoSandbox } from './bubblewrap.ts';
import { type PreparedRun, runPrepared } from './prepared.ts';

const RUN: PreparedRun = {
  reference: 'localhost/pith/app:1',
  setup: [],
  command: ['app', '-v'],
  env: [],
  privileged: false,
  terminal: false,
  capabilities: [],
  volumes: [],
  engineArgs: [],
};

/** Works with a script in place of an engine; gives the arguments that it was called with, random names made plain. */
async function withScript(
  program: string,
  script: string,
  work: (environment: Record<string, string>, folder: string) => Promise<void>,
): Promise<string[]> {
  return await inTemporaryFolder(async (folder) => {
    const text = `#!/bin/sh\necho "$@" >> "$FOLDER/asked"\n${script}\n`;
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', program), text);
    await chmod(join(folder, 'bin', program), 0o755);
    await work({ PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, FOLDER: folder }, folder);
    const asked = await readFile(join(folder, 'asked'), 'utf8').catch(() => '');
    return asked
      .trimEnd()
      .replaceAll(/[0-9a-f]{12}/g, 'ID')
      .split('\n');
  });
}

describe('a command in a container', () => {
  it('gives what it wrote and ended with, and the container is removed', async () => {
    const asked = await withScript(
      'podman',
      'test "$1" = rm || { echo out; echo err >&2; exit 7; }',
      async (environment) => {
        const outcome = await runPrepared('podman', RUN, { environment });
        expect(outcome).toMatchObject({ code: 7, stdout: 'out\n', stderr: 'err\n', setupCodes: [] });
        expect(outcome.duration).toBeGreaterThan(0);
        expect(Number.isInteger(outcome.duration)).toBe(true);
      },
    );
    expect(asked).toEqual([
      'run --name pith-test-ID --pull never --entrypoint app localhost/pith/app:1 -v',
      'rm --force pith-test-ID',
    ]);
  });

  it('gets what it is to get', async () => {
    const run: PreparedRun = {
      ...RUN,
      platform: 'linux/arm64',
      user: '1000',
      env: ['A=1'],
      privileged: true,
      terminal: true,
      capabilities: ['NET_ADMIN'],
      volumes: ['/a:/b'],
      engineArgs: ['--network', 'none'],
    };
    const [asked] = await withScript('docker', '', async (environment) => {
      await runPrepared('docker', run, { environment });
    });
    expect(asked).toBe(
      'run --name pith-test-ID --pull never --platform linux/arm64 --user 1000 --privileged --tty --env A=1 --cap-add NET_ADMIN --volume /a:/b --network none --entrypoint app localhost/pith/app:1 -v',
    );
  });

  it('finds what its set-up wrote, by way of images that are removed', async () => {
    const asked = await withScript(
      'podman',
      'case "$*" in *"entrypoint two"*) exit 3;; esac',
      async (environment) => {
        const run = { ...RUN, setup: [['one', 'x'], ['two']] };
        expect((await runPrepared('podman', run, { environment })).setupCodes).toEqual([0, 3]);
      },
    );
    const image = 'localhost/pith/prepared:ID';
    expect(asked).toEqual([
      'run --name pith-test-ID --pull never --entrypoint one localhost/pith/app:1 x',
      `commit pith-test-ID ${image}-0`,
      'rm --force pith-test-ID',
      `run --name pith-test-ID --pull never --entrypoint two ${image}-0`,
      `commit pith-test-ID ${image}-1`,
      'rm --force pith-test-ID',
      `run --name pith-test-ID --pull never --entrypoint app ${image}-1 -v`,
      'rm --force pith-test-ID',
      `rmi --force ${image}-1`,
      `rmi --force ${image}-0`,
    ]);
  });

  it('leaves nothing behind if the engine fails on the way', async () => {
    const script = 'test "$1" != commit || { echo no space >&2; exit 1; }';
    const asked = await withScript('podman', script, async (environment) => {
      const error = await rejectionOf(runPrepared('podman', { ...RUN, setup: [['one']] }, { environment }));
      expect(error.code).toBe('ENGINE_FAILED');
      expect(error.message).toContain('no space');
    });
    expect(asked.at(-1)).toBe('rm --force pith-test-ID');
  });

  it('is removed when it is interrupted', async () => {
    const controller = new AbortController();
    const script = 'test "$1" = rm || exec sleep 60';
    const asked = await withScript('podman', script, async (environment, folder) => {
      const running = rejectionOf(runPrepared('podman', RUN, { environment, signal: controller.signal }));
      while ((await readFile(join(folder, 'asked'), 'utf8').catch(() => '')) === '') await sleep(10);
      controller.abort();
      expect((await running).code).toBe('INTERRUPTED');
    });
    expect(asked.at(-1)).toBe('rm --force pith-test-ID');
  });
});

describe('a command in a sandbox', () => {
  const sandbox = {
    command: ['app', '-v'],
    env: { A: '1' },
    uid: 1000,
    gid: 1001,
    workdir: '/w',
    volumes: [] as readonly string[],
  };

  it('has namespaces, an environment and a user of its own', async () => {
    const asked = await withScript('bwrap', 'echo out; exit 4', async (environment, folder) => {
      const root = join(folder, 'root');
      await mkdir(root);
      const volumes = [`${folder}/bin:/mnt/bin:ro,z`, `${folder}/asked:/mnt/file`];
      await writeFile(join(folder, 'asked'), '');
      const done = await runInSandbox({ ...sandbox, root, volumes }, { environment });
      expect(done).toMatchObject({ code: 4, stdout: 'out\n' });
      expect(await readFile(join(root, 'mnt/file'), 'utf8')).toBe('');
    });
    expect(asked[0]?.replaceAll(/\/\S*pith-location-\w+/g, 'DIR')).toBe(
      '--unshare-all --unshare-user --die-with-parent --new-session --bind DIR/root / --dev /dev --proc /proc --ro-bind DIR/bin /mnt/bin --bind DIR/asked /mnt/file --uid 1000 --gid 1001 --cap-drop ALL --clearenv --setenv A 1 --chdir /w -- app -v',
    );
  });

  it.each([
    ['No such file or directory', 127],
    ['Permission denied', 126],
    ['something else', 1],
  ])('that cannot be started (%s) ends with %s, as in shells', async (why, expected) => {
    await withScript('bwrap', `echo "bwrap: execvp app: ${why}" >&2; exit 1`, async (environment, root) => {
      expect((await runInSandbox({ ...sandbox, root }, { environment })).code).toBe(expected);
    });
  });

  it.each([
    ['/dev', 'dev', []],
    ['a volume', 'mnt', ['/tmp:/mnt/x']],
  ])('does not mount %s through a link of the image', async (_, link, volumes) => {
    await withScript('bwrap', '', async (environment, folder) => {
      const root = join(folder, 'root');
      await mkdir(root);
      await symlink('/oldroot/tmp', join(root, link));
      const error = await rejectionOf(runInSandbox({ ...sandbox, root, volumes }, { environment }));
      expect(error.code).toBe('IMAGE_INVALID');
      expect(error.message).toContain('is a link in the image');
    });
  });

  it('is not possible without bubblewrap, or where that cannot make one', async () => {
    expect(await whyNoSandbox({ PATH: '/none' })).toBe('bwrap is not installed');
    await withScript('bwrap', 'echo no namespaces >&2; exit 1', async (environment) => {
      expect(await whyNoSandbox(environment)).toBe('bwrap makes no sandbox here (1): no namespaces');
    });
  });
});

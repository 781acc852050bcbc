import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inTemporaryFolder } from '../fixtures.ts';
import type { Runner } from './container.ts';
import { findRunner, runContainer, storageOf } from './run.ts';

const UP = 'exit 0';
const DOWN = 'echo "Cannot connect to https://me:secret@host" >&2; exit 1';

/** Works with scripts in the place of engines. */
async function withEngines<Result>(
  scripts: Readonly<Record<string, string>>,
  work: (environment: Record<string, string>, folder: string) => Promise<Result>,
): Promise<Result> {
  return await inTemporaryFolder(async (folder) => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const [program, script] of Object.entries(scripts))
      await writeFile(join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return await work({ PATH: bin, FOLDER: folder }, folder);
  });
}

describe('the engine that runs containers', () => {
  it.each<[Record<string, string>, Runner | undefined, Runner]>([
    [{ podman: UP, docker: UP, nerdctl: UP }, undefined, 'podman'],
    [{ docker: UP, nerdctl: UP }, undefined, 'docker'],
    [{ podman: DOWN, docker: UP }, undefined, 'docker'],
    [{ podman: DOWN, docker: DOWN, nerdctl: UP }, undefined, 'nerdctl'],
    [{ nerdctl: UP }, undefined, 'nerdctl'],
    [{ podman: UP, docker: UP }, 'docker', 'docker'],
    [{ podman: UP, docker: DOWN }, 'docker', 'docker'],
  ])('%j, wanted %s: %s', (scripts, wanted, expected) =>
    withEngines(scripts, async (environment) => {
      expect(await findRunner(wanted, environment)).toBe(expected);
    }),
  );

  it.each<[Record<string, string>, Runner | undefined, object]>([
    [{}, undefined, { code: 'ENGINE_MISSING', message: 'none of podman, docker, nerdctl is installed' }],
    [
      { podman: UP },
      'nerdctl',
      {
        code: 'ENGINE_MISSING',
        message: 'nerdctl is not installed',
        hint: expect.stringContaining('--engine') as string,
      },
    ],
    [
      { podman: 'kill -9 $$', docker: DOWN },
      undefined,
      {
        code: 'ENGINE_FAILED',
        message: 'no engine answers: podman (SIGKILL): ; docker (1): Cannot connect to https://***@host',
        hint: expect.stringContaining('podman version') as string,
      },
    ],
  ])('%j, wanted %s: none', (scripts, wanted, failure) =>
    withEngines(scripts, async (environment) => {
      await expect(findRunner(wanted, environment)).rejects.toMatchObject(failure);
    }),
  );

  it.each<[Runner, string]>([
    ['podman', 'containers-storage'],
    ['docker', 'docker-daemon'],
    ['nerdctl', 'containerd'],
  ])('%s has its images in %s', (engine, kind) => {
    expect(storageOf(engine, 'a:1')).toEqual({ kind, reference: 'a:1' });
  });
});

describe('a container', () => {
  const run = (
    script: string,
    onSignal: Parameters<typeof runContainer>[2]['onSignal'] = () => () => undefined,
  ): Promise<number> =>
    withEngines({ podman: script }, (environment) =>
      runContainer('podman', { reference: 'image' }, { environment, onSignal }),
    );

  it.each([
    ['exit 0', 0],
    ['exit 42', 42],
    ['exit 125', 125],
    ['kill -9 $$', 137],
    ['kill -15 $$', 143],
  ])('whose engine ends with `%s` gives %i', async (script, code) => {
    expect(await run(script)).toBe(code);
  });

  it('gets the signals until it ends, and none afterwards', () =>
    withEngines(
      { podman: 'trap \'echo "$$" > "$FOLDER/got"; exit 3\' USR2; while :; do :; done' },
      async (environment, folder) => {
        let isStopped = false;
        const code = await runContainer(
          'podman',
          { reference: 'image' },
          {
            environment,
            onSignal: (forward) => {
              const timer = setInterval(() => {
                forward('SIGUSR2');
              }, 500);
              return () => {
                clearInterval(timer);
                isStopped = true;
              };
            },
          },
        );
        expect([code, isStopped]).toEqual([3, true]);
        expect(await readFile(join(folder, 'got'), 'utf8')).toMatch(/^\d+\n$/);
      },
    ));

  it('says that the engine has gone, or cannot be started', async () => {
    const options = { reference: 'image' };
    await withEngines({}, async (environment) => {
      await expect(
        runContainer('docker', options, { environment, onSignal: () => () => undefined }),
      ).rejects.toMatchObject({ code: 'ENGINE_MISSING', message: 'docker is not installed' });
    });
    await withEngines({ docker: '' }, async (environment, folder) => {
      await writeFile(join(folder, 'bin', 'docker'), '#!/no/such/program\n');
      await expect(
        runContainer('docker', options, { environment, onSignal: () => () => undefined }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^ENGINE_/) as string });
    });
  });
});

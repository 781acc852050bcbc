import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inTemporaryFolder } from '../fixtures.ts';
import { type BackgroundContainer, startContainer } from './background.ts';

/** An engine whose container runs until there is a file `stop` or `kill`; it writes `started` when it does. */
const RUNS = `
echo "$@" >> "$FOLDER/asked"
case "$1" in
  run) ps -o pgid= $$ > "$FOLDER/group"; test ! -t 0 && ! read -r line && touch "$FOLDER/started"
    while :; do test -f "$FOLDER/stop" && exit 7; test -f "$FOLDER/kill" && exit 137; sleep 0.02; done;;
  stop) test -f "$FOLDER/started" && touch "$FOLDER/stop" || { echo "no such container" >&2; exit 1; };;
  kill) touch "$FOLDER/kill";;
esac`;

/** Works with a container of a script in place of an engine. */
async function withContainer(
  script: string,
  work: (container: BackgroundContainer, folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'podman'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const environment = { PATH: `${bin}:/usr/bin:/bin`, FOLDER: folder };
    await work(startContainer('podman', { reference: 'x:1', name: 'app' }, environment), folder);
  });
}

const untilStarted = async (folder: string): Promise<void> => {
  while (!(await readFile(join(folder, 'started')).catch(() => undefined))) await sleep(10);
};

describe('a container in the background', () => {
  it('has a name, no input, and a process group of its own', () =>
    withContainer(RUNS, async (container, folder) => {
      await untilStarted(folder);
      await container.stop(3);
      const asked = await readFile(join(folder, 'asked'), 'utf8');
      expect(asked).toMatch(/^run --rm --pull never .* --name app x:1\nstop -t 3 app\n/);
      const group = Number(await readFile(join(folder, 'group'), 'utf8'));
      expect(group).not.toBe(0);
      expect(() => process.kill(-group, 0)).toThrow('ESRCH');
    }));

  it('tells how it ended, whether it was stopped or not', async () => {
    await withContainer(RUNS, async (container) => {
      expect(await container.stop(1)).toBe(7);
      expect(await container.stop(1)).toBe(7);
    });
    await withContainer('exit 125', async (container) => {
      expect(await container.ended).toBe(125);
    });
    await withContainer('kill -9 $$', async (container) => {
      expect(await container.ended).toBe(137);
    });
  });

  it('is stopped even if it is not there yet when it is told to', () =>
    withContainer(`test "$1" = run && sleep 0.5\n${RUNS}`, async (container, folder) => {
      expect(await container.stop(1)).toBe(7);
      expect((await readFile(join(folder, 'asked'), 'utf8')).split('stop -t 1 app').length).toBeGreaterThan(
        2,
      );
    }));

  it('is killed before the process goes on', () =>
    withContainer(RUNS, async (container, folder) => {
      await untilStarted(folder);
      container.kill();
      expect(await readFile(join(folder, 'asked'), 'utf8')).toContain('kill app\n');
      expect(await container.ended).toBe(137);
      await writeFile(join(folder, 'asked'), '');
      container.kill();
      expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('');
    }));

  it('says that its engine is not there', () =>
    inTemporaryFolder(async (folder) => {
      const container = startContainer('podman', { reference: 'x', name: 'x' }, { PATH: folder });
      await expect(container.ended).rejects.toMatchObject({ code: 'ENGINE_MISSING' });
      await expect(container.stop(1)).rejects.toMatchObject({ code: 'ENGINE_MISSING' });
    }));
});

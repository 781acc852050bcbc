import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PithError } from '../../../core/index.ts';
import { inHome, KEEPER, type TestHome } from './fixtures.ts';
import { CredentialHelper, HelperMissing } from './helper.ts';
import { createHelperRunner } from './run-helper.ts';

const SECRET = 'hunter2';

/** A helper that is a shell script. */
function withHelper<Result>(
  script: string,
  work: (helper: CredentialHelper, home: TestHome) => Promise<Result>,
  options: { patience?: number; signal?: AbortSignal } = {},
): Promise<Result> {
  return inHome(async (home) => {
    await home.writeHelper('test', script);
    const runHelper = createHelperRunner({ environment: home.environment, ...options });
    return await work(new CredentialHelper('test', '~/.docker/config.json', runHelper), home);
  });
}

async function failureOf(work: Promise<unknown>): Promise<PithError> {
  const error: unknown = await work.then(
    () => undefined,
    (one: unknown) => one,
  );
  if (!(error instanceof PithError)) throw new Error(`no PithError: ${inspect(error)}`);
  expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  return error;
}

describe('a credential helper', () => {
  it('gives, keeps, lists and forgets', () =>
    withHelper(KEEPER, async (helper) => {
      const hub = 'https://index.docker.io/v1/';
      expect(await helper.get(hub)).toBeUndefined();
      expect(await helper.erase(hub)).toBe(false);
      await helper.store(hub, { username: 'ada', password: SECRET });
      await helper.store('registry.example:5000', { identityToken: 'refresh' });
      expect(await helper.get(hub)).toEqual({ username: 'ada', password: SECRET });
      expect(await helper.get('registry.example:5000')).toEqual({ identityToken: 'refresh' });
      expect(Object.fromEntries(await helper.list())).toEqual({
        [hub]: 'ada',
        'registry.example:5000': '<token>',
      });
      expect(await helper.erase(hub)).toBe(true);
      expect(await helper.get(hub)).toBeUndefined();
    }));

  it('gets the server as it is, and what is to be kept as JSON', () =>
    withHelper('cat > "$HOME/$1"', async (helper, home) => {
      await helper.store('registry.example', { username: 'a"b', password: 'p\\ä' });
      expect(JSON.parse(await home.read('store'))).toEqual({
        ServerURL: 'registry.example',
        Username: 'a"b',
        Secret: 'p\\ä',
      });
      await helper.get('registry.example').catch(() => undefined);
      expect(await home.read('get')).toBe('registry.example');
    }));

  it.each([
    ['{"ServerURL":"r","Username":"ada","Secret":"hunter2"}'],
    ['{"Username":"ada","Secret":"hunter2"}\n'],
    ['{"username":"ada","secret":"hunter2","expires":12}'],
  ])('may answer %j', (answer) =>
    withHelper(`echo '${answer}'`, async (helper) => {
      expect(await helper.get('r')).toEqual({ username: 'ada', password: SECRET });
    }),
  );

  it.each([
    ['credentials not found in native keychain', 'on standard output', ''],
    ['credentials not found in native keychain', 'on standard error', '>&2'],
    ['Error: credentials not found in native keychain', 'with a word before it', ''],
  ])('has nothing if it says %j %s', (what, _where, to) =>
    withHelper(`echo "${what}" ${to}; exit 1`, async (helper) => {
      expect([await helper.get('r'), await helper.erase('r'), (await helper.list()).size]).toEqual([
        undefined,
        false,
        0,
      ]);
    }),
  );

  it.each([
    ['fails without a word', 'exit 3', '`docker-credential-test get` failed (3)'],
    [
      'fails and says why',
      'echo "no keyring here"; exit 1',
      '`docker-credential-test get` failed (1): no keyring here',
    ],
    [
      'complains on standard error',
      'printf "one\\n\\033[31mtwo\\n" >&2; exit 1',
      '`docker-credential-test get` failed (1): one [31mtwo',
    ],
    [
      'fails behind its answer',
      `echo '{"Username":"ada","Secret":"${SECRET}"}'; exit 1`,
      '`docker-credential-test get` failed (1)',
    ],
    [
      'fails in the middle of its answer',
      `echo 'oh: {"Secret":"${SECRET}'; exit 1`,
      '`docker-credential-test get` failed (1): oh:',
    ],
    ['is killed', 'kill -9 $$', '`docker-credential-test get` failed (SIGKILL)'],
    [
      'prints text',
      `echo ${SECRET}`,
      '`docker-credential-test get` answered something else than a JSON object',
    ],
    ['prints nothing', 'true', '`docker-credential-test get` answered something else than a JSON object'],
    [
      'prints half of an object',
      `echo '{"Username":"ada","Secret":"${SECRET}'`,
      '`docker-credential-test get` answered something else than a JSON object',
    ],
    [
      'prints two objects',
      `echo '{"Secret":"${SECRET}"}{}'`,
      '`docker-credential-test get` answered something else than a JSON object',
    ],
    [
      'prints a list',
      `echo '["${SECRET}"]'`,
      '`docker-credential-test get` answered something else than a JSON object',
    ],
    ['prints null', 'echo null', '`docker-credential-test get` answered something else than a JSON object'],
    ['prints without end', 'yes hunter2', '`docker-credential-test get` said more than 1 MiB'],
  ])('is named by the error if it %s', (_what, script, message) =>
    withHelper(script, async (helper) => {
      const error = await failureOf(helper.get('r'));
      expect(error).toMatchObject({ code: 'CREDENTIALS_FAILED', message, path: '~/.docker/config.json' });
      expect(error.hint).toContain('~/.docker/config.json');
    }),
  );

  it('does not get what it was to keep told by its own failure', () =>
    withHelper('echo "cannot keep $(sed s/.*Secret...// | tr -d \\"})"; exit 1', async (helper) => {
      const error = await failureOf(helper.store('r', { username: 'ada', password: SECRET }));
      expect(error.message).toBe('`docker-credential-test store` failed (1): cannot keep ***');
    }));

  it('may end without reading', () =>
    withHelper('exec <&-; exit 4', async (helper) => {
      const password = 'x'.repeat(1_000_000);
      expect((await failureOf(helper.store('r', { username: 'ada', password }))).message).toContain(
        'failed (4)',
      );
    }));

  it('that says nothing is not waited for', () =>
    withHelper(
      'exec sleep 1000',
      async (helper) => {
        const { message, code } = await failureOf(helper.get('r'));
        expect([message, code]).toEqual([
          '`docker-credential-test get` did not answer within 0.2 s',
          'CREDENTIALS_FAILED',
        ]);
      },
      { patience: 200 },
    ));

  /** Interrupts a helper once it has written its file `pid`. @returns what is in it */
  const interrupt = async (script: string): Promise<number> => {
    const controller = new AbortController();
    return await withHelper(
      script,
      async (helper, home) => {
        const work = failureOf(helper.get('r'));
        const pid = async (): Promise<number> => Number(await home.read('pid').catch(() => ''));
        await expect.poll(pid, { timeout: 60_000 }).toBeGreaterThan(1);
        controller.abort();
        expect(await work).toMatchObject({ code: 'INTERRUPTED' });
        return await pid();
      },
      { signal: controller.signal },
    );
  };
  const HANGING = 'echo $$ > "$HOME/pid"; exec sleep 1000';

  it('is ended by an interruption', async () => {
    const pid = await interrupt(HANGING);
    await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
  });

  it('that does not want to end is killed', async () => {
    const pid = await interrupt('trap "" TERM; echo $$ > "$HOME/pid"; while :; do sleep 0.1; done');
    await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
  });

  it('that has left a child behind is not waited for', async () => {
    const child = await interrupt('sleep 1000 & echo $! > "$HOME/pid"; wait');
    expect(isRunning(child)).toBe(true);
    process.kill(child);
  });

  it('does not begin after an interruption', () =>
    withHelper(
      HANGING,
      async (helper, home) => {
        expect(await failureOf(helper.get('r'))).toMatchObject({ code: 'INTERRUPTED' });
        await expect(home.read('pid')).rejects.toThrow('ENOENT');
      },
      { signal: AbortSignal.abort() },
    ));

  it('that is not there is said to be missing', () =>
    inHome(async (home) => {
      const runHelper = createHelperRunner({ environment: home.environment });
      const error = await failureOf(new CredentialHelper('none', '~/x.json', runHelper).get('r'));
      expect(error).toBeInstanceOf(HelperMissing);
      expect(error).toMatchObject({
        code: 'CREDENTIALS_FAILED',
        message: 'docker-credential-none is not installed',
      });
      expect(error.hint).toContain('~/x.json');
    }));

  it('that is no program cannot be started', () =>
    inHome(async (home) => {
      await home.write('bin/docker-credential-text', 'text');
      const runHelper = createHelperRunner({ environment: home.environment });
      const error = await failureOf(new CredentialHelper('text', '~/x.json', runHelper).get('r'));
      expect(error.message).toBe('`docker-credential-text get` cannot be started (EACCES)');
    }));

  it.each(['', '../evil', '/bin/evil', 'a/b', '-x', 'a b', 'a\0b', '\u001b[31m', 'a;b'])(
    'is never looked for under the name %j',
    async (name) => {
      const run = (): Promise<never> => Promise.reject(new Error('was run'));
      const { message } = await failureOf(new CredentialHelper(name, '~/x.json', run).get('r'));
      expect(message).toMatch(/ is not the name of a helper$/);
      expect(message).not.toMatch(/\p{Cc}/u);
    },
  );

  it.each(['desktop.exe', 'ecr-login', 'osxkeychain', 'gcloud', '1password', 'my_helper'])(
    'may be called %s',
    async (name) => {
      const asked: unknown[] = [];
      const helper = new CredentialHelper(name, '~/x.json', (...args) => {
        asked.push(args);
        return Promise.resolve({ code: 0, stdout: '{}', stderr: '' });
      });
      await helper.get('registry.example');
      expect(asked).toEqual([[`docker-credential-${name}`, ['get'], 'registry.example']]);
    },
  );
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

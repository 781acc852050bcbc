import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smallImage } from '../../location/fixtures.ts';
import { openSink, parseLocation } from '../../location/index.ts';
import { KEEPER } from '../../location/registry/auth/fixtures.ts';
import { PITH, pith, temporaryFolder, type Outcome } from '../../testing/commands.ts';
import { DOCKER_REGISTRY_USER } from '../../testing/docker-registry.ts';
import { expectFailure } from '../../testing/failure.ts';
import { contextWith } from '../../testing/registry-context.ts';
import { fault, type TestAnswer, type TestRequest } from '../../testing/registry-protocol.ts';
import { startRegistry, USER, type TestRegistry, type TestRegistryOptions } from '../../testing/registry.ts';
import { createToolHome, type ToolHome } from '../../testing/tool-home.ts';
import { describeWith, SEARCH_PATH } from '../../testing/tools.ts';

const { username, password } = USER;
/** Forms of the password, of which none may be told to anybody. */
const SECRETS = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString('base64'),
  Buffer.from(`${username}:${password}`).toString('base64'),
];
const IDENTITY = 'identity-9f8e7d6c';

let place: ReturnType<typeof temporaryFolder>;
let registry: TestRegistry;
let answer: (request: TestRequest) => TestAnswer | undefined;

const path = (...parts: string[]): string => join(place.folder, ...parts);
async function write(name: string, content: string): Promise<void> {
  await mkdir(dirname(path(name)), { recursive: true });
  await writeFile(path(name), content);
}

/** Runs a command; nothing that it says may be a secret. */
async function run(args: readonly string[], { input = '', env = {} } = {}): Promise<Outcome> {
  const home = {
    HOME: place.folder,
    XDG_RUNTIME_DIR: path('session'),
    XDG_CONFIG_HOME: undefined,
    DOCKER_CONFIG: undefined,
    REGISTRY_AUTH_FILE: undefined,
    PITH_CACHE_DIR: path('cache'),
    PATH: `${path('bin')}:${SEARCH_PATH}`,
  };
  const outcome = await pith(args, { cwd: place.folder, input, env: { ...home, ...env } });
  const tokens = registry.requests.flatMap(({ headers }) => headers.authorization?.split(' ')[1] ?? []);
  for (const secret of [...SECRETS, IDENTITY, ...tokens])
    expect(outcome.stdout + outcome.stderr).not.toContain(secret);
  return outcome;
}
const logIn = (...more: string[]): Promise<Outcome> =>
  run(['login', registry.host, '-u', username, '--password-stdin', ...more], { input: `${password}\n` });
const isKnown = async (): Promise<boolean> => {
  const { stderr } = await run(['digest', `${registry.host}/app:1`]);
  return !stderr.includes('REGISTRY_UNAUTHORIZED');
};

async function start(options: TestRegistryOptions): Promise<void> {
  registry = await startRegistry({ ...options, override: (request) => answer(request) });
}

beforeEach(async () => {
  answer = () => undefined;
  place = temporaryFolder();
  mkdirSync(path('session'));
  await start({ auth: 'basic' });
});
afterEach(async () => {
  await registry.close();
  await place.remove();
});

describe('login', () => {
  it('keeps what the registry takes, for this user only, and logout forgets it', async () => {
    expect(await isKnown()).toBe(false);
    expect(await logIn()).toMatchObject({
      code: 0,
      stdout: `Logged in to ${registry.host}; kept in ~/session/containers/auth.json\n`,
      stderr: '',
    });
    expect(statSync(path('session/containers/auth.json')).mode & 0o777).toBe(0o600);
    expect(await isKnown()).toBe(true);
    const { stdout } = await run(['login', '--list']);
    expect(stdout).toMatch(new RegExp(`^REGISTRY +USER +PLACE\\n${registry.host} +ada +~/session/\\S+\\n$`));
    expect(JSON.parse((await run(['login', '--list', '--json'])).stdout)).toMatchObject([
      { target: registry.host, username },
    ]);
    expect((await run(['logout', registry.host])).stdout).toBe(
      `Removed the credentials for ${registry.host} from ~/session/containers/auth.json\n`,
    );
    expect(await isKnown()).toBe(false);
    expect((await run(['logout', registry.host])).stdout).toContain('There were no credentials');
  });

  it('keeps nothing that the registry does not take', async () => {
    const wrong = await run(['login', registry.host, '-u', 'ada', '-p', 'p:ss']);
    expectFailure(wrong, {
      code: 'REGISTRY_UNAUTHORIZED',
      message: /does not take the credentials of "ada" for a login/,
      hint: /Check the name and the password/,
    });
    expect((await run(['login', '--list', '--json'])).stdout).toBe('[]\n');
  });

  it.each<[string, string[], RegExp]>([
    ['no name', ['login', 'HOST'], /--username is missing/],
    ['no password', ['login', 'HOST', '-u', 'ada'], /--password-stdin is missing/],
    ['an empty password', ['login', 'HOST', '-u', 'ada', '--password-stdin'], /password is empty/],
    ['two passwords', ['login', 'HOST', '-u', 'a', '-p', 'b', '--password-stdin'], /exclude each other/],
    ['a colon in the name', ['login', 'HOST', '-u', 'a:b', '-p', 'c'], /cannot hold a colon/],
    [
      'an address with a password',
      ['login', `https://ada:${password}@HOST`, '-u', 'a', '-p', 'c'],
      /"\*\*\*@\S+" is not a registry/,
    ],
    ['no registry', ['login', 'not a host', '-u', 'a', '-p', 'c'], /"not a host" is not a registry/],
    ['everything and one', ['logout', 'HOST', '--all'], /exclude each other/],
  ])('wants what it needs: %s is said', async (_what, args, message) => {
    const given = args.map((arg) => arg.replace('HOST', registry.host));
    expectFailure(await run(given), { code: 'USAGE', message, hint: /./ });
  });

  it('uses the file that is named, and --docker the one of Docker', async () => {
    expect((await logIn('--authfile', 'own.json')).stdout).toContain('own.json');
    expect(await isKnown()).toBe(false);
    const asked = await run(['digest', `${registry.host}/app:1`, '--authfile', 'own.json']);
    expect(asked.stderr).not.toContain('REGISTRY_UNAUTHORIZED');
    expect((await logIn('--docker')).stdout).toContain('~/.docker/config.json');
    expect(await isKnown()).toBe(true);
    const kept = await run(['logout', registry.host]);
    expect(kept.stderr).toContain("--docker removes Docker's own");
    expect((await run(['logout', registry.host, '--docker'])).stdout).toContain('~/.docker/config.json');
    expect(await isKnown()).toBe(false);
    await logIn();
    await logIn('--docker');
    expect((await run(['logout', '--all', '--docker'])).code).toBe(0);
    expect((await run(['login', '--list', '--json'])).stdout).toBe('[]\n');
  });

  it('gives it to the helper that a file names, and files hold nothing then', async () => {
    await write('bin/docker-credential-keep', `#!/bin/sh\n${KEEPER}\n`);
    chmodSync(path('bin/docker-credential-keep'), 0o755);
    await write('.docker/config.json', '{"credsStore": "keep"}');
    expect((await logIn()).stdout).toContain('docker-credential-keep');
    expect(readFileSync(path('.docker/config.json'), 'utf8')).not.toContain('"auth"');
    expect(await isKnown()).toBe(true);
    expect((await run(['login', '--list'])).stdout).toMatch(/ada .*keep/);
    expect((await run(['logout', registry.host, '--docker'])).stdout).toContain('keep');
    expect(await isKnown()).toBe(false);
  });

  it('says that a helper is missing, and what one says that fails', async () => {
    await write('.docker/config.json', '{"credsStore": "keep"}');
    expectFailure(await run(['digest', `${registry.host}/app:1`]), {
      code: 'REGISTRY_UNAUTHORIZED',
      message: /no credentials/,
      hint: /docker-credential-keep of ~\/\.docker\/config\.json \(not installed\)/,
    });
    await write('bin/docker-credential-keep', '#!/bin/sh\necho "the keyring is locked" >&2; exit 1\n');
    chmodSync(path('bin/docker-credential-keep'), 0o755);
    expectFailure(await run(['digest', `${registry.host}/app:1`]), {
      code: 'CREDENTIALS_FAILED',
      message: /the keyring is locked/,
      hint: /./,
    });
  });
});

describeWith('login on a terminal', { tools: ['script'] }, () => {
  /** Runs `pith login` on a terminal, and answers each question when it is asked. */
  const answerWith = (answers: readonly string[], ...more: string[]): Promise<Outcome> => {
    const words = [process.execPath, PITH, 'login', registry.host, ...more];
    const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
      cwd: place.folder,
      env: { PATH: SEARCH_PATH, HOME: place.folder, XDG_RUNTIME_DIR: path('session') },
    });
    let stdout = '';
    let asked = 0;
    child.stdout.on('data', (piece: Buffer) => {
      stdout += piece.toString();
      if ((stdout.match(/(?:User of \S+|Password): /g)?.length ?? 0) > asked)
        child.stdin.write(answers[asked++] ?? '');
    });
    return new Promise((resolve) => {
      child.once('close', (code) => {
        resolve({ code: code ?? 'signal', stdout, stderr: '' });
      });
    });
  };

  it('asks for the name and the password, which is not shown', async () => {
    const { code, stdout } = await answerWith([`${username}\r`, `${password}\r`]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain(`\nLogged in to ${registry.host}`);
    for (const secret of SECRETS) expect(stdout).not.toContain(secret);
    expect(await isKnown()).toBe(true);
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('is ended by %s', async (_what, key) => {
    const { code, stdout } = await answerWith([key], '-u', username);
    expect({ code, stdout }).toMatchObject({
      code: 130,
      stdout: expect.stringContaining('interrupted while asking [INTERRUPTED]') as string,
    });
    expect(await isKnown()).toBe(false);
  });
});

describe('a secret', () => {
  const FAULTS: [string, TestAnswer][] = [
    ['no permission', fault(403, 'DENIED', 'no')],
    ['a fault', { status: 500, headers: { 'retry-after': '0' }, body: 'internal' }],
    ['a page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['another place', { status: 302, headers: { location: 'https://r.invalid/x?token=SECRET&sig=SECRET' } }],
    ['an echo', fault(400, 'UNKNOWN', `Authorization: Basic ${SECRETS[3] ?? ''} is odd`)],
  ];

  it.each(FAULTS)('is not told where the registry answers with %s', async (_what, answered) => {
    await logIn();
    const isAsked = /\/(?:manifests|uploads|tags)\//;
    answer = ({ url, headers }) =>
      isAsked.test(url.pathname) && headers.authorization !== undefined ? answered : undefined;
    await openSink(parseLocation(`oci:${path('images')}:app`), contextWith()).write([
      { names: [], artifact: await smallImage('secret') },
    ]);
    const { host } = registry;
    for (const args of [
      ['push', 'oci:images:app', `${host}/app:1`],
      ['pull', `${host}/app:1`],
      ['tags', `${host}/app`],
    ])
      for (const flags of [[], ['--json']]) {
        const { code, stderr } = await run([...args, ...flags], { env: { PITH_DEBUG: '1', no_proxy: '*' } });
        expect(code).not.toBe(0);
        expect(stderr).not.toContain('SECRET');
      }
  });

  it('goes with tokens, which are not told either', async () => {
    await registry.close();
    await start({ auth: { identityToken: IDENTITY, user: ['pull'] } });
    const args = ['login', registry.host, '-u', '<token>', '--password-stdin'];
    expect(await run(args, { input: IDENTITY })).toMatchObject({ code: 0 });
    await openSink(parseLocation(`oci:${path('images')}:app`), contextWith()).write([
      { names: [], artifact: await smallImage('secret') },
    ]);
    const denied = await run(['push', 'oci:images:app', `${registry.host}/app:1`, '--json'], {
      env: { PITH_DEBUG: '1' },
    });
    expect(JSON.parse(denied.stderr)).toMatchObject({ error: { code: 'REGISTRY_DENIED' } });
    expect((await run(['login', '--list'])).stdout).toContain('(token)');
  });
});

describeWith('credentials of pith and of skopeo', { tools: ['docker-registry', 'skopeo'] }, () => {
  let home: ToolHome;
  beforeEach(async () => {
    home = await createToolHome({ hasPasswords: true, isStranger: true });
  });
  afterEach(() => home.close());

  it('are found by each other', async () => {
    const ours = ['login', home.host, '-u', DOCKER_REGISTRY_USER.username, '--password-stdin'];
    const input = DOCKER_REGISTRY_USER.password;
    expect(await home.pith(ours, { input })).toMatchObject({ code: 0 });
    expect(await home.tool('skopeo', 'login', '--get-login', home.host)).toBe(DOCKER_REGISTRY_USER.username);
    const missing = await home.attempt('skopeo', 'inspect', `docker://${home.host}/none:1`);
    expect(missing.stderr).toMatch(/manifest unknown|name unknown/);
    await home.tool('skopeo', 'logout', home.host);
    const asked = (): Promise<Outcome> => home.pith(['digest', `${home.host}/none:1`]);
    expect((await asked()).stderr).toContain('[REGISTRY_UNAUTHORIZED]');
    await home.tool('skopeo', 'login', '-u', DOCKER_REGISTRY_USER.username, '-p', input, home.host);
    expect((await asked()).stderr).toContain('[UNKNOWN_IMAGE]');
    expect(await home.pith(['logout', home.host])).toMatchObject({ code: 0 });
    expect((await home.attempt('skopeo', 'login', '--get-login', home.host)).code).not.toBe(0);
  });
});

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, type Outcome } from '../../../testing/commands.ts';
import { DOCKER_REGISTRY_USER, startDockerRegistry } from '../../../testing/docker-registry.ts';
import { describeWith, SEARCH_PATH } from '../../../testing/tools.ts';
import { authOf, inHome, KEEPER, type TestHome } from './fixtures.ts';
import { removeLogin, storeLogin } from './login.ts';
import { AuthFiles } from './source.ts';

const LOGIN = DOCKER_REGISTRY_USER;

interface Program {
  readonly name: string;
  readonly login: readonly string[];
  readonly logout: readonly string[];
  /** Asks for an image that the registry does not have: says whether it knew us. */
  readonly ask: (image: string) => readonly string[];
}

const PODMAN: Program = {
  name: 'podman',
  login: ['login', '--tls-verify=false'],
  logout: ['logout'],
  ask: (image) => ['pull', '--tls-verify=false', image],
};
const SKOPEO: Program = {
  name: 'skopeo',
  login: ['login', '--tls-verify=false'],
  logout: ['logout'],
  ask: (image) => ['inspect', '--tls-verify=false', `docker://${image}`],
};
const DOCKER: Program = {
  name: 'docker',
  login: ['login'],
  logout: ['logout'],
  ask: (image) => ['manifest', 'inspect', '--insecure', image],
};

let host = '';

describeWith('a registry with passwords', { tools: ['docker-registry'] }, () => {
  let close = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    ({ host, close } = await startDockerRegistry({ hasPasswords: true }));
  });
  afterAll(() => close());

  /** Runs a program in a home, as a user without a session unless told. */
  const call = (home: TestHome, { name }: Program, args: readonly string[], input = ''): Promise<Outcome> =>
    run(name, args, {
      input,
      env: {
        ...home.environment,
        PATH: `${join(home.folder, 'bin')}:${SEARCH_PATH}`,
        XDG_RUNTIME_DIR: join(home.folder, 'run'),
        DOCKER_CONFIG: undefined,
        REGISTRY_AUTH_FILE: undefined,
        XDG_CONFIG_HOME: undefined,
        CONTAINERS_STORAGE_CONF: join(home.folder, 'storage.conf'),
        DOCKER_HOST: `unix://${home.folder}/no-daemon`,
      },
    });
  const logIn = (home: TestHome, program: Program): Promise<Outcome> =>
    call(home, program, [...program.login, '--username', 'ada', '--password-stdin', host], LOGIN.password);
  const withSession = async (work: (home: TestHome) => Promise<void>): Promise<void> => {
    await inHome(async (home) => {
      await mkdir(join(home.folder, 'run'));
      const storage = `runroot = "${home.folder}/runroot"\ngraphroot = "${home.folder}/graphroot"\n`;
      await home.write('storage.conf', `[storage]\ndriver = "vfs"\n${storage}`);
      home.environment['XDG_RUNTIME_DIR'] = join(home.folder, 'run');
      await work(home);
    });
  };
  /** What the program learns of the image with what it finds in the home. */
  const ask = async (home: TestHome, program: Program): Promise<'known' | 'unknown'> => {
    const { stderr, code } = await call(home, program, program.ask(`${host}/none:1`));
    expect(code).not.toBe(0);
    if (/unauthorized|authentication required|no basic auth/.test(stderr)) return 'unknown';
    expect(stderr).toMatch(/manifest unknown|no such manifest|name unknown/);
    return 'known';
  };

  describe.each([PODMAN, SKOPEO])('with $name', (program) => {
    describeWith(program.name, { tools: [program.name] }, () => {
      it('knows the login of ours, and logs out of it', () =>
        withSession(async (home) => {
          expect(await ask(home, program)).toBe('unknown');
          await storeLogin(host, LOGIN, home.context());
          const got = await call(home, program, ['login', '--get-login', host]);
          expect([got.code, got.stdout.trim()]).toEqual([0, 'ada']);
          expect(await ask(home, program)).toBe('known');
          expect(await call(home, program, [...program.logout, host])).toMatchObject({ code: 0 });
          expect(await new AuthFiles(home.context()).find(host, '')).toBeUndefined();
        }));

      it('has its login found here, and ended', () =>
        withSession(async (home) => {
          expect(await logIn(home, program)).toMatchObject({ code: 0 });
          expect(await new AuthFiles(home.context()).locate(host, 'any/image')).toEqual({
            credential: LOGIN,
            place: '~/run/containers/auth.json',
          });
          expect(await removeLogin(host, home.context())).toEqual({
            places: ['~/run/containers/auth.json'],
            left: undefined,
          });
          expect(await ask(home, program)).toBe('unknown');
        }));

      it('keeps what we write beside it, as we do', () =>
        withSession(async (home) => {
          await storeLogin('other.example/part', LOGIN, home.context());
          expect(await logIn(home, program)).toMatchObject({ code: 0 });
          await storeLogin('last.example', LOGIN, home.context());
          const { auths } = JSON.parse(await home.read('run/containers/auth.json')) as { auths: object };
          expect(Object.keys(auths).sort()).toEqual([host, 'last.example', 'other.example/part'].sort());
          expect(await ask(home, program)).toBe('known');
        }));

      it('uses the helper that we use', () =>
        withSession(async (home) => {
          await home.writeHelper('keep', KEEPER);
          await home.write('run/containers/auth.json', { credHelpers: { [host]: 'keep' } });
          await storeLogin(host, LOGIN, home.context());
          expect(await ask(home, program)).toBe('known');
          expect(await call(home, program, [...program.logout, host])).toMatchObject({ code: 0 });
          expect(await new AuthFiles(home.context()).find(host, '')).toBeUndefined();
          expect(await logIn(home, program)).toMatchObject({ code: 0 });
          expect(await new AuthFiles(home.context()).find(host, '')).toEqual(LOGIN);
        }));
    });
  });

  describeWith('with docker', { tools: ['docker'] }, () => {
    it.each([
      ['a file', {}],
      ['a helper', { credsStore: 'keep' }],
    ])('knows the login of ours in %s', (_what, config) =>
      withSession(async (home) => {
        await home.writeHelper('keep', KEEPER);
        await home.write('.docker/config.json', config);
        expect(await ask(home, DOCKER)).toBe('unknown');
        await storeLogin(host, LOGIN, home.context({ isDocker: true }));
        expect(await ask(home, DOCKER)).toBe('known');
        expect(await call(home, DOCKER, [...DOCKER.logout, host])).toMatchObject({ code: 0 });
        expect(await new AuthFiles(home.context()).find(host, '')).toBeUndefined();
        expect(JSON.parse(await readFile(join(home.folder, '.docker/config.json'), 'utf8'))).toEqual({
          auths: {},
          ...config,
        });
      }),
    );

    it.each([
      ['a file', {}],
      ['a helper', { credsStore: 'keep' }],
    ])('has its login in %s found here', (_what, config) =>
      withSession(async (home) => {
        await home.writeHelper('keep', KEEPER);
        await home.write('.docker/config.json', config);
        expect(await logIn(home, DOCKER)).toMatchObject({ code: 0 });
        expect(await new AuthFiles(home.context()).find(host, 'any/image')).toEqual(LOGIN);
        await removeLogin(host, home.context({ isDocker: true }));
        expect(await ask(home, DOCKER)).toBe('unknown');
      }),
    );
  });
});

describeWith('skopeo', { tools: ['skopeo'] }, () => {
  const as = (username: string): { auth: string } => ({ auth: authOf(username, 'x') });
  const [SESSION, USER, CONFIG, LEGACY] = [
    'run/containers/auth.json',
    '.config/containers/auth.json',
    '.docker/config.json',
    '.dockercfg',
  ];

  it.each<[string, string, Record<string, unknown>]>([
    [
      'every file',
      'r.example',
      {
        [SESSION]: { auths: { 'r.example': as('session') } },
        [USER]: { auths: { 'r.example': as('user') } },
        [CONFIG]: { auths: { 'r.example': as('docker') } },
      },
    ],
    [
      'the user’s and Docker’s',
      'r.example',
      {
        [SESSION]: { auths: {} },
        [USER]: { auths: { 'r.example': as('user') } },
        [CONFIG]: { auths: { 'r.example': as('docker') } },
      },
    ],
    [
      'Docker’s',
      'r.example',
      { [CONFIG]: { auths: { 'r.example': as('docker') } }, [LEGACY]: { 'r.example': as('legacy') } },
    ],
    ['the old one', 'r.example', { [LEGACY]: { 'https://r.example/v1/': as('legacy') } }],
    [
      'empty entries before others',
      'r.example',
      { [SESSION]: { auths: { 'r.example': {} } }, [USER]: { auths: { 'r.example': as('user') } } },
    ],
    ['addresses', 'r.example', { [CONFIG]: { auths: { 'https://r.example/v2/': as('address') } } }],
    [
      'an address and a host',
      'r.example',
      { [CONFIG]: { auths: { 'https://r.example': as('address'), 'r.example': as('host') } } },
    ],
    [
      'a port',
      'r.example:5000',
      { [CONFIG]: { auths: { 'r.example': as('host'), 'http://r.example:5000/v1/': as('port') } } },
    ],
    [
      'another port',
      'r.example:5001',
      { [CONFIG]: { auths: { 'r.example': as('host'), 'r.example:5000': as('port') } } },
    ],
    ['parts of the registry', 'r.example', { [CONFIG]: { auths: { 'r.example/a': as('part') } } }],
    [
      'Docker Hub as Docker writes it',
      'docker.io',
      { [CONFIG]: { auths: { 'https://index.docker.io/v1/': as('hub') } } },
    ],
    [
      'Docker Hub as podman writes it',
      'docker.io',
      { [CONFIG]: { auths: { 'docker.io': as('podman'), 'https://index.docker.io/v1/': as('hub') } } },
    ],
    [
      'Docker Hub by another host',
      'docker.io',
      { [CONFIG]: { auths: { 'registry-1.docker.io': as('host') } } },
    ],
    [
      'a helper before an entry',
      'r.example',
      { [SESSION]: { credHelpers: { 'r.example': 'keep' }, auths: { 'r.example': as('file') } } },
    ],
    ['a token', 'r.example', { [SESSION]: { auths: { 'r.example': { ...as('ada'), identitytoken: '' } } } }],
  ])('finds the same user in %s', (_what, registry, files) =>
    inHome(async (home) => {
      await home.writeHelper('keep', `echo '{"Username":"helper","Secret":"x"}'`);
      await mkdir(join(home.folder, 'run'));
      home.environment['XDG_RUNTIME_DIR'] = join(home.folder, 'run');
      for (const [path, content] of Object.entries(files)) await home.write(path, content);
      const { stdout } = await run('skopeo', ['login', '--get-login', registry], {
        env: {
          ...home.environment,
          DOCKER_CONFIG: undefined,
          REGISTRY_AUTH_FILE: undefined,
          XDG_CONFIG_HOME: undefined,
        },
      });
      const found = await new AuthFiles(home.context()).find(registry, '');
      expect(found && 'username' in found ? found.username : '').toBe(stdout.trim());
    }),
  );
});

import { chown, lstat, mkdir, readdir, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { unlessRoot } from '../../../testing/tools.ts';
import type { LoginContext } from './choose.ts';
import { authOf, inHome, KEEPER, type TestHome } from './fixtures.ts';
import { listLogins } from './list.ts';
import { removeLogin, storeLogin } from './login.ts';
import { AuthFiles } from './source.ts';

const REGISTRY = 'registry.example';
const LOGIN = { username: 'ada', password: 'hunter2' };
const AUTH = { auth: authOf('ada', 'hunter2') };
const OTHER = { auth: authOf('other', 'other') };

const USER = '.config/containers/auth.json';
const SESSION = 'run/containers/auth.json';
const DOCKER = '.docker/config.json';

const WORKS = [
  (context: LoginContext): Promise<unknown> => storeLogin(REGISTRY, LOGIN, context),
  (context: LoginContext): Promise<unknown> => removeLogin(REGISTRY, context),
];

async function json(home: TestHome, path: string): Promise<unknown> {
  return JSON.parse(await home.read(path));
}

async function mode(home: TestHome, path: string): Promise<string> {
  return ((await stat(join(home.folder, path))).mode & 0o777).toString(8);
}

/** Variables for a session whose folder is there. */
async function session(home: TestHome): Promise<Record<string, string>> {
  await mkdir(join(home.folder, 'run'), { recursive: true });
  return { XDG_RUNTIME_DIR: join(home.folder, 'run') };
}

describe('a login', () => {
  it.each<
    [
      string,
      Record<string, unknown>,
      (home: TestHome) => Partial<LoginContext> | Promise<Partial<LoginContext>>,
      string,
    ]
  >([
    ['podman’s file of the session', {}, async (home) => ({ environment: await session(home) }), SESSION],
    ['podman’s file of the user, where there is no session', {}, () => ({}), USER],
    [
      'podman’s file of the user, where the folder of the session is not there',
      {},
      (home) => ({ environment: { XDG_RUNTIME_DIR: join(home.folder, 'run') } }),
      USER,
    ],
    [
      'podman’s file of the user, in its own folder',
      {},
      (home) => ({ environment: { XDG_CONFIG_HOME: join(home.folder, 'xdg') } }),
      'xdg/containers/auth.json',
    ],
    [
      'the file of the variable',
      { [DOCKER]: { credsStore: 'keep' } },
      async (home) => ({
        environment: { ...(await session(home)), REGISTRY_AUTH_FILE: join(home.folder, 'x/auth.json') },
      }),
      'x/auth.json',
    ],
    [
      'the file of the option',
      { [DOCKER]: 'broken' },
      (home) => ({
        authFile: join(home.folder, 'x/auth.json'),
        environment: { REGISTRY_AUTH_FILE: join(home.folder, 'y') },
      }),
      'x/auth.json',
    ],
    ['Docker’s file on demand', { [USER]: { auths: {} } }, () => ({ isDocker: true }), DOCKER],
    [
      'Docker’s file in its folder on demand',
      {},
      (home) => ({ isDocker: true, environment: { DOCKER_CONFIG: join(home.folder, 'd') } }),
      'd/config.json',
    ],
    [
      'the session in spite of a file of Docker’s',
      { [DOCKER]: { auths: { [REGISTRY]: OTHER } } },
      async (home) => ({ environment: await session(home) }),
      SESSION,
    ],
    [
      'the user in spite of a helper for others',
      { [DOCKER]: { credHelpers: { 'other.example': 'keep' } } },
      () => ({}),
      USER,
    ],
    [
      'the session in spite of an entry behind it',
      { [USER]: { auths: { [REGISTRY]: OTHER } } },
      async (home) => ({ environment: await session(home) }),
      SESSION,
    ],
    [
      'the session where that has an entry, in spite of Docker’s helper',
      { [SESSION]: { auths: { [REGISTRY]: OTHER } }, [DOCKER]: { credsStore: 'keep' } },
      async (home) => ({ environment: await session(home) }),
      SESSION,
    ],
  ])('goes into %s', async (_what, files, context, expected) => {
    await inHome(async (home) => {
      for (const [path, content] of Object.entries(files)) await home.write(path, content);
      const used = home.context(await context(home));
      const before = await Promise.all(Object.keys(files).map((path) => home.read(path)));
      const report = await storeLogin(REGISTRY, LOGIN, used);
      expect(report).toEqual({ place: `~/${expected}`, hiddenBy: undefined });
      expect(await json(home, expected)).toMatchObject({ auths: { [REGISTRY]: AUTH } });
      expect(await mode(home, expected)).toBe('600');
      const others = Object.keys(files).filter((path) => path !== expected);
      for (const path of others) expect(await home.read(path)).toBe(before[Object.keys(files).indexOf(path)]);
      if (used.isDocker !== true || files[USER] === undefined)
        expect(await new AuthFiles(used).find(REGISTRY, 'a')).toEqual(LOGIN);
    });
  });

  it('makes folders that others cannot look into', () =>
    inHome(async (home) => {
      await storeLogin(REGISTRY, LOGIN, home.context());
      expect([await mode(home, '.config'), await mode(home, '.config/containers')]).toEqual(['700', '700']);
      expect(await readdir(join(home.folder, '.config/containers'))).toEqual(['auth.json']);
    }));

  it.each([
    ['ghcr.io', 'ghcr.io', 'ghcr.io'],
    ['https://GHCR.io/', 'ghcr.io', 'ghcr.io'],
    ['localhost:5000', 'localhost:5000', 'localhost:5000'],
    ['[::1]:5000', '[::1]:5000', '[::1]:5000'],
    ['quay.io/user', 'quay.io/user', 'quay.io/user'],
    ['docker.io', 'docker.io', 'https://index.docker.io/v1/'],
    ['https://index.docker.io/v1/', 'docker.io', 'https://index.docker.io/v1/'],
    ['registry-1.docker.io', 'docker.io', 'https://index.docker.io/v1/'],
    ['docker.io/library', 'docker.io/library', 'docker.io/library'],
  ])('to %s has the key that podman and Docker have', (target, podman, docker) =>
    inHome(async (home) => {
      await storeLogin(target, LOGIN, home.context());
      await storeLogin(target, LOGIN, home.context({ isDocker: true }));
      expect(await json(home, USER)).toEqual({ auths: { [podman]: AUTH } });
      expect(await json(home, DOCKER)).toEqual({ auths: { [docker]: AUTH } });
    }),
  );

  it('takes the place of all entries for the same, and of none else', () =>
    inHome(async (home) => {
      const rest = '"currentContext": "x", "HttpHeaders": {"A": "b"}, "size": 12345678901234567890';
      const entries = {
        'https://index.docker.io/v1/': OTHER,
        'docker.io': OTHER,
        'docker.io/a': OTHER,
        [REGISTRY]: OTHER,
      };
      await home.write(DOCKER, `{${rest}, "auths": ${JSON.stringify(entries)}}`);
      await storeLogin('docker.io', LOGIN, home.context({ isDocker: true }));
      expect(await home.read(DOCKER)).toContain(`{${rest}, "auths": {`);
      expect(await json(home, DOCKER)).toMatchObject({
        auths: { 'https://index.docker.io/v1/': AUTH, 'docker.io/a': OTHER, [REGISTRY]: OTHER },
      });
      expect(await home.read(DOCKER)).not.toContain('"docker.io":');
    }));

  it('may be an identity token', () =>
    inHome(async (home) => {
      await storeLogin(REGISTRY, { identityToken: 'refresh' }, home.context());
      expect(await json(home, USER)).toEqual({ auths: { [REGISTRY]: { identitytoken: 'refresh' } } });
      expect(await new AuthFiles(home.context()).find(REGISTRY, '')).toEqual({ identityToken: 'refresh' });
    }));

  it.each([
    ['', LOGIN],
    ['a b', LOGIN],
    ['registry.example:port', LOGIN],
    ['user@registry.example', LOGIN],
    ['\u001b[2J', LOGIN],
    ['registry.example/UPPER', LOGIN],
    [REGISTRY, { username: '', password: 'x' }],
    [REGISTRY, { username: 'x', password: '' }],
    [REGISTRY, { username: 'a:b', password: 'x' }],
    [REGISTRY, { identityToken: '' }],
  ])('to %j as %j is refused', (target, login) =>
    inHome(async (home) => {
      await expect(storeLogin(target, login, home.context())).rejects.toMatchObject({ code: 'USAGE' });
      expect(await readdir(home.folder)).toEqual([]);
    }),
  );

  it('has no place without a home', async () => {
    await inHome(async (home) => {
      const context = home.context({ environment: { HOME: undefined } });
      await expect(storeLogin(REGISTRY, LOGIN, context)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('HOME') as string,
      });
    });
  });

  it('tells what it is hidden by', () =>
    inHome(async (home) => {
      const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { [REGISTRY]: OTHER } });
      const variable = home.context({ isDocker: true, environment: { DOCKER_AUTH_CONFIG } });
      expect(await storeLogin(REGISTRY, LOGIN, variable)).toMatchObject({ hiddenBy: '$DOCKER_AUTH_CONFIG' });
      await home.write(USER, { credHelpers: { 'other.example': 'keep' } });
      expect(await storeLogin('other.example/part', LOGIN, home.context())).toMatchObject({
        place: '~/.config/containers/auth.json',
        hiddenBy: 'docker-credential-keep of ~/.config/containers/auth.json',
      });
    }));
});

describe('a file', () => {
  it('that is a link is written through', () =>
    inHome(async (home) => {
      await home.write('secrets/config', { auths: { 'other.example': OTHER } });
      await mkdir(join(home.folder, '.docker'));
      await symlink('../secrets/config', join(home.folder, DOCKER));
      await storeLogin(REGISTRY, LOGIN, home.context({ isDocker: true }));
      expect(await readlink(join(home.folder, DOCKER))).toBe('../secrets/config');
      expect(await json(home, 'secrets/config')).toEqual({
        auths: { 'other.example': OTHER, [REGISTRY]: AUTH },
      });
      expect(await readdir(join(home.folder, 'secrets'))).toEqual(['config']);
    }));

  it('may be a link to what is not there yet', () =>
    inHome(async (home) => {
      await mkdir(join(home.folder, '.docker'));
      await symlink('../later/config.json', join(home.folder, DOCKER));
      await storeLogin(REGISTRY, LOGIN, home.context({ isDocker: true }));
      expect((await lstat(join(home.folder, DOCKER))).isSymbolicLink()).toBe(true);
      expect(await json(home, 'later/config.json')).toEqual({ auths: { [REGISTRY]: AUTH } });
    }));

  it('that is a link to itself is a clear error', () =>
    inHome(async (home) => {
      await mkdir(join(home.folder, '.docker'));
      await symlink('config.json', join(home.folder, DOCKER));
      await expect(storeLogin(REGISTRY, LOGIN, home.context({ isDocker: true }))).rejects.toMatchObject({
        code: 'OUTPUT_FAILED',
        message: expect.stringContaining('cannot write ~/.docker/config.json') as string,
      });
    }));

  it.each([
    ['is not JSON', '{"auths": {"registry.example": {"auth": "c2VjcmV0"'],
    ['has other types', '{"auths": []}'],
    ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['is too large', Buffer.alloc(5_000_000, ' ')],
  ])('that %s stays as it is', (_what, content) =>
    inHome(async (home) => {
      const path = await home.write(USER, content);
      const before = await stat(path);
      for (const work of WORKS) {
        const error: unknown = await work(home.context()).catch((one: unknown) => one);
        expect(error).toMatchObject({ code: 'CREDENTIALS_FAILED', path: '~/.config/containers/auth.json' });
        expect(inspect(error)).not.toMatch(/hunter2|c2VjcmV0/);
      }
      expect(await stat(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs, size: before.size });
      expect(await readdir(join(home.folder, '.config/containers'))).toEqual(['auth.json']);
    }),
  );

  it('that is a folder is a clear error', () =>
    inHome(async (home) => {
      await mkdir(join(home.folder, USER), { recursive: true });
      await expect(storeLogin(REGISTRY, LOGIN, home.context())).rejects.toMatchObject({
        code: 'CREDENTIALS_FAILED',
        message: 'credentials cannot be read from ~/.config/containers/auth.json: it is not a file',
      });
    }));

  it('where none can be made is a clear error', () =>
    inHome(async (home) => {
      await home.write('.config', 'a file');
      await expect(storeLogin(REGISTRY, LOGIN, home.context())).rejects.toMatchObject({
        code: 'OUTPUT_FAILED',
        message: expect.stringContaining('cannot write ~/.config/containers/auth.json') as string,
      });
    }));

  it('gets the entries of all who log in at once', () =>
    inHome(async (home) => {
      await home.write(USER, { auths: { 'other.example': OTHER }, more: 1 });
      const targets = Array.from({ length: 12 }, (_, at) => `r${at}.example`);
      await Promise.all([
        ...targets.map((target) => storeLogin(target, LOGIN, home.context())),
        removeLogin('other.example', home.context()),
      ]);
      const { auths, more } = (await json(home, USER)) as { auths: object; more: unknown };
      expect([Object.keys(auths).sort(), more]).toEqual([targets.sort(), 1]);
      expect(await readdir(join(home.folder, '.config/containers'))).toEqual(['auth.json']);
    }));

  it('is never seen half-written', () =>
    inHome(async (home) => {
      await home.write(USER, { auths: {}, pad: 'x'.repeat(100_000) });
      const done = new AbortController();
      const work = async (): Promise<void> => {
        for (let at = 0; at < 10; at++) await storeLogin(`r${at}.example`, LOGIN, home.context());
        done.abort();
      };
      const look = async (): Promise<void> => {
        while (!done.signal.aborted) expect(await json(home, USER)).toHaveProperty('pad');
      };
      await Promise.all([work(), look()]);
    }));

  it('is closed to others, whatever it was', () =>
    inHome(async (home) => {
      await home.write(USER, { auths: {} });
      expect(await mode(home, USER)).not.toBe('600');
      await storeLogin(REGISTRY, LOGIN, home.context());
      expect(await mode(home, USER)).toBe('600');
    }));

  it.skipIf(unlessRoot() !== undefined)('stays its owner’s when root writes it', () =>
    inHome(async (home) => {
      const path = await home.write(USER, { auths: {} });
      await chown(path, 12_345, 23_456);
      await storeLogin(REGISTRY, LOGIN, home.context());
      expect(await stat(path)).toMatchObject({ uid: 12_345, gid: 23_456 });
    }),
  );
});

describe('a login where there is a helper', () => {
  const withKeeper = (config: unknown, work: (home: TestHome) => Promise<void>): Promise<void> =>
    inHome(async (home) => {
      await home.writeHelper('keep', KEEPER);
      await home.write(DOCKER, config);
      await work(home);
    });

  it.each([
    ['all', { credsStore: 'keep', psFormat: 'x' }, REGISTRY, 'registry.example', REGISTRY],
    ['the registry', { credHelpers: { [REGISTRY]: 'keep' } }, REGISTRY, 'registry.example', REGISTRY],
    [
      'Docker Hub',
      { credsStore: 'keep' },
      'docker.io',
      'https:__index.docker.io_v1_',
      'https://index.docker.io/v1/',
    ],
  ])('for %s is kept by it, with the mark that Docker leaves', (_what, config, target, file, key) =>
    withKeeper(config, async (home) => {
      const kept = file.replace(':', '_');
      const report = await storeLogin(target, LOGIN, home.context());
      expect(report.place).toBe('docker-credential-keep of ~/.docker/config.json');
      expect(JSON.parse(await home.read(`keyring/${kept}`))).toMatchObject({
        Username: 'ada',
        Secret: 'hunter2',
      });
      expect(await json(home, DOCKER)).toEqual({ ...config, auths: { [key]: {} } });
      expect(await new AuthFiles(home.context()).find(target, 'a')).toEqual(LOGIN);
      expect(await removeLogin(target, home.context())).toEqual({ places: [report.place], left: undefined });
      expect(await readdir(join(home.folder, 'keyring'))).toEqual([]);
      expect(await json(home, DOCKER)).toEqual({ ...config, auths: {} });
    }),
  );

  it('takes the secret out of the file', () =>
    withKeeper({ credsStore: 'keep', auths: { [`https://${REGISTRY}`]: OTHER } }, async (home) => {
      await storeLogin(REGISTRY, LOGIN, home.context());
      expect(await json(home, DOCKER)).toEqual({ credsStore: 'keep', auths: { [REGISTRY]: {} } });
    }));

  it('of podman’s file leaves that as it is', () =>
    withKeeper({}, async (home) => {
      await home.write(USER, { credHelpers: { [REGISTRY]: 'keep' } });
      const report = await storeLogin(REGISTRY, LOGIN, home.context());
      expect(report.place).toBe('docker-credential-keep of ~/.config/containers/auth.json');
      expect(await home.read(USER)).toBe(JSON.stringify({ credHelpers: { [REGISTRY]: 'keep' } }));
    }));

  it('for a part of the registry goes into a file, as helpers know whole ones', () =>
    withKeeper({ credsStore: 'keep' }, async (home) => {
      expect(await storeLogin(`${REGISTRY}/part`, LOGIN, home.context())).toEqual({
        place: '~/.config/containers/auth.json',
        hiddenBy: undefined,
      });
    }));

  it('that fails leaves the file as it is', () =>
    withKeeper({ credsStore: 'broken' }, async (home) => {
      await home.writeHelper('broken', 'echo "no keyring"; exit 1');
      const before = await home.read(DOCKER);
      for (const work of WORKS)
        await expect(work(home.context())).rejects.toMatchObject({
          code: 'CREDENTIALS_FAILED',
          message: expect.stringMatching(
            /^`docker-credential-broken (store|get)` failed \(1\): no keyring$/,
          ) as string,
        });
      expect(await home.read(DOCKER)).toBe(before);
    }));

  it('that is not installed says how to go on', () =>
    withKeeper({ credsStore: 'desktop' }, async (home) => {
      await expect(storeLogin(REGISTRY, LOGIN, home.context())).rejects.toMatchObject({
        message: 'docker-credential-desktop is not installed',
        hint: expect.stringContaining('$REGISTRY_AUTH_FILE') as string,
      });
      await home.write(USER, { auths: { [REGISTRY]: AUTH } });
      expect(await removeLogin(REGISTRY, home.context())).toEqual({
        places: ['~/.config/containers/auth.json'],
        left: undefined,
      });
    }));
});

describe('a logout', () => {
  it('takes all entries of podman’s files, and tells what Docker still has', () =>
    inHome(async (home) => {
      const environment = await session(home);
      await home.write(SESSION, {
        auths: { [REGISTRY]: AUTH, [`https://${REGISTRY}/v2/`]: AUTH, [`${REGISTRY}/part`]: OTHER },
      });
      await home.write(USER, { auths: { [REGISTRY]: AUTH }, more: true });
      await home.write(DOCKER, { auths: { [REGISTRY]: AUTH } });
      const report = await removeLogin(REGISTRY, home.context({ environment }));
      expect(report).toEqual({
        places: ['~/run/containers/auth.json', '~/.config/containers/auth.json'],
        left: '~/.docker/config.json',
      });
      expect(await json(home, SESSION)).toEqual({ auths: { [`${REGISTRY}/part`]: OTHER } });
      expect(await json(home, USER)).toEqual({ auths: {}, more: true });
      const docker = await removeLogin(REGISTRY, home.context({ environment, isDocker: true }));
      expect(docker).toEqual({ places: ['~/.docker/config.json'], left: undefined });
    }));

  it('without a login does nothing', () =>
    inHome(async (home) => {
      expect(await removeLogin(REGISTRY, home.context())).toEqual({ places: [], left: undefined });
      expect(await readdir(home.folder)).toEqual([]);
    }));

  it('of the file of the option is for that alone', () =>
    inHome(async (home) => {
      await home.write(USER, { auths: { [REGISTRY]: AUTH } });
      const authFile = await home.write('x.json', { auths: { [REGISTRY]: AUTH } });
      expect(await removeLogin(REGISTRY, home.context({ authFile }))).toEqual({
        places: ['~/x.json'],
        left: undefined,
      });
      expect(await json(home, USER)).toEqual({ auths: { [REGISTRY]: AUTH } });
    }));

  it('of a part leaves the registry', () =>
    inHome(async (home) => {
      await home.write(USER, { auths: { [REGISTRY]: AUTH, [`${REGISTRY}/a/b`]: OTHER } });
      const report = await removeLogin(`${REGISTRY}/a/b`, home.context());
      expect(report).toEqual({
        places: ['~/.config/containers/auth.json'],
        left: '~/.config/containers/auth.json',
      });
      expect(await json(home, USER)).toEqual({ auths: { [REGISTRY]: AUTH } });
    }));
});

describe('the logins', () => {
  it('are those of all files and helpers, in the order in which they count', () =>
    inHome(async (home) => {
      await home.writeHelper('keep', KEEPER);
      await home.write(USER, { auths: { [REGISTRY]: AUTH, 'empty.example': {} } });
      await home.write(DOCKER, {
        auths: {
          'file.example': OTHER,
          'https://index.docker.io/v1/': {},
          'token.example': { identitytoken: 'x' },
        },
        credsStore: 'keep',
        credHelpers: { 'gone.example': 'gone', 'off.example': '', 'special.example': 'keep' },
      });
      await storeLogin('docker.io', LOGIN, home.context());
      await storeLogin('special.example', LOGIN, home.context());
      const helper = 'docker-credential-keep of ~/.docker/config.json';
      expect(await listLogins(home.context())).toEqual([
        { target: REGISTRY, username: 'ada', place: '~/.config/containers/auth.json' },
        { target: 'special.example', username: 'ada', place: helper },
        { target: 'docker.io', username: 'ada', place: helper },
        { target: 'special.example', username: 'ada', place: helper },
        { target: 'file.example', username: 'other', place: '~/.docker/config.json' },
        { target: 'token.example', username: undefined, place: '~/.docker/config.json' },
      ]);
    }));
});

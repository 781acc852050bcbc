import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { unlessRoot } from '../../../testing/tools.ts';
import type { Credential } from '../credentials.ts';
import { authOf, inHome, KEEPER, type TestHome } from './fixtures.ts';
import { AuthFiles } from './source.ts';

const CONFIG = '.docker/config.json';
const ADA: Credential = { username: 'ada', password: 'secret' };
const entry = (username: string, password = 'secret'): { auth: string } => ({
  auth: authOf(username, password),
});

/** What is found with one file of Docker's. */
async function findIn(config: unknown, registry: string, repository = ''): Promise<Credential | undefined> {
  return await inHome(async (home) => {
    await home.write(CONFIG, config);
    return await new AuthFiles(home.context()).find(registry, repository);
  });
}

describe('an entry', () => {
  it.each<[string, unknown, Credential | undefined]>([
    ['name and password in base64', entry('ada'), ADA],
    ['a password with colons', entry('ada', 'a:b::c'), { username: 'ada', password: 'a:b::c' }],
    ['letters beyond ASCII', entry('ädä', 'pässwörd €'), { username: 'ädä', password: 'pässwörd €' }],
    [
      'base64 without padding',
      { auth: authOf('ada', 'x1').replace(/=+$/, '') },
      { username: 'ada', password: 'x1' },
    ],
    ['base64 with line ends', { auth: authOf('ada', 'secret').replace(/^..../, '$&\n ') }, ADA],
    [
      'base64 for addresses',
      { auth: Buffer.from('ada:??>>').toString('base64url') },
      { username: 'ada', password: '??>>' },
    ],
    ['a password that ends in zero bytes', entry('ada', 'secret\0\0'), ADA],
    ['name and password as they are', { username: 'ada', password: 'secret' }, ADA],
    ['both forms', { ...entry('ada'), username: 'other', password: 'other' }, ADA],
    ['an e-mail address', { ...entry('ada'), email: 'ada@example.com' }, ADA],
    [
      'an identity token',
      { ...entry('00000000-0000-0000-0000-000000000000', ''), identitytoken: 'refresh' },
      { identityToken: 'refresh' },
    ],
    ['an access token', { registrytoken: 'access', identitytoken: 'refresh' }, { registryToken: 'access' }],
    ['no password', entry('ada', ''), undefined],
    ['no name', entry('', 'secret'), undefined],
    ['no colon', { auth: Buffer.from('secret').toString('base64') }, undefined],
    ['something else than base64', { auth: 'ada:secret' }, undefined],
    ['nothing', {}, undefined],
    ['null', null, undefined],
    ['a list', [entry('ada')], undefined],
    ['other types', { auth: 12, username: ['ada'], password: {} }, undefined],
    ['empty texts', { auth: '', identitytoken: '', registrytoken: '' }, undefined],
  ])('with %s', async (_what, value, expected) => {
    expect(await findIn({ auths: { 'registry.example': value } }, 'registry.example')).toEqual(expected);
  });
});

describe('the key of an entry', () => {
  it.each([
    ['registry.example', 'registry.example', 'a/b'],
    ['registry.example:5000', 'registry.example:5000', 'a/b'],
    ['https://registry.example', 'registry.example', ''],
    ['https://registry.example/v1/', 'registry.example', 'a'],
    ['https://registry.example/v2/', 'registry.example', 'a'],
    ['http://localhost:5000/v1/', 'localhost:5000', 'a'],
    ['REGISTRY.example', 'Registry.Example', 'a'],
    ['https://index.docker.io/v1/', 'docker.io', 'library/debian'],
    ['index.docker.io', 'docker.io', 'library/debian'],
    ['docker.io', 'docker.io', 'library/debian'],
    ['docker.io/library', 'docker.io', 'library/debian'],
    ['registry.example/a', 'registry.example', 'a/b/c'],
    ['registry.example/a/b/c', 'registry.example', 'a/b/c'],
  ])('%s is for %s/%s', async (key, registry, repository) => {
    expect(await findIn({ auths: { [key]: entry('ada') } }, registry, repository)).toEqual(ADA);
  });

  it.each([
    ['registry.example', 'registry.example:5000', 'a'],
    ['registry.example:443', 'registry.example', 'a'],
    ['registry.example', 'other.registry.example', 'a'],
    ['example', 'registry.example', 'a'],
    ['registry.example/a', 'registry.example', ''],
    ['registry.example/a', 'registry.example', 'ab'],
    ['registry.example/a/b', 'registry.example', 'a'],
    ['*.example', 'registry.example', 'a'],
    ['', 'registry.example', 'a'],
  ])('%j is not for %s/%s', async (key, registry, repository) => {
    expect(await findIn({ auths: { [key]: entry('ada') } }, registry, repository)).toBeUndefined();
  });

  it.each([
    ['a/b/c', 'repository'],
    ['a/b/d', 'folder'],
    ['a/x', 'outer folder'],
    ['x', 'registry'],
  ])('counts for %s where it is nearest', async (repository, who) => {
    const auths = {
      'https://registry.example/v2/': entry('address'),
      'registry.example': entry('registry'),
      'registry.example/a/b/c': entry('repository'),
      'registry.example/a': entry('outer folder'),
      'registry.example/a/b': entry('folder'),
    };
    expect(await findIn({ auths }, 'registry.example', repository)).toMatchObject({ username: who });
  });

  it('leads on to the next one where its entry is empty', async () => {
    const auths = {
      'registry.example/a': {},
      'registry.example': {},
      'https://registry.example': entry('ada'),
    };
    expect(await findIn({ auths }, 'registry.example', 'a')).toEqual(ADA);
  });
});

describe('files', () => {
  /** Every place that there is, from the first to the last. */
  const PLACES = [
    ['option/auth.json', 'option'],
    ['variable/auth.json', 'variable'],
    ['run/containers/auth.json', 'session'],
    ['xdg/containers/auth.json', 'xdg'],
    ['.config/containers/auth.json', 'user'],
    ['docker/config.json', 'docker folder'],
    ['.docker/config.json', 'docker'],
    ['.dockercfg', 'legacy'],
  ] as const;
  const write = async (home: TestHome): Promise<void> => {
    for (const [path, who] of PLACES)
      await home.write(
        path,
        path === '.dockercfg'
          ? { 'https://registry.example/v1/': entry(who) }
          : { auths: { 'registry.example': entry(who), [`${who.replace(' ', '-')}.example`]: entry(who) } },
      );
  };

  it.each<[string, Record<string, string>, string[], string | undefined]>([
    ['nothing is set', {}, ['user', 'docker', 'legacy'], undefined],
    ['there is a session', { XDG_RUNTIME_DIR: 'run' }, ['session', 'user', 'docker', 'legacy'], undefined],
    [
      'a file is named',
      { XDG_RUNTIME_DIR: 'run', REGISTRY_AUTH_FILE: 'variable/auth.json' },
      ['variable', 'user', 'docker', 'legacy'],
      undefined,
    ],
    [
      'the option is given',
      { REGISTRY_AUTH_FILE: 'variable/auth.json' },
      ['option', 'user', 'docker', 'legacy'],
      'option/auth.json',
    ],
    [
      'folders are moved',
      { XDG_CONFIG_HOME: 'xdg', DOCKER_CONFIG: 'docker' },
      ['xdg', 'docker folder', 'legacy'],
      undefined,
    ],
    [
      'variables are empty',
      { XDG_CONFIG_HOME: '', DOCKER_CONFIG: '', XDG_RUNTIME_DIR: '', REGISTRY_AUTH_FILE: '' },
      ['user', 'docker', 'legacy'],
      '',
    ],
  ])(
    'are looked at in the order of containers-auth.json(5) if %s',
    async (_what, variables, order, option) => {
      await inHome(async (home) => {
        await write(home);
        const full = (path: string): string => (path === '' ? '' : join(home.folder, path));
        const environment = Object.fromEntries(
          Object.entries(variables).map(([name, path]) => [name, full(path)]),
        );
        const context = home.context({
          environment,
          authFile: option === undefined ? undefined : full(option),
        });
        const found: string[] = [];
        while (found.length < order.length) {
          const one = await new AuthFiles(context).locate('registry.example', 'a');
          if (!one || !('username' in one.credential)) break;
          found.push(one.credential.username);
          const [path = ''] = PLACES.find(([, who]) => who === found.at(-1)) ?? [];
          await home.write(path, path === '.dockercfg' ? {} : { auths: {} });
        }
        expect(found).toEqual(order);
        expect(await new AuthFiles(context).find('registry.example', 'a')).toBeUndefined();
      });
    },
  );

  it('are podman’s below /run where there is no session', () =>
    inHome(async (home) => {
      const files = new AuthFiles(home.context({ uid: 4_000_000_000 }));
      expect(await files.find('registry.example', '')).toBeUndefined();
      expect(files.searched()[0]).toMatch(
        /^\/run\/containers\/4000000000\/auth\.json \((?:no such file|permission denied)\)$/,
      );
    }));

  it('may be a variable, before those of Docker', () =>
    inHome(async (home) => {
      await home.write(CONFIG, {
        auths: { 'registry.example': entry('docker'), 'other.example': entry('docker') },
      });
      const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'registry.example': entry('ada') } });
      const files = new AuthFiles(home.context({ environment: { DOCKER_AUTH_CONFIG } }));
      expect(await files.locate('registry.example', '')).toEqual({
        credential: ADA,
        place: '$DOCKER_AUTH_CONFIG',
      });
      expect(await files.locate('other.example', '')).toMatchObject({ place: '~/.docker/config.json' });
      await home.write('.config/containers/auth.json', { auths: { 'registry.example': entry('podman') } });
      const again = new AuthFiles(home.context({ environment: { DOCKER_AUTH_CONFIG } }));
      expect(await again.find('registry.example', '')).toMatchObject({ username: 'podman' });
    }));

  it('that are absent, empty or of another user are passed over', () =>
    inHome(async (home) => {
      await home.write('.config/containers/auth.json', '');
      await home.write('.docker', 'a file where a folder should be');
      await home.write('.dockercfg', { 'https://registry.example/v1/': entry('ada') });
      await mkdir(join(home.folder, 'run/containers/auth.json'), { recursive: true });
      const files = new AuthFiles(
        home.context({ environment: { XDG_RUNTIME_DIR: join(home.folder, 'run') } }),
      );
      expect(await files.find('registry.example', '')).toEqual(ADA);
      expect(files.searched()).toEqual([
        '~/run/containers/auth.json (it is not a file)',
        '~/.config/containers/auth.json (no entry for registry.example)',
        '~/.docker/config.json (no such file)',
        '~/.dockercfg (found)',
      ]);
    }));

  it('may be links', () =>
    inHome(async (home) => {
      await home.write('secrets/docker', { auths: { 'registry.example': entry('ada') } });
      await mkdir(join(home.folder, '.docker'));
      await symlink('../secrets/docker', join(home.folder, CONFIG));
      expect(await new AuthFiles(home.context()).find('registry.example', '')).toEqual(ADA);
    }));

  it('have to be there if the option names them', () =>
    inHome(async (home) => {
      const files = new AuthFiles(home.context({ authFile: join(home.folder, 'auth.json') }));
      await expect(files.find('registry.example', '')).rejects.toMatchObject({
        code: 'CREDENTIALS_FAILED',
        message: 'credentials cannot be read from ~/auth.json: no such file',
      });
    }));

  it('are read once, and not before they are needed', () =>
    inHome(async (home) => {
      const files = new AuthFiles(home.context());
      await home.write(CONFIG, { auths: { 'registry.example': entry('ada') } });
      expect(
        await Promise.all([files.find('registry.example', 'a'), files.find('registry.example', 'b')]),
      ).toEqual([ADA, ADA]);
      await home.write(CONFIG, 'broken');
      expect(await files.find('registry.example', 'c')).toEqual(ADA);
    }));

  it('are none without a home', async () => {
    const runHelper = (): Promise<never> => Promise.reject(new Error('no helper'));
    const files = new AuthFiles({ environment: {}, runHelper });
    expect([await files.find('registry.example', ''), files.searched()]).toEqual([undefined, []]);
  });
});

describe.skipIf(unlessRoot() === undefined)(
  'files of others (skipped for root, who reads everything)',
  () => {
    it('are passed over with the reason', () =>
      inHome(async (home) => {
        await chmod(await home.write(CONFIG, { auths: {} }), 0);
        const files = new AuthFiles(home.context());
        expect(await files.find('registry.example', '')).toBeUndefined();
        expect(files.searched()).toContain('~/.docker/config.json (permission denied)');
      }));
  },
);

describe('what is no auth file', () => {
  const secret = 'c2VjcmV0OnNlY3JldA';
  it.each<[string, string | Uint8Array, string]>([
    ['text', `auth ${secret}`, 'it is not JSON'],
    ['half of one', `{\n"auths": {\n"registry.example": {"auth": "${secret}`, 'it is not JSON'],
    ['a comma too much', `{"auths": {"registry.example": {"auth": "${secret}",}}}`, 'it is not JSON'],
    ['a list', `["${secret}"]`, 'it is not a JSON object'],
    ['a number', '12', 'it is not a JSON object'],
    ['a list of entries', `{"auths": ["${secret}"]}`, 'auths is not an object'],
    ['a text in place of helpers', '{"credHelpers": "x"}', 'credHelpers is not an object'],
    [
      'a list of helpers',
      '{"credHelpers": {"registry.example": ["x"]}}',
      'a value in credHelpers is not a text',
    ],
    ['a helper that is a number', '{"credsStore": 1}', 'credsStore is not a text'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'it is not UTF-8'],
    ['10 MB', `{"auths": {}, "pad": "${'x'.repeat(10_000_000)}"}`, 'it is larger than 4 MiB'],
    ['UTF-16', Buffer.from(`\ufeff{"auths": {}}`, 'utf16le'), 'it is not UTF-8'],
  ])('%s is said to be none, and nothing of it is shown', (_what, content, why) =>
    inHome(async (home) => {
      await home.write(CONFIG, content);
      const error: unknown = await new AuthFiles(home.context())
        .find('registry.example', '')
        .catch((one: unknown) => one);
      expect(error).toMatchObject({ code: 'CREDENTIALS_FAILED', path: '~/.docker/config.json' });
      expect((error as Error).message).toContain(
        `credentials cannot be read from ~/.docker/config.json: ${why}`,
      );
      expect(inspect(error, { depth: 9 })).not.toContain(secret.slice(0, 6));
    }),
  );

  it.each<[string, unknown]>([
    [
      'keys of prototypes',
      '{"__proto__": {"auths": {"registry.example": {"auth": "YTpi"}}}, "constructor": {"prototype": {}}}',
    ],
    [
      'an entry under __proto__',
      '{"auths": {"__proto__": {"auth": "YTpi"}, "constructor": {"auth": "YTpi"}}}',
    ],
    ['an inherited field', '{"auths": {"registry.example": {"__proto__": {"auth": "YTpi"}}}}'],
    ['a helper under __proto__', '{"credHelpers": {"__proto__": "x"}}'],
    ['null everywhere', { auths: null, credHelpers: null, credsStore: null }],
    ['deep nesting', `{"auths": {}, "deep": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ])('%s does no harm', async (_what, content) => {
    expect(await findIn(content, 'registry.example', 'constructor/__proto__')).toBeUndefined();
    expect(({} as Record<string, unknown>)['auths']).toBeUndefined();
  });

  it('is no fault behind the file that has the entry', () =>
    inHome(async (home) => {
      await home.write(
        '.config/containers/auth.json',
        `\ufeff${JSON.stringify({ auths: { 'registry.example': entry('ada') } })}`,
      );
      await home.write(CONFIG, 'broken');
      expect(await new AuthFiles(home.context()).find('registry.example', '')).toEqual(ADA);
      await expect(new AuthFiles(home.context()).find('other.example', '')).rejects.toThrow('it is not JSON');
    }));
});

describe('helpers', () => {
  const answering = (username: string, secret = 'secret'): string =>
    `printf '{"ServerURL":"%s","Username":"${username}","Secret":"${secret}"}' "$(cat)"; echo "$@" >> "$HOME/asked"`;

  const withHelpers = <Result>(
    config: unknown,
    work: (files: AuthFiles, home: TestHome) => Promise<Result>,
  ): Promise<Result> =>
    inHome(async (home) => {
      await home.write(CONFIG, config);
      await home.writeHelper('one', answering('one'));
      await home.writeHelper('two', answering('two'));
      await home.writeHelper('token', answering('<token>', 'refresh'));
      await home.writeHelper('empty', 'echo "credentials not found in native keychain"; exit 1');
      await home.writeHelper('blank', `echo '{"ServerURL":"","Username":"","Secret":""}'`);
      return await work(new AuthFiles(home.context()), home);
    });

  it.each<[string, unknown, string, string | undefined]>([
    ['for a registry', { credHelpers: { 'registry.example': 'one' } }, 'a', 'one'],
    ['for all', { credsStore: 'one' }, 'a', 'one'],
    [
      'for a registry before the one for all',
      { credsStore: 'two', credHelpers: { 'registry.example': 'one' } },
      'a',
      'one',
    ],
    ['for a registry by its address', { credHelpers: { 'https://registry.example': 'one' } }, 'a', 'one'],
    ['for another registry not', { credHelpers: { 'other.example': 'one' } }, 'a', undefined],
    [
      'for all before the entry',
      { credsStore: 'one', auths: { 'registry.example': entry('file') } },
      'a',
      'one',
    ],
    [
      'for all behind an entry for the folder',
      { credsStore: 'one', auths: { 'registry.example/a': entry('file') } },
      'a',
      'file',
    ],
    [
      'for a registry before all entries',
      { credHelpers: { 'registry.example': 'one' }, auths: { 'registry.example/a': entry('file') } },
      'a',
      'one',
    ],
    [
      'that has nothing leaves it to the entry',
      { credsStore: 'empty', auths: { 'registry.example': entry('file') } },
      'a',
      'file',
    ],
    [
      'for a registry that has nothing stands for its entries',
      { credHelpers: { 'registry.example': 'empty' }, auths: { 'registry.example': entry('file') } },
      'a',
      undefined,
    ],
    ['with an answer without a name has nothing', { credsStore: 'blank' }, 'a', undefined],
    [
      'with an empty name is none',
      { credsStore: '', auths: { 'registry.example': entry('file') } },
      'a',
      'file',
    ],
    [
      'can be switched off for a registry',
      {
        credsStore: 'one',
        credHelpers: { 'registry.example': '' },
        auths: { 'registry.example': entry('file') },
      },
      'a',
      'file',
    ],
  ])('%s', async (_what, config, repository, who) => {
    const found = await withHelpers(config, (files) => files.find('registry.example', repository));
    expect(found && 'username' in found ? found.username : found).toBe(who);
  });

  it('give identity tokens for the user <token>', async () => {
    const found = await withHelpers({ credsStore: 'token' }, (files) => files.find('registry.example', ''));
    expect(found).toEqual({ identityToken: 'refresh' });
  });

  it.each([
    [{ credsStore: 'keep' }, 'docker.io', 'https://index.docker.io/v1/'],
    [{ credHelpers: { 'https://index.docker.io/v1/': 'keep' } }, 'docker.io', 'https://index.docker.io/v1/'],
    [{ credHelpers: { 'docker.io': 'keep' } }, 'docker.io', 'docker.io'],
    [{ credsStore: 'keep' }, 'registry.example:5000', 'registry.example:5000'],
  ])('of %j know %s as %s', (config, registry, server) =>
    inHome(async (home) => {
      await home.write(CONFIG, config);
      await home.writeHelper('keep', 'cat > "$HOME/server"; echo "{}"');
      await new AuthFiles(home.context()).find(registry, 'a');
      expect(await home.read('server')).toBe(server);
    }),
  );

  it('are asked once for a registry', () =>
    withHelpers({ credsStore: 'one' }, async (files, home) => {
      await Promise.all(['a', 'b', 'c'].map((repository) => files.find('registry.example', repository)));
      await files.find('registry.example', 'd');
      await files.find('other.example', 'd');
      expect(await home.read('asked')).toBe('get\nget\n');
    }));

  it('that Docker’s files bring to machines without them do not keep guests out', () =>
    inHome(async (home) => {
      await home.write(CONFIG, {
        auths: { 'registry.example': {} },
        credsStore: 'desktop',
        credHelpers: { 'gcr.io': 'gcloud-x' },
      });
      const files = new AuthFiles(home.context());
      expect(await files.find('other.example', '')).toBeUndefined();
      expect(files.searched()).toContain(
        'docker-credential-desktop of ~/.docker/config.json (not installed)',
      );
      for (const [registry, helper] of [
        ['registry.example', 'desktop'],
        ['gcr.io', 'gcloud-x'],
      ] as const)
        await expect(files.find(registry, '')).rejects.toMatchObject({
          code: 'CREDENTIALS_FAILED',
          message: `docker-credential-${helper} is not installed`,
          path: '~/.docker/config.json',
        });
    }));

  it('keep what they are given', () =>
    inHome(async (home) => {
      await home.writeHelper('keep', KEEPER);
      await home.write(CONFIG, { credsStore: 'keep' });
      expect(await new AuthFiles(home.context()).find('registry.example', '')).toBeUndefined();
      await home.write(
        'keyring/registry.example',
        '{"ServerURL":"registry.example","Username":"ada","Secret":"secret"}',
      );
      expect(await new AuthFiles(home.context()).find('registry.example', '')).toEqual(ADA);
    }));
});

describe('where was looked', () => {
  it('is told with what was found there, for each registry', () =>
    inHome(async (home) => {
      await home.writeHelper('empty', 'echo "credentials not found in native keychain"; exit 1');
      await home.write(CONFIG, { auths: { 'https://registry.example': {} }, credsStore: 'empty' });
      await home.write('.dockercfg', { 'other.example': entry('ada') });
      const files = new AuthFiles(home.context());
      expect(files.searched()).toEqual([]);
      await files.find('registry.example', 'a');
      const registry = [
        '~/.config/containers/auth.json (no such file)',
        'docker-credential-empty of ~/.docker/config.json (nothing for registry.example)',
        '~/.docker/config.json (the entry for https://registry.example holds no credential)',
        '~/.dockercfg (no entry for registry.example)',
      ];
      expect(files.searched()).toEqual(registry);
      await files.find('other.example', 'a');
      expect(files.searched('registry.example')).toEqual(registry);
      expect(files.searched('other.example').at(-1)).toBe('~/.dockercfg (found)');
      expect(new Set(files.searched()).size).toBe(files.searched().length);
      expect(files.searched('never.example')).toEqual([]);
    }));

  it('shows no secret, nor does the source', () =>
    inHome(async (home) => {
      await home.write(CONFIG, { auths: { 'registry.example': entry('ada', 'hunter2') } });
      const files = new AuthFiles(home.context());
      await files.find('registry.example', '');
      expect(inspect([files, files.searched()], { depth: 9, showHidden: true })).not.toMatch(
        /hunter2|YWRhOmh1bnRlcj/,
      );
    }));
});

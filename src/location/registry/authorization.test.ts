import { describe, expect, it } from 'vitest';
import { serve } from '../../testing/server.ts';
import { USER, type TestRegistry, type TestRegistryOptions } from '../../testing/registry.ts';
import { smallImage } from '../fixtures.ts';
import { copyArtifact, openSink, openSource, parseLocation, type LocationContext } from '../index.ts';
import { Authorization } from './authorization.ts';
import type { Credential, CredentialSource } from './credentials.ts';
import { contextWith, withRegistry } from '../../testing/registry-context.ts';

const image = await smallImage('x');
const IDENTITY = 'identity-token-secret';
const ACCESS = 'access-token-secret';

const only = (credential: Credential | undefined): CredentialSource => ({
  find: () => Promise.resolve(credential),
  searched: () => ['~/.docker/config.json', '$REGISTRY_AUTH_FILE'],
});
const contextOf = (credential: Credential | undefined): LocationContext =>
  contextWith({ credentials: only(credential), retries: 1 });
const push = (registry: TestRegistry, context: LocationContext, name = 'app:1'): Promise<unknown> =>
  openSink(parseLocation(`docker://${registry.host}/${name}`), context).write([
    { names: [], artifact: image },
  ]);
const pull = async (registry: TestRegistry, context: LocationContext): Promise<string> => {
  const artifact = await openSource(parseLocation(`docker://${registry.host}/app:1`), context).open();
  for (const layer of artifact.kind === 'image' ? artifact.layers : [])
    for await (const piece of layer.blob.open()) expect(piece.length).toBeGreaterThan(0);
  return artifact.descriptor.digest;
};
const failureOf = async (work: Promise<unknown>): Promise<{ code: string; text: string }> => {
  const error = (await work.then(
    () => expect.unreachable('it succeeded'),
    (thrown: unknown) => thrown,
  )) as { code: string; message: string; hint: string; url?: string };
  const text = `${error.message} | ${error.hint} | ${error.url ?? ''}`;
  for (const secret of [USER.password, encodeURIComponent(USER.password), IDENTITY, ACCESS])
    expect(text).not.toContain(secret);
  return { code: error.code, text };
};

describe.each<[string, TestRegistryOptions, Credential]>([
  ['name and password', { auth: 'basic' }, USER],
  ['a token for name and password', { auth: {} }, USER],
  ['a token for an identity token', { auth: { identityToken: IDENTITY } }, { identityToken: IDENTITY }],
  ['a token of its own', { auth: { registryToken: ACCESS } }, { registryToken: ACCESS }],
])('a registry that wants %s', (_title, options, credential) => {
  it('gets it, and takes and gives images', () =>
    withRegistry(options, async (registry) => {
      await push(registry, contextOf(credential));
      expect(await pull(registry, contextOf(credential))).toBe(image.descriptor.digest);
    }));

  it('refuses those who have none, with the places where it was looked for', () =>
    withRegistry(options, async (registry) => {
      for (const work of [push, pull]) {
        const { code, text } = await failureOf(work(registry, contextOf(undefined)));
        expect(code).toBe('REGISTRY_UNAUTHORIZED');
        expect(text).toContain('there are no credentials');
        expect(text).toContain('looked for in ~/.docker/config.json, $REGISTRY_AUTH_FILE');
        expect(text).toContain(`pith login ${registry.host}`);
      }
      expect(registry.protocol.repositories.size).toBe(0);
    }));

  it('refuses those who have a wrong one', () =>
    withRegistry(options, async (registry) => {
      const wrong: Credential =
        'username' in credential
          ? { ...credential, password: 'wrong' }
          : 'identityToken' in credential
            ? { identityToken: 'wrong' }
            : { registryToken: 'wrong' };
      const { code, text } = await failureOf(push(registry, contextOf(wrong)));
      expect(code).toBe('REGISTRY_UNAUTHORIZED');
      expect(text).toContain('does not take the credentials');
      expect(text).toContain('looked for in');
    }));

  it('is asked before work begins', () =>
    withRegistry(options, async (registry) => {
      const check = (used: Credential | undefined, name: string): Promise<void> =>
        openSink(parseLocation(`docker://${registry.host}/${name}`), contextOf(used)).check();
      for (const name of ['app:1', 'folder/']) await check(credential, name);
      expect((await failureOf(check(undefined, 'app:1'))).code).toBe('REGISTRY_UNAUTHORIZED');
      expect(registry.protocol.uploads.size).toBe(0);
    }));
});

describe('a token', () => {
  it('is asked for once, for what is to be done', () =>
    withRegistry({ auth: {} }, async (registry) => {
      await push(registry, contextOf(USER));
      expect(registry.tokens?.asked).toEqual([['repository:app:pull,push']]);
      await pull(registry, contextOf(USER));
      expect(registry.tokens?.asked.slice(1)).toEqual([['repository:app:pull']]);
    }));

  it('for a mount reaches to the other repository', () =>
    withRegistry({ auth: {} }, async (registry) => {
      await push(registry, contextOf(USER));
      const context = contextOf(USER);
      const report = await copyArtifact(
        openSource(parseLocation(`docker://${registry.host}/app:1`), context),
        openSink(parseLocation(`docker://${registry.host}/copy:1`), context),
      );
      expect(registry.tokens?.asked).toContainEqual(['repository:copy:pull,push', 'repository:app:pull']);
      expect(report.blobsWritten).toBe(1);
      expect(registry.requests.filter(({ line }) => line.startsWith('PUT /v2/copy/blobs'))).toEqual([]);
    }));

  it('that ends in the middle is renewed', async () => {
    let count = 0;
    await withRegistry(
      {
        auth: {},
        override: () => {
          if (++count === 12) started?.tokens?.revoke();
          return undefined;
        },
      },
      async (registry) => {
        started = registry;
        await push(registry, contextOf(USER));
        expect(registry.tokens?.asked.length).toBeGreaterThan(1);
        expect(registry.protocol.repositories.get('app')?.tags.get('1')).toBe(image.descriptor.digest);
      },
    );
  });
  let started: TestRegistry | undefined;

  it('is used until it ends, by all who need it at once', async () => {
    let now = 0;
    const authorization = new Authorization('x', only(USER), () =>
      Promise.resolve({ text: `token ${++now}`, usableUntil: now === 1 ? 0 : Infinity }),
    );
    authorization.challenge([{ scheme: 'bearer', parameters: { realm: 'https://x/' } }]);
    const header = (scope = 'a'): Promise<string | undefined> =>
      authorization.header({ registry: 'x', repository: 'r', scopes: [scope], purpose: '' });
    expect(await Promise.all([header(), header()])).toEqual(['Bearer token 1', 'Bearer token 1']);
    expect(await Promise.all([header(), header()])).toEqual(['Bearer token 2', 'Bearer token 2']);
    expect([await header(), await header('b')]).toEqual(['Bearer token 2', 'Bearer token 3']);
  });

  it('for guests is enough to read where guests may', () =>
    withRegistry({ auth: { guest: ['pull'] } }, async (registry) => {
      await push(registry, contextOf(USER));
      expect(await pull(registry, contextOf(undefined))).toBe(image.descriptor.digest);
      expect((await failureOf(push(registry, contextOf(undefined), 'app:2'))).code).toBe(
        'REGISTRY_UNAUTHORIZED',
      );
    }));

  it('that does not allow it says so, and that the credentials are good', () =>
    withRegistry({ auth: { user: ['pull'] } }, async (registry) => {
      const { code, text } = await failureOf(push(registry, contextOf(USER)));
      expect(code).toBe('REGISTRY_DENIED');
      expect(text).toMatch(/does not allow uploading.* "ada" are good/);
    }));

  it.each([
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['no token', { body: '{}' }],
    ['no JSON', { body: 'token' }],
    ['a token that is none', { body: '{"token":"a\\nb"}' }],
    ['too much', { body: JSON.stringify({ token: 'x'.repeat(2_000_000) }) }],
  ])('service that answers %s is not believed', (_what, answer) =>
    withRegistry(
      {
        auth: {},
        override: ({ url }) => (url.pathname === '/token' ? { status: 200, ...answer } : undefined),
      },
      async (registry) => {
        expect(await failureOf(push(registry, contextOf(USER)))).toMatchObject({ code: 'REGISTRY_INVALID' });
      },
    ),
  );

  it.each(['', 'ftp://x/', 'https://me:secret@x/'])('service at %j is not asked', (realm) =>
    withRegistry(
      {
        override: () => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } }),
      },
      async (registry) => {
        expect(await failureOf(push(registry, contextOf(USER)))).toMatchObject({ code: 'REGISTRY_INVALID' });
      },
    ),
  );
});

describe('credentials', () => {
  it.each<TestRegistryOptions['auth']>(['basic', {}])(
    'go to no other host that a registry with %j sends to',
    async (auth) => {
      const elsewhere = await serve((request, response) => {
        const digest = request.url?.slice(1) ?? '';
        response.end(blobs.get(digest));
      });
      const blobs = new Map<string, Buffer>();
      await withRegistry({ auth: auth ?? {}, blobBase: elsewhere.url }, async (registry) => {
        await push(registry, contextOf(USER));
        for (const [digest, bytes] of registry.protocol.repositories.get('app')?.blobs ?? [])
          blobs.set(digest, bytes);
        expect(await pull(registry, contextOf(USER))).toBe(image.descriptor.digest);
      });
      expect(elsewhere.requests.length).toBeGreaterThan(2);
      for (const { headers } of elsewhere.requests) expect(headers.authorization).toBeUndefined();
      await elsewhere.close();
    },
  );

  it('go to no other host that an upload is sent to', async () => {
    const elsewhere = await serve((_request, response) => response.writeHead(201).end());
    await withRegistry({ auth: 'basic', uploadBase: elsewhere.url }, async (registry) => {
      // The blobs do not arrive at the registry, so that its refusal of the manifest is right.
      await failureOf(push(registry, contextOf(USER)));
    });
    expect(elsewhere.requests.map(({ method }) => method)).toContain('PUT');
    for (const { headers } of elsewhere.requests) expect(headers.authorization).toBeUndefined();
    await elsewhere.close();
  });

  it('are looked for once for a repository, by the names of the reference', () =>
    withRegistry({ auth: 'basic' }, async (registry) => {
      const asked: string[] = [];
      const credentials: CredentialSource = {
        find: (name, repository) => {
          asked.push(`${name} ${repository}`);
          return Promise.resolve(USER);
        },
        searched: () => [],
      };
      await push(registry, contextWith({ credentials }), 'me/app:1');
      expect(asked).toEqual([`${registry.host} me/app`]);
    }));

  it('are not looked for where nobody asks for them', () =>
    withRegistry({}, async (registry) => {
      const find = (): never => expect.unreachable('it was asked');
      await push(registry, contextWith({ credentials: { find, searched: () => [] } }));
      for (const { headers } of registry.requests) expect(headers.authorization).toBeUndefined();
    }));
});

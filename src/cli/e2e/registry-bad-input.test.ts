import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliResult } from '../../testing/cli.ts';
import { expectFailure, expectHarmless, type Failure } from '../../testing/failure.ts';
import { withRegistry } from '../../testing/registry-context.ts';
import type { TestAnswer } from '../../testing/registry-protocol.ts';
import { USER, type TestRegistryOptions } from '../../testing/registry.ts';
import { createSandbox, type Sandbox } from '../../testing/sandbox.ts';

const PAGE: TestAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><h1>Welcome</h1>',
};

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  expect(await sandbox.build()).toMatchObject({ code: 0 });
});
afterAll(() => sandbox.close());

const login = (host: string, password = USER.password): Promise<string> => {
  const auth = Buffer.from(`${USER.username}:${password}`).toString('base64');
  return sandbox.write('auth.json', JSON.stringify({ auths: { [host]: { auth } } }));
};
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
  sandbox.run(args, { XDG_RUNTIME_DIR: sandbox.path('session'), ...env });
/** Runs, and checks how that fails and that nothing has changed on this side. */
const expectRefused = (
  args: readonly string[],
  failure: Failure,
  env: Readonly<Record<string, string>> = {},
): Promise<void> => expectHarmless(sandbox, () => run(args, env), failure);

const PUSH = (host: string): string[] => ['push', 'app:latest', `${host}/team/app:1`];

describe.concurrent('a name', () => {
  it.each<[string, string[], Failure]>([
    [
      'in capitals',
      ['push', 'app:latest', 'r.example/Team/app'],
      { code: 'BAD_LOCATION', message: /"Team\/app" is not a repository/, hint: /lower case: team\/app/ },
    ],
    [
      'with an address',
      ['pull', 'https://r.example/app'],
      { code: 'BAD_LOCATION', message: /an address is not/, hint: /docker:\/\/r\.example\/app/ },
    ],
    [
      'with half a digest',
      ['digest', 'r.example/app@sha256:12ab'],
      { code: 'BAD_LOCATION', message: /"sha256:12ab" is not a digest/, hint: /64/ },
    ],
    [
      'of a registry only',
      ['tags', 'r.example:5000'],
      { code: 'BAD_LOCATION', message: /names a registry, but no repository/, hint: /REPOSITORY/ },
    ],
    [
      'with a tag of its own making',
      ['manifest', 'r.example/app:-x'],
      { code: 'BAD_LOCATION', message: /"-x" is not a tag/, hint: /128 letters/ },
    ],
    [
      'that is a path',
      ['copy', './images', 'r.example/app'],
      { code: 'BAD_LOCATION', message: /"\.\/images" is not the name/, hint: /oci:DIR/ },
    ],
    [
      'that is a file',
      ['digest', 'app.tar'],
      { code: 'BAD_LOCATION', message: /"app\.tar" is not the name/, hint: /docker-archive:FILE/ },
    ],
    [
      'of a folder, to be deleted',
      ['delete', 'r.example/team/'],
      { code: 'USAGE', message: /r\.example\/team is a folder/, hint: /pith tags/ },
    ],
    [
      'for several images at once',
      ['copy', '--all', 'oci:images', 'r.example/team/app'],
      { code: 'USAGE', message: /is one repository/, hint: /slash/ },
    ],
    [
      'without a registry, to be pushed to',
      ['push', 'app:latest'],
      { code: 'USAGE', message: /names no registry/, hint: /pith push app:latest REGISTRY/ },
    ],
    [
      'of nothing that was built',
      ['push', 'apb:latest', 'r.example/app'],
      { code: 'UNKNOWN_IMAGE', message: /has no image "apb:latest"/, hint: /Did you mean app:latest/ },
    ],
    [
      'of a blob without its digest',
      ['blob', 'r.example/app:1'],
      { code: 'USAGE', message: /is not the digest of a blob/, hint: /@sha256:/ },
    ],
  ])('%s is said', async (_what, args, failure) => {
    expectFailure(await run(args), failure);
  });
});

describe('a registry that is not reached', () => {
  it('since nobody knows its name, is said', () =>
    expectRefused(
      PUSH('nowhere.invalid'),
      { code: 'NETWORK_FAILED', message: /nowhere\.invalid.*cannot be resolved/, hint: /network.*proxy/ },
      { no_proxy: '.invalid' },
    ));

  it('since the proxy does not let us, is said', () =>
    expectRefused(PUSH('r.example'), {
      code: 'NETWORK_FAILED',
      message: /r\.example.*the proxy gives no connection/,
      hint: /https_proxy/,
    }));

  it.each<[string, TestAnswer]>([
    ['a web server', PAGE],
    ['a web server without such a page', { ...PAGE, status: 404 }],
    ['a web server that leads elsewhere', { status: 302, headers: { location: 'https://r.example/login' } }],
  ])('since it is %s, is said', (_what, answer) =>
    withRegistry({ override: () => answer }, async ({ host }) => {
      for (const args of [PUSH(host), ['pull', `${host}/team/app`], ['tags', `${host}/team/`]])
        await expectRefused(args, {
          code: 'REGISTRY_INVALID',
          message: /127\.0\.0\.1:\d+ is not a registry/,
          hint: /Check the name/,
        });
    }),
  );
});

describe('a registry that wants to know who asks', () => {
  const PLACES =
    /looked for in \S+\/session\/containers\/auth\.json .*, ~\/\.config\/.*, ~\/\.docker\/config\.json/;

  it.each<[string, TestRegistryOptions]>([
    ['a password', { auth: 'basic' }],
    ['a token', { auth: {} }],
  ])('by %s: says that there are no credentials, and where they were looked for', (_what, options) =>
    withRegistry(options, async ({ host }) => {
      for (const args of [PUSH(host), ['pull', `${host}/team/app:1`], ['tags', `${host}/team/app`]])
        await expectRefused(args, {
          code: 'REGISTRY_UNAUTHORIZED',
          message: /to a guest, and there are no credentials for it \(401\)/,
          hint: new RegExp(`${PLACES.source}.*pith login ${host}`),
        });
    }),
  );

  it.each<[string, TestRegistryOptions]>([
    ['a password', { auth: 'basic' }],
    ['a token', { auth: {} }],
  ])('by %s: says that the credentials are wrong', (_what, options) =>
    withRegistry(options, async ({ host }) => {
      const flags = ['--authfile', await login(host, 'wrong')];
      for (const args of [PUSH(host), ['digest', `${host}/team/app:1`], ['tags', `${host}/team/app`]])
        await expectRefused([...args, ...flags], {
          code: 'REGISTRY_UNAUTHORIZED',
          message: /does not take the credentials of "ada"/,
          hint: /looked for in .*auth\.json.*Log in anew with `pith login/,
        });
    }),
  );

  it('and lets us read only', () =>
    withRegistry({ auth: { user: ['pull'] } }, async ({ host, protocol }) => {
      await expectRefused([...PUSH(host), '--authfile', await login(host)], {
        code: 'REGISTRY_DENIED',
        message: /does not allow uploading .* team\/app|does not allow .*team\/app/,
        hint: /credentials of "ada" are good.*rights/,
      });
      expect(protocol.repositories.size).toBe(0);
    }));

  it('cannot be told with a file of credentials that is not there', () =>
    withRegistry({ auth: {} }, ({ host }) =>
      expectRefused([...PUSH(host), '--authfile', 'nowhere.json'], {
        code: 'CREDENTIALS_FAILED',
        message: /nowhere\.json/,
        hint: /--authfile/,
      }),
    ));
});

describe('an image of a registry', () => {
  it.each<[string, (host: string) => string[], Failure]>([
    [
      'that has no such tag',
      (host) => ['pull', `${host}/team/app:l`],
      { code: 'UNKNOWN_IMAGE', message: /team\/app has no image "l"/, hint: /1/ },
    ],
    [
      'that is nowhere',
      (host) => ['pull', `${host}/team/other`],
      { code: 'UNKNOWN_IMAGE', message: /team\/other does not exist/, hint: /Check the name/ },
    ],
    [
      'that is not for this platform',
      (host) => ['pull', `${host}/team/app:1`, 'app.tar', '--platform', 'linux/s390x'],
      { code: 'UNKNOWN_PLATFORM', message: /no image for linux\/s390x/, hint: /It has linux\/amd64/ },
    ],
    [
      'for a platform that is none',
      (host) => ['copy', `${host}/team/app:1`, 'oci:x', '--platform', 'amd/'],
      { code: 'UNKNOWN_PLATFORM', message: /"amd\/" is not a platform/, hint: /linux\/amd64/ },
    ],
    [
      'for a platform that nobody has',
      (host) => ['copy', `${host}/team/app:1`, 'oci:x', '--platform', 'plan9/amd'],
      { code: 'UNKNOWN_PLATFORM', message: /no image for plan9\/amd/, hint: /It has linux\/amd64/ },
    ],
    [
      'that has no such blob',
      (host) => ['blob', `${host}/team/app@sha256:${'0'.repeat(64)}`],
      { code: 'UNKNOWN_IMAGE', message: /has no blob/, hint: /digest/ },
    ],
    [
      'that is to be deleted and is not there',
      (host) => ['delete', `${host}/team/app:l`],
      { code: 'UNKNOWN_IMAGE', message: /has no image "l"/, hint: /1/ },
    ],
  ])('%s is said', (_what, args, failure) =>
    withRegistry({}, async ({ host }) => {
      expect(await run(PUSH(host))).toMatchObject({ code: 0 });
      await expectRefused(args(host), failure);
    }),
  );

  it('that is too large, or no manifest at all, is not used', () =>
    withRegistry(
      {
        override: ({ url }) =>
          url.pathname.endsWith('/manifests/large')
            ? { status: 200, body: Buffer.alloc(5 << 20, ' ') }
            : url.pathname.endsWith('/manifests/old')
              ? {
                  status: 200,
                  headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
                }
              : undefined,
      },
      async ({ host }) => {
        const failed = { code: 'IMAGE_INVALID', hint: /./ } as const;
        await expectRefused(['pull', `${host}/a:large`], {
          ...failed,
          message: /has more than the \d+ bytes/,
        });
        await expectRefused(['pull', `${host}/a:old`], { ...failed, message: /old schema 1/ });
      },
    ));
});

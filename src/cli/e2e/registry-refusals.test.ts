import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliResult } from '../../testing/cli.ts';
import { expectFailure, expectHarmless } from '../../testing/failure.ts';
import { withRegistry } from '../../testing/registry-context.ts';
import { fault, type TestAnswer } from '../../testing/registry-protocol.ts';
import type { TestRegistryOptions } from '../../testing/registry.ts';
import { createSandbox, type Sandbox } from '../../testing/sandbox.ts';

const SLOW_DOWN: TestAnswer = { ...fault(429, 'TOOMANYREQUESTS'), headers: { 'retry-after': '0' } };

describe('a registry that takes no image', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox();
    expect(await sandbox.build()).toMatchObject({ code: 0 });
  });
  afterAll(() => sandbox.close());

  const push = (host: string): Promise<CliResult> =>
    sandbox.run(['push', 'app:latest', `${host}/team/app:1`], { XDG_RUNTIME_DIR: sandbox.path('session') });
  const refusing = (answer: TestAnswer): TestRegistryOptions => ({ refuseChanges: answer });
  /** Takes blobs, and answers like this to manifests under a tag, or to all. */
  const at = (answer: TestAnswer, path = /\/manifests\/1$/): TestRegistryOptions => ({
    override: ({ method, url }) => (method === 'PUT' && path.test(url.pathname) ? answer : undefined),
  });
  const READ_ONLY = 'the system is in read only mode, any modification is prohibited';
  const IMMUTABLE =
    "The image tag '1' already exists in the 'team/app' repository and cannot be overwritten because the repository is immutable.";

  it.each<[string, TestRegistryOptions, RegExp, RegExp]>([
    ['read-only, as distribution', refusing(fault(405, 'UNSUPPORTED')), /\(405\)/, /read-only/],
    ['read-only, as Harbor', refusing(fault(403, 'DENIED', READ_ONLY)), /read only mode/, /takes nothing/],
    ['full, as Harbor', refusing(fault(403, 'DENIED', 'exceeds the storage quota')), /quota/, /quota/],
    ['full, as WebDAV', refusing({ status: 507, body: 'Insufficient Storage' }), /507/, /quota/],
    ['too small', refusing({ status: 413, body: 'too large' }), /\(413\)/, /raise the limit/],
    ['immutable, as ECR', at(fault(400, 'TAG_INVALID', IMMUTABLE)), /immutable/, /another one/],
    [
      'immutable, as Harbor',
      at(fault(412, 'PRECONDITION', "Failed to process request due to 'app:1' configured as immutable.")),
      /\(412\).*configured as immutable/,
      /another one/,
    ],
    [
      'strict in sizes',
      at(fault(400, 'MANIFEST_INVALID', 'manifest too large'), /\/manifests\//),
      /manifest too large/,
      /raise the limit/,
    ],
    [
      'strict in kinds',
      at(fault(415, 'MANIFEST_INVALID', 'manifest media type unsupported'), /\/manifests\//),
      /\(415\).*unsupported/,
      /kind of manifest/,
    ],
    [
      'not made yet, as ECR',
      refusing(fault(404, 'NAME_UNKNOWN', 'The repository does not exist')),
      /The repository does not exist/,
      /be made first/,
    ],
  ])('since it is %s, says so', (what, options, message, hint) =>
    withRegistry(options, async ({ host, protocol }) => {
      const code = what.startsWith('not made') ? 'UNKNOWN_IMAGE' : 'REGISTRY_REFUSED';
      await expectHarmless(sandbox, () => push(host), { code, message, hint });
      expect([...(protocol.repositories.get('team/app')?.tags ?? [])]).toEqual([]);
      expect(protocol.uploads.size).toBe(0);
    }),
  );

  it('since it is busy, is asked some times, and said', () =>
    withRegistry(refusing(SLOW_DOWN), async (registry) => {
      const result = await push(registry.host);
      expectFailure(result, {
        code: 'NETWORK_STATUS',
        message: /answered 429 to uploading/,
        hint: /slow down/,
      });
      expect(result.stderr.match(/trying again in 0 s/g)?.length).toBeGreaterThanOrEqual(4);
      expect(registry.requests.length).toBeLessThan(200);
    }));

  it('since it wants to be left alone for an hour, is not waited for', () =>
    withRegistry(refusing({ ...SLOW_DOWN, headers: { 'retry-after': '3600' } }), ({ host }) =>
      expectHarmless(sandbox, () => push(host), {
        code: 'NETWORK_STATUS',
        message: /429/,
        hint: /wait a while/,
      }),
    ));
});

import { describe, expect, it } from 'vitest';
import { serve } from '../../testing/server.ts';
import { fault, type TestAnswer, type TestRequest } from '../../testing/registry-protocol.ts';
import { smallImage } from '../fixtures.ts';
import { openSink, openSource, parseLocation } from '../index.ts';
import { contextWith, withRegistry } from '../../testing/registry-context.ts';

/** What registries say instead of doing what they are asked, and what becomes of it. */

const image = await smallImage('x');
const html = { 'content-type': 'text/html; charset=utf-8' };
const isTagPut = ({ method, url }: TestRequest): boolean =>
  method === 'PUT' && url.pathname.endsWith('/manifests/1');
const isManifestPut = ({ method, url }: TestRequest): boolean =>
  method === 'PUT' && url.pathname.includes('/manifests/');
const isUpload = ({ method }: TestRequest): boolean => method === 'POST';

interface Case {
  readonly title: string;
  readonly when: (request: TestRequest) => boolean;
  readonly answer: TestAnswer;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const PUSHES: readonly Case[] = [
  {
    title: 'a registry that is read-only',
    when: isUpload,
    answer: fault(405, 'UNSUPPORTED', 'The operation is unsupported.'),
    code: 'REGISTRY_REFUSED',
    message:
      /refused uploading the blob sha256:.* to HOST\/app \(405\): UNSUPPORTED: The operation is unsupported\./,
    hint: /read-only/,
  },
  {
    title: 'a registry under maintenance',
    when: isUpload,
    answer: fault(403, 'DENIED', 'The system is in read only mode. Any modification is prohibited.'),
    code: 'REGISTRY_REFUSED',
    message: /\(403\): DENIED: The system is in read only mode/,
    hint: /takes nothing at the moment/,
  },
  {
    title: 'a repository that one may not write to',
    when: isUpload,
    answer: fault(403, 'DENIED', 'requested access to the resource is denied'),
    code: 'REGISTRY_UNAUTHORIZED',
    message: /does not allow uploading .* to a guest, and there are no credentials for it \(403\): DENIED/,
    hint: /pith login HOST/,
  },
  {
    title: 'a repository that has to be made first',
    when: isUpload,
    answer: fault(404, 'NAME_UNKNOWN', 'The repository does not exist'),
    code: 'UNKNOWN_IMAGE',
    message: /\(404\): NAME_UNKNOWN: The repository does not exist/,
    hint: /made first/,
  },
  ...[
    fault(403, 'DENIED', 'adding 1 MiB would exceed the quota'),
    fault(412, 'PRECONDITION', 'will exceed the configured upper limit of 1.0 GiB'),
    { status: 507, body: 'Insufficient Storage' },
    { status: 402 },
  ].map((answer) => ({
    title: `a quota that is used up, as ${answer.status}`,
    when: isUpload,
    answer,
    code: 'REGISTRY_REFUSED',
    message: new RegExp(`\\(${answer.status}\\)`),
    hint: /quota/,
  })),
  ...[
    fault(
      400,
      'TAG_INVALID',
      'The image tag "1" already exists and cannot be overwritten because the tag is immutable.',
    ),
    fault(412, 'PRECONDITION', 'Failed to process request due to "1" configured as immutable.'),
    fault(403, 'DENIED', 'tag is immutable'),
  ].map((answer) => ({
    title: `a tag that must not move, as ${answer.status}`,
    when: isTagPut,
    answer,
    code: 'REGISTRY_REFUSED',
    message: /refused pushing 1 to HOST\/app .*immutable/,
    hint: /cannot be moved/,
  })),
  ...[
    { status: 413, body: 'payload too large' },
    fault(400, 'MANIFEST_INVALID', 'manifest is too large'),
  ].map((answer) => ({
    title: `a manifest that is too large for it, as ${answer.status}`,
    when: isManifestPut,
    answer,
    code: 'REGISTRY_REFUSED',
    message: /too large/,
    hint: /nothing as large/,
  })),
  ...[
    fault(415, 'UNSUPPORTED', 'unsupported media type'),
    fault(400, 'MANIFEST_INVALID', 'unknown manifest media type application/vnd.oci.image.manifest.v1+json'),
    fault(400, 'MANIFEST_INVALID', 'mediaType is not supported'),
    fault(
      404,
      'MANIFEST_UNKNOWN',
      'OCI index found, but accept header does not support OCI indexes; invalid media type',
    ),
  ].map((answer) => ({
    title: `a kind of manifest that it does not take, as ${answer.status} ${String(answer.body).slice(12, 30)}`,
    when: isManifestPut,
    answer,
    code: 'REGISTRY_REFUSED',
    message: /refused pushing/,
    hint: /does not know this kind of manifest/,
  })),
  {
    title: 'a blob that got lost',
    when: isManifestPut,
    answer: fault(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'),
    code: 'REGISTRY_REFUSED',
    message: /MANIFEST_BLOB_UNKNOWN/,
    hint: /push it again/,
  },
  {
    title: 'anything else, in the registry’s words',
    when: isManifestPut,
    answer: { status: 418, body: `I am a teapot\n${'x'.repeat(5000)}` },
    code: 'REGISTRY_REFUSED',
    message: /\(418\): I am a teapot$/,
    hint: /logs/,
  },
  {
    title: 'words that are too many, or would move a terminal’s cursor',
    when: isManifestPut,
    answer: { status: 400, body: `\u001b[2J${'y'.repeat(5000)}` },
    code: 'REGISTRY_REFUSED',
    message: /^[^\u001b]{10,700}…$/,
    hint: /logs/,
  },
  {
    title: 'a fault that stays',
    when: isUpload,
    answer: fault(503, 'UNAVAILABLE', 'try later'),
    code: 'NETWORK_STATUS',
    message: /HOST answered 503 to uploading .*: UNAVAILABLE: try later/,
    hint: /has a fault/,
  },
  {
    title: 'a limit of requests that stays',
    when: isUpload,
    answer: fault(429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.'),
    code: 'NETWORK_STATUS',
    message: /HOST answered 429 .* rate limit/,
    hint: /log in/,
  },
  {
    title: 'a page of a proxy',
    when: isUpload,
    answer: { status: 403, headers: html, body: '<html>blocked</html>' },
    code: 'REGISTRY_INVALID',
    message: /HOST is not a registry: it answered uploading .* an HTML page \(403\)/,
    hint: /portal or a proxy/,
  },
  {
    title: 'no address for an upload',
    when: isUpload,
    answer: { status: 202 },
    code: 'REGISTRY_INVALID',
    message: /no address to go on with/,
    hint: /./,
  },
];

/** Answers to the first question. */
const PINGS: readonly Omit<Case, 'when'>[] = [
  {
    title: 'a web server',
    answer: { status: 200, headers: html, body: '<!doctype html><h1>Hello</h1>' },
    code: 'REGISTRY_INVALID',
    message: /HOST is not a registry: it answered the question whether it is one with an HTML page \(200\)/,
    hint: /Check the name/,
  },
  {
    title: 'a web server that has no such page',
    answer: { status: 404, body: 'not found' },
    code: 'REGISTRY_INVALID',
    message: /is not a registry: .* with 404/,
    hint: /Check the name/,
  },
  {
    title: 'a web server that sends elsewhere',
    answer: { status: 302, headers: { location: 'https://example.com/login?sig=secret' } },
    code: 'REGISTRY_INVALID',
    message: /302, a redirect to https:\/\/example.com\/login$/,
    hint: /Check the name/,
  },
  {
    title: 'a host that lets nobody in',
    answer: { status: 403, body: 'forbidden' },
    code: 'REGISTRY_DENIED',
    message: /HOST does not allow the question whether it is one \(403\): forbidden/,
    hint: /./,
  },
];

const read = async (host: string, retries = 1): Promise<unknown> =>
  openSource(parseLocation(`docker://${host}/app:1`), contextWith({ retries })).open();
const push = (host: string): Promise<unknown> =>
  openSink(parseLocation(`docker://${host}/app:1`), contextWith({ retries: 1 })).write([
    { names: [], artifact: image },
  ]);
const expected = ({ code, message, hint }: Omit<Case, 'when'>, host: string): unknown => {
  const at = (pattern: RegExp): RegExp =>
    new RegExp(pattern.source.replaceAll('HOST', host.replaceAll('.', '\\.')), pattern.flags);
  return expect.objectContaining({
    code,
    message: expect.stringMatching(at(message)) as string,
    hint: expect.stringMatching(at(hint)) as string,
  });
};

describe('a push meets', () => {
  it.each(PUSHES)('$title', (one) =>
    withRegistry(
      { override: (request) => (one.when(request) ? one.answer : undefined) },
      async (registry) => {
        await expect(push(registry.host)).rejects.toThrow(expected(one, registry.host));
        expect(registry.protocol.repositories.get('app')?.tags.size ?? 0).toBe(0);
      },
    ),
  );

  it('the failure of one tag among several, and says how many have moved', () =>
    withRegistry(
      {
        override: ({ method, url }) =>
          method === 'PUT' && url.pathname.endsWith('/b')
            ? fault(400, 'TAG_INVALID', 'immutable')
            : undefined,
      },
      async (registry) => {
        const sink = openSink(parseLocation(`docker://${registry.host}/`), contextWith({ parallel: 1 }));
        const artifacts = [{ names: ['x:a', 'x:b'], artifact: image }];
        await expect(sink.write(artifacts)).rejects.toThrow(/immutable; \d of 2 tags had been moved by then/);
      },
    ));
});

describe('a pull meets', () => {
  it.each(PINGS)('$title', (one) =>
    withRegistry(
      { override: ({ url }) => (url.pathname === '/v2/' ? one.answer : undefined) },
      async (registry) => {
        await expect(read(registry.host)).rejects.toThrow(expected(one, registry.host));
      },
    ),
  );

  it('a page in place of a manifest', () =>
    withRegistry(
      {
        override: ({ url }) =>
          url.pathname.includes('manifests') ? { status: 404, headers: html, body: '<html>' } : undefined,
      },
      async ({ host }) => {
        await expect(read(host)).rejects.toMatchObject({ code: 'REGISTRY_INVALID' });
      },
    ));

  it('a manifest that is too large', () =>
    withRegistry(
      {
        override: ({ url }) =>
          url.pathname.includes('manifests')
            ? { status: 200, body: Buffer.alloc(4 * 1024 * 1024 + 1, ' ') }
            : undefined,
      },
      async ({ host }) => {
        await expect(read(host)).rejects.toThrow(
          expect.objectContaining({
            code: 'IMAGE_INVALID',
            message: expect.stringContaining('4194304') as string,
          }),
        );
      },
    ));

  it('a host that is not there', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    const host = new URL(gone.url).host;
    await expect(read(host)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: `http://${host}/v2/app/manifests/1: the connection was refused`,
    });
    await expect(read('registry.invalid', 0)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/registry\.invalid.*(?:cannot be resolved|refused)/) as string,
    });
  });
});

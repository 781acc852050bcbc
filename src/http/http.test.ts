import type { RequestListener } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, type PithError } from '../core/index.ts';
import { sendBytes, serve, type TestServer } from '../testing/server.ts';
import {
  createHttp,
  isNotFound,
  statusOf,
  type CredentialFiles,
  type Http,
  type HttpOptions,
  type RetryEvent,
} from './index.ts';

let folder: string;
let closers: (() => Promise<void>)[];
let retries: RetryEvent[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pith-http-'));
  closers = [];
  retries = [];
});
afterEach(async () => {
  for (const close of closers) await close();
  await rm(folder, { recursive: true });
});

async function start(listener: RequestListener): Promise<TestServer> {
  const server = await serve(listener);
  closers.push(() => server.close());
  return server;
}

function client(options: Partial<HttpOptions> = {}): Http {
  const http = createHttp({
    env: {},
    files: { read: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
    retries: 3,
    retryDelay: 1,
    onRetry: (event) => retries.push(event),
    ...options,
  });
  closers.unshift(() => http.close());
  return http;
}

async function failure(promise: Promise<unknown>): Promise<PithError> {
  return promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error as PithError,
  );
}

const text = async (http: Http, url: string): Promise<string> =>
  Buffer.from((await http.get(url, { maxBytes: 1000 })).body).toString();

/** Answers a request with the next of the given listeners, the last one for ever. */
function inTurn(...listeners: RequestListener[]): RequestListener {
  let at = 0;
  return (request, response) => {
    const listener = listeners[Math.min(at++, listeners.length - 1)];
    listener?.(request, response);
  };
}

const ok: RequestListener = (_request, response) => response.end('ok');
const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end();
const hangUp: RequestListener = (request) => request.socket.destroy();
const silence: RequestListener = () => undefined;

describe('get', () => {
  it('gives status, headers and body', async () => {
    const server = await start((_request, response) => response.setHeader('ETag', '"1"').end('hello'));
    const response = await client().get(`${server.url}/a`, { maxBytes: 5 });
    expect(response).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(Buffer.from(response.body).toString()).toBe('hello');
  });

  it('asks conditionally', async () => {
    const server = await start(status(304));
    const options = { maxBytes: 5, ifNoneMatch: '"1"', ifModifiedSince: 'Thu, 01 Jan 1970 00:00:00 GMT' };
    const response = await client().get(server.url, options);
    expect(response.status).toBe(304);
    expect(server.requests[0]?.headers).toMatchObject({
      'if-none-match': '"1"',
      'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
    });
  });

  it.each([404, 403, 401, 410, 400, 304])('fails at once with status %i', async (code) => {
    const server = await start(status(code));
    const error = await failure(text(client(), server.url));
    expect(error).toMatchObject({
      code: 'NETWORK_STATUS',
      url: `${server.url}/`,
      hint: expect.any(String) as string,
    });
    expect(statusOf(error)).toBe(code);
    expect(isNotFound(error)).toBe(code === 404 || code === 410);
    expect(server.requests).toHaveLength(1);
  });

  it.each([500, 502, 503, 429, 408])('tries again after status %i', async (code) => {
    const server = await start(inTurn(status(code), status(code), ok));
    expect(await text(client(), server.url)).toBe('ok');
    expect(retries).toHaveLength(2);
  });

  it('gives up after the last try', async () => {
    const server = await start(status(503));
    expect(statusOf(await failure(text(client(), server.url)))).toBe(503);
    expect(server.requests).toHaveLength(4);
  });

  it('gives up sooner when told to', async () => {
    const server = await start(status(503));
    await failure(client().get(server.url, { maxBytes: 10, retries: 1 }));
    expect(server.requests).toHaveLength(2);
  });

  it('waits as long as the server asks', async () => {
    const server = await start(inTurn(status(429, { 'retry-after': '1' }), ok));
    const begun = performance.now();
    expect(await text(client(), server.url)).toBe('ok');
    expect(performance.now() - begun).toBeGreaterThan(990);
  });

  it('understands a date in Retry-After', async () => {
    const server = await start(inTurn(status(503, { 'retry-after': new Date(0).toUTCString() }), ok));
    expect(await text(client(), server.url)).toBe('ok');
    expect(retries[0]?.pause).toBe(0);
  });

  it('does not wait longer than it is worth', async () => {
    const server = await start(status(429, { 'retry-after': '3600' }));
    expect(statusOf(await failure(text(client(), server.url)))).toBe(429);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['a broken connection', hangUp],
    ['a server that never answers', silence],
    [
      'a body that breaks off',
      ((_request, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half');
        setTimeout(() => response.destroy(), 20);
      }) satisfies RequestListener,
    ],
    [
      'a body that stalls',
      ((_request, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half');
      }) satisfies RequestListener,
    ],
  ])('tries again after %s', async (_what, listener) => {
    const server = await start(inTurn(listener, ok));
    expect(await text(client({ stallTimeout: 150 }), server.url)).toBe('ok');
    expect(retries).toHaveLength(1);
  });

  it('does not take a slow server for a stalled one', async () => {
    const server = await start((_request, response) => {
      let left = 6;
      const timer = setInterval(() => {
        response.write('x');
        if (--left > 0) return;
        clearInterval(timer);
        response.end();
      }, 60);
    });
    expect(await text(client({ stallTimeout: 250, retries: 0 }), server.url)).toBe('xxxxxx');
  });

  it('says that a connection is refused', async () => {
    const server = await serve(ok);
    await server.close();
    const error = await failure(text(client(), server.url));
    expect(error).toMatchObject({ code: 'NETWORK_FAILED', url: server.url });
    expect(error.message).toMatch(/refused/);
    expect(error.hint).toMatch(/proxy/);
  });

  it('says that a name cannot be resolved, without trying again', async () => {
    const error = await failure(text(client(), 'http://nothing.invalid/'));
    expect(error.code).toBe('NETWORK_FAILED');
    expect(error.message).toMatch(/resolved/);
  });

  it.each([
    ['by its type', 'text/html; charset=utf-8', 'x'],
    ['by its first letter', 'text/plain', '\n  <!DOCTYPE html>'],
  ])('recognises a page %s', async (_how, type, body) => {
    const server = await start((_request, response) => response.setHeader('content-type', type).end(body));
    const error = await failure(text(client(), server.url));
    expect(error).toMatchObject({ code: 'NETWORK_CONTENT' });
    expect(error.hint).toMatch(/portal/);
  });

  it('recognises a network that wants a log-in (511)', async () => {
    const server = await start(status(511));
    expect(await failure(text(client(), server.url))).toMatchObject({ code: 'NETWORK_CONTENT' });
  });

  it.each(['announced', 'chunked'])('refuses a document that is too large (%s)', async (how) => {
    const server = await start((_request, response) => {
      if (how === 'announced') response.setHeader('content-length', 2000);
      response.write('x'.repeat(600));
      response.end('x'.repeat(1400));
    });
    expect(await failure(text(client(), server.url))).toMatchObject({ code: 'NETWORK_CONTENT' });
  });

  it('ends when it is interrupted, also in a pause', async () => {
    const server = await start(inTurn(status(503, { 'retry-after': '30' }), ok));
    const controller = new AbortController();
    const http = client({
      signal: controller.signal,
      onRetry: () =>
        void setTimeout(() => {
          controller.abort();
        }, 10),
    });
    expect(await failure(text(http, server.url))).toMatchObject({ code: 'INTERRUPTED' });
  });

  it('refuses the network when offline, but not files', async () => {
    await writeFile(join(folder, 'f'), 'data');
    const http = client({ offline: true });
    expect(await failure(text(http, 'http://127.0.0.1:1/'))).toMatchObject({ code: 'OFFLINE' });
    expect(await text(http, pathToFileURL(join(folder, 'f')).href)).toBe('data');
  });

  it('says that a file does not exist as a server would', async () => {
    expect(isNotFound(await failure(text(client(), pathToFileURL(join(folder, 'none')).href)))).toBe(true);
    expect(isNotFound(await failure(text(client(), pathToFileURL(folder).href)))).toBe(true);
  });

  it.each(['ftp://a.example/', 'nonsense', ''])('refuses the address %j', async (url) => {
    expect(await failure(text(client(), url))).toMatchObject({ code: 'NETWORK_FAILED' });
  });
});

describe('redirects', () => {
  const redirect = (to: string): RequestListener => status(302, { location: to });

  it('are followed, relative ones too', async () => {
    const other = await start(ok);
    const server = await start(inTurn(redirect('/b'), redirect(`${other.url}/c`)));
    expect(await text(client(), `${server.url}/a`)).toBe('ok');
    expect(server.requests.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  it.each([
    ['in a circle', '/'],
    ['to a file', 'file:///etc/passwd'],
    ['to nonsense', 'http://'],
  ])('%s are refused', async (_what, to) => {
    const server = await start(redirect(to));
    expect(await failure(text(client(), server.url))).toMatchObject({ code: 'NETWORK_FAILED' });
    expect(server.requests.length).toBeLessThan(12);
  });

  it('take no credentials to another origin', async () => {
    const other = await start(ok);
    const server = await start(inTurn(redirect('/b'), redirect(other.url)));
    await text(client(), server.url.replace('//', '//user:secret@'));
    const expected = `Basic ${Buffer.from('user:secret').toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected]);
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('credentials', () => {
  const files = (content: Record<string, string>): CredentialFiles => ({
    read: (path) => Promise.resolve(content[path]),
    list: (path) =>
      Promise.resolve(
        Object.keys(content)
          .filter((name) => name.startsWith(`${path}/`))
          .map((name) => name.slice(path.length + 1)),
      ),
  });
  async function used(
    url: (base: string) => string,
    options: (host: string) => Partial<HttpOptions>,
  ): Promise<string> {
    const server = await start(ok);
    await text(client(options(server.url)), url(server.url));
    const header = server.requests[0]?.headers.authorization ?? '';
    return Buffer.from(header.replace('Basic ', ''), 'base64').toString();
  }

  it('come from the address, decoded', async () => {
    expect(
      await used(
        (base) => base.replace('//', '//us%40er:p%3Aw@'),
        () => ({}),
      ),
    ).toBe('us@er:p:w');
  });

  it('come from ~/.netrc', async () => {
    const netrc = 'machine 127.0.0.1 login n password p';
    expect(
      await used(
        (base) => base,
        () => ({ env: { HOME: '/h' }, files: files({ '/h/.netrc': netrc }) }),
      ),
    ).toBe('n:p');
  });

  it('come from $NETRC rather than ~/.netrc', async () => {
    const content = { '/h/.netrc': 'default login a password b', '/n': 'default login c password d' };
    expect(
      await used(
        (base) => base,
        () => ({ env: { HOME: '/h', NETRC: '/n' }, files: files(content) }),
      ),
    ).toBe('c:d');
  });

  it('come from apt’s files before netrc, the first that covers the address', async () => {
    const options = (host: string): Partial<HttpOptions> => ({
      env: { HOME: '/h' },
      files: files({
        '/h/.netrc': 'default login n password n',
        '/etc/apt/auth.conf.d/20-b.conf': `machine ${host} login b password b`,
        '/etc/apt/auth.conf.d/10-a.conf': `machine ${host}/sub login a password a`,
        '/etc/apt/auth.conf.d/00-skipped.bak': `machine ${host} login x password x`,
      }),
    });
    expect(await used((base) => `${base}/sub/x`, options)).toBe('a:a');
    expect(await used((base) => `${base}/other`, options)).toBe('b:b');
  });

  it('are not shown in an error', async () => {
    const server = await start(status(403));
    const error = await failure(text(client(), server.url.replace('//', '//user:secret@')));
    expect(JSON.stringify([error.message, error.url, error.hint, error.stack])).not.toContain('secret');
    await server.close();
    const refused = await failure(text(client(), server.url.replace('//', '//user:secret@')));
    expect(JSON.stringify([refused.message, refused.url, refused.hint])).not.toContain('secret');
  });
});

describe('proxies', () => {
  it('get plain requests as such', async () => {
    const proxy = await start((request, response) => response.end(`by proxy: ${request.url ?? ''}`));
    const http = client({ env: { http_proxy: proxy.url } });
    expect(await text(http, 'http://archive.invalid/x')).toBe('by proxy: http://archive.invalid/x');
  });

  it('may be named without a protocol, in capitals, and for all protocols', async () => {
    const proxy = await start(ok);
    for (const name of ['HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])
      expect(
        await text(client({ env: { [name]: proxy.url.replace('http://', '') } }), 'http://archive.invalid/'),
      ).toBe('ok');
  });

  it('are left out for the hosts in no_proxy', async () => {
    const server = await start(ok);
    const env = { http_proxy: 'http://127.0.0.1:1', no_proxy: 'x.example,127.0.0.1' };
    expect(await text(client({ env }), server.url)).toBe('ok');
  });

  it('get a tunnel for https', async () => {
    const tunnels: string[] = [];
    const proxy = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        tunnels.push(data.toString().split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    closers.push(
      () =>
        new Promise((resolve) =>
          proxy.close(() => {
            resolve();
          }),
        ),
    );
    const http = client({
      env: { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
      retries: 0,
    });
    expect(await failure(text(http, 'https://archive.invalid/'))).toMatchObject({ code: 'NETWORK_FAILED' });
    expect(tunnels[0]).toBe('CONNECT archive.invalid:443 HTTP/1.1');
  });

  it.each<[string, (socket: Socket) => void]>([
    ['end the connection', (socket) => socket.end()],
    ['break it', (socket) => socket.resetAndDestroy()],
    ['say nothing', () => undefined],
  ])('that %s in place of a tunnel are tried a few times', async (_what, answer) => {
    let connections = 0;
    const proxy = createTcpServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.once('data', () => {
        answer(socket);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const env = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const http = client({ env, retries: 2, connectTimeout: 100 });
    expect(await failure(text(http, 'https://archive.invalid/'))).toMatchObject({
      code: 'NETWORK_FAILED',
      hint: expect.stringContaining('https_proxy') as string,
    });
    expect(connections).toBe(3);
    await http.close();
    proxy.close();
  });

  it('are not taken from the process', async () => {
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect(await text(client(), (await start(ok)).url)).toBe('ok');
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });

  it('that make no sense are an error with a hint', async () => {
    const error = await failure(text(client({ env: { http_proxy: 'http://[' } }), 'http://a.invalid/'));
    expect(error).toMatchObject({
      code: 'NETWORK_FAILED',
      hint: expect.stringContaining('http_proxy') as string,
    });
  });
});

describe('download', () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
  const whole: RequestListener = (request, response) => {
    sendBytes(request, response, bytes, { etag: '"1"' });
  };
  /** Announces everything, sends the first half and breaks off. */
  const half: RequestListener = (request, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': bytes.length });
    response.write(bytes.subarray(0, 150_000), () => setTimeout(() => request.socket.destroy(), 30));
  };

  const target = (): string => join(folder, 'file');
  async function run(
    urls: string[],
    options: Partial<HttpOptions> & { size?: number } = {},
  ): Promise<{ url: string; seen: number }> {
    let seen = 0;
    const { size = bytes.length, ...httpOptions } = options;
    const url = await client({ stallTimeout: 200, ...httpOptions }).download({
      urls,
      to: target(),
      size,
      digest: digestOf(bytes),
      onBytes: (count) => (seen += count),
    });
    expect((await readFile(target())).equals(bytes)).toBe(true);
    return { url, seen };
  }
  async function fails(
    urls: string[],
    options: Partial<HttpOptions> & { size?: number } = {},
  ): Promise<PithError> {
    const error = await failure(run(urls, options));
    await expect(readFile(target())).rejects.toMatchObject({ code: 'ENOENT' });
    return error;
  }

  it('writes and verifies the file, and counts its bytes', async () => {
    const server = await start(whole);
    expect(await run([`${server.url}/f`])).toEqual({ url: `${server.url}/f`, seen: bytes.length });
  });

  it('goes on where it stopped', async () => {
    const server = await start(inTurn(half, whole));
    expect((await run([server.url])).seen).toBe(bytes.length);
    expect(server.requests[1]?.headers).toMatchObject({ 'if-range': '"1"' });
    expect(Number(/^bytes=([0-9]+)-$/.exec(server.requests[1]?.headers.range ?? '')?.[1])).toBeGreaterThan(0);
  });

  it('goes on after a stall', async () => {
    const server = await start(
      inTurn((_request, response) => {
        response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1000));
      }, whole),
    );
    await run([server.url]);
    expect(server.requests[1]?.headers.range).toBe('bytes=1000-');
  });

  it('gets through however often the connection breaks, as long as it gets on', async () => {
    const server = await start((request, response) => {
      const from = Number(/[0-9]+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const until = Math.min(from + 50_000, bytes.length);
      const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': bytes.length - from,
        ...(from === 0 ? {} : range),
      });
      response.write(bytes.subarray(from, until), () =>
        setTimeout(() => (until === bytes.length ? response.end() : request.socket.destroy()), 20),
      );
    });
    await run([server.url], { retries: 1 });
    expect(server.requests.length).toBeGreaterThanOrEqual(6);
  });

  it('begins anew where the server ignores Range', async () => {
    const server = await start(inTurn(half, (_request, response) => response.end(bytes)));
    expect((await run([server.url])).seen).toBe(bytes.length);
  });

  it('begins anew where the file has changed in between', async () => {
    const server = await start(
      inTurn(half, (request, response) => {
        sendBytes(request, response, bytes, { etag: '"2"' });
      }),
    );
    await run([server.url]);
  });

  it('begins anew where the server sends another part than asked for', async () => {
    const server = await start(
      inTurn(
        half,
        (_request, response) =>
          response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}` }).end('0123456789'),
        whole,
      ),
    );
    await run([server.url]);
    expect(server.requests[2]?.headers.range).toBeUndefined();
  });

  it('begins anew where the server finds the range unusable', async () => {
    const server = await start(inTurn(half, status(416), whole));
    await run([server.url]);
  });

  it('begins anew where the parts do not fit together', async () => {
    const other = Buffer.alloc(bytes.length, 1);
    const noTag: RequestListener = (request, response) => {
      response.writeHead(200, { 'content-length': other.length });
      response.write(other.subarray(0, 1000), () => setTimeout(() => request.socket.destroy(), 30));
    };
    const server = await start(inTurn(noTag, whole, whole));
    await run([server.url]);
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    ['404', status(404)],
    ['403', status(403)],
    ['500', status(500)],
    ['a broken connection', hangUp],
    [
      'a page',
      ((_request, response) =>
        response.setHeader('content-type', 'text/html').end('<html>')) satisfies RequestListener,
    ],
    ['half of the file', half],
  ])('asks the next address after %s', async (_what, listener) => {
    const [bad, good] = [await start(listener), await start(whole)];
    expect(await run([bad.url, good.url], { retries: 1 })).toEqual({ url: good.url, seen: bytes.length });
  });

  it('does not lose much time on a dead address when there is another', async () => {
    const [bad, good] = [await start(hangUp), await start(inTurn(hangUp, hangUp, hangUp, whole))];
    await run([bad.url, good.url]);
    expect([bad.requests.length, good.requests.length]).toEqual([2, 4]);
  });

  it('does not ask the next address after a file that is wrong', async () => {
    const wrong = Buffer.from(bytes);
    wrong[5] = 0xff;
    const [bad, good] = [
      await start((request, response) => {
        sendBytes(request, response, wrong);
      }),
      await start(whole),
    ];
    expect(await fails([bad.url, good.url])).toMatchObject({ code: 'DIGEST_MISMATCH', url: bad.url });
    expect(good.requests).toHaveLength(0);
  });

  it.each([
    [
      'fewer bytes than announced by the index',
      ((_request, response) => response.end(bytes.subarray(1))) satisfies RequestListener,
    ],
    [
      'more bytes',
      ((_request, response) => response.end(Buffer.concat([bytes, bytes]))) satisfies RequestListener,
    ],
    [
      'more bytes, not announced',
      ((_request, response) => {
        response.write(bytes);
        response.end('x');
      }) satisfies RequestListener,
    ],
    ['no bytes', ((_request, response) => response.end()) satisfies RequestListener],
  ])('refuses %s', async (_what, listener) => {
    const server = await start(listener);
    expect(await fails([server.url])).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('recognises a page that calls itself something else', async () => {
    const server = await start((_request, response) =>
      response.setHeader('content-type', 'application/octet-stream').end('<html>'),
    );
    expect(await fails([server.url])).toMatchObject({ code: 'NETWORK_CONTENT' });
  });

  it('names all addresses when none has the file', async () => {
    const [a, b] = [await start(status(404)), await start(status(404))];
    const error = await fails([a.url, b.url]);
    expect(isNotFound(error)).toBe(true);
    expect(error.message).toContain(a.url);
    expect(error.message).toContain(b.url);
  });

  it('tells of the fault rather than of the absence', async () => {
    const [a, b] = [await start(status(404)), await start(hangUp)];
    expect(await fails([a.url, b.url])).toMatchObject({ code: 'NETWORK_FAILED' });
  });

  it('fails without an address', async () => {
    expect(await fails([])).toMatchObject({ code: 'NETWORK_FAILED' });
  });

  it('accepts an empty file', async () => {
    const server = await start((_request, response) => response.end());
    await client().download({ urls: [server.url], to: target(), size: 0, digest: digestOf('') });
    expect(await readFile(target())).toHaveLength(0);
  });

  it('copies and verifies a file', async () => {
    await writeFile(join(folder, 'source'), bytes);
    const url = pathToFileURL(join(folder, 'source')).href;
    expect((await run([pathToFileURL(join(folder, 'none')).href, url])).url).toBe(url);
  });

  it('refuses the network when offline', async () => {
    expect(await failure(run(['http://127.0.0.1:1/'], { offline: true }))).toMatchObject({ code: 'OFFLINE' });
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const controller = new AbortController();
    const server = await start((_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1000));
      setTimeout(() => {
        controller.abort();
      }, 30);
    });
    expect(await fails([server.url], { signal: controller.signal, stallTimeout: 5000 })).toMatchObject({
      code: 'INTERRUPTED',
    });
  });

  it('says where it could not write', async () => {
    const server = await start(whole);
    const request = { urls: [server.url], to: join(folder, 'none', 'file'), size: 1, digest: digestOf('x') };
    const error = await failure(client().download(request));
    expect(error.message).toContain(join(folder, 'none'));
  });
});

describe('an answer that is not HTTP', () => {
  it('is a failure of the network', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('SSH-2.0-OpenSSH\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      () =>
        new Promise((resolve) => {
          server.close(() => {
            resolve();
          });
        }),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await failure(text(client({ retries: 0 }), url))).toMatchObject({ code: 'NETWORK_FAILED' });
  });
});

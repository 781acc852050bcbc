import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Connections, drain, type Answer } from './connections.ts';
import { networkError } from './errors.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Served {
  readonly url: URL;
  /** Connections that were made. */
  readonly sockets: Set<Socket>;
}

async function start(listener: RequestListener): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = createServer(listener);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), sockets };
}

function connections(env: Record<string, string> = {}): Connections {
  const made = new Connections({ env, connectTimeout: 200, stallTimeout: 200 });
  closers.unshift(() => made.close());
  return made;
}

const textOf = async ({ body }: Answer): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};
const zeros = async function* (count: number, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield await Promise.resolve(new Uint8Array(size));
};
const reason = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => networkError(error, 'x').message,
  );

describe('connections', () => {
  it('serve one request after the other, whatever its method', async () => {
    const { url, sockets } = await start((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-length': request.method?.length }).end(request.method);
    });
    const used = connections();
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'GET'] as const) {
      const body = method === 'PUT' ? { body: Buffer.from('x') } : {};
      const answer = await used.send(url, { method, headers: {}, ...body });
      expect(await textOf(answer)).toBe(method === 'HEAD' ? '' : method);
    }
    expect(sockets.size).toBe(1);
  });

  it('serve again when an answer was not wanted, unless it goes on for long', async () => {
    const { url, sockets } = await start((request, response) => {
      response.end(Buffer.alloc(request.url === '/long' ? 10_000_000 : 1000));
    });
    const used = connections();
    for (const path of ['short', 'short', 'long', 'short'])
      await drain(await used.send(new URL(path, url), { method: 'GET', headers: {} }));
    expect(sockets.size).toBe(2);
  });

  it('take pieces of any size as a body of a known length', async () => {
    const { url } = await start((request, response) => {
      let size = 0;
      request.on('data', (piece: Buffer) => (size += piece.length));
      request.on('end', () => response.end(`${request.headers['content-length'] ?? '-'} ${size}`));
    });
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (const size of [0, 1, 3_000_000, 7]) yield await Promise.resolve(new Uint8Array(size));
    };
    const headers = { 'content-length': '3000008' };
    const answer = await connections().send(url, { method: 'PUT', headers, body: body() });
    expect(await textOf(answer)).toBe('3000008 3000008');
  });

  it('give an answer that comes before everything is sent', async () => {
    let isClosed = false;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* zeros(1000);
      } finally {
        isClosed = true;
      }
    };
    const { url, sockets } = await start((_request, response) => response.writeHead(401).end('who?'));
    const used = connections();
    const headers = { 'content-length': '100000000' };
    const answer = await used.send(url, { method: 'PUT', headers, body: body() });
    expect([answer.status, await textOf(answer)]).toEqual([401, 'who?']);
    // That connection is of no use any more.
    await drain(await used.send(url, { method: 'GET', headers: {} }));
    expect(sockets.size).toBe(2);
    expect(isClosed).toBe(true);
  });

  it('throw what the body throws', async () => {
    const fault = new Error('the disk is gone');
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield* zeros(2);
      throw fault;
    };
    const { url } = await start((request) => request.resume());
    const headers = { 'content-length': '1000000' };
    await expect(connections().send(url, { method: 'PUT', headers, body: body() })).rejects.toBe(fault);
  });

  it('end with their signal, before and after the answer has begun', async () => {
    const { url } = await start((request, response) => {
      if (request.url === '/begun') response.writeHead(200, { 'content-length': '10' }).write('x');
    });
    const used = connections();
    for (const path of ['silent', 'begun']) {
      const ending = new AbortController();
      const work = used
        .send(new URL(path, url), { method: 'GET', headers: {}, signal: ending.signal })
        .then(textOf);
      setTimeout(() => {
        ending.abort();
      }, 20);
      await expect(work).rejects.toThrow();
      await expect(
        used.send(url, { method: 'GET', headers: {}, signal: ending.signal }),
      ).rejects.toMatchObject({ code: 'ABORT_ERR' });
    }
  });

  it('share a signal, however many they are', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    const { url } = await start(() => undefined);
    const used = connections();
    const ending = new AbortController();
    const request = { method: 'GET', headers: {}, signal: ending.signal } as const;
    const work = Promise.allSettled(Array.from({ length: 30 }, () => used.send(url, request)));
    setTimeout(() => {
      ending.abort();
    }, 50);
    for (const { status } of await work) expect(status).toBe('rejected');
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('do not end what came before their signal', async () => {
    const { url, sockets } = await start((_request, response) => response.end('x'));
    const used = connections();
    const ending = new AbortController();
    await textOf(await used.send(url, { method: 'GET', headers: {}, signal: ending.signal }));
    ending.abort();
    await textOf(await used.send(url, { method: 'GET', headers: {} }));
    expect(sockets.size).toBe(1);
  });
});

describe('silence', () => {
  it('of a server that reads no more ends a request', async () => {
    const server = createTcpServer((socket) => {
      socket.pause();
      socket.on('error', () => undefined);
      closers.unshift(() => Promise.resolve(socket.destroy()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const headers = { 'content-length': '1000000000' };
    const work = connections().send(url, { method: 'PUT', headers, body: zeros(10_000) });
    expect(await reason(work)).toBe('x: the transfer stalled');
  });

  it('before an answer ends a request, after the time that is given to it', async () => {
    const { url } = await start(() => undefined);
    const begun = performance.now();
    const work = connections().send(url, { method: 'GET', headers: {}, answerTimeout: 400 });
    expect(await reason(work)).toBe('x: the server does not answer');
    expect(performance.now() - begun).toBeGreaterThan(390);
  });

  it('within an answer ends it', async () => {
    const { url } = await start((_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x');
    });
    const answer = await connections().send(url, { method: 'GET', headers: {} });
    expect(await reason(textOf(answer))).toBe('x: the transfer stalled');
  });

  it('of our own is no fault: neither of what is sent nor of who reads', async () => {
    const { url } = await start((request, response) => {
      request.resume().on('end', () => response.end(Buffer.alloc(5_000_000)));
    });
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 3; i++) {
        await sleep(250);
        yield new Uint8Array(10);
      }
    };
    const headers = { 'content-length': '30' };
    const answer = await connections().send(url, { method: 'PUT', headers, body: body() });
    let size = 0;
    let waited = 0;
    for await (const piece of answer.body) {
      if (waited++ < 3) await sleep(250);
      size += piece.length;
    }
    expect(size).toBe(5_000_000);
  });
});

describe('a proxy', () => {
  it('that wants a password is named', async () => {
    const { url } = await start((_request, response) => response.writeHead(407).end());
    const used = connections({ http_proxy: url.href });
    const work = used.send(new URL('http://a.example/'), { method: 'GET', headers: {} });
    expect(await reason(work)).toBe('x: the proxy wants credentials (407)');
  });

  it('that wants a password for a tunnel is named', async () => {
    const { url } = await start(() => undefined);
    const proxy = createServer();
    proxy.on('connect', (_request, socket) =>
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    );
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => proxy.close(resolve)));
    const used = connections({ https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    const target = new URL(`https://${url.host}/`);
    expect(await reason(used.send(target, { method: 'GET', headers: {} }))).toBe(
      'x: the proxy wants credentials (407)',
    );
  });
});

import { createServer, type Server } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../testing/certificates.ts';
import { USER, type TestRegistry, type TestRegistryOptions } from '../../testing/registry.ts';
import { describeWith, isInstalled } from '../../testing/tools.ts';
import { inTemporaryFolder, smallImage } from '../fixtures.ts';
import { openSink, parseLocation, type RegistrySettings } from '../index.ts';
import { isLoopback } from './endpoint.ts';
import { contextWith, withRegistry } from '../../testing/registry-context.ts';

const image = await smallImage('x');
const push = (
  host: string,
  settings: RegistrySettings,
  environment: Record<string, string> = {},
): Promise<unknown> =>
  openSink(
    parseLocation(`docker://${host}/app:1`),
    contextWith({ retries: 1, ...settings }, environment),
  ).write([{ names: [], artifact: image }]);
const isThere = ({ protocol }: TestRegistry): boolean =>
  protocol.repositories.get('app')?.tags.has('1') ?? false;

describe('a host', () => {
  it.each([
    ['localhost', true],
    ['localhost:5000', true],
    ['127.0.0.1:5000', true],
    ['127.1.2.3', true],
    ['[::1]:5000', true],
    ['127.example.com', false],
    ['localhost.example.com', false],
    ['192.168.0.1:5000', false],
    ['[::2]', false],
  ])('%s is this machine: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describeWith('https', { tools: ['openssl'] }, () => {
  let authority = '';
  let server: { key: string; cert: string };
  beforeAll(() =>
    inTemporaryFolder(async (folder) => {
      ({ authority, server } = await makeCertificates(folder));
    }),
  );
  const within = (
    more: TestRegistryOptions,
    work: (registry: TestRegistry, folder: string) => Promise<void>,
  ): Promise<void> =>
    inTemporaryFolder((folder) =>
      withRegistry({ tls: server, ...more }, async (registry) => {
        await work(registry, folder);
      }),
    );

  it('with a certificate that is not trusted is refused, with what to do', () =>
    within({}, async ({ host }) => {
      await expect(push(host, {}, { HOME: '/home/ada' })).rejects.toMatchObject({
        code: 'NETWORK_FAILED',
        message: expect.stringContaining(`the certificate of ${host} is not trusted`) as string,
        hint: expect.stringContaining(`/home/ada/.config/containers/certs.d/${host}/ca.crt`) as string,
      });
    }));

  it.each([
    ['another name', { names: 'DNS:other.test' }, /Use a name that the certificate is for/],
    ['a time that is over', { days: 0 }, /has to be renewed .* clock/],
  ])('with a certificate for %s is refused, and no authority is asked for', (_what, options, hint) =>
    inTemporaryFolder(async (folder) => {
      const { authority: own, server: tls } = await makeCertificates(folder, options);
      await mkdir(join(folder, 'trusted'));
      await writeFile(join(folder, 'trusted', 'ca.crt'), own);
      await withRegistry({ tls }, async ({ host }) => {
        await expect(push(host, { certificates: join(folder, 'trusted') })).rejects.toMatchObject({
          code: 'NETWORK_FAILED',
          message: expect.stringContaining(`the certificate of ${host} is not trusted`) as string,
          hint: expect.stringMatching(hint) as string,
        });
      });
    }),
  );

  it('trusts the authorities in the folder of the host', () =>
    within({}, async (registry, folder) => {
      const path = join(folder, '.config/containers/certs.d', registry.host);
      await mkdir(path, { recursive: true });
      await writeFile(join(path, 'own.crt'), authority);
      await push(registry.host, {}, { HOME: folder });
      expect(isThere(registry)).toBe(true);
    }));

  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('trusts the authorities in $%s', (variable) =>
    within({}, async (registry, folder) => {
      const path = join(folder, 'own.pem');
      await writeFile(path, authority);
      await push(registry.host, {}, { [variable]: path });
      expect(isThere(registry)).toBe(true);
    }),
  );

  it('trusts anything if it is told to', () =>
    within({ auth: {} }, async (registry) => {
      const credentials = { find: () => Promise.resolve(USER), searched: () => [] };
      await push(registry.host, { insecure: true, credentials });
      expect(isThere(registry)).toBe(true);
    }));

  it('shows a certificate where that is wanted', () =>
    within({ tls: { ...server, ca: authority } }, async (registry, folder) => {
      await writeFile(join(folder, 'ca.crt'), authority);
      await expect(push(registry.host, { certificates: folder })).rejects.toMatchObject({
        code: 'NETWORK_FAILED',
      });
      await writeFile(join(folder, 'client.cert'), server.cert);
      await expect(push(registry.host, { certificates: folder })).rejects.toMatchObject({
        code: 'USAGE',
        hint: expect.stringContaining('client.key') as string,
      });
      await writeFile(join(folder, 'client.key'), server.key);
      await push(registry.host, { certificates: folder });
      expect(isThere(registry)).toBe(true);
    }));

  it('sends no credentials to a token service without it', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'ca.crt'), authority);
      await withRegistry({ auth: {} }, (tokens) =>
        withRegistry(
          {
            tls: server,
            override: () => ({
              status: 401,
              headers: {
                'www-authenticate': `Bearer realm="http://${tokens.host}/token",service="test registry"`,
              },
            }),
          },
          async ({ host }) => {
            const credentials = { find: () => Promise.resolve(USER), searched: () => [] };
            await expect(push(host, { certificates: folder, credentials })).rejects.toMatchObject({
              code: 'REGISTRY_INVALID',
              message: expect.stringContaining('without encryption') as string,
            });
            expect(tokens.requests).toEqual([]);
          },
        ),
      );
    }));
});

/** Hosts that are not this machine, by way of a proxy that leads all of them here. */
describe('a host elsewhere', () => {
  const withProxy = async (
    work: (env: Record<string, string>, seen: string[]) => Promise<void>,
    target: string,
  ): Promise<void> => {
    const seen: string[] = [];
    const proxy: Server = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      const { pathname, search } = new URL(request.url ?? '');
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { method = 'GET' } = request;
        const headers = new Headers(request.headers as Record<string, string>);
        for (const name of ['host', 'connection', 'proxy-connection', 'content-length']) headers.delete(name);
        const body = Buffer.concat(pieces);
        void fetch(`http://${target}${pathname}${search}`, {
          method,
          headers,
          ...(body.length > 0 ? { body } : {}),
        }).then(async (answer) => {
          response.writeHead(answer.status, Object.fromEntries(answer.headers));
          response.end(Buffer.from(await answer.arrayBuffer()));
        });
      });
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url ?? ''}`);
      const [host = '', port = ''] = target.split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on('error', () => undefined);
    });
    const sockets = new Set<Socket>();
    proxy.on('connection', (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      await work({ http_proxy: url, https_proxy: url }, seen);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    }
  };

  it('is told to speak no TLS if that is so, and what would help', () =>
    withRegistry({}, (registry) =>
      withProxy(async (env) => {
        await expect(push('registry.test:5000', {}, env)).rejects.toMatchObject({
          message: 'registry.test:5000 does not speak TLS',
          hint: expect.stringContaining('--insecure') as string,
        });
      }, registry.host),
    ));

  it('is not asked for this machine', () =>
    withRegistry({}, (registry) =>
      withProxy(async (env, seen) => {
        for (const more of [{}, { no_proxy: 'a.example' }, { NO_PROXY: 'a.example' }])
          await push(registry.host, {}, { ...env, ...more });
        expect(seen).toEqual([]);
        expect(isThere(registry)).toBe(true);
      }, registry.host),
    ));

  it('is asked over https only', () =>
    withRegistry({}, (registry) =>
      withProxy(async (env, seen) => {
        await expect(push('registry.test:5000', {}, env)).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
        expect(new Set(seen)).toEqual(new Set(['CONNECT registry.test:5000']));
        expect(registry.requests).toEqual([]);
      }, registry.host),
    ));

  it('is reached through a tunnel', async () => {
    if (!isInstalled('openssl')) return;
    await inTemporaryFolder(async (folder) => {
      const { authority, server } = await makeCertificates(folder);
      await writeFile(join(folder, 'ca.crt'), authority);
      await withRegistry({ tls: server }, (registry) =>
        withProxy(async (env, seen) => {
          // The certificate is one for localhost, which is no name of this registry.
          const settings = { certificates: folder };
          await expect(push('registry.test:5000', settings, env)).rejects.toThrow('registry.test');
          await push('registry.test:5000', { ...settings, insecure: true }, env);
          expect(new Set(seen)).toEqual(new Set(['CONNECT registry.test:5000']));
          expect(isThere(registry)).toBe(true);
        }, registry.host),
      );
    });
  });

  it('is asked over http as well where that is allowed', () =>
    withRegistry({}, (registry) =>
      withProxy(async (env, seen) => {
        await push('registry.test:5000', { insecure: true }, env);
        expect(seen[0]).toBe('CONNECT registry.test:5000');
        expect(seen).toContain('PUT http://registry.test:5000/v2/app/manifests/1');
        expect(isThere(registry)).toBe(true);
      }, registry.host),
    ));
});

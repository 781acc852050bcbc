import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { request as httpRequest } from 'node:http';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createArchive } from '../../testing/debian-archive.ts';
import { expectFailure } from '../../testing/failure.ts';
import { contentOf, createSandbox, digestIn, GOOD, type Sandbox } from '../../testing/sandbox.ts';
import { serve } from '../../testing/server.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.close());

describe('a proxy of the environment', () => {
  const proxied = (url: string): Record<string, string> => ({
    http_proxy: url,
    https_proxy: url,
    no_proxy: '',
  });

  it('is used for everything, with its credentials', async () => {
    const asked: [string, string | undefined][] = [];
    const proxy = await serve((request, response) => {
      const target = new URL(request.url ?? '');
      asked.push([target.pathname, request.headers['proxy-authorization']]);
      if (target.hostname !== '127.0.0.1') response.writeHead(403).end();
      else
        httpRequest(target, { headers: { ...request.headers, 'proxy-authorization': '' } }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        }).end();
    });
    const built = await sandbox.build([], proxied(proxy.url.replace('//', '//me:hidden@')));
    expect(built, built.stderr).toMatchObject({ code: 0 });
    expect(asked.map(([path]) => path)).toContain('/debian/dists/trixie/InRelease');
    expect(asked.some(([path]) => path.endsWith('beta_1.0_amd64.deb'))).toBe(true);
    expect(
      asked.every(
        ([, authorization]) => authorization === `Basic ${Buffer.from('me:hidden').toString('base64')}`,
      ),
    ).toBe(true);
    await proxy.close();
  });

  it('gets a tunnel for https', async () => {
    const tunnels: string[] = [];
    const proxy: Server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        tunnels.push(data.toString().split(' ').slice(0, 2).join(' '));
        const through = connect(
          new URL(sandbox.archive.server.url).port as unknown as number,
          '127.0.0.1',
          () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            socket.pipe(through).pipe(socket);
          },
        );
        through.on('error', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = { ...proxied(url), http_proxy: sandbox.wall.url };
    const failed = await sandbox.build(['--mirror', 'https://archive.invalid/debian'], {
      ...env,
      PITH_SNAPSHOT: 'https://dated.invalid',
    });
    // The archive behind the tunnel does not speak TLS: no secure connection, and no way around it.
    expectFailure(failed, { code: 'NETWORK_FAILED', message: /https:\/\/archive\.invalid/, hint: /./ });
    expect(new Set(tunnels)).toEqual(new Set(['CONNECT archive.invalid:443', 'CONNECT dated.invalid:443']));
    proxy.close();
  });

  it('that refuses everything is named as what to check', async () => {
    const proxy = await serve((_request, response) => response.writeHead(407).end());
    expectFailure(await sandbox.build([], proxied(proxy.url)), {
      code: 'NETWORK_FAILED',
      message: /the proxy wants credentials/,
      hint: /USER:PASSWORD@/,
    });
    await proxy.close();
  });
});

describe('credentials', () => {
  const SECRET = 'pa55w0rd';

  /** Everything that was printed, and everything that is on disk but the files of the user. */
  const traces = (result: { stdout: string; stderr: string }, folder: string): string =>
    JSON.stringify([result.stdout, result.stderr, [...contentOf(sandbox.path(folder)).keys()]]);

  /** An archive that wants a password. */
  async function guarded(): Promise<Awaited<ReturnType<typeof createArchive>>> {
    const archive = await createArchive(GOOD);
    const wanted = `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`;
    archive.intercept(/./, (request, response) => {
      const bytes = archive.files.get((request.url ?? '').slice(1));
      if (request.headers.authorization !== wanted) response.writeHead(401).end();
      else response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await sandbox.write('keys.asc', archive.signer.publicKey);
    return archive;
  }

  it('of netrc open a mirror and are never shown', async () => {
    const archive = await guarded();
    await sandbox.write('home/.netrc', `machine 127.0.0.1 login me password ${SECRET}\n`);
    const built = await sandbox.build(['--json', '--mirror', `debian=${archive.server.url}/debian`], {
      PITH_DEBUG: '1',
    });
    expect(built, built.stderr).toMatchObject({ code: 0 });
    expect(traces(built, 'cache')).not.toContain(SECRET);
    archive.files.clear();
    sandbox.archive.snapshots.clear();
    const failed = await sandbox.build(['--refresh', '--mirror', `debian=${archive.server.url}/debian`], {
      PITH_DEBUG: '1',
    });
    expect(failed.code).toBe(5);
    expect(traces(failed, 'cache')).not.toContain(SECRET);
    await archive.close();
  });

  it('of an address open a mirror and are neither shown nor kept', async () => {
    const archive = await guarded();
    const mirror = `debian=${archive.server.url.replace('//', `//me:${SECRET}@`)}/debian`;
    const built = await sandbox.build(['--json', '--mirror', mirror], { PITH_DEBUG: '1' });
    expect(built, built.stderr).toMatchObject({ code: 0 });
    expect(built.stdout + built.stderr).not.toContain(SECRET);
    const again = await sandbox.build(['--json', '--mirror', mirror, '--offline']);
    expect(digestIn(again)).toBe(digestIn(built));
    const listed = await sandbox.run([
      'lock',
      './pith.yaml',
      '--platform',
      'linux/amd64',
      ...sandbox.flags(),
      '--mirror',
      mirror,
    ]);
    expect(listed, listed.stderr).toMatchObject({ code: 0 });
    expect(await grep(SECRET)).toEqual([]);
    archive.files.clear();
    sandbox.archive.snapshots.clear();
    const failed = await sandbox.build(['--refresh', '--mirror', mirror], { PITH_DEBUG: '1' });
    expect(failed.code).toBe(5);
    expect(failed.stderr).toContain('***@');
    expect(failed.stderr).not.toContain(SECRET);
    await archive.close();
  });

  it('that are wrong are told without them', async () => {
    const archive = await guarded();
    await sandbox.write('home/.netrc', 'machine 127.0.0.1 login me password wr0ng\n');
    sandbox.archive.snapshots.clear();
    const failed = await sandbox.build(['--mirror', `debian=${archive.server.url}/debian`]);
    expectFailure(failed, { code: 'NETWORK_STATUS', message: /401/, hint: /netrc/ });
    expect(failed.stderr).not.toContain('wr0ng');
    await archive.close();
  });

  /** Files of the sandbox that hold a text. */
  async function grep(text: string): Promise<string[]> {
    const names = [...contentOf(sandbox.folder)]
      .filter(([, digest]) => digest !== 'folder')
      .map(([path]) => path);
    const held = await Promise.all(
      names.map(async (name) => (await readFile(sandbox.path(name))).includes(text)),
    );
    return names.filter((_name, at) => held[at]);
  }
});

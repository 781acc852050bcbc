import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificates } from '../../testing/certificates.ts';
import { createNpmHome, type NpmHome, QUICK } from '../../testing/npm-home.ts';
import {
  createNpmRegistry,
  packumentOf,
  type TestNpmRegistry,
  tarballOf,
} from '../../testing/npm-registry.ts';
import { sendBytes, serve, type TestServer } from '../../testing/server.ts';
import { describeWith } from '../../testing/tools.ts';

const DEAD = 'http://127.0.0.1:9/';

let home: NpmHome;
let registry: TestNpmRegistry;
let servers: TestServer[];

beforeAll(() => {
  // Whoever reads the process's own environment gets nowhere.
  for (const name of ['npm_config_registry', 'npm_config_proxy', 'http_proxy', 'https_proxy'])
    vi.stubEnv(name, DEAD);
});

beforeEach(async () => {
  home = createNpmHome();
  registry = await createNpmRegistry({ node: { '24.0.0': {} }, '@team/node': { '24.5.0': {} } });
  servers = [registry];
});

afterEach(async () => {
  for (const server of servers) await server.close();
  await home.remove();
});

const environment = (more: Record<string, string> = {}): { env: Record<string, string | undefined> } => ({
  env: { ...home.options.env, ...more },
});
const versionsOf = async (name = 'node', more: Record<string, string> = {}): Promise<string[]> =>
  (await home.open(environment(more)).versions(name)).map(({ version }) => version);
const authorization = (): string | undefined => registry.requests[0]?.headers.authorization;
const nerfed = (): string => registry.base.replace('http:', '');

describe('the registry', () => {
  it.each([
    ['the project', 'project/.npmrc'],
    ['the project that the folder is in', 'package.json', '.npmrc'],
    ['the user', 'home/.npmrc'],
    ['the machine', 'usr/etc/npmrc'],
    ['npm itself', 'usr/lib/node_modules/npm/npmrc'],
  ])('may be set by %s', async (_what, ...paths) => {
    for (const path of paths.slice(0, -1)) await home.npmrc('{}', path);
    await home.npmrc(`registry=${registry.base}\n${QUICK}`, paths.at(-1));
    expect(await versionsOf()).toEqual(['24.0.0']);
  });

  it.each(['NPM_CONFIG_REGISTRY', 'npm_config_registry'])('may be set by %s, which wins', async (name) => {
    await home.npmrc(`registry=${DEAD}\n${QUICK}`);
    expect(await versionsOf('node', { [name]: registry.base })).toEqual(['24.0.0']);
  });

  it('of the project wins over the user’s, this over the machine’s', async () => {
    await home.npmrc(`registry=${DEAD}\n`, 'usr/etc/npmrc');
    await home.npmrc(`registry=${DEAD}\n${QUICK}`);
    await home.npmrc(`registry=${registry.base}\n`, 'project/.npmrc');
    expect(await versionsOf()).toEqual(['24.0.0']);
  });

  it('may be in another file of the user’s', async () => {
    await home.npmrc(`registry=${registry.base}\n`, 'elsewhere/rc');
    expect(await versionsOf('node', { NPM_CONFIG_USERCONFIG: `${home.folder}/elsewhere/rc` })).toEqual([
      '24.0.0',
    ]);
  });

  it('of a scope is that of its packages alone', async () => {
    const other = await createNpmRegistry({ node: { '22.0.0': {} }, '@other/node': { '22.1.0': {} } });
    servers.push(other);
    await home.npmrc(`registry=${other.base}\n@team:registry=${registry.base}\n`);
    expect(await versionsOf('@team/node')).toEqual(['24.5.0']);
    expect(await versionsOf('node')).toEqual(['22.0.0']);
    expect(await versionsOf('@other/node')).toEqual(['22.1.0']);
  });

  it.each(['/api/npm/npm-remote/', '/api/npm/npm-remote'])('may lie at a path: %s', async (path) => {
    const other = await createNpmRegistry({ node: { '24.0.0': {} } }, { path: '/api/npm/npm-remote/' });
    servers.push(other);
    await home.npmrc(`registry=${other.url}${path}\n`);
    const run = home.open();
    const [release] = await run.versions('node');
    expect(release?.path).toBe('node/-/node-24.0.0.tgz');
    await run.fetch(release!);
    expect(other.asked()).toEqual(['/api/npm/npm-remote/node', '/api/npm/npm-remote/node/-/node-24.0.0.tgz']);
  });

  it.each(['registry=no address', 'registry=ftp://127.0.0.1/', '@team:registry=nowhere'])(
    'that is no address is an error: %s',
    async (line) => {
      await home.npmrc(`${line}\n`);
      await expect(versionsOf('@team/node')).rejects.toMatchObject({
        code: 'NETWORK_FAILED',
        message: expect.stringMatching(/^the npm configuration cannot be used: its registry "/) as string,
      });
    },
  );
});

describe('credentials', () => {
  const basic = Buffer.from('me:secret').toString('base64');

  it.each<[string, () => string, string | undefined]>([
    ['a token', () => `${nerfed()}:_authToken=abc`, 'Bearer abc'],
    ['a token of the environment', () => `${nerfed()}:_authToken=\${NPM_TOKEN}`, 'Bearer from-env'],
    [
      'user and password',
      () => `${nerfed()}:username=me\n${nerfed()}:_password=${Buffer.from('secret').toString('base64')}`,
      `Basic ${basic}`,
    ],
    ['both in one', () => `${nerfed()}:_auth=${basic}`, `Basic ${basic}`],
    ['none', () => '', undefined],
    ['a token of another host', () => '//other.example/:_authToken=abc', undefined],
    ['a token of another port', () => '//127.0.0.1:1/:_authToken=abc', undefined],
    ['a token of another path', () => `${nerfed()}private/:_authToken=abc`, undefined],
  ])('are sent: %s', async (_what, line, expected) => {
    await home.npmrc(`registry=${registry.base}\n${line()}\n`);
    await versionsOf('node', { NPM_TOKEN: 'from-env' });
    expect(authorization()).toBe(expected);
  });

  it('of the environment are sent', async () => {
    await home.npmrc(`registry=${registry.base}\n`);
    await versionsOf('node', { [`npm_config_${nerfed()}:_authToken`]: 'abc' });
    expect(authorization()).toBe('Bearer abc');
  });

  it('in the address of the registry are sent, and named nowhere', async () => {
    await home.npmrc(`registry=${registry.base.replace('://', '://me:secret@')}\n`);
    await versionsOf();
    expect(authorization()).toBe(`Basic ${basic}`);
    await expect(versionsOf('nothing')).rejects.toMatchObject({
      message: expect.not.stringContaining('secret') as string,
    });
    expect(JSON.stringify([...home.cache.records])).not.toContain('secret');
  });

  it('that belong to no registry are refused, as npm does', async () => {
    await home.npmrc('_authToken=abc\n');
    await expect(versionsOf()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(
        /^the npm configuration cannot be used: .*`_authToken` must be renamed/,
      ) as string,
      hint: expect.stringMatching(/npm config/) as string,
    });
  });
});

describe('a proxy', () => {
  let proxy: TestServer;

  beforeEach(async () => {
    proxy = await serve((request, response) => {
      if (request.url?.endsWith('.tgz')) sendBytes(request, response, tarballOf('24.0.0'));
      else
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"node","versions":{}}');
    });
    servers.push(proxy);
  });

  it.each<[string, () => string, () => Record<string, string>, boolean]>([
    ['of the configuration is used', () => `proxy=${proxy.url}`, () => ({}), true],
    ['for https is used for all, as npm does', () => `https-proxy=${proxy.url}`, () => ({}), true],
    ['of the environment is used', () => '', () => ({ http_proxy: proxy.url }), true],
    ['of the environment may be in capitals', () => '', () => ({ HTTP_PROXY: proxy.url }), true],
    ['of the configuration wins', () => `proxy=${proxy.url}`, () => ({ http_proxy: DEAD }), true],
    [
      'is not used for what noproxy lists',
      () => `proxy=${proxy.url}\nnoproxy=example.org,127.0.0.1`,
      () => ({}),
      false,
    ],
    [
      'is not used for what NO_PROXY lists',
      () => `proxy=${proxy.url}`,
      () => ({ NO_PROXY: 'example.org, 127.0.0.1' }),
      false,
    ],
    ['is used for what they do not list', () => `proxy=${proxy.url}\nnoproxy=example.org`, () => ({}), true],
    ['that is switched off is not used', () => 'proxy=false', () => ({ http_proxy: proxy.url }), false],
    ['is not used where there is none', () => '', () => ({}), false],
  ])('%s', async (_what, line, env, isUsed) => {
    await home.npmrc(`registry=${registry.base}\n${QUICK}${line()}\n`);
    await versionsOf('node', env());
    expect(proxy.requests.map(({ path }) => path)).toEqual(isUsed ? [`${registry.base}node`] : []);
    expect(registry.requests).toHaveLength(isUsed ? 0 : 1);
  });

  it('of no known kind is an error that names the setting', async () => {
    await home.npmrc(`registry=${registry.base}\nproxy=ftp://127.0.0.1/\n`);
    await expect(versionsOf()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      hint: expect.stringMatching(/`https-proxy` of your npm configuration/) as string,
    });
  });
});

describe('what is too young', () => {
  beforeEach(() => {
    registry.packages = {
      node: {
        '24.0.0': { published: '2026-05-01T00:00:00.000Z' },
        '24.1.0': { published: '2026-05-28T00:00:00.000Z' },
      },
    };
  });

  it.each([
    ['min-release-age=7', ['24.0.0']],
    ['min-release-age=1', ['24.1.0', '24.0.0']],
    ['min-release-age=0', ['24.1.0', '24.0.0']],
    ['before=2026-05-02', ['24.0.0']],
    ['before=2026-01-01', []],
    ['before=2026-05-02\nmin-release-age=1', ['24.0.0']],
    ['min-release-age=7\nmin-release-age-exclude[]=no*', ['24.1.0', '24.0.0']],
    ['min-release-age=7\nmin-release-age-exclude[]=other', ['24.0.0']],
  ])('does not count with %s', async (lines, expected) => {
    await home.npmrc(`registry=${registry.base}\n${lines}\n`);
    expect(await versionsOf()).toEqual(expected);
  });

  it('is decided by the stronger source', async () => {
    await home.npmrc(`registry=${registry.base}\nbefore=2026-01-01\n`);
    await home.npmrc('min-release-age=7\n', 'project/.npmrc');
    expect(await versionsOf()).toEqual(['24.0.0']);
  });
});

describe('a file of authorities', () => {
  it('that cannot be read is an error', async () => {
    await home.npmrc(`registry=${registry.base}\ncafile=${home.folder}/none.pem\n`);
    await expect(versionsOf()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: `the npm configuration cannot be used: its \`cafile\` ${home.folder}/none.pem cannot be read`,
    });
  });
});

describeWith('a secure registry', { tools: ['openssl'] }, () => {
  let secure: Server;
  let base: string;
  let answer: RequestListener;

  beforeEach(async () => {
    const { authority, server } = await makeCertificates(home.folder);
    await home.npmrc(authority, 'authority.pem');
    answer = (_request, response) =>
      response.end(JSON.stringify(packumentOf('node', { '24.0.0': {} }, base)));
    secure = createServer(server, (request, response) => {
      answer(request, response);
    });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    base = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
  });

  afterEach(() => {
    secure.closeAllConnections();
    secure.close();
  });

  it.each([
    ['a file', () => `cafile=${home.folder}/authority.pem`],
    [
      'the text',
      () => `ca="${readFileSync(`${home.folder}/authority.pem`, 'utf8').trim().replaceAll('\n', '\\n')}"`,
    ],
    [
      'a list',
      () => `ca[]="${readFileSync(`${home.folder}/authority.pem`, 'utf8').trim().replaceAll('\n', '\\n')}"`,
    ],
  ])('is trusted with its authority as %s', async (_what, line) => {
    await home.npmrc(`registry=${base}\n${line()}\n`);
    expect(await versionsOf()).toEqual(['24.0.0']);
    expect(home.notes).toEqual([]);
  });

  it('is not trusted without', async () => {
    await home.npmrc(`registry=${base}\n`);
    await expect(versionsOf()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/no secure connection: .*certificate/) as string,
      hint: expect.stringMatching(/`cafile` in your .npmrc/) as string,
    });
  });

  it('is trusted without a check when npm is told so, which is said', async () => {
    await home.npmrc(`registry=${base}\nstrict-ssl=false\n`);
    expect(await versionsOf()).toEqual(['24.0.0']);
    expect(home.notes).toEqual([
      expect.stringMatching(/^the certificates of npm registries are not checked/),
    ]);
  });

  it('does not lead to an insecure one', async () => {
    await home.npmrc(`registry=${base}\ncafile=${home.folder}/authority.pem\n`);
    answer = (_request, response) => response.writeHead(302, { location: `${registry.base}node` }).end();
    await expect(versionsOf()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/refused a redirect from https to http/) as string,
    });
    expect(registry.requests).toEqual([]);
  });
});

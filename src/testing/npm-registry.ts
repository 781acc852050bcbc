import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { makeTar, type TestFile } from './deb.ts';
import { sendBytes, serve, type TestServer } from './server.ts';

/** When npm says that every file was changed: 1985-10-26T08:15:00Z. */
export const NPM_TIME = 499_162_500;

export interface TestNpmVersion {
  /** Without the leading `package/`, as npm packs them; a Node.js binary and its licence unless told. */
  readonly files?: readonly TestFile[];
  /** Any bytes in place of a tarball of the files. */
  readonly tarball?: Uint8Array;
  /** More members of the version's entry, such as `deprecated`. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Members of `dist` that differ. */
  readonly dist?: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly published?: string;
}

/** Versions by package and number. */
export type TestNpmPackages = Readonly<Record<string, Readonly<Record<string, TestNpmVersion>>>>;

export interface TestNpmRegistry extends TestServer {
  /** Base address, with a slash at the end. */
  readonly base: string;
  /** What the registry has; may be changed. */
  packages: TestNpmPackages;
  /** Answers in the registry's place where it gives true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Paths asked for, in order. */
  asked(): string[];
}

/** Files as npm packs them: below `package/`, without folders, all of one time. */
export function makeTarball(files: readonly TestFile[]): Buffer {
  return gzipSync(makeTar(files.map((file) => ({ mtime: NPM_TIME, ...file, path: `package/${file.path}` }))));
}

export function nodeFiles(version: string): TestFile[] {
  return [
    { path: 'LICENSE', content: 'MIT and others\n' },
    { path: 'bin/node', content: `#!node ${version}\n`, mode: 0o755 },
    { path: 'include/node/node.h', content: '' },
    { path: 'package.json', content: JSON.stringify({ version }) },
  ];
}

export function tarballOf(version: string, { files, tarball }: TestNpmVersion = {}): Uint8Array {
  return tarball ?? makeTarball(files ?? nodeFiles(version));
}

export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/** Serves an npm registry on 127.0.0.1, at `path` (with slashes around) of the server. */
export async function createNpmRegistry(
  packages: TestNpmPackages,
  { path = '/' }: { readonly path?: string } = {},
): Promise<TestNpmRegistry> {
  const server = await serve((request, response) => {
    if (!registry.intercept(request, response)) answer(registry, path, request, response);
  });
  const registry: TestNpmRegistry = {
    ...server,
    base: server.url + path,
    packages,
    intercept: () => false,
    asked: () => server.requests.map((request) => request.path),
  };
  return registry;
}

function answer(
  { packages, base }: TestNpmRegistry,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const wanted = decodeURIComponent(request.url ?? '').slice(path.length);
  const [, name = wanted, file] = /^(.+)\/-\/.*-(\d[^/]*)\.tgz$/.exec(wanted) ?? [];
  const versions = packages[name];
  if (!versions || (file !== undefined && !versions[file])) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
  } else if (file !== undefined) {
    sendBytes(request, response, tarballOf(file, versions[file]));
  } else {
    const text = JSON.stringify(packumentOf(name, versions, base));
    const etag = `"${createHash('sha1').update(text).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { 'content-type': 'application/json', etag }).end(text);
  }
}

/** The registry's document of a package. */
export function packumentOf(
  name: string,
  versions: Readonly<Record<string, TestNpmVersion>>,
  base: string,
): Record<string, unknown> {
  const entries = Object.entries(versions).map(([version, wanted]) => {
    const integrity = integrityOf(tarballOf(version, wanted));
    const tarball = `${base}${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;
    const signatures = [{ keyid: 'SHA256:test', sig: 'MEUCIQ==' }];
    const dist = { integrity, shasum: '', tarball, unpackedSize: 1234, signatures, ...wanted.dist };
    return [version, { name, version, bin: { node: 'bin/node' }, ...wanted.more, dist }] as const;
  });
  const published = Object.entries(versions).map(([version, wanted]) => [
    version,
    wanted.published ?? '2026-01-01T00:00:00.000Z',
  ]);
  const latest = entries.at(-1)?.[0];
  return {
    _id: name,
    name,
    'dist-tags': { latest },
    versions: Object.fromEntries(entries),
    time: { created: '2020-01-01T00:00:00.000Z', ...Object.fromEntries(published) },
  };
}

import { gzipSync } from 'node:zlib';
import type { RequestListener } from 'node:http';
import { digestOf, hexOf } from '../core/index.ts';
import { keyringOf, type Keyring, type SuiteSpec } from '../distro/index.ts';
import { sendBytes, serve, type TestServer } from './server.ts';
import { clearSign, createSigner, type Signer } from './signing.ts';

/** A package to publish. */
export interface TestPackage {
  /** Its control fields; Package, Version and Architecture are needed. */
  fields: Readonly<Record<string, string>>;
  /** The file's bytes; something short that differs from package to package unless given. */
  deb?: Uint8Array;
  /** The suite that lists it; the first one unless given. */
  suite?: string;
}

export interface Publication {
  packages: readonly TestPackage[];
  /** `debian`'s suite `trixie` with the component main unless given. */
  suites?: readonly SuiteSpec[];
  /** Architectures that every suite has; those of the packages unless given. */
  architectures?: readonly string[];
  /** When the suites are published; now unless given. */
  date?: Date;
  validUntil?: Date;
  acquireByHash?: boolean;
  /** Who signs; the archive's own key unless given. */
  signers?: readonly Signer[];
  /** Changes a Release text before it is signed. */
  editRelease?: (text: string, suite: SuiteSpec) => string;
  /** Changes a Packages text before it is listed. */
  editPackages?: (text: string) => string;
  /** The index of contents of a suite for an architecture: its text, or the bytes of the compressed file; none is listed unless given. */
  contents?: (suite: string, architecture: string) => string | Uint8Array | undefined;
}

/** A Debian archive on 127.0.0.1, with a dated archive beside it. */
export interface TestArchive {
  server: TestServer;
  signer: Signer;
  /** The key to trust. */
  keyring: Keyring;
  suites: readonly SuiteSpec[];
  /** Base addresses by archive, for `mirrors.definition`. */
  mirrors: Readonly<Record<string, string>>;
  /** For `mirrors.snapshotBase`. */
  snapshotBase: string;
  /**
   * What is served, by path (`debian/dists/trixie/InRelease`, `debian/pool/…`): change, add or delete as a fault
   * requires. Published packages also stay in `snapshots`.
   */
  files: Map<string, Uint8Array>;
  /** What the dated archive serves for every date, by the same paths. */
  snapshots: Map<string, Uint8Array>;
  /** Answers requests whose path matches in place of the archive, until the function it gives is called; the last one that was added wins. */
  intercept(path: RegExp, listener: RequestListener): () => void;
  /** Publishes anew; packages that are no longer named vanish from the mirror, not from the dated archive. */
  publish(publication: Publication): Promise<void>;
  /** The path of a published package's file, as the index gives it. */
  pathOf(name: string): string;
  close(): Promise<void>;
}

const DEFAULT_SUITE: SuiteSpec = { archive: 'debian', suite: 'trixie', components: ['main'] };

export async function createArchive(first: Publication): Promise<TestArchive> {
  const signer = await createSigner();
  const files = new Map<string, Uint8Array>();
  const snapshots = new Map<string, Uint8Array>();
  const interceptors: { path: RegExp; listener: RequestListener }[] = [];
  const paths = new Map<string, string>();
  const server = await serve((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    const interceptor = interceptors.findLast((each) => each.path.test(path));
    const dated = /^snapshot\/archive\/([^/]+)\/[0-9]{8}T[0-9]{6}Z\/(.*)$/.exec(path);
    const bytes = dated ? snapshots.get(`${dated[1] ?? ''}/${dated[2] ?? ''}`) : files.get(path);
    if (interceptor) interceptor.listener(request, response);
    else if (bytes) sendBytes(request, response, bytes, { etag: `"${hexOf(digestOf(bytes)).slice(0, 16)}"` });
    else response.writeHead(404).end();
  });

  const publish = async (publication: Publication): Promise<void> => {
    files.clear();
    paths.clear();
    for (const suite of publication.suites ?? [DEFAULT_SUITE]) {
      for (const [path, bytes] of await publishSuite(suite, publication, signer, paths)) {
        files.set(path, bytes);
        snapshots.set(path, bytes);
      }
    }
  };
  await publish(first);

  const suites = first.suites ?? [DEFAULT_SUITE];
  return {
    server,
    signer,
    keyring: keyringOf([{ path: 'test-archive.asc', bytes: Buffer.from(signer.publicKey) }]),
    suites,
    mirrors: Object.fromEntries(suites.map(({ archive }) => [archive, `${server.url}/${archive}`])),
    snapshotBase: `${server.url}/snapshot`,
    files,
    snapshots,
    intercept: (path, listener) => {
      const added = { path, listener };
      interceptors.push(added);
      return () => interceptors.splice(interceptors.indexOf(added), 1);
    },
    publish,
    pathOf: (name) => paths.get(name) ?? '',
    close: () => server.close(),
  };
}

async function publishSuite(
  suite: SuiteSpec,
  publication: Publication,
  owner: Signer,
  paths: Map<string, string>,
): Promise<Map<string, Uint8Array>> {
  const { packages, date = new Date(), validUntil, acquireByHash = true, signers = [owner] } = publication;
  const files = new Map<string, Uint8Array>();
  const base = `${suite.archive}/dists/${suite.suite}`;
  const firstSuite = (publication.suites ?? [DEFAULT_SUITE])[0];
  const mine = packages.filter((each) => (each.suite ?? firstSuite?.suite) === suite.suite);
  const architectures =
    publication.architectures ??
    [...new Set(packages.map(({ fields }) => fields['Architecture'] ?? ''))].filter((name) => name !== 'all');

  const listed: string[] = [];
  const component = suite.components[0] ?? 'main';
  const list = (folder: string, name: string, bytes: Uint8Array): void => {
    const hex = hexOf(digestOf(bytes));
    listed.push(` ${hex} ${bytes.length} ${folder}/${name}`);
    files.set(`${base}/${folder}/${name}`, bytes);
    if (acquireByHash) files.set(`${base}/${folder}/by-hash/SHA256/${hex}`, bytes);
  };
  for (const architecture of architectures) {
    const fits = mine.filter(({ fields }) => [architecture, 'all'].includes(fields['Architecture'] ?? ''));
    const text = fits.map((each) => stanzaOf(each, suite, files, paths)).join('\n');
    const index = Buffer.from(publication.editPackages?.(text) ?? text);
    const folder = `${component}/binary-${architecture}`;
    list(folder, 'Packages', index);
    list(folder, 'Packages.gz', gzipSync(index));
    const contents = publication.contents?.(suite.suite, architecture);
    if (contents !== undefined)
      list(
        component,
        `Contents-${architecture}.gz`,
        typeof contents === 'string' ? gzipSync(contents) : contents,
      );
  }
  const release = [
    'Origin: Test',
    `Suite: stable-${suite.suite}`,
    `Codename: ${suite.suite}`,
    `Date: ${date.toUTCString().replace('GMT', 'UTC')}`,
    ...(validUntil ? [`Valid-Until: ${validUntil.toUTCString().replace('GMT', 'UTC')}`] : []),
    `Acquire-By-Hash: ${acquireByHash ? 'yes' : 'no'}`,
    'No-Support-for-Architecture-all: Packages',
    `Architectures: all ${architectures.join(' ')}`,
    `Components: ${suite.components.join(' ')}`,
    'SHA256:',
    ...listed,
    '',
  ].join('\n');
  const signed = await clearSign(publication.editRelease?.(release, suite) ?? release, signers);
  files.set(`${base}/InRelease`, Buffer.from(signed));
  return files;
}

function stanzaOf(
  { fields, deb }: TestPackage,
  suite: SuiteSpec,
  files: Map<string, Uint8Array>,
  paths: Map<string, string>,
): string {
  const [name, version, architecture] = [
    fields['Package'] ?? '',
    fields['Version'] ?? '',
    fields['Architecture'] ?? '',
  ];
  const bytes = deb ?? Buffer.from(`not a package: ${name} ${version} ${architecture}`);
  const path = `pool/main/${name.slice(0, 1)}/${name}/${name}_${version.replace(/^[0-9]+:/, '')}_${architecture}.deb`;
  files.set(`${suite.archive}/${path}`, bytes);
  paths.set(name, path);
  const all = { ...fields, Filename: path, Size: String(bytes.length), SHA256: hexOf(digestOf(bytes)) };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

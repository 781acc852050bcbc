import { PithError } from '../../core/index.ts';
import { isSafePath } from '../debian/path.ts';

/** A version of a package in an npm registry. */
export interface NpmRelease {
  readonly name: string;
  readonly version: string;
  /** Subresource Integrity of the tarball: `sha512-…`. */
  readonly integrity: string;
  /** Path of the tarball below the registry's base address. */
  readonly path: string;
  /** Bytes of the files, where the registry says it. */
  readonly unpackedSize?: number;
}

/** A release as it is kept in the cache. */
export interface ListedRelease extends NpmRelease {
  /** Where the tarball is if that is not its path below the registry. */
  readonly tarball?: string;
  /** When it was published, ISO 8601. */
  readonly published?: string;
  /** Whether its maintainers advise against it. */
  readonly deprecated?: true;
}

/** Where a registry lies and for which hosts of tarballs it stands in. */
export interface RegistryPlace {
  /** With a slash at the end. */
  readonly base: string;
  /** npm's own default registry, with a slash at the end. */
  readonly defaultBase: string;
  /** `replace-registry-host` of the configuration: npmjs, never, always, a host, or an address. */
  readonly replaceHost: string;
}

/**
 * The releases of a packument (the document that a registry has of a package), newest first by semantic versioning,
 * without prereleases and without those that have no SHA-512 integrity.
 * Form: github.com/npm/registry, docs/responses/package-metadata.md.
 * @throws PithError NETWORK_CONTENT for what is no packument of this name
 */
export async function parsePackument(
  document: unknown,
  name: string,
  place: RegistryPlace,
): Promise<ListedRelease[]> {
  const { prerelease, rcompare, valid } = await import('./semver.ts');
  const root = objectOf(document);
  if (root['name'] !== name || typeof root['versions'] !== 'object') throw noPackument(name, place.base);
  const times = objectOf(root['time']);
  const releases = Object.entries(objectOf(root['versions'])).flatMap(([version, value]): ListedRelease[] => {
    const { deprecated, dist } = objectOf(value);
    const { integrity, tarball, unpackedSize } = objectOf(dist);
    const sum = sha512Of(integrity);
    if (valid(version) !== version || prerelease(version) || sum === undefined) return [];
    const published = times[version];
    return [
      {
        name,
        version,
        integrity: sum,
        ...whereIs(tarball, { name, version }, place),
        ...(typeof unpackedSize === 'number' ? { unpackedSize } : {}),
        ...(typeof published === 'string' ? { published } : {}),
        ...(deprecated ? { deprecated: true } : {}),
      },
    ];
  });
  return releases.sort((a, b) => rcompare(a.version, b.version));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function sha512Of(integrity: unknown): string | undefined {
  return typeof integrity === 'string'
    ? /(?:^|\s)(sha512-[A-Za-z0-9+/]{86}==)(?=[?\s]|$)/.exec(integrity)?.[1]
    : undefined;
}

/** The path where every registry has a tarball; the address too where this one says another. */
function whereIs(
  tarball: unknown,
  { name, version }: Pick<NpmRelease, 'name' | 'version'>,
  place: RegistryPlace,
): Pick<ListedRelease, 'path' | 'tarball'> {
  const usual = `${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;
  if (typeof tarball !== 'string' || !URL.canParse(tarball, place.base)) return { path: usual };
  const url = new URL(tarball, place.base);
  const path = pathBelow(url, place);
  if (path !== undefined && isSafePath(path)) return { path };
  return { path: usual, tarball: url.href };
}

/** The path below the registry of a tarball that is there, or at a host that the registry stands in for. */
function pathBelow(url: URL, { base, defaultBase, replaceHost }: RegistryPlace): string | undefined {
  const replaced = replaceHost === 'npmjs' ? defaultBase : replaceHost;
  const prefixes = [base, ...(URL.canParse(replaced) ? [`${replaced.replace(/\/+$/, '')}/`] : [])];
  for (const prefix of prefixes) {
    const { host, pathname } = new URL(prefix);
    if (url.host === host && url.pathname.startsWith(pathname))
      return url.pathname.slice(pathname.length) + url.search;
  }
  if (replaceHost !== 'always' && replaceHost !== url.host) return undefined;
  const { pathname } = new URL(base);
  return (
    (url.pathname.startsWith(pathname) ? url.pathname.slice(pathname.length) : url.pathname.slice(1)) +
    url.search
  );
}

/** The error for an answer that is not the document of the package. */
function noPackument(name: string, base: string): PithError {
  return new PithError(
    'NETWORK_CONTENT',
    `the npm registry ${base} answered with something that does not describe ${name}`,
    {
      url: base,
      hint: 'Check `registry` in your npm configuration (`npm config get registry`): it has to be the address of an npm registry.',
    },
  );
}

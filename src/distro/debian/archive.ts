import { mapConcurrent, Once, PithError, type Digest } from '../../core/index.ts';
import type { Http } from '../../http/index.ts';
import type { Cache, FetchOptions, Package, PackageFile, PackageSource } from '../contract.ts';
import { Contents, type FetchStep } from './contents.ts';
import { buildIndexOfFile, checkComponents, indexFilesOf, type IndexFile } from './index-file.ts';
import { IndexLoader, isUnavailable } from './index-loader.ts';
import type { Keyring } from './keyring.ts';
import type { SuiteSpec } from './mirrors.ts';
import { INDEX_FORMAT, openIndex, type PackageIndex } from './package-index.ts';
import type { IndexedPackage } from './package-record.ts';
import { isSafePath } from './path.ts';
import { Places, type PlaceOptions } from './places.ts';
import { refreshSuite, type Note, type SuiteState } from './suites.ts';
import { compareVersions } from './version.ts';

export interface DebianArchiveOptions {
  suites: readonly SuiteSpec[];
  cache: Cache;
  http: Http;
  keyring: Keyring;
  /** Where the suites may be had. */
  mirrors: PlaceOptions;
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
}

interface OpenIndex {
  spec: SuiteSpec;
  component: string;
  index: PackageIndex;
}

const RECORD_KIND = 'package-index';
const PARALLEL = 4;

/** The packages of some suites of Debian's archive. */
export class DebianArchive implements PackageSource {
  readonly id = 'debian';
  readonly #options: DebianArchiveOptions;
  readonly #indexes = new Map<string, OpenIndex[]>();
  readonly #places: Places;
  readonly #loader: IndexLoader;
  readonly #contents: Contents;
  #loaded = new Once<void>();
  readonly #built = new Once<PackageIndex>();
  readonly #fetched = new Once<string>();
  #states: SuiteState[] = [];

  constructor(options: DebianArchiveOptions) {
    this.#options = options;
    const { cache, http, mirrors, now, onNote = () => undefined } = options;
    this.#places = new Places(mirrors, now);
    this.#loader = new IndexLoader({ cache, http, places: this.#places, onNote });
    this.#contents = new Contents(this.#loader, onNote);
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

  /**
   * The packages that bring shared libraries, by the libraries' file names (`libpq.so.5`); those that no package has are
   * left out. Knows packages of loaded architectures only, and asks for indexes of contents that were not read before.
   *
   * @param onFetch told of what is fetched
   * @throws PithError DIGEST_MISMATCH, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE for an index that is not sound
   */
  findLibraries(
    files: readonly string[],
    architecture: string,
    onFetch?: (step: FetchStep) => void,
  ): Promise<Map<string, string>> {
    const suites = this.#options.suites.flatMap((spec, at) => {
      const state = this.#states[at];
      return state ? [{ spec, state }] : [];
    });
    const isCandidate = (name: string): boolean => this.candidates(name, architecture).length > 0;
    return this.#contents.findLibraries(files, architecture, suites, isCandidate, onFetch);
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
    return refreshSuite(spec, this.#places.mirrorsOf(spec), context);
  }

  /** The indexes of an architecture; a suite that has none of it is noted and left out. */
  #filesOf(spec: SuiteSpec, state: SuiteState, architecture: string): IndexFile[] {
    checkComponents(spec, state);
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
      if (!isUnavailable(error)) throw error;
      const { architecture, spec } = wanted;
      if (!skipUnavailable) throw mayBeSkipped(error, spec.suite, architecture);
      const message = `${spec.suite} is left out for ${architecture}: ${error.message}`;
      onNote?.({ kind: 'index-unavailable', suite: spec.suite, message });
      return undefined;
    }
  }

  async #loadIndex(wanted: IndexFile): Promise<PackageIndex> {
    const { buildIndex: build = buildIndexOfFile } = this.#options;
    return openIndex(await this.#loader.load(wanted, { kind: RECORD_KIND, format: INDEX_FORMAT, build }));
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

  #basesOf({ archive, suite }: PackageFile, date: Date | undefined): { plain: string[]; dated: string[] } {
    const isPlace = (place: SuiteSpec | SuiteState): boolean =>
      place.archive === archive && place.suite === suite;
    const spec = this.#options.suites.find(isPlace) ?? { archive, suite, components: ['main'] };
    return this.#places.basesOf(spec, this.#states.find(isPlace), date);
  }
}

/** The failure to get an index, with what may be done without it; where the network is down nothing may. */
function mayBeSkipped(error: PithError, suite: string, architecture: string): PithError {
  const { code, message, hint = '', url } = error;
  if (code === 'NETWORK_FAILED') return error;
  return new PithError(code, message, {
    cause: error,
    hint: `${hint} \`--skip-unavailable\` leaves ${suite} out for ${architecture}, with its updates.`.trim(),
    ...(url === undefined ? {} : { url }),
  });
}

import { mapConcurrent, Once, PithError } from '../../core/index.ts';
import { contentsFileOf, readIndexFile, type IndexFile } from './index-file.ts';
import type { IndexForm, IndexLoader } from './index-loader.ts';
import { buildLibraryIndex, LIBRARY_FORMAT, openLibraryIndex, type LibraryIndex } from './library-index.ts';
import { packageNamesOf } from './library-names.ts';
import { chooseOwner } from './library-owners.ts';
import type { SuiteSpec } from './mirrors.ts';
import type { Note, SuiteState } from './suites.ts';

/** What happens to a file that is fetched; `size` and `bytes` are in bytes. */
export type FetchStep =
  | { readonly kind: 'fetch-start'; readonly what: string; readonly size: number }
  | { readonly kind: 'fetch-bytes'; readonly bytes: number }
  | { readonly kind: 'fetch-done'; readonly what: string };

interface Suite {
  readonly spec: SuiteSpec;
  readonly state: SuiteState;
}

const PARALLEL = 4;
const LIBRARIES: IndexForm = {
  kind: 'library-index',
  format: LIBRARY_FORMAT,
  build: (path) => readIndexFile(path, 'the index of contents', buildLibraryIndex),
};

/** Which packages have which shared libraries, by the indexes of contents of an archive's suites. */
export class Contents {
  readonly #loader: IndexLoader;
  readonly #onNote: (note: Note) => void;
  readonly #opened = new Once<LibraryIndex>();

  constructor(loader: IndexLoader, onNote: (note: Note) => void) {
    this.#loader = loader;
    this.#onNote = onNote;
  }

  /**
   * The packages that bring shared libraries, by the libraries' file names. Where a suite has no index of contents, or
   * none that can be had, libraries that no other has are looked for by the names of packages, with a note.
   *
   * @param isCandidate whether a package can be had for the architecture
   * @throws PithError DIGEST_MISMATCH, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE for an index that is not sound
   */
  async findLibraries(
    files: readonly string[],
    architecture: string,
    suites: readonly Suite[],
    isCandidate: (name: string) => boolean,
    onFetch: (step: FetchStep) => void = () => undefined,
  ): Promise<Map<string, string>> {
    if (files.length === 0) return new Map();
    const components = suites.flatMap(({ spec, state }) =>
      spec.components.map((component) => ({ spec, state, component })),
    );
    const opened = await mapConcurrent(components, PARALLEL, async ({ spec, state, component }) => {
      const index = await this.#open(contentsFileOf(spec, state, component, architecture), onFetch);
      if (typeof index !== 'string') return index;
      const message = `packages are looked for by the names of libraries, since the index of contents of ${spec.suite} (${component}) for ${architecture} cannot be had: ${index}`;
      return { kind: 'contents-unavailable', suite: spec.suite, message } as const;
    });
    const indexes = opened.filter((one) => 'get' in one);
    const gaps = opened.filter((one) => 'kind' in one);
    const found = new Map<string, string>();
    for (const file of files) {
      const owner = chooseOwner(file, indexes, isCandidate);
      if (owner !== undefined) found.set(file, owner);
    }
    if (gaps.length === 0 || found.size === new Set(files).size) return found;
    for (const gap of gaps) this.#onNote(gap);
    for (const file of files) {
      const guess = found.has(file) ? undefined : packageNamesOf(file).find(isCandidate);
      if (guess !== undefined) found.set(file, guess);
    }
    return found;
  }

  /** @returns why it cannot be had, if it cannot */
  async #open(
    wanted: IndexFile | undefined,
    onFetch: (step: FetchStep) => void,
  ): Promise<LibraryIndex | string> {
    if (!wanted) return 'the release lists none';
    try {
      const { archive, suite } = wanted.spec;
      const key = `${archive} ${suite} ${wanted.file.digest}`;
      return await this.#opened.do(key, () => this.#load(wanted, onFetch));
    } catch (error) {
      if (!(error instanceof PithError)) throw error;
      if (error.code === 'OFFLINE') return error.message;
      if (error.code.startsWith('NETWORK_')) return 'no mirror offers it';
      throw error;
    }
  }

  async #load(wanted: IndexFile, onFetch: (step: FetchStep) => void): Promise<LibraryIndex> {
    const { what, file } = wanted;
    let pieces = 0;
    const bytes = await this.#loader.load(wanted, LIBRARIES, (count) => {
      if (pieces++ === 0) onFetch({ kind: 'fetch-start', what, size: file.size });
      onFetch({ kind: 'fetch-bytes', bytes: count });
    });
    if (pieces > 0) onFetch({ kind: 'fetch-done', what });
    return openLibraryIndex(bytes);
  }
}

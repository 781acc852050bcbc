import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, digestOf, type Digest, Once, PithError, toPithError } from '../core/index.ts';
import {
  type AptSource,
  DebianArchive,
  type Keyring,
  loadKeyring,
  mirrorsOfEnvironment,
  type PackageSource,
  readAptSources,
  type SuiteSpec,
} from '../distro/index.ts';
import { createHttp, type Http } from '../http/index.ts';
import { isTarball, type LockedDeb, type LockedTarball, type Lockfile } from '../resolve/index.ts';
import type { Platform } from '../oci/index.ts';
import type { ImageSpec } from './image-spec.ts';
import type { FetchPackage } from './image.ts';
import { Pool } from './pool.ts';
import { Tarballs } from './tarballs.ts';
import type { Workspace } from './workspace.ts';

/** A suite as it was resolved against. */
export interface OpenRelease {
  readonly suite: string;
  readonly archive: string;
  /** ISO 8601, whole seconds. */
  readonly date: string;
  /** Digest of its InRelease. */
  readonly release: Digest;
}

/** The archive of a distribution with its suites verified. */
export interface OpenArchive {
  readonly releases: readonly OpenRelease[];
  /** The packages of some architectures (Debian's names); their indexes are loaded at the first call. */
  source(architectures: readonly string[]): Promise<PackageSource>;
}

/** Opens the archives that images are made from, each once, with what the machine and the user say about mirrors and keys. */
export class Archives {
  readonly #workspace: Workspace;
  readonly #pool: Pool;
  readonly #http: Http;
  readonly #opened = new Once<DebianArchive>();
  readonly #noted = new Set<string>();
  readonly #keyrings = new Map<string, Keyring>();
  readonly #tarballs: Tarballs;
  #apt: readonly AptSource[] | undefined;

  constructor(workspace: Workspace, pool: Pool) {
    this.#workspace = workspace;
    this.#pool = pool;
    this.#tarballs = new Tarballs(workspace);
    const { env, archive, signal, onProgress } = workspace;
    this.#http = createHttp({
      env,
      offline: archive.offline,
      ...(signal ? { signal } : {}),
      onRetry: ({ url, reason, pause }) => {
        onProgress({ kind: 'note', what: `${reason}; trying ${url} again in ${Math.ceil(pause / 1000)} s` });
      },
    });
  }

  /** The archive of an image's suites, refreshed and verified. */
  async open(image: ImageSpec): Promise<OpenArchive> {
    const archive = await this.#refreshed(image);
    return {
      releases: archive.releases().map(({ suite, archive: name, date, digest }) => ({
        suite,
        archive: name,
        date: wholeSeconds(date),
        release: digest,
      })),
      source: async (architectures) => {
        await archive.load(architectures);
        return archive;
      },
    };
  }

  /**
   * The packages that bring shared libraries, by the names of the files, as the archive's indexes of contents say; where a
   * suite's cannot be had, by the names of packages, with a note.
   * @param architecture Debian's name
   * @param libraries file names (`libvips.so.42`)
   * @returns none for a library that no package of the image's suites has
   */
  async findLibraries(
    image: ImageSpec,
    architecture: string,
    libraries: readonly string[],
  ): Promise<Map<string, string>> {
    if (libraries.length === 0) return new Map();
    const archive = await this.#refreshed(image);
    await archive.load([architecture]);
    return archive.findLibraries(libraries, architecture, this.#workspace.onProgress);
  }

  /** A function that gives the verified file of a locked package: from a mirror, the dated archive, or the npm registry. */
  fetcher(images: readonly ImageSpec[], lockfile: Lockfile): FetchPackage {
    const fetchDeb = this.#debFetcher(images, lockfile);
    return async (wanted) =>
      isTarball(wanted)
        ? { ...(await this.#tarballs.fetch(wanted)), format: 'npm' }
        : { path: await fetchDeb(wanted), digest: wanted.digest, format: 'deb' };
  }

  #debFetcher(images: readonly ImageSpec[], lockfile: Lockfile): (wanted: LockedDeb) => Promise<string> {
    const dates = datesOf(lockfile);
    const { store, onProgress } = this.#workspace;
    const archives = new Map<string, DebianArchive>();
    return async (wanted) => {
      if (store.sizeOf(wanted.digest) === wanted.size) return store.pathOf(wanted.digest);
      const image =
        images.find(({ suites }) =>
          suites.some(({ suite, archive }) => suite === wanted.suite && archive === wanted.archive),
        ) ?? images[0];
      if (!image) throw new Error(`no image has the suite ${wanted.suite}`);
      const archive = archives.get(keyOf(image)) ?? this.#debian(image);
      archives.set(keyOf(image), archive);
      const what = `${wanted.name} ${wanted.version} ${wanted.architecture}`;
      const date = dates.get(wanted.digest);
      onProgress({ kind: 'fetch-start', what, size: wanted.size });
      const path = await archive.fetch(wanted, {
        ...(date === undefined ? {} : { date: new Date(date) }),
        onBytes: (bytes) => {
          onProgress({ kind: 'fetch-bytes', bytes });
        },
      });
      onProgress({ kind: 'fetch-done', what });
      return path;
    };
  }

  /** The npm packages that an image asks for, by request; none where it asks for none. */
  tarballs(image: ImageSpec, platform: Platform): Promise<ReadonlyMap<string, LockedTarball>> {
    return this.#tarballs.resolve(image, platform);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #refreshed(image: ImageSpec): Promise<DebianArchive> {
    return this.#opened.do(keyOf(image), async () => {
      const archive = this.#debian(image);
      await archive.refresh();
      return archive;
    });
  }

  #debian(image: ImageSpec): DebianArchive {
    const { store, env, archive, onProgress, now } = this.#workspace;
    return new DebianArchive({
      suites: image.suites.map((suite): SuiteSpec => ({
        archive: suite.archive,
        suite: suite.suite,
        components: suite.components ?? ['main'],
      })),
      cache: store,
      http: this.#http,
      keyring: this.#keyring(image.keys),
      mirrors: {
        explicit: { ...mirrorsOfEnvironment(env), ...archive.mirrors },
        apt: (this.#apt ??= readAptSources(this.#workspace.machineRoot)),
        definition: image.mirrors,
        ...(env['PITH_SNAPSHOT'] ? { snapshotBase: env['PITH_SNAPSHOT'] } : {}),
      },
      now: new Date(now()),
      maxAge: archive.maxAge,
      checkValidUntil: archive.checkValidUntil,
      allowOlder: archive.allowOlder,
      skipUnavailable: archive.skipUnavailable,
      buildIndex: (path) => this.#pool.index(path),
      onNote: ({ message }) => {
        if (!this.#noted.has(message)) onProgress({ kind: 'note', what: message });
        this.#noted.add(message);
      },
    });
  }

  #keyring(own: readonly string[]): Keyring {
    const folder = join(this.#workspace.keysFolder, 'debian');
    const shipped = readdirSync(folder)
      .filter((file) => file.endsWith('.asc'))
      .map((file) => join(folder, file));
    const paths = [...shipped.sort(), ...this.#workspace.archive.keyrings, ...own];
    const key = paths.join('\n');
    const keyring = this.#keyrings.get(key) ?? loadKeyring(paths);
    this.#keyrings.set(key, keyring);
    return keyring;
  }
}

/** Runs work with archives and a pool of workers, and ends both. */
export async function withArchives<Result>(
  workspace: Workspace,
  work: (archives: Archives, pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = new Pool(workspace.workerUrl, workspace.jobs, workspace.signal);
  const archives = new Archives(workspace, pool);
  try {
    return await work(archives, pool);
  } catch (error) {
    throw storeFault(error, workspace.store.root);
  } finally {
    await Promise.all([pool.close(), archives.close()]);
  }
}

/** Says where the disk is full: outputs say it themselves, writes into the store do not. */
function storeFault(error: unknown, root: string): unknown {
  const { code, path, message, hint } = toPithError(error);
  if (code !== 'DISK_FULL' || path !== undefined) return error;
  return new PithError(code, `cannot write into the cache ${root}: ${message}`, {
    path: root,
    cause: error,
    ...(hint ? { hint } : {}),
  });
}

function keyOf({ suites, mirrors, keys }: ImageSpec): string {
  return digestOf(canonicalJson([suites, mirrors, keys]));
}

/** When each package was seen in its suite: the earliest date of the images that hold it. */
function datesOf(lockfile: Lockfile): Map<Digest, string> {
  const dates = new Map<Digest, string>();
  for (const { suites, platforms } of Object.values(lockfile.images)) {
    const members = Object.values(platforms).flatMap((levels) =>
      Object.values(levels).flatMap((level) => level.packages),
    );
    for (const { package: key } of members) {
      const locked = lockfile.packages[key];
      if (!locked || isTarball(locked)) continue;
      const date = suites[locked.suite]?.date;
      if (date === undefined) continue;
      const before = dates.get(locked.digest);
      if (before === undefined || date < before) dates.set(locked.digest, date);
    }
  }
  return dates;
}

function wholeSeconds(date: string): string {
  return date.replace(/\.\d+Z$/, 'Z');
}

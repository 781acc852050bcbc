import { posix } from 'node:path';
import { byText } from '../../core/index.ts';
import { findMissingVersions, readSymbolsOfVersion, TreeLookup } from '../../rootfs/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { Lockfile } from '../../resolve/index.ts';
import { type BuildTools, createBuilder } from '../builder.ts';
import { readPart } from '../disk-content.ts';
import type { DiskEntry } from '../disk-tree.ts';
import type { ImageOptions } from '../image.ts';
import type { ImageSpec } from '../image-spec.ts';
import { OwnFiles } from '../own-files.ts';
import { planImage } from '../plan.ts';

/** What keeps an application from running in an image. */
export interface Lack {
  /** The file of the application, as it lies in the image. */
  readonly path: string;
  /** A library's name or the path of the loader. */
  readonly needed: string;
  /** The version of a symbol that the library does not have; without one, the library itself is missing. */
  readonly version?: string;
  /** The functions that are wanted of that version. */
  readonly symbols?: readonly string[];
}

/** An image with its packages. */
export interface LockedForPlatform {
  readonly image: ImageSpec;
  readonly platform: Platform;
  readonly lockfile: Lockfile;
}

/**
 * What the files of an application need and would not find in an image: libraries, the loader, versions of symbols. The
 * image is composed for it, not written.
 * @param own the application's files, by path in the image
 * @param libraries others that it opens while it runs
 */
export async function findLacks(
  { image, platform, lockfile }: LockedForPlatform,
  own: ReadonlyMap<string, DiskEntry>,
  libraries: readonly { readonly soname: string; readonly because: string }[],
  options: ImageOptions,
  tools: BuildTools,
): Promise<Lack[]> {
  const isPortable = libraries.length === 0 && [...own.values()].every(({ elf }) => elf === undefined);
  if (isPortable) return [];
  const { workspace } = tools;
  const { builder } = createBuilder([image], lockfile, options, tools);
  const plan = await new OwnFiles(workspace).read(planImage(image, 'latest', platform, lockfile));
  const { tree, missing, libraries: search } = await builder.compose(plan);
  const present = new Set([...tree.paths()].map((path) => path.slice(path.lastIndexOf('/') + 1)));
  return [
    ...missing.filter(({ path }) => own.has(path)).map(({ path, needed }) => ({ path, needed })),
    ...findMissingVersions(tree.entries(), search)
      .filter(({ path }) => own.has(path))
      .map(({ path, needed, version }) => ({
        path,
        needed,
        version,
        symbols: symbolsOf(own.get(path), needed, version),
      })),
    ...libraries
      .filter(({ soname }) => !present.has(soname))
      .map(({ soname, because }) => ({ path: because, needed: soname })),
  ];
}

/**
 * The program that an image starts, if it is not in it.
 * @returns its name as it is configured; undefined if it is there, or nothing is started
 */
export async function missingProgram(
  { image, platform, lockfile }: LockedForPlatform,
  options: ImageOptions,
  tools: BuildTools,
): Promise<string | undefined> {
  const { builder } = createBuilder([image], lockfile, options, tools);
  const plan = await new OwnFiles(tools.workspace).read(planImage(image, 'latest', platform, lockfile));
  const { entrypoint = [], cmd = [], env, workdir = '/' } = plan.config;
  const [program] = [...entrypoint, ...cmd];
  if (program === undefined) return undefined;
  const { tree } = await builder.compose(plan);
  const lookup = new TreeLookup(tree.entries());
  const folders = program.includes('/') ? [''] : (env['PATH'] ?? '').split(':');
  const isThere = folders.some(
    (folder) => lookup.regular(posix.resolve(workdir, folder, program)) !== undefined,
  );
  return isThere ? undefined : program;
}

/** Names of symbols that are told of a version. */
const MOST_SYMBOLS = 3;

function symbolsOf(entry: DiskEntry | undefined, library: string, version: string): string[] {
  if (!entry?.source || entry.source.member) return [];
  const { size, source } = entry;
  const read = (start: number, length: number): Uint8Array => {
    const pieces = readPart(source.path, source.name, start, Math.min(length, Math.max(0, size - start)));
    return Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece)));
  };
  return readSymbolsOfVersion(read, { library, version }, MOST_SYMBOLS);
}

/** Each thing that is missing once, with a file that needs it. */
export function wordsOf(lacks: readonly Lack[]): string[] {
  const words = new Map<string, string>();
  for (const { path, needed, version, symbols = [] } of lacks) {
    const what = version === undefined ? needed : `${version} of ${needed}`;
    const why = symbols.length > 0 ? ` for ${symbols.join(', ')}` : '';
    if (!words.has(what)) words.set(what, `${what} (needed by /${path}${why})`);
  }
  return [...words].sort(([a], [b]) => byText(a, b)).map(([, word]) => word);
}

import { PithError } from '../../core/index.ts';
import { readLibraryLines } from './library-lines.ts';

/** Names the form below; part of the key under which a built index is cached. */
export const LIBRARY_FORMAT = 'pith-libraries-1';

/** How well a package suits a library, best first. */
export const FITNESS = {
  /** A package of libraries has it in a folder that the loader searches. */
  library: 0,
  /** Another package has it there. */
  program: 1,
  /** A package of libraries has it in a folder of its own. */
  privateLibrary: 2,
  privateProgram: 3,
} as const;

export type Fitness = (typeof FITNESS)[keyof typeof FITNESS];

/** A package that has a file of the library's name. */
export interface LibraryOwner {
  readonly name: string;
  readonly fitness: Fitness;
}

/** The shared libraries of an index of contents. */
export interface LibraryIndex {
  /** The packages that have a library of that file name (`libpq.so.5`), in no particular order. */
  get(file: string): LibraryOwner[];
}

/** Debian 13 has 18 000 libraries of an architecture. */
const MOST_OWNERS = 1_000_000;

/** Path, white space, then packages with their sections (the wiki's RepositoryFormat, "Contents indices"). */
const LINE = /^(?:usr\/)?lib\/(?:(.*)\/)?([^/\s]+)\s+(\S+)$/;
const VERSIONED = /^(?:lib[!-~]+\.so\.[0-9][!-~]*|ld-[!-~]+\.so(?:\.[!-~]+)?)$/;
/** Some libraries have their version before the ending: libdb-5.3.so (policy, 8.1). */
const PLAIN = /^lib[!-~]+\.so$/;
/** An index of an architecture holds no libraries of another, so that a folder of this kind is the architecture's. */
const MULTIARCH_FOLDER = /^[a-z0-9_]+-linux-gnu[a-z0-9_]*$/;
const OWNER = /^(?:(?:.*\/)?([^/]+)\/)?([A-Za-z0-9][A-Za-z0-9.+-]*)$/;
/** They have links to libraries for the compiler, or their symbols. */
const DEVELOPMENT = /-(?:dev|dbg|dbgsym)$/;

/**
 * Reads the lines of an uncompressed Contents file that are of shared libraries, and gives them in a form of their own:
 * LIBRARY_FORMAT and a line end, then a line for each file name: the name, a space, and the packages with commas between
 * them, a digit with the fitness before each. Lines that make no sense are passed over.
 *
 * @throws PithError ARCHIVE_TOO_LARGE for more libraries than any archive has
 */
export async function buildLibraryIndex(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const files = new Map<string, Map<string, Fitness>>();
  let count = 0;
  await readLibraryLines(chunks, (line) => {
    const found = parseLine(line);
    if (!found) return;
    const owners = files.get(found.file) ?? new Map<string, Fitness>();
    for (const { name, fitness } of found.owners)
      if (fitness < (owners.get(name) ?? Infinity)) owners.set(name, fitness);
    if (owners.size > 0) files.set(found.file, owners);
    count += found.owners.length;
    if (count > MOST_OWNERS)
      throw new PithError(
        'ARCHIVE_TOO_LARGE',
        `the index of contents has more than ${MOST_OWNERS} libraries`,
        {
          hint: 'No archive has such an index: choose another mirror.',
        },
      );
  });
  const lines = [...files].map(
    ([file, owners]) => `${file} ${[...owners].map(([name, fitness]) => `${fitness}${name}`).join(',')}\n`,
  );
  return Buffer.from(`${LIBRARY_FORMAT}\n${lines.join('')}`, 'latin1');
}

function parseLine(line: string): { file: string; owners: LibraryOwner[] } | undefined {
  const [, folder = '', file = '', packages = ''] = LINE.exec(line) ?? [];
  const isSearched = folder === '' || MULTIARCH_FOLDER.test(folder);
  if (!VERSIONED.test(file) && !(isSearched && PLAIN.test(file))) return undefined;
  const owners = packages.split(',').flatMap((owner): LibraryOwner[] => {
    const [, section = '', name = ''] = OWNER.exec(owner) ?? [];
    if (name === '' || DEVELOPMENT.test(name)) return [];
    return [{ name, fitness: fitnessOf(isSearched, section === 'libs' || name.startsWith('lib')) }];
  });
  return { file, owners };
}

function fitnessOf(isSearched: boolean, isLibrary: boolean): Fitness {
  if (isSearched) return isLibrary ? FITNESS.library : FITNESS.program;
  return isLibrary ? FITNESS.privateLibrary : FITNESS.privateProgram;
}

/**
 * Opens an index that `buildLibraryIndex` has made; nothing is read before it is asked for.
 *
 * @throws PithError CACHE_CORRUPT if the bytes are no index of this format
 */
export function openLibraryIndex(bytes: Uint8Array): LibraryIndex {
  const index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (index.indexOf(`${LIBRARY_FORMAT}\n`) !== 0)
    throw new PithError('CACHE_CORRUPT', 'a cached index of libraries is damaged', {
      hint: 'Run `pith cache verify`, which removes what is damaged, and run the command again.',
    });
  return {
    get(file) {
      if (!VERSIONED.test(file) && !PLAIN.test(file)) return [];
      const start = `\n${file} `;
      const at = index.indexOf(start);
      if (at < 0) return [];
      const from = at + start.length;
      const owners = index.toString('latin1', from, index.indexOf('\n', from)).split(',');
      return owners.map((owner) => ({ name: owner.slice(1), fitness: Number(owner.slice(0, 1)) as Fitness }));
    },
  };
}

import type { TarEntry } from '../archive/index.ts';

/**
 * What becomes of the entries of several archives that are put into one, in which each path has to be there once only:
 * engines refuse others ("duplicates of file paths not supported"). Unpacking what is left gives the same files as
 * unpacking the archives one after the other.
 * @param entries of all archives, in their order
 * @returns for each entry the header that it gets, or undefined if it is left out with its content
 */
export function joinEntries(entries: readonly TarEntry[]): (TarEntry | undefined)[] {
  const last = new Map(entries.map(({ path }, index) => [nameOf(path), index]));
  const folders = new Set<string>();
  const joined = entries.map((entry, index) => {
    const name = nameOf(entry.path);
    const final = entries[last.get(name) ?? index];
    if (entry.type !== 'directory' || final?.type !== 'directory') return final === entry ? entry : undefined;
    // A folder comes where it came first, before what is in it, as it is at the end.
    if (folders.has(name)) return undefined;
    folders.add(name);
    return final;
  });
  return keepLinked(entries, joined);
}

/** The content of a file that is left out goes to the first hard link to it that is not; others link to what has it. */
function keepLinked(
  entries: readonly TarEntry[],
  joined: readonly (TarEntry | undefined)[],
): (TarEntry | undefined)[] {
  const result = [...joined];
  /** Which entry has the content that lies at a path so far. */
  const contents = new Map<string, number>();
  /** Where that content is in the result, if that is not its own path. */
  const heirs = new Map<number, string>();
  for (const [index, entry] of entries.entries()) {
    const source = entry.type === 'hardlink' ? contents.get(nameOf(entry.linkName)) : undefined;
    contents.set(nameOf(entry.path), source ?? index);
    const file = source === undefined ? undefined : entries[source];
    if (source === undefined || !file || !joined[index]) continue;
    const linkName = joined[source] ? file.path : heirs.get(source);
    result[index] = linkName === undefined ? undefined : { ...entry, linkName };
    if (linkName !== undefined) continue;
    heirs.set(source, entry.path);
    result[source] = { ...file, path: entry.path };
  }
  return result;
}

function nameOf(path: string): string {
  return path.replace(/\/+$/, '');
}

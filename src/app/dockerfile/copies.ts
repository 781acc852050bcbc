import { byText } from '../../core/index.ts';
import { baseOf, folderOf } from '../common/paths.ts';

/** Files, or a folder with everything in it, that one COPY brings. */
export interface Copy {
  readonly isFolder: boolean;
  /** Relative to where they come from; several of files only. */
  readonly from: readonly string[];
  /** Absolute: the folder itself, the file, or the folder of several files. */
  readonly to: string;
  /** Permissions in place of those that the files have. */
  readonly mode?: number;
}

/** A file that is wanted in an image. */
export interface WantedFile {
  readonly from: string;
  readonly to: string;
  /** Permissions that COPY has to set, for those of the source would not do. */
  readonly mode?: number;
}

/** Where files come from. */
export interface CopySource {
  /** Paths of all files of which a copy of a folder above them would bring some. */
  readonly paths: Iterable<string>;
  /** Whether a copy of a folder brings nothing but those, and the folder with the right permissions. */
  readonly isExact: (folder: string) => boolean;
}

/**
 * Brings files into an image with as few copies as there can be without one that brings anything else: whole folders, else
 * the files of a folder.
 */
export function findCopies(wanted: readonly WantedFile[], source: CopySource): Copy[] {
  const isWhole = findWholeFolders(wanted, source);
  const copies = new Map<string, Copy>();
  const files: WantedFile[] = [];
  for (const file of wanted) {
    const pair = pairsOf(file).find((one) => isWhole(one));
    if (pair) copies.set(keyOf(pair), { isFolder: true, from: [pair.from], to: pair.to });
    else files.push(file);
  }
  return [...copies.values(), ...copiesOfFiles(files)].sort((a, b) => byText(a.to, b.to));
}

interface Pair {
  readonly from: string;
  readonly to: string;
}

function keyOf({ from, to }: Pair): string {
  return JSON.stringify([from, to]);
}

function findWholeFolders(wanted: readonly WantedFile[], source: CopySource): (pair: Pair) => boolean {
  const totals = new Map<string, number>();
  const inexact = new Set<string>();
  for (const path of source.paths)
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder))
      totals.set(folder, (totals.get(folder) ?? 0) + 1);
  for (const folder of totals.keys())
    if (!source.isExact(folder))
      for (let above = folder; above !== ''; above = folderOf(above)) inexact.add(above);
  const counts = new Map<string, number>();
  for (const file of wanted) {
    if (file.mode !== undefined) continue;
    for (const pair of pairsOf(file)) counts.set(keyOf(pair), (counts.get(keyOf(pair)) ?? 0) + 1);
  }
  return (pair) => !inexact.has(pair.from) && counts.get(keyOf(pair)) === totals.get(pair.from);
}

/** The folders above a file that lie in the image as they do in the source, the uppermost first. */
function pairsOf({ from, to }: WantedFile): Pair[] {
  const pairs: Pair[] = [];
  let [left, right] = [from, to];
  while (baseOf(left) === baseOf(right)) {
    [left, right] = [folderOf(left), folderOf(right)];
    if (left === '' || right === '') break;
    pairs.unshift({ from: left, to: right });
  }
  return pairs;
}

function copiesOfFiles(files: readonly WantedFile[]): Copy[] {
  const groups = new Map<string, { to: string; mode: number | undefined; from: string[] }>();
  for (const { from, to, mode } of files) {
    const isRenamed = baseOf(from) !== baseOf(to);
    const group = JSON.stringify([isRenamed ? to : folderOf(to), isRenamed, mode]);
    const known = groups.get(group) ?? { to: isRenamed ? to : `${folderOf(to)}/`, mode, from: [] };
    known.from.push(from);
    groups.set(group, known);
  }
  return [...groups.values()].map(({ to, mode, from }) => ({
    isFolder: false,
    from,
    to,
    ...(mode === undefined ? {} : { mode }),
  }));
}

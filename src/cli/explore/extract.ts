import { lstat, mkdir, mkdtemp, open, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { encodeName } from '../../archive/index.ts';
import { PithError, systemCode, toPithError } from '../../core/index.ts';
import type { ImageTree } from '../../inspect/index.ts';
import { relativeTarget } from './extract-links.ts';

/** Bytes of contents that are held at once, unless one file has more. */
const BATCH = 128 << 20;

export interface Extraction {
  readonly tree: ImageTree;
  /** What is extracted: a file, a link to one, or a folder. */
  readonly id: number;
  /** Absolute path that it gets. */
  readonly target: string;
  /** Whether a file that is there may be replaced; a folder never is. */
  readonly replaces: boolean;
  /** Contents by node. */
  readonly read: (ids: readonly number[]) => Promise<ReadonlyMap<number, Uint8Array>>;
}

export interface Extracted {
  readonly files: number;
  readonly bytes: number;
  /** Links that lead out of the folder, devices, pipes, hard links to nothing. */
  readonly leftOut: number;
}

/**
 * Writes a file or folder of an image to the disk, as the user's own: without setuid, setgid and sticky bits. What is
 * written appears whole under its name or not at all. Nothing is written through a link: a folder is made anew beside its
 * final place, links in it come last, and those that lead out of it are left out.
 * @throws OUTPUT_EXISTS where something is at the target that may not be replaced, OUTPUT_FAILED, DISK_FULL, and as readFiles
 */
export async function extract(extraction: Extraction): Promise<Extracted> {
  const { tree, id, target, replaces } = extraction;
  const place = tree.type(id) === 'symlink' ? tree.resolve(tree.path(id)) : id;
  if (place === undefined) throw new PithError('USAGE', `/${tree.path(id)} leads nowhere in these layers`);
  const isFolder = tree.type(place) === 'directory';
  try {
    const there = await kindAt(target);
    if (there === 'folder' || (there === 'file' && (isFolder || !replaces)))
      throw new PithError('OUTPUT_EXISTS', `${target} is there already`, {
        path: target,
        hint: 'Give it another name.',
      });
    return isFolder ? await extractFolder(extraction, place) : await extractFile(extraction, place);
  } catch (error) {
    throw toPithError(error);
  }
}

/** What is at a path, itself; a link counts as a file. */
export async function kindAt(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function extractFile({ tree, target, replaces, read }: Extraction, id: number): Promise<Extracted> {
  const content = tree.contentOf(id);
  if (content === undefined) throw new PithError('USAGE', `/${tree.path(id)} has no content`);
  const bytes = (await read([content])).get(content) ?? new Uint8Array(0);
  const folder = await mkdtemp(join(dirname(target), '.pith-'));
  try {
    const made = join(folder, basename(target));
    await writeNew(made, bytes, tree.file(content).mode);
    if (!replaces && (await kindAt(target)) !== undefined)
      throw new PithError('OUTPUT_EXISTS', `${target} is there already`, { path: target });
    await rename(made, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { files: 1, bytes: bytes.length, leftOut: 0 };
}

async function extractFolder(extraction: Extraction, id: number): Promise<Extracted> {
  const { target } = extraction;
  const outer = await mkdtemp(join(dirname(target), '.pith-'));
  try {
    const made = join(outer, 'made');
    const extracted = await fillFolder(extraction, id, made);
    await rename(made, target);
    return extracted;
  } finally {
    await rm(outer, { recursive: true, force: true });
  }
}

async function fillFolder({ tree, read }: Extraction, folder: number, made: string): Promise<Extracted> {
  const nodes = nodesBelow(tree, folder);
  const start = folder === tree.root ? 0 : tree.path(folder).length + 1;
  const placeOf = (id: number): Buffer =>
    Buffer.concat([Buffer.from(`${made}/`), encodeName(tree.path(id).slice(start))]);
  await mkdir(made, folderMode(tree, folder));
  for (const id of nodes) if (tree.type(id) === 'directory') await mkdir(placeOf(id), folderMode(tree, id));
  let [files, bytes, leftOut] = [0, 0, 0];
  for (const batch of batchesOf(tree, nodes)) {
    const contents = await read([...new Set(batch.map(({ content }) => content))]);
    for (const { id, content } of batch) {
      const own = contents.get(content) ?? new Uint8Array(0);
      await writeNew(placeOf(id), own, tree.file(content).mode);
      files++;
      bytes += own.length;
    }
  }
  for (const id of nodes) {
    const { type, path, linkName } = tree.file(id);
    if (type === 'directory' || tree.contentOf(id) !== undefined) continue;
    const lead = type === 'symlink' ? relativeTarget(tree.path(folder), path, linkName) : undefined;
    if (lead === undefined) leftOut++;
    else await symlink(encodeName(lead), placeOf(id));
  }
  return { files, bytes, leftOut };
}

/** What is in a folder, folders before what is in them; what a layer removed only if the folder itself was removed. */
function nodesBelow(tree: ImageTree, folder: number): number[] {
  const isRemoved = tree.status(folder) === 'removed';
  const nodes: number[] = [];
  for (const id of tree.walk(folder))
    if (id !== folder && (isRemoved || tree.status(id) !== 'removed')) nodes.push(id);
  return nodes;
}

interface Content {
  readonly id: number;
  readonly content: number;
}

/** Files in the order of their layers, so that each layer is read once a batch. */
function* batchesOf(tree: ImageTree, nodes: readonly number[]): Generator<Content[]> {
  const files = nodes.flatMap((id): Content[] => {
    const content = tree.contentOf(id);
    return content === undefined ? [] : [{ id, content }];
  });
  const entryOf = ({ content }: Content): number => tree.entryNumber(content) ?? 0;
  files.sort((a, b) => tree.layer(a.content) - tree.layer(b.content) || entryOf(a) - entryOf(b));
  let batch: Content[] = [];
  let bytes = 0;
  for (const file of files) {
    const size = tree.size(file.content);
    if (batch.length > 0 && bytes + size > BATCH) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(file);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function folderMode(tree: ImageTree, id: number): number {
  return (tree.file(id).mode & 0o777) | 0o700;
}

/** Fails where anything is at the path. */
async function writeNew(path: string | Buffer, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', (mode & 0o777) | 0o600);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

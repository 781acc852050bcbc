import type { FileEntry } from '../model.ts';
import { absolute, octal } from '../report/findings.ts';
import type { ImageTree } from '../tree.ts';
import type { DiffReport } from './diff-schema.ts';

type FileChanges = DiffReport['files'];
type State = FileChanges['changed'][number]['before'];
type What = FileChanges['changed'][number]['what'][number];

/**
 * Files that only one of two images has, or that are different, in the order of paths. Hard links are looked at as the files that
 * they are names of; times are not looked at.
 */
export function diffFiles(before: ImageTree, after: ImageTree): FileChanges {
  const changes: FileChanges = { added: [], removed: [], changed: [] };
  for (const { old, now } of pairFiles(before, after)) {
    if (old === undefined && now !== undefined) changes.added.push(placed(after, now));
    else if (now === undefined && old !== undefined) changes.removed.push(placed(before, old));
    else if (old !== undefined && now !== undefined) {
      const what = compareFiles(before, old, after, now);
      if (what.length === 0) continue;
      const [a, b] = [inode(before, old), inode(after, now)];
      changes.changed.push({ path: absolute(before.path(old)), what, before: stateOf(a), after: stateOf(b) });
    }
  }
  return changes;
}

/** A path that one of two images has, or both. */
export interface FilePair {
  /** Its number in the first image. */
  readonly old: number | undefined;
  /** Its number in the second image. */
  readonly now: number | undefined;
  /** How many pairs came before that of its folder; 0 for the root as well. */
  readonly parent: number;
}

/** All paths of two images, folders before what is in them, in the order of names. */
export function* pairFiles(before: ImageTree, after: ImageTree): Generator<FilePair> {
  const waiting: FilePair[] = [{ old: before.root, now: after.root, parent: 0 }];
  let count = 0;
  for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
    yield pair;
    const children = childPairs(before, pair.old, after, pair.now);
    for (const [old, now] of children.reverse()) waiting.push({ old, now, parent: count });
    count++;
  }
}

/** What is in two folders, joined by name; both lists are in the order of names. */
function childPairs(
  before: ImageTree,
  old: number | undefined,
  after: ImageTree,
  now: number | undefined,
): [number | undefined, number | undefined][] {
  const left = old === undefined ? [] : before.children(old);
  const right = now === undefined ? [] : after.children(now);
  const pairs: [number | undefined, number | undefined][] = [];
  let at = 0;
  for (const child of left) {
    const name = before.name(child);
    for (let other = right[at]; other !== undefined && after.name(other) < name; other = right[++at])
      pairs.push([undefined, other]);
    const other = right[at];
    if (other !== undefined && after.name(other) === name) {
      pairs.push([child, other]);
      at++;
    } else pairs.push([child, undefined]);
  }
  for (const other of right.slice(at)) pairs.push([undefined, other]);
  return pairs;
}

/** All that is different between two files of one path; nothing if they are the same. */
export function compareFiles(before: ImageTree, old: number, after: ImageTree, now: number): What[] {
  const [a, b] = [inode(before, old), inode(after, now)];
  const what: What[] = [];
  if (a.type !== b.type) what.push('type');
  else if (a.type === 'file' && a.digest !== b.digest) what.push('content');
  else if (a.type === 'symlink' && a.linkName !== b.linkName) what.push('target');
  if (a.mode !== b.mode && a.type !== 'symlink') what.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) what.push('owner');
  if (!sameAttributes(a.xattrs, b.xattrs)) what.push('attributes');
  return what;
}

/** The file itself, or the one that a hard link is another name of. */
function inode(tree: ImageTree, id: number): FileEntry {
  return tree.file(tree.contentOf(id) ?? id);
}

function placed(tree: ImageTree, id: number): { path: string } & State {
  return { path: absolute(tree.path(id)), ...stateOf(inode(tree, id)) };
}

function stateOf({ type, mode, uid, gid, size, linkName, digest }: FileEntry): State {
  const target = type === 'symlink' ? linkName : undefined;
  return { type, mode: octal(mode), uid, gid, size, target, digest };
}

function sameAttributes(a: FileEntry['xattrs'] = {}, b: FileEntry['xattrs'] = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Buffer.from(a[name] ?? []).equals(Buffer.from(b[name] ?? [])) && name in b)
  );
}

import { folder as folderFile, type ImageFile } from '../../files.ts';
import { type Call, DONE, FAILED, type Host, pathOf, type Result, type Tool, undone } from '../host.ts';
import { changeMode } from '../mode.ts';
import { readOptions } from '../options.ts';
import type { SeenFile } from '../script-tree.ts';
import { type Owner, readOwner } from './owner.ts';

const PACKAGED = 'files of packages keep mode and owner';
/** Files that one recursive change may reach. */
const MAX_FILES = 5000;

type Change = (before: SeenFile) => Partial<Pick<ImageFile, 'mode' | 'uid' | 'gid'>> | undefined;

/** chmod(1) */
export const chmod: Tool = (call, host) => {
  // A mode such as -x looks like an option; no script is known that has one.
  const options = readOptions(call.args, {
    flags: 'cfvR',
    values: '',
    long: { changes: 'c', silent: 'f', quiet: 'f', verbose: 'v', recursive: 'R' },
  });
  const [mode = '', ...words] = options?.operands ?? [];
  if (!options || changeMode(mode, 0, false, 0) === undefined) return undone();
  const change: Change = (before) => {
    if (before.type === 'symlink') return {};
    const changed = changeMode(mode, before.mode, before.type === 'directory', call.umask);
    return changed === undefined ? undefined : { mode: changed };
  };
  return changeAll(words, change, { isRecursive: options.has('R'), follows: true }, call, host);
};

/** chown(1) and chgrp(1) */
export const chown: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'cfhvRHLP',
    values: 'F',
    long: {
      changes: 'c',
      silent: 'f',
      quiet: 'f',
      verbose: 'v',
      recursive: 'R',
      'no-dereference': 'h',
      dereference: 'd',
      from: 'F',
      'preserve-root': 'v',
    },
  });
  const [text = '', ...words] = options?.operands ?? [];
  if (!options || options.value('F') !== undefined || text === '') return undone();
  const owner = readOwner(call.name === 'chgrp' ? `:${text}` : text, host);
  if (typeof owner === 'string') return notMade(words, owner, call, host);
  const flags = { isRecursive: options.has('R'), follows: !options.has('h') };
  return changeAll(words, () => idsOf(owner), flags, call, host);
};

/** `dpkg-statoverride --update --add USER GROUP MODE FILE` (dpkg-statoverride(1)) */
export const dpkgStatoverride: Tool = (call, host) => {
  if (call.args.includes('--list')) return FAILED;
  if (call.args.includes('--remove')) return DONE;
  const words = call.args.filter((arg) => !arg.startsWith('--'));
  const [user = '', group = '', mode = '', path] = words;
  if (!call.args.includes('--add') || path === undefined) return undone();
  if (!call.args.includes('--update')) return DONE;
  const owner = readOwner(`${user}:${group}`.replaceAll('#', ''), host);
  if (typeof owner === 'string') return notMade([path], owner, call, host);
  const change: Change = ({ mode: before, type }) => {
    const changed = changeMode(mode.padStart(5, '0'), before, type === 'directory', 0);
    return changed === undefined ? undefined : { ...idsOf(owner), mode: changed };
  };
  return changeAll([path], change, { isRecursive: false, follows: true }, call, host);
};

/** What should belong to somebody who is not in the image is not made at all, rather than made for root. */
function notMade(words: readonly string[], why: string, call: Call, { tree }: Host): Result {
  for (const word of words) {
    const path = pathOf(word, call);
    if (path !== undefined) tree.doubt(path);
  }
  return undone(why);
}

function idsOf({ uid, gid }: Owner): Partial<Pick<ImageFile, 'uid' | 'gid'>> {
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

function changeAll(
  words: readonly string[],
  change: Change,
  flags: { readonly isRecursive: boolean; readonly follows: boolean },
  call: Call,
  host: Host,
): Result {
  const { tree } = host;
  let result = DONE;
  for (const word of words) {
    const path = pathOf(word, call);
    if (path === undefined) result = undone();
    // What may not be there was reported where it would be made.
    if (path === undefined || tree.isDoubtful(path)) continue;
    const at = flags.follows && !flags.isRecursive ? tree.resolve(path) : tree.locate(path);
    const paths = at === undefined ? [] : flags.isRecursive ? walk(at, host) : [at];
    if (at === undefined || !tree.linkOrFile(`/${at}`)) {
      if (result.undone === undefined) result = FAILED;
      continue;
    }
    for (const each of paths) {
      if (!changeOne(each, change, host)) result = undone(PACKAGED);
    }
  }
  return result;
}

/** Whether the file is as it should be now: files of packages cannot be changed, for their content is not at hand. */
function changeOne(at: string, change: Change, host: Host): boolean {
  const { tree } = host;
  const before = tree.linkOrFile(`/${at}`);
  const after = before && change(before);
  if (!before || !after) return false;
  const isSame =
    (after.mode ?? before.mode) === before.mode &&
    (after.uid ?? before.uid) === before.uid &&
    (after.gid ?? before.gid) === before.gid;
  if (isSame) return true;
  const made = tree.made(at);
  const { mode, uid, gid, mtime } = before;
  if (made) host.put({ ...made, ...after });
  else if (before.type === 'directory' && at !== '')
    host.put(folderFile(at, host.origin, { mode, uid, gid, mtime, ...after }));
  else return false;
  return true;
}

function walk(at: string, { tree }: Host): string[] {
  const found = [at];
  for (let index = 0; index < found.length && found.length < MAX_FILES; index++) {
    const here = found[index] ?? '';
    if (tree.linkOrFile(`/${here}`)?.type !== 'directory') continue;
    found.push(...tree.list(`/${here}`).map((name) => (here === '' ? name : `${here}/${name}`)));
  }
  return found.slice(0, MAX_FILES);
}

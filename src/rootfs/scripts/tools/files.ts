import { folder as folderFile, type ImageFile, regularFile, symlink } from '../../files.ts';
import { leadsOut } from '../../paths.ts';
import { baseOf, join } from '../../tree-lookup.ts';
import { type Call, DONE, FAILED, type Host, pathOf, type Result, type Tool, undone } from '../host.ts';
import { changeMode } from '../mode.ts';
import { readOptions } from '../options.ts';
import { findGroup, findUser } from './owner.ts';

const NO_CONTENT = 'the content of a packaged file would be needed';

interface Attributes {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** mkdir(1) */
export const mkdir: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'pvZ',
    values: 'm',
    long: { parents: 'p', verbose: 'v', mode: 'm' },
  });
  const mode = changeMode(options?.value('m') ?? 'a=rwx', 0o777, true, call.umask);
  if (!options || mode === undefined) return undone();
  const attributes = options.value('m') === undefined ? {} : { mode };
  return onPaths(options.operands, call, (path) =>
    makeFolder(path, attributes, options.has('p'), call, host),
  );
};

/** Makes a folder, with those above it if `withParents`. Nothing is changed of one that is there. */
function makeFolder(
  path: string,
  attributes: Partial<Attributes>,
  withParents: boolean,
  call: Call,
  host: Host,
): Result {
  const { tree, origin, owner } = host;
  if (tree.isDoubtful(path)) return undone();
  if (tree.linkOrFile(path)) return withParents && tree.isFolder(path) ? DONE : FAILED;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (let depth = 1; depth <= parts.length; depth++) {
    const here = `/${parts.slice(0, depth).join('/')}`;
    if (tree.isFolder(here)) continue;
    const at = tree.locate(here);
    if (at === undefined || tree.linkOrFile(here) || (depth < parts.length && !withParents)) return FAILED;
    const { gid, folderBits } = tree.inherited(at);
    const own = depth === parts.length ? attributes : {};
    const mode = (0o777 & ~call.umask) | folderBits;
    host.put(folderFile(at, origin, { mtime: owner.newest, gid, mode, ...own }));
    if (!host.isCertain) return DONE;
  }
  return DONE;
}

/** install(1): folders, empty files, and copies of files that scripts made. */
export const install: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'bcCdDpsTv',
    values: 'gmot',
    long: { directory: 'd', group: 'g', mode: 'm', owner: 'o', verbose: 'v', 'preserve-timestamps': 'p' },
  });
  const isFolder = options?.has('d') ?? false;
  const mode = changeMode(options?.value('m') ?? '755', 0, isFolder, 0);
  if (!options || mode === undefined || options.value('t') !== undefined) return undone();
  const uid = findUser(options.value('o') ?? '0', host);
  const gid = findGroup(options.value('g') ?? '0', host);
  if (typeof uid === 'string') return undone(uid);
  if (typeof gid === 'string') return undone(gid);
  const attributes = { mode, uid, gid };
  if (!isFolder) return installFile(options.operands, attributes, call, host);
  return onPaths(options.operands, call, (path) => {
    const there = host.tree.file(path);
    if (!there) return makeFolder(path, attributes, true, call, host);
    const at = host.tree.resolve(path);
    if (there.type !== 'directory' || at === undefined) return FAILED;
    if (there.mode !== mode || there.uid !== uid || there.gid !== gid)
      host.put(folderFile(at, host.origin, { mtime: there.mtime, ...attributes }));
    return DONE;
  });
};

function installFile(
  [from = '', to = '', more]: readonly string[],
  attributes: Attributes,
  call: Call,
  host: Host,
): Result {
  const target = pathOf(to, call);
  const content = contentOf(from, call, host);
  if (more !== undefined || target === undefined) return undone();
  if (!content) return undone(NO_CONTENT);
  return placeAt(into(target, from, host), newFile(content, attributes, host), host);
}

/** cp(1) of one file that a script made. */
export const cp: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'adfinpPrRuvTLZ',
    values: '',
    long: { archive: 'a', force: 'f', 'no-clobber': 'n', update: 'u', verbose: 'v', recursive: 'r' },
  });
  const [from = '', to = '', more] = options?.operands ?? [];
  const target = pathOf(to, call);
  const source = pathOf(from, call);
  if (!options || more !== undefined || target === undefined || source === undefined) return undone();
  if (options.has('n') && host.tree.file(target)) return DONE;
  if (!host.tree.isDoubtful(source) && !host.tree.linkOrFile(source)) return FAILED;
  const content = contentOf(from, call, host);
  if (!content) return undone(NO_CONTENT);
  const mode =
    (host.tree.file(source)?.mode ?? 0o666) & (options.has('a') || options.has('p') ? 0o7777 : ~call.umask);
  return placeFile(into(target, from, host), content, { mode }, host);
};

/** mv(1) of what scripts made. */
export const mv: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'finuTvZ',
    values: '',
    long: { force: 'f', verbose: 'v' },
  });
  const [from = '', to = '', more] = options?.operands ?? [];
  const [source, target] = [pathOf(from, call), pathOf(to, call)];
  if (!options || more !== undefined || source === undefined || target === undefined) return undone();
  const { tree } = host;
  if (tree.isDoubtful(source)) return undone();
  const at = tree.locate(source);
  if (at === undefined || !tree.linkOrFile(source)) return FAILED;
  const made = tree.made(at);
  if (!made || made.kind === 'directory') return undone('it would move what a package brings');
  const result = placeAt(into(target, from, host), made, host);
  if (result.status === 0) host.remove(at);
  return result;
};

/** ln(1) with -s. */
export const ln: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'fnsTv',
    values: '',
    long: { symbolic: 's', force: 'f', 'no-dereference': 'n', 'no-target-directory': 'T', verbose: 'v' },
  });
  const [target = '', name, more] = options?.operands ?? [];
  if (!options?.has('s') || target === '' || more !== undefined) return undone();
  const path = pathOf(name ?? baseOf(target), call);
  if (path === undefined) return undone();
  const { tree, origin, owner } = host;
  const isInside = !options.has('T') && tree.isFolder(path);
  const isLink = tree.linkOrFile(path)?.type === 'symlink';
  const full = isInside && !(options.has('n') && isLink) ? `${path}/${baseOf(target)}` : path;
  const at = tree.locate(full);
  if (tree.isDoubtful(full)) return undone();
  if (at === undefined) return FAILED;
  const there = tree.linkOrFile(full);
  if (there && (!options.has('f') || there.type === 'directory')) return FAILED;
  if (leadsOut(at, target)) return undone('it leads out of the root');
  if (there?.type !== 'symlink' || there.linkName !== target)
    host.put(symlink(at, target, origin, { mtime: owner.newest }));
  return DONE;
};

/** touch(1): a file that is there keeps its time. */
export const touch: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'acfhm',
    values: 'drt',
    long: { 'no-create': 'c', reference: 'r', date: 'd' },
  });
  if (!options) return undone();
  return onPaths(options.operands, call, (path) => {
    if (host.tree.isDoubtful(path)) return undone();
    if (options.has('c') || host.tree.file(path)) return DONE;
    return placeFile(path, new Uint8Array(0), { mode: 0o666 & ~call.umask }, host);
  });
};

/** rm(1) and rmdir(1) of what scripts made and of empty folders. */
export const rm: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'dfiIrRv',
    values: '',
    long: { force: 'f', recursive: 'r', verbose: 'v', dir: 'd' },
  });
  if (!options) return undone();
  return onPaths(options.operands, call, (path) => {
    const { tree } = host;
    if (tree.isDoubtful(path)) return undone();
    const at = tree.locate(path);
    if (at === undefined || !tree.linkOrFile(path)) return options.has('f') ? DONE : FAILED;
    if (!tree.made(at) || tree.list(`/${at}`).length > 0) return undone('packaged files stay');
    host.remove(at);
    return DONE;
  });
};

export const rmdir: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'pv',
    values: '',
    long: { 'ignore-fail-on-non-empty': 'i', parents: 'p', verbose: 'v' },
  });
  if (!options) return undone();
  return onPaths(options.operands, call, (path) => {
    const at = host.tree.locate(path);
    const isEmpty = host.tree.linkOrFile(path)?.type === 'directory' && host.tree.list(path).length === 0;
    if (at === undefined || at === '' || !isEmpty) return FAILED;
    host.remove(at);
    return DONE;
  });
};

/** The first result that is no success, after all paths were tried. */
function onPaths(words: readonly string[], call: Call, act: (path: string) => Result): Result {
  const results = words.map((word) => {
    const path = pathOf(word, call);
    return path === undefined ? undone() : act(path);
  });
  return (
    results.find((result) => result.undone !== undefined) ??
    results.find(({ status }) => status !== 0) ??
    DONE
  );
}

/** Content of /dev/null and of files that scripts made. */
function contentOf(word: string, call: Call, { tree }: Host): Uint8Array | undefined {
  const path = pathOf(word, call);
  if (path === '/dev/null') return new Uint8Array(0);
  return path === undefined ? undefined : tree.madeFile(path)?.content;
}

function into(target: string, from: string, { tree }: Host): string {
  return tree.isFolder(target) ? join(target.replace(/\/+$/, ''), baseOf(from)) : target;
}

/** Writes a file; where one is, only its content changes. */
export function placeFile(path: string, content: Uint8Array, attributes: Attributes, host: Host): Result {
  const there = host.tree.file(path);
  const { gid } = host.tree.inherited(host.tree.locate(path) ?? '');
  const kept = there ? { mode: there.mode, uid: there.uid, gid: there.gid } : { gid, ...attributes };
  return placeAt(path, newFile(content, kept, host), host);
}

function newFile(content: Uint8Array, attributes: Attributes, { origin, owner }: Host): ImageFile {
  return regularFile('', content, origin, { mtime: owner.newest, ...attributes });
}

function placeAt(path: string, file: ImageFile, host: Host): Result {
  const { tree } = host;
  const at = tree.linkOrFile(path)?.type === 'symlink' ? tree.resolve(path) : tree.locate(path);
  if (at === undefined || at === '' || path.endsWith('/')) return FAILED;
  if (tree.isFolder(path)) return FAILED;
  host.put({ ...file, path: at });
  return DONE;
}

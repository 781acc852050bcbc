import { folder as folderFile, type ImageFile, regularFile, symlink } from '../files.ts';
import { leadsOut, parentsOf } from '../paths.ts';
import type { Host } from '../scripts/host.ts';
import { folderOf } from '../tree-lookup.ts';
import type { SeenFile } from '../scripts/script-tree.ts';
import { findGroup, findUser } from '../scripts/tools/owner.ts';
import { chmod, chown } from '../scripts/tools/ownership.ts';
import type { TmpfilesLine } from './tmpfiles-line.ts';

/** What became of a line: nothing to say, or why it makes no difference, or why it was not done. */
export type TmpfilesResult = undefined | { readonly isNeedless: boolean; readonly why: string };

const FACTORY = '/usr/share/factory';
const PACKAGED = { isNeedless: false, why: 'a packaged file is in its place' } as const;
/** Files that one line may copy. */
const MAX_COPIES = 1000;

interface Wanted {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mode: number | undefined;
}

/**
 * Does what a line of tmpfiles.d(5) asks for, as far as it makes files: `systemd-tmpfiles --create` on a fresh root.
 * @param contents files of packages by path, for those that are copied
 */
export function applyTmpfilesLine(
  line: TmpfilesLine,
  host: Host,
  contents: ReadonlyMap<string, Uint8Array>,
): TmpfilesResult {
  if (/^\/(?:dev|proc|sys)(?:\/|$)/.test(line.path)) return { isNeedless: true, why: 'the kernel makes it' };
  if ('xXrR'.includes(line.type)) return { isNeedless: true, why: 'it only cleans up' };
  if (line.isForBoot) return { isNeedless: true, why: 'it is for the start of a machine' };
  const owner = ownerOf(line, host);
  if (typeof owner === 'string') return { isNeedless: false, why: owner };
  const wanted = { ...owner, mode: line.mode };
  switch (line.type) {
    case 'd':
    case 'D':
    case 'v':
    case 'q':
    case 'Q':
      return makeFolder(line.path, wanted, host);
    case 'e':
      return host.tree.isFolder(line.path) ? makeFolder(line.path, wanted, host) : undefined;
    case 'f':
    case 'F':
      return makeFile(line, wanted, host);
    case 'L':
      return makeLink(line, host);
    case 'C':
      return copy(line, wanted, host, contents);
    case 'z':
    case 'Z':
    case 'm':
      return adjust(line, wanted, host);
    case 'h':
    case 'H':
      return { isNeedless: true, why: "attributes of files are the host's" };
    default:
      return { isNeedless: false, why: '' };
  }
}

/** Makes a file. The folders above it that are not there are root's, but for those that inherit a group. */
function put(file: ImageFile, host: Host): void {
  const { tree, origin, owner } = host;
  for (const path of parentsOf(file.path)) {
    const { gid } = tree.inherited(path);
    if (gid !== 0 && !tree.isFolder(`/${path}`))
      host.put(folderFile(path, origin, { gid, mtime: owner.newest }));
  }
  host.put(file);
}

function ownerOf({ user, group }: TmpfilesLine, host: Host): Pick<Wanted, 'uid' | 'gid'> | string {
  const uid = user === undefined ? undefined : findUser(user, host);
  const gid = group === undefined ? undefined : findGroup(group, host);
  if (typeof uid === 'string') return uid;
  return typeof gid === 'string' ? gid : { uid, gid };
}

function makeFolder(path: string, wanted: Wanted, host: Host): TmpfilesResult {
  const { tree, origin, owner } = host;
  const there = tree.file(path);
  if (there && there.type !== 'directory') return PACKAGED;
  const at = there ? tree.resolve(path) : tree.place(path);
  if (at === undefined || at === '') return { isNeedless: false, why: '' };
  const { gid, folderBits } = tree.inherited(at);
  const now = there ?? { mode: 0o755 | folderBits, uid: 0, gid };
  const next = attributesOf(wanted, now);
  if (!there || !isSame(now, next))
    put(folderFile(at, origin, { mtime: there?.mtime ?? owner.newest, ...next }), host);
  return undefined;
}

function makeFile(line: TmpfilesLine, wanted: Wanted, host: Host): TmpfilesResult {
  const { tree, origin, owner } = host;
  const there = tree.file(line.path);
  const made = tree.madeFile(line.path);
  if (there?.type === 'directory') return PACKAGED;
  const at = there ? tree.resolve(line.path) : tree.place(line.path);
  if (at === undefined || tree.linkOrFile(line.path)?.type === 'symlink')
    return { isNeedless: false, why: '' };
  const now = there ?? { mode: 0o644, uid: 0, gid: tree.inherited(at).gid };
  const next = attributesOf(wanted, now);
  const content = !there || line.isForced ? Buffer.from(line.argument ?? '') : made?.content;
  if (content) put(regularFile(at, content, origin, { mtime: owner.newest, ...next }), host);
  else if (!isSame(now, next)) return { isNeedless: false, why: 'files of packages keep mode and owner' };
  return undefined;
}

function makeLink({ path, argument, isForced, isConditional }: TmpfilesLine, host: Host): TmpfilesResult {
  const { tree, origin, owner } = host;
  const target = argument ?? `${FACTORY}${path}`;
  const there = tree.linkOrFile(path);
  const at = tree.place(path);
  if (there && (!isForced || (there.type === 'symlink' && there.linkName === target))) return undefined;
  if (isConditional && !tree.linkOrFile(target.startsWith('/') ? target : `/${folderOf(path)}/${target}`))
    return undefined;
  if (at === undefined || at === '' || there?.type === 'directory') return PACKAGED;
  if (leadsOut(at, target)) return { isNeedless: false, why: 'it leads out of the root' };
  put(symlink(at, target, origin, { mtime: owner.newest }), host);
  return undefined;
}

/** Copies a file or a folder with all that is in it, where the target is not there or is an empty folder. */
function copy(
  { path, argument }: TmpfilesLine,
  wanted: Wanted,
  host: Host,
  contents: ReadonlyMap<string, Uint8Array>,
): TmpfilesResult {
  const { tree, origin, owner } = host;
  const source = argument ?? `${FACTORY}${path}`;
  const isTaken = tree.linkOrFile(path) !== undefined && (!tree.isFolder(path) || tree.list(path).length > 0);
  const from = source.startsWith('/') ? tree.resolve(source) : undefined;
  if (isTaken) return undefined;
  const to = tree.place(path);
  if (from === undefined || to === undefined || to === '')
    return { isNeedless: from === undefined, why: `${source} is not in the image` };
  const copies: { from: string; to: string; file: SeenFile }[] = [];
  const queue = [{ from, to }];
  for (const step of queue) {
    const file = tree.linkOrFile(`/${step.from}`);
    if (!file || copies.length >= MAX_COPIES) return { isNeedless: false, why: 'it has too many files' };
    if (file.type === 'file' && !file.content && !contents.has(step.from))
      return { isNeedless: false, why: 'the content of a packaged file would be needed' };
    copies.push({ ...step, file });
    if (file.type === 'directory')
      queue.push(
        ...tree
          .list(`/${step.from}`)
          .map((name) => ({ from: `${step.from}/${name}`, to: `${step.to}/${name}` })),
      );
  }
  for (const [index, one] of copies.entries()) {
    const { mode, uid, gid } = one.file;
    const more = {
      mtime: owner.newest,
      ...(index === 0 ? attributesOf(wanted, { mode, uid, gid }) : { mode, uid, gid }),
    };
    if (one.file.type === 'directory') put(folderFile(one.to, origin, more), host);
    else if (one.file.type === 'symlink')
      put(symlink(one.to, one.file.linkName, origin, { mtime: owner.newest }), host);
    else
      put(
        regularFile(one.to, one.file.content ?? contents.get(one.from) ?? new Uint8Array(0), origin, more),
        host,
      );
  }
  return undefined;
}

/** Gives what is there another mode and owner; of a folder with `Z`, also everything in it. */
function adjust({ path, type, user, group, mode }: TmpfilesLine, wanted: Wanted, host: Host): TmpfilesResult {
  const { tree } = host;
  if (/[*?[]/.test(path)) return { isNeedless: false, why: '' };
  if (!tree.linkOrFile(path)) return { isNeedless: true, why: 'there is no such file in the image' };
  const call = { readInput: () => undefined, folder: '/', umask: 0o022 };
  const recursive = type === 'Z' ? ['-R'] : [];
  const owner = `${user === undefined ? '' : (wanted.uid ?? '')}${group === undefined ? '' : `:${wanted.gid ?? ''}`}`;
  const results = [
    ...(owner === ''
      ? []
      : [chown({ ...call, name: 'chown', args: [...recursive, '-h', owner, path] }, host)]),
    ...(mode === undefined
      ? []
      : [
          chmod(
            { ...call, name: 'chmod', args: [...recursive, mode.toString(8).padStart(5, '0'), path] },
            host,
          ),
        ]),
  ];
  const why = results.find(({ undone }) => undone !== undefined)?.undone;
  return why === undefined ? undefined : { isNeedless: false, why };
}

type Attributes = Readonly<Record<'mode' | 'uid' | 'gid', number>>;

function attributesOf({ mode, uid, gid }: Wanted, now: Attributes): Attributes {
  return { mode: mode ?? now.mode, uid: uid ?? now.uid, gid: gid ?? now.gid };
}

function isSame(a: Attributes, b: Attributes): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

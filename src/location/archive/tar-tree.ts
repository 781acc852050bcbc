import { open, type FileHandle } from 'node:fs/promises';
import { paddingOf, TarParser, type TarEntry } from '../../archive/index.ts';
import { PithError, systemCode, toPithError } from '../../core/index.ts';
import { notAFile, notFound, readRange, type FileTree } from '../file-tree.ts';

const BLOCK = 512;
/** Most members of an archive: far more than layers that an image can have. */
const MAX_MEMBERS = 65_536;
/** Where archives of images come from, for whoever named something else. */
export const WRITERS =
  'Archives of images are written by `pith build -o oci-archive:FILE`, `docker save` and `podman save`.';

interface Member {
  readonly entry: TarEntry;
  /** Where the content starts in the file. */
  readonly offset: number;
}

/**
 * The members of a tar archive as files. Only headers are read; contents are skipped, and read from where they lie.
 * @throws IMAGE_INVALID for what is no sound archive: a path that leads out, a file that is there twice, a size that
 * the archive does not have
 */
export async function tarTree(path: string): Promise<FileTree> {
  const file = await openToRead(path);
  try {
    return await tarTreeOf(file, path, (offset, length) => readRange(path, offset, length));
  } finally {
    await file.close();
  }
}

/**
 * As tarTree, of an open file.
 * @param name what it is called in errors
 * @param read gives `length` bytes of it, also later on
 */
export async function tarTreeOf(
  file: FileHandle,
  name: string,
  read: (offset: number, length: number) => AsyncIterable<Uint8Array>,
): Promise<FileTree> {
  const members = await scan(file, name);
  return {
    name,
    // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous
    async sizeOf(path) {
      const member = members.get(path);
      if (member && member.entry.type !== 'file') throw notAFile(name, path);
      return member?.entry.size;
    },
    open(path) {
      const member = members.get(path);
      if (member?.entry.type !== 'file') throw notAFile(name, path);
      return read(member.offset, member.entry.size);
    },
  };
}

/** The path of the first member of a tar archive; undefined if the file is none. */
export async function firstMember(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    return (await nextMember(file, path, 0, (await file.stat()).size))?.entry.path;
  } catch (error) {
    if (error instanceof PithError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

async function scan(file: FileHandle, path: string): Promise<Map<string, Member>> {
  const info = await file.stat();
  if (!info.isFile()) throw invalid(path, 'it is no file');
  const members = new Map<string, Member>();
  let count = 0;
  for (let at = 0; ;) {
    const member = await nextMember(file, path, at, info.size);
    if (!member) return members;
    if (++count > MAX_MEMBERS) throw invalid(path, `it has more than ${MAX_MEMBERS} members`);
    const name = cleanPath(member.entry.path, path);
    if (members.has(name) && member.entry.type !== 'directory')
      throw invalid(path, `${JSON.stringify(name)} is there twice`);
    members.set(name, member);
    at = member.offset + member.entry.size + paddingOf(member.entry.size);
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw systemCode(error) === 'ENOENT' ? notFound(path) : error;
  }
}

/** Reads one header, with its extensions, at `start`; undefined at the end of the archive. */
async function nextMember(
  file: FileHandle,
  path: string,
  start: number,
  fileSize: number,
): Promise<Member | undefined> {
  const parser = new TarParser(path);
  for (let at = start; ;) {
    const block = Buffer.alloc(BLOCK);
    const { bytesRead } = await file.read(block, 0, BLOCK, at);
    if (bytesRead < BLOCK) {
      if (at === start && at > 0 && bytesRead === 0) return undefined;
      throw at === 0 ? noArchive(path) : invalid(path, 'it is cut short');
    }
    at += BLOCK;
    const event = parse(parser, block, () => (at === BLOCK ? noArchive(path) : undefined));
    if (event?.kind === 'end') return undefined;
    if (event?.kind !== 'entry') continue;
    const { entry } = event;
    if (at + entry.size > fileSize)
      throw invalid(
        path,
        `${JSON.stringify(entry.path)} declares ${entry.size} bytes, which is more than the archive has`,
      );
    return { entry, offset: at };
  }
}

/** @param instead the error to throw in place of what is wrong with a header */
function parse(
  parser: TarParser,
  block: Uint8Array,
  instead: () => PithError | undefined,
): ReturnType<TarParser['next']> {
  try {
    parser.push(block);
    return parser.next();
  } catch (error) {
    const { message } = toPithError(error);
    throw instead() ?? new PithError('IMAGE_INVALID', message, { cause: error });
  }
}

function cleanPath(path: string, archive: string): string {
  // Archives of a whole system may begin with its root.
  if (/^\/*$/.test(path)) return '';
  const parts = path.split('/').filter((part, i) => part !== '.' && !(part === '' && i > 0));
  if (parts[0] === '' || parts.includes('..'))
    throw invalid(archive, `the path ${JSON.stringify(path)} leads out of it`);
  return parts.join('/');
}

/** Of a file that does not begin as an archive does. */
function noArchive(path: string): PithError {
  return new PithError('IMAGE_INVALID', `${path} is no archive of images`, { path, hint: WRITERS });
}

function invalid(path: string, why: string): PithError {
  return new PithError('IMAGE_INVALID', `${path} is not a sound image archive: ${why}`, { path });
}

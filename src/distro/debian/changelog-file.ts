import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { decompress, readTar, type TarEntry } from '../../archive/index.ts';
import { type ChangelogEntry, MAX_CHANGELOG, parseChangelog } from './changelog.ts';
import { openDeb } from './deb.ts';

const DOC = '/usr/share/doc';
/** Compressed bytes of a changelog that are read; the longest of Debian is a tenth of it. */
const MAX_FILE = 8 << 20;
const MEMBER = /^changelog(?:\.Debian(?:\.[a-z0-9-]+)?)?(?:\.gz)?$/;
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+$/;

/** Where a package file has its changelog (Debian policy, 12.3 and 12.7). */
export type FoundChangelog =
  | { readonly kind: 'entries'; readonly entries: readonly ChangelogEntry[] }
  /** A link leads to the folder of another package of the same source. */
  | { readonly kind: 'elsewhere'; readonly package: string }
  | { readonly kind: 'none' };

type Member = { readonly bytes: Uint8Array } | { readonly link: string };

/**
 * The changelog that a binary package ships: `changelog.Debian.gz`, or `changelog.gz` of a native package, with the
 * entries of binary-only uploads (`changelog.Debian.ARCHITECTURE.gz`) before it.
 * @param path a file whose digest has been verified
 * @param name the package
 * @throws PithError ARCHIVE_INVALID, ARCHIVE_UNSUPPORTED or ARCHIVE_TOO_LARGE
 */
export async function readChangelog(path: string, name: string): Promise<FoundChangelog> {
  const { data } = await openDeb(path, name);
  const folder = `${DOC}/${name}`;
  const members = new Map<string, Member>();
  for await (const { entry, body } of readTar(data, `${name} data.tar`)) {
    const place = posix.resolve('/', entry.path);
    if (place === folder && entry.type === 'symlink')
      return elsewhere(posix.resolve(DOC, entry.linkName), name);
    if (posix.dirname(place) !== folder || !MEMBER.test(posix.basename(place))) continue;
    const member = await readMember(entry, body, folder);
    if (member) members.set(posix.basename(place), member);
  }
  return choose(members, name);
}

async function readMember(
  { type, size, linkName }: TarEntry,
  body: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<Member | undefined> {
  if (type === 'symlink') return { link: posix.resolve(folder, linkName) };
  if (type !== 'file' || size > MAX_FILE) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece.slice());
  return { bytes: Buffer.concat(pieces) };
}

async function choose(members: ReadonlyMap<string, Member>, name: string): Promise<FoundChangelog> {
  const names = ['changelog.Debian.gz', 'changelog.Debian', 'changelog.gz', 'changelog'];
  const main = names.find((file) => members.has(file));
  const entries: ChangelogEntry[] = [];
  for (const file of members.keys())
    if (!names.includes(file)) entries.push(...(await entriesOf(members.get(file), file, name)));
  const found = members.get(main ?? '');
  if (found && 'link' in found) {
    const target = posix.basename(found.link);
    if (posix.dirname(found.link) !== `${DOC}/${name}`) return elsewhere(posix.dirname(found.link), name);
    entries.push(...(await entriesOf(members.get(target), target, name)));
  } else if (main !== undefined) entries.push(...(await entriesOf(found, main, name)));
  return entries.length > 0 ? { kind: 'entries', entries } : { kind: 'none' };
}

async function entriesOf(member: Member | undefined, file: string, name: string): Promise<ChangelogEntry[]> {
  if (!member || 'link' in member) return [];
  if (!file.endsWith('.gz')) return parseChangelog(member.bytes);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of decompress('gzip', Readable.from([member.bytes]), `${name}'s ${file}`)) {
    pieces.push(piece);
    size += piece.length;
    if (size >= MAX_CHANGELOG) break;
  }
  return parseChangelog(Buffer.concat(pieces));
}

/** A link to the documentation folder of another package. */
function elsewhere(folder: string, name: string): FoundChangelog {
  const other = posix.basename(folder);
  return posix.dirname(folder) === DOC && PACKAGE.test(other) && other !== name
    ? { kind: 'elsewhere', package: other }
    : { kind: 'none' };
}

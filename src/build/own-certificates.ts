import { PithError } from '../core/index.ts';
import { readCertificates } from '../rootfs/index.ts';
import type { FileSpec } from './definition-types.ts';
import { readContent } from './disk-content.ts';
import { nameOfSource } from './disk-source.ts';
import type { DiskEntry, DiskTree } from './disk-tree.ts';
import { timeOf } from './file-rules.ts';

/** A file of certificates that an image trusts. */
export interface OwnCertificate {
  /** In the image, relative to the root. */
  readonly path: string;
  /** PEM, one certificate or more. */
  readonly content: string;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/** Where update-ca-certificates(8) looks for the certificates of the machine's administrator. */
const FOLDER = '/usr/local/share/ca-certificates/';
const ENDING = /\.(crt|pem|cer|der)$/i;
/** The largest bundle that anybody uses has 0.3 MB. */
const MAX_SIZE = 4 << 20;

/**
 * Reads the certificates that a definition gives: in its text, or in a file, or in the files of a folder whose names say so.
 * @param tree of the source, if there is one
 * @param onNote told of certificates that are not valid at the time `now` (milliseconds since 1970)
 * @throws PithError DEFINITION_INVALID that says what a file is in place of a certificate
 */
export function readOwnCertificates(
  file: FileSpec,
  tree: DiskTree | undefined,
  onNote: (note: string) => void,
  now: number,
): OwnCertificate[] {
  const found = new Map<string, { name: string; certificate: OwnCertificate }>();
  for (const { name, path, mtime, bytes } of candidatesOf(file, tree)) {
    const certificates = readCertificates(bytes(), name, 'DEFINITION_INVALID');
    for (const { subject, validFrom, validTo } of certificates) {
      if (validTo < now) onNote(`${name}: the certificate of ${subject} ended on ${dayOf(validTo)}`);
      if (validFrom > now) onNote(`${name}: the certificate of ${subject} begins on ${dayOf(validFrom)}`);
    }
    const before = found.get(path);
    if (before) throw sameName(before.name, name, path);
    const content = certificates.map(({ pem }) => pem).join('');
    const certificate = { path: path.replace(/^\/+/, ''), content, mtime: timeOf(file, mtime) };
    found.set(path, { name, certificate });
  }
  return [...found.values()].map(({ certificate }) => certificate);
}

/** What should be certificates: what each is called in errors, where it goes, and what it holds. */
function candidatesOf(
  file: FileSpec,
  tree: DiskTree | undefined,
): { name: string; path: string; mtime: number; bytes: () => Uint8Array }[] {
  const { from = '', content = '', to = FOLDER } = file;
  if (!tree) return [{ name: to, path: to, mtime: 0, bytes: () => Buffer.from(content) }];
  return filesOf(tree, from).map((entry) => {
    const isSource = entry.path === '';
    const name = isSource ? from : `${from}/${entry.path}`;
    const below = (isSource ? nameOfSource(file) : entry.path).replace(ENDING, '');
    const path = isSource && !to.endsWith('/') ? to : `${to.replace(/\/+$/, '')}/${below}.crt`;
    return { name, path, mtime: entry.mtime, bytes: () => contentOf(tree, entry, name) };
  });
}

/** The files of a source that should be certificates: the one, or those of a folder by their names. */
function filesOf({ entries, location }: DiskTree, from: string): DiskEntry[] {
  const [root] = entries;
  if (root?.type === 'file') return [root];
  const named = entries.filter(({ path, type }) => ENDING.test(path) && type !== 'directory');
  const link = named.find(({ type }) => type === 'symlink');
  if (link) {
    throw new PithError('DEFINITION_INVALID', `${from}/${link.path} is a link, not a certificate`, {
      path: `${location}/${link.path}`,
      hint: 'Links in a folder are not followed: put a copy of the file there.',
    });
  }
  if (named.length > 0) return named;
  throw new PithError('DEFINITION_INVALID', `${from} holds no certificate`, {
    path: location,
    hint: 'Of a folder, files that end with .crt, .pem, .cer or .der are taken.',
  });
}

function contentOf({ location }: DiskTree, { path, size }: DiskEntry, name: string): Uint8Array {
  const full = path === '' ? location : `${location}/${path}`;
  if (size > MAX_SIZE) {
    throw new PithError('DEFINITION_INVALID', `${name} is not a certificate: it has ${size} bytes`, {
      path: full,
      hint: 'Give an X.509 certificate, in PEM or in DER form.',
    });
  }
  return Buffer.concat(Array.from(readContent(full, name, size), (piece) => Buffer.from(piece)));
}

function sameName(one: string, other: string, path: string): PithError {
  return new PithError('DEFINITION_INVALID', `${one} and ${other} would both become ${path}`, {
    hint: 'Give one of the files another name.',
  });
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

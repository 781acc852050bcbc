import { PithError } from '../core/index.ts';

/** Where distroless images keep what dpkg would keep in /var/lib/dpkg/status, a file a package. */
export const DATABASE = 'var/lib/dpkg/status.d';
/** Our field of the control stanza of a package that is in the image in part. */
const PARTIAL_FIELD = 'X-Pith-Partial';

/**
 * The package's files of the database that scanners read in distroless images: `<package>`, the control stanza, and
 * `<package>.md5sums`.
 * @param metadata the package's control.tar, by name
 * @param what the package's name and version, for errors
 * @param omitted number of files that the image does not have
 * @param kept paths in the package of those that it has, and where they are
 * @throws PithError ARCHIVE_INVALID if the package does not say its name
 */
export function databaseFiles(
  metadata: ReadonlyMap<string, Uint8Array>,
  what: string,
  { omitted, kept }: { readonly omitted: number; readonly kept: ReadonlyMap<string, string> },
): { name: string; content: Buffer }[] {
  const control = Buffer.from(metadata.get('control') ?? new Uint8Array(0));
  const text = control.toString('utf8').trimEnd();
  const name = /^Package:[ \t]*([a-z0-9][a-z0-9+.-]*)[ \t]*$/m.exec(text)?.[1];
  if (name === undefined)
    throw new PithError('ARCHIVE_INVALID', `${what}: its control file names no package`);
  const partial = omitted > 0 ? `\n${PARTIAL_FIELD}: ${omitted} files left out` : '';
  const sums = metadata.get('md5sums');
  return [
    { name, content: Buffer.from(`${text}${partial}\n`) },
    ...(sums
      ? [{ name: `${name}.md5sums`, content: keptSums(Buffer.from(sums).toString('latin1'), kept) }]
      : []),
  ];
}

function keptSums(sums: string, kept: ReadonlyMap<string, string>): Buffer {
  const lines = sums.split('\n').flatMap((line) => {
    const [, sum, path] = /^([0-9a-f]{32}) [ *](.+)$/.exec(line) ?? [];
    const place = path === undefined ? undefined : kept.get(Buffer.from(path, 'latin1').toString('utf8'));
    return sum === undefined || place === undefined ? [] : [`${sum}  ${place}\n`];
  });
  return Buffer.from(lines.join(''));
}

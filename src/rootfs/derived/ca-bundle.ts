import { byText, PithError } from '../../core/index.ts';
import { folder, type ImageFile, regularFile } from '../files.ts';

const CERTIFICATES = 'usr/share/ca-certificates/';
const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

/** Files with certificates to be trusted: contents by path in the image. */
export interface TrustedFiles {
  /** What the packages hold, of which those below /usr/share/ca-certificates count; and the bundle of an image below. */
  readonly packaged: ReadonlyMap<string, Uint8Array>;
  /** What definitions add. */
  readonly own: ReadonlyMap<string, Uint8Array>;
}

/**
 * The certificates' files in the order of update-ca-certificates(8): the packages', then one's own, each by their paths.
 * What the bundle of an image below holds comes first, and not again.
 */
export function trustedFiles({ packaged, own }: TrustedFiles): [string, Uint8Array][] {
  const byPath = ([a]: [string, Uint8Array], [b]: [string, Uint8Array]): number => byText(a, b);
  const files = [
    ...[...packaged].filter(([path]) => path.startsWith(CERTIFICATES)).sort(byPath),
    ...[...own].sort(byPath),
  ];
  const below = packaged.get(BUNDLE);
  if (!below) return files;
  const known = certificateText(BUNDLE, below);
  return [[BUNDLE, below], ...files.filter(([path, bytes]) => !known.includes(certificateText(path, bytes)))];
}

/**
 * The bundle that `update-ca-certificates` makes in ca-certificates' postinst: all certificates below
 * /usr/share/ca-certificates, then those that definitions add.
 * @param mtime newest time of what holds the certificates, seconds since 1970
 */
export function deriveCaBundle(trusted: TrustedFiles, mtime: number): ImageFile[] {
  const files = trustedFiles(trusted);
  if (files.length === 0) return [];
  const parts = files.map(([path, bytes]) => certificateText(path, bytes));
  const origin = originOf(files.map(([path]) => path));
  return [
    folder('etc/ssl', origin, { mtime }),
    folder('etc/ssl/certs', origin, { mtime }),
    regularFile(BUNDLE, parts.join(''), origin, { mtime }),
  ];
}

/** `148 certificates of /usr/share/ca-certificates and 1 of definitions` */
function originOf(paths: readonly string[]): string {
  const packaged = paths.filter((path) => path.startsWith(CERTIFICATES)).length;
  const below = paths.includes(BUNDLE) ? 1 : 0;
  const own = paths.length - packaged - below;
  return [
    ...(below > 0 ? ['the bundle of the image below'] : []),
    ...(packaged > 0 ? [`${packaged} certificates of /${CERTIFICATES.slice(0, -1)}`] : []),
    ...(own > 0 ? [`${own} of definitions`] : []),
  ].join(' and ');
}

function certificateText(path: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').trimEnd();
  if (!text.includes('-----BEGIN CERTIFICATE-----') || !text.endsWith('-----END CERTIFICATE-----')) {
    throw new PithError('ARCHIVE_INVALID', `/${path} is not a certificate in PEM form`);
  }
  return `${text}\n`;
}

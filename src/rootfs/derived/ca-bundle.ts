import { byText, PithError } from '../../core/index.ts';
import { folder, type ImageFile, regularFile } from '../files.ts';

const CERTIFICATES = 'usr/share/ca-certificates/';
const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

/**
 * The bundle that `update-ca-certificates` makes in ca-certificates' postinst: all certificates below
 * /usr/share/ca-certificates in the order of their paths.
 * @param captured contents by path in the image
 * @param mtime newest time of the packages that hold the certificates, seconds since 1970
 */
export function deriveCaBundle(captured: ReadonlyMap<string, Uint8Array>, mtime: number): ImageFile[] {
  const paths = [...captured.keys()].filter((path) => path.startsWith(CERTIFICATES)).sort(byText);
  if (paths.length === 0) return [];
  const parts = paths.map((path) => certificateText(path, captured.get(path) ?? new Uint8Array(0)));
  const origin = `${paths.length} certificates of /${CERTIFICATES.slice(0, -1)}`;
  return [
    folder('etc/ssl', origin, { mtime }),
    folder('etc/ssl/certs', origin, { mtime }),
    regularFile(BUNDLE, parts.join(''), origin, { mtime }),
  ];
}

function certificateText(path: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').trimEnd();
  if (!text.includes('-----BEGIN CERTIFICATE-----') || !text.endsWith('-----END CERTIFICATE-----')) {
    throw new PithError('ARCHIVE_INVALID', `/${path} is not a certificate in PEM form`);
  }
  return `${text}\n`;
}

import { PithError } from '../../core/index.ts';

export interface ClearSigned {
  /** The signed text: dash-escapes and white space at the ends of lines removed, lines parted by `\n`. */
  text: string;
  /** The armored signature block. */
  armor: string;
}

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END = '-----END PGP SIGNATURE-----';

/**
 * Takes a clear-signed message apart (RFC 9580, section 7). The framing is taken at its strictest: one
 * message, only Hash headers, one signature block, nothing before or after, so that no reader can take
 * another part of the file for the signed text.
 *
 * @param url - where it came from, for messages
 * @throws PithError SIGNATURE_INVALID
 */
export function splitClearSigned(bytes: Uint8Array, url: string): ClearSigned {
  const lines = decode(bytes, url).split('\n').map(trimLineEnd);
  while (lines.at(-1) === '') lines.pop();
  if (lines[0] !== BEGIN)
    throw invalid(url, lines.includes(BEGIN) ? 'text before the signed message' : 'it is not signed');

  const headerEnd = lines.indexOf('');
  if (headerEnd < 0) throw invalid(url, 'the message has no text');
  if (!lines.slice(1, headerEnd).every((line) => /^Hash: [A-Za-z0-9, -]+$/.test(line)))
    throw invalid(url, 'a header that is not Hash');
  const signatureStart = lines.indexOf(SIGNATURE, headerEnd);
  if (signatureStart < 0) throw invalid(url, 'the signature is missing; the file may be cut off');
  if (lines.indexOf(END, signatureStart) !== lines.length - 1)
    throw invalid(url, lines.includes(END) ? 'text after the signature' : 'the signature is cut off');

  const text = lines.slice(headerEnd + 1, signatureStart).map((line) => {
    if (!line.startsWith('-')) return line;
    if (!line.startsWith('- ')) throw invalid(url, 'a line that begins with a dash is not escaped');
    return line.slice(2);
  });
  return { text: text.join('\n'), armor: `${lines.slice(signatureStart).join('\n')}\n` };
}

function decode(bytes: Uint8Array, url: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(url, 'it is not UTF-8 text', cause);
  }
}

/** The white space that a signature does not cover (RFC 9580, 7.2): spaces, tabs and the line's end. */
function trimLineEnd(line: string): string {
  return line.replace(/[ \t\r]+$/, '');
}

function invalid(url: string, why: string, cause?: unknown): PithError {
  return new PithError('SIGNATURE_INVALID', `the file is not a clear-signed message: ${why}`, {
    url,
    hint: 'The mirror, or something on the way to it, changes files: use another mirror or network.',
    cause,
  });
}

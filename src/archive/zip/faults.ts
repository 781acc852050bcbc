import { type ErrorCode, PithError, printable } from '../../core/index.ts';

type ZipFault = Extract<
  ErrorCode,
  'ARCHIVE_INVALID' | 'ARCHIVE_UNSAFE' | 'ARCHIVE_TOO_LARGE' | 'ARCHIVE_UNSUPPORTED'
>;

const HINTS: Readonly<Record<ZipFault, string>> = {
  ARCHIVE_INVALID: 'It is damaged, or no zip archive: build or fetch it anew.',
  ARCHIVE_UNSAFE: 'No build tool writes such an archive; it was not used.',
  ARCHIVE_TOO_LARGE: 'That is a decompression bomb, not a sound archive; it was not used.',
  ARCHIVE_UNSUPPORTED: 'Write the archive anew with stored or deflated members.',
};

/** The error for a zip archive that cannot be used. */
export function zipFault(code: ZipFault, message: string): PithError {
  return new PithError(code, printable(message), { hint: HINTS[code] });
}

import type { Stats } from 'node:fs';
import { type ErrorCode, PithError } from '../core/index.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A name or the target of a link, as the system gives it.
 * @param what it is called in errors
 * @throws PithError of the code if it is not UTF-8
 */
export function decodeName(bytes: Uint8Array, path: string, what: string, code: ErrorCode): string {
  try {
    return strict.decode(bytes);
  } catch (error) {
    const shown = JSON.stringify(Buffer.from(bytes).toString('latin1'));
    throw new PithError(code, `${what} is not UTF-8: ${shown}`, {
      path,
      cause: error,
      hint: 'Give it a name in UTF-8.',
    });
  }
}

/** What is neither file, folder nor link, in words. */
export function kindOfSpecial(stat: Stats): string {
  if (stat.isFIFO()) return 'named pipe';
  return stat.isSocket() ? 'socket' : 'device';
}

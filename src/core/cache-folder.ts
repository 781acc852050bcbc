import { join } from 'node:path';

/**
 * Where pith keeps what it can make again: `$PITH_CACHE_DIR`, else `pith` in `$XDG_CACHE_HOME` (XDG Base Directory
 * Specification), else in `~/.cache`.
 * @param home gives the user's home folder, if it is needed
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: () => string): string {
  const { PITH_CACHE_DIR: named = '', XDG_CACHE_HOME: base = '' } = env;
  if (named !== '') return named;
  return join(base !== '' ? base : join(home(), '.cache'), 'pith');
}

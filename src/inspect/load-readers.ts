import type { FileReader } from './model.ts';

/**
 * Changes when the readers of facts or packages find other things in the same file, or say it in another form: part of the
 * key under which layers are remembered. It stands here because the readers themselves are not loaded where all is remembered.
 */
export const READERS_VERSION = 2;

/** All that looks into files; loaded only where a layer has to be read. */
export async function loadReaders(): Promise<readonly FileReader[]> {
  return (await import('./readers.ts')).allReaders;
}

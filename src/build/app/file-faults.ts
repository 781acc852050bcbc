import { PithError } from '../../core/index.ts';
import type { FoundApplication } from './definitions.ts';

/** Runs work on the files of an application: what is wrong with them is no fault of a definition. */
export async function asFilesOfApplication<Result>(
  work: () => Promise<Result>,
  isOwn: (path: string) => boolean = () => true,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PithError) || error.code !== 'DEFINITION_INVALID') throw error;
    const { message, hint, path, cause } = error;
    if (path === undefined || !isOwn(path)) throw error;
    throw new PithError('APP_INVALID', message, { ...(hint === undefined ? {} : { hint }), path, cause });
  }
}

/** Whether a path of the disk is a file of one of some applications. */
export function isFileOf(found: readonly FoundApplication[], path: string): boolean {
  return found.some(
    ({ project: { location, files } }) =>
      path.startsWith(`${location}/`) && files.has(path.slice(location.length + 1)),
  );
}

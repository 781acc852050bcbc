import { PithError } from '../../core/index.ts';

/** Runs work on an archive; its faults are those of the application. */
export async function asApplication<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PithError) || !error.code.startsWith('ARCHIVE_')) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new PithError('APP_INVALID', error.message, { ...hint, path, cause: error });
  }
}

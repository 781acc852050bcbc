import { PithError } from '../core/index.ts';

/** The error that work throws; anything but a PithError, or nothing, fails the test. */
export function failureOf(work: () => unknown): PithError {
  try {
    work();
  } catch (error) {
    if (error instanceof PithError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The error that a promise is rejected with. */
export async function rejectionOf(work: Promise<unknown>): Promise<PithError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PithError) return error;
  throw error instanceof Error ? error : new Error('nothing was thrown');
}

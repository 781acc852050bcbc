import { rename, rm, writeFile } from 'node:fs/promises';
import { PithError, toPithError } from '../core/index.ts';

/** Writes a file so that it is the old or the new one at every moment. */
export async function replaceFile(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const { code, message, hint } = toPithError(error);
    throw new PithError(code, `cannot write ${path}: ${message}`, {
      path,
      cause: error,
      ...(hint ? { hint } : {}),
    });
  }
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemCode, toPithError } from '../core/index.ts';
import { HttpStatusError } from './errors.ts';
import type { Answer } from './connections.ts';

export function isFileUrl(url: string): boolean {
  return /^file:/i.test(url);
}

/**
 * Opens a `file:` address as if a server answered.
 *
 * @throws PithError NETWORK_STATUS with status 404 if there is no such file
 */
export async function openFile(url: string): Promise<Answer> {
  let path: string;
  try {
    path = fileURLToPath(url);
    const stats = await stat(path);
    if (!stats.isFile()) throw absent(url, 'is not a file');
    return {
      status: 200,
      headers: { 'content-length': String(stats.size) },
      body: createReadStream(path, { highWaterMark: 256 * 1024 }),
      url,
    };
  } catch (error) {
    const code = systemCode(error) ?? '';
    throw code === 'ENOENT' || code === 'ENOTDIR' || code.startsWith('ERR_INVALID_')
      ? absent(url, 'does not exist')
      : toPithError(error);
  }
}

function absent(url: string, why: string): HttpStatusError {
  return new HttpStatusError(404, `${url} ${why}`, { url, hint: 'Check the address.' });
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.mjs';
import { isCurrent } from './current.mjs';

/** Vitest's global set-up: worker threads and the command line are tested as they are shipped, so dist/ must be current. */
export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  if (!isCurrent(root) || !existsSync(`${root}/dist/types`)) await buildAll({ types: true });
}

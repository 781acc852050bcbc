import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Vitest's global set-up: worker threads and the command line are tested as they are shipped, so dist/ must be current. */
export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { isCurrent } = (await import('./current.mjs')) as { isCurrent: (root: string) => boolean };
  const { buildAll } = (await import('./build.mjs')) as {
    buildAll: (options: { types: boolean }) => Promise<void>;
  };
  if (!isCurrent(root) || !existsSync(`${root}/dist/types`)) await buildAll({ types: true });
}

// Whether dist/ was built from the sources as they are; shared by the launcher and the tests' set-up.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is not built. */
const TESTS = /\.test\.ts$|^(e2e|testing)$/;

/** True if nothing that dist/ is made of has changed since it was built. */
export function isCurrent(root) {
  const built = timeOf(join(root, 'dist', '.stamp'));
  const sources = ['package-lock.json', 'package.json', 'scripts', 'src', 'web'];
  return built > 0 && sources.every((name) => newestIn(join(root, name)) <= built);
}

function newestIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path, { withFileTypes: true })
    .filter((item) => !TESTS.test(item.name))
    .reduce((newest, item) => Math.max(newest, newestIn(join(path, item.name))), 0);
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

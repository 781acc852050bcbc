// Whether dist/ was built from the sources as they are; shared by the launcher and the tests' set-up.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['package-lock.json', 'package.json', 'scripts', 'src', 'web'];
/** What is not built. */
const TESTS = /\.test\.ts$|^(e2e|testing)$/;

/** True if nothing that dist/ is made of has changed since it was built. */
export function isCurrent(root) {
  const built = timeOf(join(root, 'dist', '.stamp'));
  return built > 0 && SOURCES.every((name) => newestIn(join(root, name)) <= built);
}

/** The files that dist/ is made of, in the order of their paths. */
export function sourcesOf(root) {
  return SOURCES.flatMap((name) => filesIn(join(root, name)));
}

function filesIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return [];
  return stats.isDirectory() ? membersOf(path).flatMap(filesIn) : [path];
}

function newestIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return membersOf(path).reduce((newest, member) => Math.max(newest, newestIn(member)), 0);
}

function membersOf(folder) {
  const names = readdirSync(folder).filter((name) => !TESTS.test(name));
  return names.sort().map((name) => join(folder, name));
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

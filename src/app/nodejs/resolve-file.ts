import { isFile } from '../common/documents.ts';
import { follow, join, normalise } from '../common/paths.ts';
import type { Project } from '../model.ts';

/**
 * The file that Node.js runs for a path of its command line (Node.js documentation, CommonJS modules, "All together").
 * @returns undefined if there is none in the project
 */
export function resolveFile(project: Project, path: string): string | undefined {
  const start = normalise(path);
  if (start === undefined) return undefined;
  const tried = [start, `${start}.js`, join(start, 'index.js'), `${start}.mjs`, `${start}.cjs`];
  for (const candidate of tried) {
    const place = follow(project, candidate);
    if (place !== undefined && isFile(project, place)) return place;
  }
  return undefined;
}

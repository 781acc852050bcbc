import { builtinModules } from 'node:module';
import { isFile, peekText } from '../common/documents.ts';
import { folderOf, normalise } from '../common/paths.ts';
import type { Project } from '../model.ts';

const MAX_FILES = 2000;
const MAX_BYTES = 32 << 20;
const IMPORT =
  /(?:\brequire\s{0,4}\(\s{0,9}|\bimport\s{0,4}\(\s{0,9}|\bfrom\s{0,9}|\bimport\s{0,9})(["'])([^"'\n]{1,300})\1/g;
const BUILTINS = new Set(builtinModules);

/**
 * Packages that a program imports, found by following its relative imports; not in node_modules.
 * Bounded: 2000 files and 32 MiB, what lies beyond is not seen.
 * @returns names with the file that imports each
 */
export async function findImports(project: Project, main: string): Promise<ReadonlyMap<string, string>> {
  const packages = new Map<string, string>();
  const seen = new Set([main]);
  let bytes = 0;
  for (const path of seen) {
    if (seen.size > MAX_FILES || bytes > MAX_BYTES) break;
    const text = await peekText(project, path, MAX_BYTES - bytes);
    bytes += text.length;
    for (const [, , name = ''] of text.matchAll(IMPORT)) {
      if (name.startsWith('.')) {
        const found = moduleAt(project, normalise(`${folderOf(path)}/./${name}`.replace(/^\//, '')));
        if (found !== undefined) seen.add(found);
      } else {
        const owner = packageOf(name);
        if (owner !== undefined && !packages.has(owner)) packages.set(owner, path);
      }
    }
  }
  return packages;
}

function moduleAt(project: Project, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const endings = ['', '.js', '.mjs', '.cjs', '.ts', '/index.js', '/index.mjs', '/index.ts'];
  return endings.map((ending) => path + ending).find((candidate) => isFile(project, candidate));
}

function packageOf(name: string): string | undefined {
  if (name.startsWith('node:') || name.startsWith('#') || name.startsWith('/') || name.includes(':'))
    return undefined;
  const owner = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0];
  return owner === undefined || BUILTINS.has(owner) ? undefined : owner;
}

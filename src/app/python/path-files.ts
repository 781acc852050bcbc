import { peekText } from '../common/documents.ts';
import { folderOf, join } from '../common/paths.ts';
import type { Project } from '../model.ts';
import type { PackageFolder } from './installed.ts';

/**
 * Folders of the project that `.pth` files of the packages add to the path, as `pip install -e` and `uv sync` write them
 * (Python documentation, `site`). PYTHONPATH, by which an image finds its packages, does not read them.
 * @returns folders of the project, and what cannot be taken over
 */
export async function readPathFiles(
  project: Project,
  folders: readonly PackageFolder[],
): Promise<{ readonly folders: readonly string[]; readonly notes: readonly string[] }> {
  const added = new Set<string>();
  const notes: string[] = [];
  for (const path of project.files.keys()) {
    if (!path.endsWith('.pth') || !folders.some(({ folder }) => folder === folderOf(path))) continue;
    if (/\/(?:distutils-precedence|_virtualenv|a1_coverage)\.pth$/.test(path)) continue;
    const lines = (await peekText(project, path, 64 << 10)).split('\n').map((line) => line.trim());
    for (const line of lines.filter((one) => one !== '' && !one.startsWith('#'))) {
      const own = line.startsWith('import ') ? undefined : ownFolder(project, line, folderOf(path));
      if (own !== undefined) added.add(own);
      else if (!path.endsWith('-nspkg.pth'))
        notes.push(`${path} is not followed: it adds ${JSON.stringify(line.slice(0, 80))}`);
    }
  }
  return { folders: [...added], notes };
}

/** The folder of the project that an absolute path of the machine that installed it leads to. */
function ownFolder(project: Project, line: string, folder: string): string | undefined {
  const inside = join(folder, line);
  const holds = (path: string): boolean =>
    path === '' || [...project.files.keys()].some((file) => file.startsWith(`${path}/`));
  if (!line.startsWith('/')) return holds(inside) ? inside : undefined;
  const marker = `/${project.name}`;
  const at = line.lastIndexOf(marker);
  const rest = line.slice(at + marker.length);
  if (at < 0 || (rest !== '' && !rest.startsWith('/'))) return undefined;
  return holds(rest.slice(1)) ? rest.slice(1) : undefined;
}

import { isFile, peekText, readText } from '../common/documents.ts';
import { join } from '../common/paths.ts';
import type { Project } from '../model.ts';
import type { PackageFolder } from './installed.ts';

const NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const PEEK = 1 << 20;

/**
 * How the program of an installed package is run without the script that pip writes for it, whose first line names a Python of
 * another machine: `-m gunicorn`.
 * @returns the words behind `python3`, or undefined if nothing of that name is installed
 */
export async function findConsoleScript(
  project: Project,
  folders: readonly PackageFolder[],
  name: string,
): Promise<string[] | undefined> {
  if (!/^[\w.-]{1,100}$/.test(name)) return undefined;
  const module = name.replaceAll('-', '_');
  for (const { folder } of folders)
    if (NAME.test(module) && isFile(project, join(folder, `${module}/__main__.py`))) return ['-m', module];
  for (const path of project.files.keys()) {
    if (!path.endsWith('.dist-info/entry_points.txt')) continue;
    if (!folders.some(({ folder }) => path.startsWith(join(folder, '')))) continue;
    const reference = scriptsIn((await readText(project, path)) ?? '').get(name);
    if (reference !== undefined) return runReference(project, folders, reference);
  }
  return undefined;
}

/** Console scripts of entry_points.txt (PyPA specifications, "Entry points"). */
export function scriptsIn(text: string): ReadonlyMap<string, string> {
  const section = text.split(/^\[/m).find((part) => part.startsWith('console_scripts]')) ?? '';
  return new Map(
    section.split('\n').flatMap((line): [string, string][] => {
      const [, name, reference] = /^([\w.-]+)[ \t]*=[ \t]*([\w.:]+)/.exec(line) ?? [];
      return name === undefined || reference === undefined ? [] : [[name, reference]];
    }),
  );
}

/**
 * How `module:function` is run: by the module, where that runs itself, else by the line that a console script consists of.
 * @returns the words behind `python3`, or undefined if it is no such reference
 */
export async function runReference(
  project: Project,
  folders: readonly PackageFolder[],
  reference: string,
): Promise<string[] | undefined> {
  const [module = '', called = ''] = reference.replace(/\s*\[.*\]$/, '').split(':');
  if (!NAME.test(module) || !NAME.test(called)) return undefined;
  const roots = ['', 'src', ...folders.map(({ folder }) => folder)];
  const [top = ''] = module.split('.');
  for (const name of [module, top])
    if (roots.some((root) => isFile(project, join(root, `${name.replaceAll('.', '/')}/__main__.py`))))
      return ['-m', name];
  for (const root of roots) {
    const path = join(root, `${module.replaceAll('.', '/')}.py`);
    if (runsItself(await peekText(project, path, PEEK))) return ['-m', module];
  }
  const [object = ''] = called.split('.');
  return ['-c', `import sys; from ${module} import ${object}; sys.exit(${called}())`];
}

/** Whether a module does something when it is run as a program. */
export function runsItself(text: string): boolean {
  return /^if[ \t(]+__name__[ \t]*==[ \t]*["']__main__["']/m.test(text);
}

import { invalid, peekText, readText } from '../../common/documents.ts';
import { describe } from '../../common/labels.ts';
import { PEEK, portsOfPython } from '../../common/ports.ts';
import type { Project } from '../../model.ts';
import { normaliseName, type PackageFolder } from '../installed.ts';
import { runReference, scriptsIn } from '../modules.ts';
import type { Start } from '../start.ts';
import type { Wheel } from './read-wheel.ts';

/**
 * How the program of a wheel is started: its console script, or its package that runs itself.
 * @param project with the wheels unpacked
 * @throws PithError APP_INVALID if it has none, or several of which none has its name
 */
export async function startWheel(
  project: Project,
  folders: readonly PackageFolder[],
  { path, name, members }: Wheel,
): Promise<Start> {
  const listed = [...members.keys()].find((one) => one.endsWith('.dist-info/entry_points.txt'));
  const scripts = scriptsIn(
    (listed === undefined ? undefined : await readText(project, `${path}/${listed}`)) ?? '',
  );
  const [first, ...others] = scripts.keys();
  const own = others.length === 0 ? first : [...scripts.keys()].find((one) => normaliseName(one) === name);
  const reference = own === undefined ? undefined : scripts.get(own);
  const words = reference === undefined ? undefined : await runReference(project, folders, reference);
  if (own !== undefined && reference !== undefined && words) {
    const module = (reference.split(':')[0] ?? '').replaceAll('.', '/');
    const texts = [`${path}/${module}.py`, `${path}/${module}/__init__.py`].map((file) =>
      peekText(project, file, PEEK),
    );
    const ports = portsOfPython((await Promise.all(texts)).join('\n'));
    return { words, env: {}, ports, evidence: `${path}: the script ${own} is ${reference}`, notes: [] };
  }
  const main = [...members.keys()].flatMap((one) => /^([A-Za-z_]\w*)\/__main__\.py$/.exec(one)?.[1] ?? []);
  const [module] = main;
  if (module !== undefined && main.length === 1)
    return {
      words: ['-m', module],
      env: {},
      ports: [],
      evidence: `${path}: ${module} runs itself`,
      notes: [],
    };
  throw invalid(
    scripts.size > 1
      ? `${path} has several programs: ${[...scripts.keys()].slice(0, 5).join(', ')}`
      : `${path} has no program: neither a console script nor a __main__.py`,
    'Write one into [project.scripts] of its pyproject.toml with the name of the project, or put the wheels into the folder of a program.',
    path,
  );
}

/** Labels of what a wheel says about itself (PyPA specifications, "Core metadata"). */
export function labelsOfWheel({ metadata }: Wheel): Record<string, string> {
  const first = (name: string): string | undefined => metadata.get(name)?.[0];
  const urls = new Map(
    (metadata.get('project-url') ?? []).map((line) => {
      const at = line.indexOf(',');
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return describe({
    version: first('version'),
    title: first('name'),
    description: first('summary'),
    licenses: first('license-expression') ?? first('license'),
    source: urls.get('source') ?? urls.get('repository') ?? urls.get('source code'),
    url: urls.get('homepage') ?? first('home-page'),
  });
}

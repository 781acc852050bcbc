import { invalid, isFile, readText, readToml } from '../common/documents.ts';
import { list } from '../common/left-out.ts';
import { folderOf, join, normalise } from '../common/paths.ts';
import { fieldsAt, textAt, textsAt, type Fields } from '../common/values.ts';
import type { Project } from '../model.ts';
import { normaliseName } from './installed.ts';

/** A package that has to be installed, and where that is said. */
export interface Requirement {
  readonly name: string;
  readonly where: string;
}

const MAX_FILES = 20;
const NAME = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~(@,]|$)/;

/**
 * What the application requires, of requirements.txt or else pyproject.toml. Requirements with a marker (`; python_version < "3.9"`)
 * are left out: whether they hold depends on where it is installed.
 */
export async function findRequirements(project: Project, pyproject: Fields): Promise<Requirement[]> {
  if (isFile(project, 'requirements.txt')) return fromFile(project, 'requirements.txt');
  const own = textsAt(fieldsAt(pyproject, 'project'), 'dependencies');
  const names = own.map(nameOf);
  const poetry = Object.entries(fieldsAt(fieldsAt(fieldsAt(pyproject, 'tool'), 'poetry'), 'dependencies'))
    .filter(([name, value]) => name !== 'python' && typeof value === 'string')
    .map(([name]) => normaliseName(name));
  return [...names, ...poetry].flatMap((name) =>
    name === undefined ? [] : [{ name, where: 'pyproject.toml' }],
  );
}

async function fromFile(project: Project, first: string): Promise<Requirement[]> {
  const found: Requirement[] = [];
  const seen = new Set([first]);
  for (const path of seen) {
    if (seen.size > MAX_FILES) break;
    const text = ((await readText(project, path)) ?? '').replace(/\\\r?\n/g, ' ');
    for (const line of text.split(/\r?\n/)) {
      const bare = line.replace(/(?:^|\s)#.*$/, '').trim();
      const other = /^(?:-r|--requirement)[ =]?\s*(\S+)$/.exec(bare)?.[1];
      const next = other === undefined ? undefined : normalise(join(folderOf(path), other));
      if (next !== undefined) seen.add(next);
      const name = nameOf(bare.replace(/\s+--\w.*$/, ''));
      if (name !== undefined) found.push({ name, where: path });
    }
  }
  return found;
}

function nameOf(requirement: string): string | undefined {
  if (requirement.includes(';')) return undefined;
  const name = NAME.exec(requirement.trim())?.[1];
  return name === undefined ? undefined : normaliseName(name);
}

/**
 * Checks that what is required is installed.
 * @throws PithError APP_INVALID with the command that installs it
 */
export function checkRequirements(
  requirements: readonly Requirement[],
  installed: ReadonlyMap<string, string>,
): void {
  const absent = requirements.filter(({ name }) => !installed.has(name));
  const [first] = absent;
  if (!first) return;
  const command =
    first.where === 'pyproject.toml'
      ? `pip install --target vendor .`
      : `pip install --target vendor -r requirements.txt`;
  throw invalid(
    `${first.where} asks for ${list(absent.map(({ name }) => name))}, which ${absent.length === 1 ? 'is' : 'are'} not installed in the project`,
    `Run \`${command}\`, or install into .venv; if that was done, see whether .dockerignore leaves it out.`,
    first.where,
  );
}

/** pyproject.toml; nothing if there is none. */
export async function readPyproject(project: Project): Promise<Fields> {
  return (await readToml(project, 'pyproject.toml')) ?? {};
}

/** Name of the project itself. */
export function ownName(pyproject: Fields): string | undefined {
  const name =
    textAt(fieldsAt(pyproject, 'project'), 'name') ??
    textAt(fieldsAt(fieldsAt(pyproject, 'tool'), 'poetry'), 'name');
  return name === undefined ? undefined : normaliseName(name);
}

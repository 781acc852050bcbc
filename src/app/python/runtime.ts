import { invalid, readText } from '../common/documents.ts';
import { fieldsAt, textAt, type Fields } from '../common/values.ts';
import type { Project, RuntimeNeed } from '../model.ts';
import type { CompiledModules } from './compiled-modules.ts';

/** Releases of one version: whether one of them satisfies a specifier is tried out. */
const RELEASES = 40;
const LONGEST = 256;
/** Debian's versions, which the images have, the best first. A virtual environment of one of them is for that one. */
export const OF_IMAGES = ['3.13', '3.11'];

type Accepts = (version: string) => boolean;
export interface Condition {
  readonly wanted: string;
  readonly accepts: Accepts;
  readonly acceptsRelease?: Accepts;
}

/** Versions of the images that do for what is said of the version, the best first. */
export async function versionsFor(project: Project, pyproject: Fields): Promise<string[]> {
  const said = await findSaid(project, pyproject);
  const condition = said && (await conditionOf(said));
  const accepted = OF_IMAGES.filter((version) => condition?.accepts(version) ?? true);
  // Where none is, the choice of the image says so.
  return accepted.length > 0 ? accepted : [...OF_IMAGES];
}

/**
 * Which Python an application wants. Compiled modules decide, and what is said in `requires-python`, .python-version or
 * runtime.txt; the virtual environment's version does if it is one that images have, else any newer one will do as long as
 * nothing is compiled for it.
 * @param more what else it has to meet
 * @throws PithError APP_INVALID if what decides is no version
 */
export async function findRuntime(
  project: Project,
  pyproject: Fields,
  compiled: CompiledModules,
  environment: string | undefined,
  more: readonly Condition[] = [],
): Promise<{ readonly runtime: RuntimeNeed; readonly notes: readonly string[] }> {
  const said = await findSaid(project, pyproject);
  const notes: string[] = [];
  const conditions: Condition[] = [...(said ? [await conditionOf(said)] : []), ...more];
  if (compiled.example !== undefined)
    conditions.push({ wanted: `${compiled.wanted} (${compiled.example})`, accepts: compiled.accepts });
  else if (environment !== undefined && OF_IMAGES.includes(environment))
    conditions.push({
      wanted: `${environment} (virtual environment)`,
      accepts: (version) => version === environment,
    });
  else if (environment !== undefined) {
    conditions.push({
      wanted: `${environment} or newer (virtual environment)`,
      accepts: (version) => minorOf(version) >= minorOf(environment),
    });
    notes.push(
      `the virtual environment was made with Python ${environment}; nothing in it is compiled for that, so a newer one runs it`,
    );
  }
  return {
    runtime: {
      name: 'python3',
      wanted: conditions.map(({ wanted }) => wanted).join(', ') || 'any',
      accepts: (version) => conditions.every(({ accepts }) => accepts(version)),
      acceptsRelease: (release) =>
        conditions.every(({ acceptsRelease }) => acceptsRelease?.(release) ?? true),
    },
    notes,
  };
}

interface Said {
  readonly text: string;
  readonly where: string;
  /** How it is told, where that is not the text itself. */
  readonly wanted?: string;
}

async function findSaid(project: Project, pyproject: Fields): Promise<Said | undefined> {
  const requires = textAt(fieldsAt(pyproject, 'project'), 'requires-python');
  if (requires !== undefined) return { text: requires, where: 'requires-python of pyproject.toml' };
  const poetry = textAt(fieldsAt(fieldsAt(fieldsAt(pyproject, 'tool'), 'poetry'), 'dependencies'), 'python');
  if (poetry !== undefined) return { text: poetry, where: 'python of pyproject.toml' };
  for (const where of ['.python-version', 'runtime.txt']) {
    const lines = ((await readText(project, where)) ?? '').split('\n').map((line) => line.trim());
    const line = lines.find((one) => one !== '' && !one.startsWith('#'));
    const version = /^(?:c?python-?)?(\d\.\d{1,3})(?:\.\d{1,3})?$/.exec(line ?? '')?.[1];
    if (version !== undefined) {
      const wanted = line === version ? `${line} (${where})` : `${version} (${line ?? ''} in ${where})`;
      return { text: `==${version}.*`, where, wanted };
    }
    if (line !== undefined && !/^(?:system|3)$/.test(line))
      throw invalid(
        `${where}: ${JSON.stringify(line.slice(0, LONGEST))} is no version of Python`,
        'Write a version such as 3.13.',
        where,
      );
  }
  return undefined;
}

/** @throws PithError APP_INVALID if a text is neither a specifier of PEP 440 nor a range as Poetry writes them */
async function conditionOf({ text, where, wanted: told }: Said): Promise<Condition> {
  const shown = text.slice(0, LONGEST);
  const wanted = told ?? `${shown} (${where})`;
  if (text === '*') return { wanted, accepts: () => true };
  const { satisfies, validRange } = await import('../common/pep440.ts');
  if (text.length <= LONGEST && validRange(text))
    return {
      wanted,
      accepts: (version) =>
        /^\d{1,3}\.\d{1,3}$/.test(version) &&
        Array.from({ length: RELEASES }, (_, release) => `${version}.${release}`).some((one) =>
          satisfies(one, text),
        ),
      acceptsRelease: (release) => satisfies(release, text),
    };
  const { intersects, validRange: validSemver } = await import('../common/semver.ts');
  const range = text.replaceAll(',', ' ');
  if (text.length <= LONGEST && validSemver(range) !== null)
    return { wanted, accepts: (version) => intersects(range, `~${version}.0`) };
  throw invalid(
    `${where}: ${JSON.stringify(shown)} is no version specifier`,
    'Write one such as ">=3.11".',
    'pyproject.toml',
  );
}

function minorOf(version: string): number {
  return Number(version.split('.')[1] ?? 0);
}

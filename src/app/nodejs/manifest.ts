import { describe } from '../common/labels.ts';
import { fieldsAt, isFields, textAt, type Fields } from '../common/values.ts';

/** Labels of what package.json says about the application. */
export function labelsOf(manifest: Fields): Record<string, string> {
  const license = fieldsAt(manifest, 'license');
  return describe({
    version: textAt(manifest, 'version'),
    title: textAt(manifest, 'name'),
    description: textAt(manifest, 'description'),
    licenses: textAt(manifest, 'license') ?? textAt(license, 'type'),
    source: repositoryOf(textAt(manifest, 'repository') ?? textAt(fieldsAt(manifest, 'repository'), 'url')),
    url: textAt(manifest, 'homepage'),
  });
}

/** Address of a repository, which npm lets one write as `owner/name` and with `git+` before it. */
function repositoryOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(text)?.[1];
  if (short !== undefined) return `https://github.com/${short}`;
  return /^(?:git\+)?(https?:\/\/.+?)(?:\.git)?$/.exec(text)?.[1];
}

/** Names of the packages in a section, such as `dependencies`. */
export function namesIn(manifest: Fields, section: string): string[] {
  return Object.keys(fieldsAt(manifest, section)).filter(isPackageName);
}

/** Packages that the application needs to run: those that are neither optional nor only for development. */
export function requiredNames(manifest: Fields): string[] {
  const optional = new Set(namesIn(manifest, 'optionalDependencies'));
  return namesIn(manifest, 'dependencies').filter((name) => !optional.has(name));
}

/** Whether a text can be the name of a package: also one that is safe as a path. */
function isPackageName(name: string): boolean {
  return /^(?:@[\w~!*'().-]+\/)?[\w~!*'()-][\w~!*'().-]*$/.test(name) && name.length < 215;
}

/** The programs of a package by their names. */
export function programsOf(manifest: Fields): ReadonlyMap<string, string> {
  const name = (textAt(manifest, 'name') ?? '').replace(/^@[^/]+\//, '');
  const single = textAt(manifest, 'bin');
  if (single !== undefined) return new Map([[name, single]]);
  const several = fieldsAt(manifest, 'bin');
  return new Map(
    Object.entries(several).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The file that `exports` gives to Node.js for the package itself (Node.js documentation, "Package entry points"). */
export function exportOf(manifest: Fields): string | undefined {
  return pick(Object.hasOwn(manifest, 'exports') ? manifest['exports'] : undefined, 0);
}

function pick(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value;
  if (!isFields(value) || depth > 8) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (!['.', 'node', 'import', 'module-sync', 'require', 'default'].includes(key)) continue;
    const found = pick(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

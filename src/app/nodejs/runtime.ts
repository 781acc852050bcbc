import { invalid, readText } from '../common/documents.ts';
import { fieldsAt, isFields, textAt, type Fields } from '../common/values.ts';
import type { Project, RuntimeNeed } from '../model.ts';

/** Names of the lines with long support (nodejs/Release, schedule.json). */
const LINES: Readonly<Record<string, number>> = { hydrogen: 18, iron: 20, jod: 22, krypton: 24 };
const LONGEST_RANGE = 256;

interface Said {
  readonly text: string;
  readonly where: string;
  /** Whether it stands for a whole line of releases: a version of a tool's own file is what its writer had that day. */
  readonly isPin: boolean;
}

/** What a version has to meet, with the reason. */
export interface Condition {
  readonly wanted: string;
  /** @param version a major version, such as `24` */
  readonly accepts: (version: string) => boolean;
}

/**
 * Which Node.js an application wants: `engines`, `devEngines` or `volta` of package.json, .nvmrc, .node-version, in that order.
 * @param more what else it has to meet
 * @throws PithError APP_INVALID if what decides is no version
 */
export async function findRuntime(
  project: Project,
  manifest: Fields,
  more: readonly Condition[],
): Promise<RuntimeNeed> {
  const said = saidInManifest(manifest) ?? (await saidInFiles(project));
  const own = said && said.text !== '*' ? [{ wanted: wordsOf(said), ...(await rangeOf(said)) }] : [];
  const conditions: readonly Condition[] = [...own, ...more];
  const releases = own.flatMap(({ acceptsRelease }) => acceptsRelease ?? []);
  return {
    name: 'nodejs',
    wanted: conditions.map(({ wanted }) => wanted).join(', ') || 'any',
    accepts: (version) => conditions.every(({ accepts }) => accepts(version)),
    ...(releases.length === 0
      ? {}
      : { acceptsRelease: (release: string) => releases.every((accepts) => accepts(release)) }),
  };
}

function wordsOf({ text, where, isPin }: Said): string {
  const line = isPin ? /^v?(\d+)\./.exec(text)?.[1] : undefined;
  return line === undefined ? `${text} (${where})` : `${line} (${text} in ${where})`;
}

function saidInManifest(manifest: Fields): Said | undefined {
  const engines = textAt(fieldsAt(manifest, 'engines'), 'node');
  if (engines !== undefined) return { text: engines, where: 'engines of package.json', isPin: false };
  const runtime: unknown = fieldsAt(manifest, 'devEngines')['runtime'];
  const entries: unknown[] = Array.isArray(runtime) ? runtime : [runtime];
  const node = entries.find((entry): entry is Fields => isFields(entry) && textAt(entry, 'name') === 'node');
  const version = node && textAt(node, 'version');
  if (version !== undefined) return { text: version, where: 'devEngines of package.json', isPin: false };
  const volta = textAt(fieldsAt(manifest, 'volta'), 'node');
  return volta === undefined ? undefined : { text: volta, where: 'volta of package.json', isPin: true };
}

async function saidInFiles(project: Project): Promise<Said | undefined> {
  for (const where of ['.nvmrc', '.node-version']) {
    const text = (await readText(project, where))?.replace(/#.*/g, '').trim();
    if (text !== undefined && text !== '') return { text, where, isPin: true };
  }
  return undefined;
}

async function rangeOf({
  text,
  where,
  isPin,
}: Said): Promise<Pick<RuntimeNeed, 'accepts' | 'acceptsRelease'>> {
  const { intersects, satisfies, validRange } = await import('../common/semver.ts');
  const line = /^lts\/(.+)$/i.exec(text)?.[1]?.toLowerCase();
  if (isPin && (line === '*' || text === 'lts')) return { accepts: (version) => Number(version) % 2 === 0 };
  if (isPin && /^(?:node|stable|current|latest)$/.test(text)) return { accepts: () => true };
  const named = line === undefined || !Object.hasOwn(LINES, line) ? undefined : LINES[line];
  const range = named === undefined ? text.replace(/^node[-/ ]?/, '') : String(named);
  const valid =
    range.length > LONGEST_RANGE ? null : validRange(isPin ? range.replace(/^v?(\d+)\..*$/, '$1') : range);
  if (valid === null)
    throw invalid(
      `${where}: ${JSON.stringify(text.slice(0, LONGEST_RANGE))} is no version of Node.js`,
      'Write a range such as ">=22", or a version such as 24.',
      where.includes('package.json') ? 'package.json' : where,
    );
  return {
    accepts: (version) => /^\d{1,4}$/.test(version) && intersects(valid, `^${version}.0.0`),
    ...(isPin ? {} : { acceptsRelease: (release: string) => satisfies(release, valid) }),
  };
}

import type { AptSource } from './apt-sources.ts';

/** A suite of an archive, as a definition names it. */
export interface SuiteSpec {
  /** `debian` or `debian-security`. */
  archive: string;
  /** The suite's codename: `trixie`, `trixie-updates`, `trixie-security`. */
  suite: string;
  components: readonly string[];
}

/** A place that may offer an archive. */
export interface Mirror {
  /** The archive's base address, without a slash at the end. */
  uri: string;
  origin: 'option' | 'apt' | 'definition' | 'snapshot';
}

export interface MirrorOptions {
  /** Base addresses by archive, from an option or the environment (`mirrorsOfEnvironment`). */
  explicit?: Readonly<Record<string, string | undefined>>;
  /** What `readAptSources` gives. */
  apt?: readonly AptSource[];
  /** Base addresses by archive, from the definition. */
  definition?: Readonly<Record<string, string | undefined>>;
  /** Base address of the dated archive. */
  snapshotBase?: string;
  /** The moment of the dated archive that is asked for a suite that no mirror offers. */
  snapshotDate: Date;
}

/** The dated archive, which keeps every version that Debian ever published. */
export const SNAPSHOT_BASE = 'https://snapshot.debian.org';

/** The base addresses that the environment sets: PITH_MIRROR, PITH_MIRROR_SECURITY. */
export function mirrorsOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return { debian: env['PITH_MIRROR'], 'debian-security': env['PITH_MIRROR_SECURITY'] };
}

/** The places that may offer a suite, in the order in which they are to be asked, each once. */
export function mirrorsOf(spec: SuiteSpec, options: MirrorOptions): Mirror[] {
  const { explicit, apt = [], definition, snapshotBase = SNAPSHOT_BASE, snapshotDate } = options;
  const named = (origin: Mirror['origin'], uri: string | undefined): Mirror[] =>
    uri === undefined || uri === '' ? [] : [{ uri: uri.replace(/\/+$/, ''), origin }];
  const all = [
    ...named('option', explicit?.[spec.archive]),
    ...aptCandidates(spec, apt).flatMap((uri) => named('apt', uri)),
    ...named('definition', definition?.[spec.archive]),
    ...named('snapshot', snapshotUri(spec.archive, snapshotDate, snapshotBase)),
  ];
  return all.filter((mirror, at) => all.findIndex(({ uri }) => uri === mirror.uri) === at);
}

/**
 * The base address of an archive as it was at a moment: `<base>/archive/<archive>/<YYYYMMDDTHHMMSSZ>`. The dated archive
 * answers for any moment with the last state before it.
 */
export function snapshotUri(archive: string, date: Date, base: string = SNAPSHOT_BASE): string {
  const stamp = date.toISOString().replace(/[-:]|\.[0-9]+/g, '');
  return `${base.replace(/\/+$/, '')}/archive/${archive}/${stamp}`;
}

const RELEASES = 'bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable';
const FAMILIES: Readonly<Record<string, RegExp>> = {
  debian: new RegExp(`^(?:${RELEASES})(?:-updates|-backports|-backports-sloppy|-proposed-updates)?$`),
  'debian-security': new RegExp(`^(?:${RELEASES})(?:-security|/updates)$`),
};

/**
 * Entries that list the suite and look like the archive come first, then others that list it, then those that have other
 * suites of the archive: a mirror of bookworm usually has trixie too. Third parties use Debian's names for their
 * suites; their signature tells. What an entry does not list of the components, its mirror may have nevertheless: it comes after.
 */
function aptCandidates(spec: SuiteSpec, apt: readonly AptSource[]): string[] {
  const isWhole = (source: AptSource): boolean =>
    spec.components.every((name) => source.components.includes(name));
  const isNamedLike = (source: AptSource): boolean => source.uri.endsWith(`/${spec.archive}`);
  const lists = (source: AptSource): boolean => source.suites.includes(spec.suite);
  const isRelated = (source: AptSource): boolean =>
    source.suites.some((suite) => FAMILIES[spec.archive]?.test(suite) === true);
  const isPart = (source: AptSource): boolean => !isWhole(source) && source.components.includes('main');
  return [apt.filter(isWhole), apt.filter(isPart)]
    .flatMap((sources) => [
      ...sources.filter((source) => lists(source) && isNamedLike(source)),
      ...sources.filter((source) => lists(source) && !isNamedLike(source)),
      ...sources.filter((source) => !lists(source) && isNamedLike(source) && isRelated(source)),
      ...sources.filter((source) => !lists(source) && !isNamedLike(source) && isRelated(source)),
    ])
    .map((source) => source.uri);
}

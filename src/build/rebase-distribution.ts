import { type BaseContents, osReleaseOf } from './base-image.ts';
import type { Findings } from './rebase-files.ts';

/** How many parts of VERSION_ID name a release where it is not the first alone. */
const RELEASE_PARTS = new Map([
  ['alpine', 2],
  ['ubuntu', 2],
]);

/** Whether both bases are of the same release of the same distribution, by os-release(5). */
export function checkDistribution(
  oldBase: BaseContents,
  newBase: BaseContents,
  { findings, notes }: Findings,
): void {
  const [before, after] = [releaseOf(oldBase), releaseOf(newBase)];
  if (before === undefined && after === undefined)
    notes.push('neither base says what distribution it is of (/etc/os-release)');
  else if (before !== after)
    findings.push({
      check: 'distribution',
      message: `the old base is ${before ?? 'of no known distribution'}, the new one ${after ?? 'of no known distribution'}`,
    });
}

/** `debian 13`, `ubuntu 24.04` */
function releaseOf(base: BaseContents): string | undefined {
  const release = osReleaseOf(base);
  const id = release.get('ID');
  if (id === undefined) return undefined;
  const version = (release.get('VERSION_ID') ?? '').split('.').slice(0, RELEASE_PARTS.get(id) ?? 1);
  return [id, version.join('.')].join(' ').trim();
}

import type { PackageSource } from '../distro/index.ts';
import { Candidates } from './candidates.ts';
import type { ClosureOptions } from './closure.ts';
import { explainFailure } from './explain-failure.ts';
import type { PackageRequest } from './package-request.ts';
import { answersOf } from './request-answers.ts';
import type { ResolvedPackage } from './resolution.ts';

export type ListedOptions = Pick<ClosureOptions, 'architecture' | 'platform' | 'pinned' | 'installed'>;

/**
 * The package of each request, in the order of the requests: of the highest version that its suites have. Dependencies are
 * not followed.
 * @throws PithError PACKAGE_UNKNOWN with the platform and the nearest name, DEPENDENCY_UNSATISFIABLE for a version that is not there
 */
export function resolveListed(
  requests: readonly PackageRequest[],
  source: PackageSource,
  { installed = [], ...options }: ListedOptions,
): ResolvedPackage[] {
  const candidates = new Candidates(source, { ...options, installed });
  candidates.admit(requests);
  return requests.map((request) => {
    const choices = answersOf(request, candidates, source, options);
    const [found] = choices;
    if (!found) throw explainFailure([{ kind: 'request', request, choices }], candidates, options.platform);
    return { package: found, because: { kind: 'request', request } };
  });
}

import { byText, PithError } from '../core/index.ts';
import type { Package, PackageSource } from '../distro/index.ts';
import { arrange } from './arrange.ts';
import { Candidates } from './candidates.ts';
import { explainFailure } from './explain-failure.ts';
import { keepNeeded } from './keep-needed.ts';
import { minimise } from './minimise.ts';
import { DEBIAN_OMISSIONS, type OmissionRule, Omissions } from './omissions.ts';
import { formatPackageRequest, type PackageRequest } from './package-request.ts';
import { Problem } from './problem.ts';
import { answersOf } from './request-answers.ts';
import type { Resolution } from './resolution.ts';

export interface ClosureOptions {
  /** The distribution's name of the architecture, such as `armhf`. */
  readonly architecture: string;
  /** The platform, for errors. */
  readonly platform: string;
  /**
   * Suites that give a package only to requests that name them, and to dependencies of such packages that no other suite
   * has anything for. That is apt's pin of 100, as backports have it, but for two things: a package that no other suite
   * has is not taken unasked (the error says where it is), and `name/suite` brings along what it needs of the suite, for
   * which apt-get asks that each be named.
   */
  readonly pinned: ReadonlySet<string>;
  /** What is left out although it is depended on; Debian's rules unless told. A package that is asked for is never left out. */
  readonly omit?: readonly OmissionRule[];
  /** Names, `*` for any letters, that are taken in although a rule leaves them out. */
  readonly force?: readonly string[];
  /** Packages that the image holds already: they meet dependencies, keep their version and are not added again. */
  readonly installed?: readonly Package[];
  /** Dead ends after which a hopeless search ends; 20,000 unless told. */
  readonly maxConflicts?: number;
}

const MAX_CONFLICTS = 20_000;
/** The same for finding out whether a reason is needed to explain a failure; one that takes longer is kept. */
const MAX_CONFLICTS_OF_A_REASON = 500;

/**
 * The packages of requests and all that they depend on (Pre-Depends and Depends), such that nothing in the image conflicts:
 * of each package the highest version and of alternatives the first, as far as they go together; what is in already is
 * preferred to another alternative, a package of the name to one that provides it. The order of requests and of a
 * source's answers for different names does not matter.
 *
 * @throws PithError PACKAGE_UNKNOWN for a request that names no package, DEPENDENCY_UNSATISFIABLE with the reasons in words,
 *   ARCHIVE_INVALID for a package whose relations cannot be read
 */
export function resolveClosure(
  requests: readonly PackageRequest[],
  source: PackageSource,
  options: ClosureOptions,
): Resolution {
  const { architecture, platform, installed = [], force = [], maxConflicts = MAX_CONFLICTS } = options;
  const wanted = inOrder(requests);
  const candidates = new Candidates(source, { architecture, pinned: options.pinned, installed });
  candidates.admit(wanted);
  const answers = wanted.map((request) => ({
    request,
    choices: answersOf(request, candidates, source, { architecture, platform }),
  }));
  const kept = [...force, ...answers.flatMap(({ request, choices }) => [request.name, ...namesOf(choices)])];
  const omissions = new Omissions(options.omit ?? DEBIAN_OMISSIONS, kept);
  const problem = new Problem(candidates, omissions, architecture);
  for (const found of installed) problem.addInstalled(found);
  for (const { request, choices } of answers) problem.addRequest(request, choices);

  const outcome = problem.solve(maxConflicts);
  if (outcome.kind === 'gave-up') throw gaveUp(wanted, platform, maxConflicts);
  if (outcome.kind === 'unsatisfiable') {
    const core = minimise(outcome.core, Math.min(maxConflicts, MAX_CONFLICTS_OF_A_REASON));
    throw explainFailure(
      core.flatMap(({ origin }) => origin ?? []),
      candidates,
      platform,
    );
  }
  const { reasons, omissions: left } = keepNeeded(answers, problem, candidates);
  const packages = arrange([...reasons.keys()], problem).flatMap((found) => {
    const because = reasons.get(found);
    return because ? { package: found, because } : [];
  });
  return { packages, omissions: left, statistics: problem.statistics() };
}

/** Each request once, by name. */
function inOrder(requests: readonly PackageRequest[]): PackageRequest[] {
  const byKey = new Map(requests.map((request) => [formatPackageRequest(request), request]));
  return [...byKey].sort(([a], [b]) => byText(a, b)).map(([, request]) => request);
}

function namesOf(packages: readonly Package[]): string[] {
  return packages.map(({ name }) => name);
}

function gaveUp(requests: readonly PackageRequest[], platform: string, conflicts: number): PithError {
  const names = requests.map(formatPackageRequest).join(', ');
  return new PithError(
    'DEPENDENCY_UNSATISFIABLE',
    `no set of packages was found for ${names} on ${platform}: after ${conflicts} dead ends it was given up`,
    { hint: 'Say with version constraints or suites which packages to take.' },
  );
}

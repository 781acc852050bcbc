import { nearest, PithError } from '../core/index.ts';
import type { Package, PackageSource } from '../distro/index.ts';
import type { Candidates } from './candidates.ts';
import { formatPackageRequest, type PackageRequest } from './package-request.ts';

interface Place {
  readonly architecture: string;
  /** The platform, for errors. */
  readonly platform: string;
}

const MOST_SUGGESTIONS = 3;
const MOST_PROVIDERS = 12;

/**
 * What a request may be answered with, the preferred one first: packages of its name; for a virtual package what provides
 * it, if that is one package only. Empty where the package exists, but in no version that the request will take.
 *
 * @throws PithError PACKAGE_UNKNOWN with the nearest names, the suites that have it, or the packages that provide it
 */
export function answersOf(
  request: PackageRequest,
  candidates: Candidates,
  source: PackageSource,
  place: Place,
): readonly Package[] {
  const answers = candidates.answering(request).filter((found) => candidates.isUsable(found));
  if (answers.length > 0) return answers;
  const { name, suite } = request;
  const unbound = suite === undefined ? { name } : { name, suite };
  if (candidates.answering(unbound).some((found) => candidates.isUsable(found))) return [];
  const elsewhere = candidates.named(request.name);
  if (elsewhere.length > 0) throw inOtherSuites(request, elsewhere, place);
  const providers = providersOf(request, candidates);
  const names = [...new Set(providers.map(({ name }) => name))];
  if (names.length === 1) return providers;
  if (names.length > 1) throw isVirtual(request, names, place);
  throw isUnknown(request, candidates, source, place);
}

function providersOf({ suite, ...request }: PackageRequest, candidates: Candidates): Package[] {
  return candidates
    .satisfying(request)
    .filter((found) => candidates.isUsable(found) && (suite === undefined || found.suite === suite));
}

function inOtherSuites(
  request: PackageRequest,
  elsewhere: readonly Package[],
  { platform }: Place,
): PithError {
  const { name, suite } = request;
  const where = suite === undefined ? '' : ` in ${suite}`;
  const suites = [...new Set(elsewhere.map((found) => found.suite))];
  const [first = ''] = suites;
  return new PithError(
    'PACKAGE_UNKNOWN',
    `there is no package ${name}${where} for ${platform}; ${suites.join(', ')} ${suites.length === 1 ? 'has' : 'have'} it`,
    { hint: `Write ${formatPackageRequest({ ...request, suite: first })} to take it from there.` },
  );
}

function isVirtual({ name }: PackageRequest, providers: readonly string[], { platform }: Place): PithError {
  const shown = providers.slice(0, MOST_PROVIDERS).join(', ');
  const more = providers.length > MOST_PROVIDERS ? ` and ${providers.length - MOST_PROVIDERS} more` : '';
  return new PithError(
    'PACKAGE_UNKNOWN',
    `there is no package ${name} for ${platform}: it is a virtual package, which ${providers.length} packages provide`,
    { hint: `Name one of them: ${shown}${more}.` },
  );
}

function isUnknown(
  { name, suite }: PackageRequest,
  candidates: Candidates,
  source: PackageSource,
  { architecture, platform }: Place,
): PithError {
  const where = suite === undefined ? '' : ` in ${suite}`;
  const near = namesLike(name, source.names(architecture)).map((known) => {
    const found = candidates.named(known);
    const [first] = found;
    const isPlain = found.some((one) => candidates.isUsable(one) && (suite ?? one.suite) === one.suite);
    return isPlain || !first ? known : `${known}/${first.suite}`;
  });
  return new PithError('PACKAGE_UNKNOWN', `there is no package ${name}${where} for ${platform}`, {
    hint:
      near.length === 0
        ? 'Check the name and the suites of the definition.'
        : `Did you mean ${near.join(' or ')}?`,
  });
}

/** Names that are meant perhaps: those that go on where the name ends (libssl3t64), and the nearest. */
function namesLike(name: string, known: Iterable<string>): string[] {
  const all = new Set(known);
  const longer = [...all]
    .filter((one) => one.startsWith(name) && /^[^-]+$/.test(one.slice(name.length)))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, MOST_SUGGESTIONS - 1);
  const close = nearest(name, all);
  return [...new Set([...longer, ...(close === undefined ? [] : [close])])];
}

import { nearest, PithError } from '../core/index.ts';
import type { Package, PackageSource } from '../distro/index.ts';

/** A package by name, and the suite that it has to come from if that matters. */
export interface Request {
  readonly name: string;
  readonly suite?: string;
}

export interface ResolveOptions {
  /** The distribution's name of the architecture, such as `armhf`. */
  readonly architecture: string;
  /** The platform, for errors. */
  readonly platform: string;
  /** Suites that give a package only to requests that name them. */
  readonly pinned: ReadonlySet<string>;
}

/** A request as text: `name` or `name/suite`, as apt-get install takes it. */
export function formatRequest({ name, suite }: Request): string {
  return suite === undefined ? name : `${name}/${suite}`;
}

/**
 * The package of each request: of the highest version that its suites have. Dependencies are not followed: a
 * distroless image lists what it holds.
 * @throws PithError PACKAGE_UNKNOWN with the platform and the nearest name
 */
export function resolveListed(
  requests: readonly Request[],
  source: PackageSource,
  options: ResolveOptions,
): ReadonlyMap<string, Package> {
  return new Map(requests.map((request) => [formatRequest(request), choose(request, source, options)]));
}

function choose(request: Request, source: PackageSource, options: ResolveOptions): Package {
  const { name, suite } = request;
  const all = source.candidates(name, options.architecture);
  const chosen = all.find((candidate) =>
    suite === undefined ? !options.pinned.has(candidate.suite) : candidate.suite === suite,
  );
  if (chosen) return chosen;
  throw new PithError('PACKAGE_UNKNOWN', unknownMessage(request, all, options), {
    hint: unknownHint(request, all, source, options),
  });
}

function unknownMessage(
  { name, suite }: Request,
  elsewhere: readonly Package[],
  { platform }: ResolveOptions,
): string {
  const where = suite === undefined ? '' : ` in ${suite}`;
  const suites = [...new Set(elsewhere.map((candidate) => candidate.suite))].join(', ');
  return `there is no package ${name}${where} for ${platform}${suites === '' ? '' : `; ${suites} has it`}`;
}

function unknownHint(
  { name }: Request,
  elsewhere: readonly Package[],
  source: PackageSource,
  { architecture }: ResolveOptions,
): string {
  const [other] = elsewhere;
  if (other) return `Write ${name}/${other.suite} to take it from there.`;
  const providers = source.providers(name, architecture).map((provider) => provider.name);
  if (providers.length > 0)
    return `It is a virtual package; name one that provides it: ${[...new Set(providers)].join(', ')}.`;
  const near = nearest(name, source.names(architecture));
  return near ? `Did you mean ${near}?` : 'Check the name and the suites of the definition.';
}

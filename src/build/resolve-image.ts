import { nearest, PithError } from '../core/index.ts';
import type { Package, PackageSource } from '../distro/index.ts';
import {
  DEBIAN_OMISSIONS,
  formatPackageRequest,
  type LockedLevel,
  type LockedMember,
  type LockedPackage,
  lockPackage,
  packageKey,
  type PackageRequest,
  parsePackageRequest,
  type Resolution,
  resolveClosure,
  type ResolvedPackage,
  resolveListed,
} from '../resolve/index.ts';
import { hasPackages, type ImageSpec, type Level, type PackageSpec } from './image-spec.ts';
import { npmRequest } from './npm-request.ts';
import { pinnedSuites } from './plan.ts';

export interface ResolvedLevels {
  readonly levels: Record<string, LockedLevel>;
  readonly packages: Record<string, LockedPackage>;
}

export interface ResolveImageOptions {
  readonly architecture: string;
  readonly platform: string;
  /** The npm package that answers a request, by the request. */
  readonly tarballs: ReadonlyMap<string, LockedPackage>;
  /** Packages of the image that the first level lies on. */
  readonly installed: readonly Package[];
}

interface Below {
  /** Packages of the levels below, which meet dependencies. */
  readonly installed: readonly Package[];
}

/** The packages of all levels of an image and its variants that ask for any, for one platform. */
export function resolveLevels(
  image: ImageSpec,
  source: PackageSource,
  options: ResolveImageOptions,
): ResolvedLevels {
  const levels: Record<string, LockedLevel> = {};
  const packages: Record<string, LockedPackage> = {};
  const add = (level: Level, below: Below): Below => {
    if (!hasPackages(level)) return below;
    const { members, installed } = resolveLevel(level, image, source, options, below);
    levels[level.name] = {
      packages: members.packages.map(([member]) => member),
      omissions: members.omissions,
    };
    for (const [member, locked] of members.packages) packages[member.package] = locked;
    return { installed };
  };
  const base = image.levels.reduce<Below>((below, level) => add(level, below), options);
  for (const variant of Object.values(image.variants))
    variant.levels.reduce((below, level) => add(level, below), base);
  return { levels, packages };
}

interface Members {
  readonly packages: readonly (readonly [LockedMember, LockedPackage])[];
  readonly omissions: LockedLevel['omissions'];
}

/** What is listed comes first, as it is listed; then what is asked for together with all that it depends on. */
function resolveLevel(
  level: Level,
  image: ImageSpec,
  source: PackageSource,
  options: ResolveImageOptions,
  { installed }: Below,
): { members: Members; installed: readonly Package[] } {
  const common = { ...options, pinned: pinnedSuites(image.suites) };
  const fromArchive = level.packages.filter(({ request }) => !npmRequest(request));
  const requestsOf = (specs: readonly PackageSpec[]): PackageRequest[] =>
    specs.map(({ request }) => inSuites(parsePackageRequest(request), image));
  const listed = resolveListed(requestsOf(fromArchive.filter(({ follow }) => !follow)), source, {
    ...common,
    installed,
  });
  const below = [...installed, ...listed.map((one) => one.package)];
  const followed = fromArchive.filter(({ follow }) => follow);
  const resolution: Pick<Resolution, 'packages' | 'omissions'> =
    followed.length === 0
      ? { packages: [], omissions: [] }
      : resolveClosure(requestsOf(followed), source, {
          ...common,
          installed: below,
          omit: [
            { names: level.omit, reason: `the definition ${level.name} leaves it out` },
            ...DEBIAN_OMISSIONS,
          ],
        });
  const tarballs = level.packages.flatMap(({ request }): [LockedMember, LockedPackage][] => {
    if (!npmRequest(request)) return [];
    const locked = options.tarballs.get(request);
    if (!locked) throw new PithError('INTERNAL', `no npm package was resolved for ${request}`);
    return [[{ package: packageKey(locked), request }, locked]];
  });
  const found = [...withoutTwice(listed), ...resolution.packages];
  return {
    members: {
      packages: [...found.map((one) => memberOf(one, fromArchive)), ...tarballs],
      omissions: resolution.omissions.map(({ name, by, field, relation, rule }) => ({
        name,
        by,
        relation: `${field}: ${relation}`,
        reason: rule.reason,
      })),
    },
    installed: [...below, ...resolution.packages.map((one) => one.package)],
  };
}

/** @throws PithError DEFINITION_INVALID if a request names a suite that the image takes nothing from */
function inSuites(request: PackageRequest, { suites }: ImageSpec): PackageRequest {
  const { suite, name } = request;
  const known = suites.map((one) => one.suite);
  if (suite === undefined || known.includes(suite)) return request;
  const near = nearest(suite, known);
  const archive = suite.endsWith('-security') ? 'debian-security' : 'debian';
  throw new PithError(
    'DEFINITION_INVALID',
    `${formatPackageRequest(request)} is to come from ${suite}, which is none of the definition's suites (${known.join(', ') || 'it has none'})`,
    {
      hint: near
        ? `Did you mean ${name}/${near}?`
        : `Add it with \`suites: [{archive: ${archive}, suite: ${suite}, pinned: true}]\`, or name another one.`,
    },
  );
}

function withoutTwice(listed: readonly ResolvedPackage[]): ResolvedPackage[] {
  return [...new Map(listed.map((one) => [one.package, one])).values()];
}

function memberOf(
  { package: found, because }: ResolvedPackage,
  specs: readonly PackageSpec[],
): readonly [LockedMember, LockedPackage] {
  const locked = lockPackage(found);
  const key = packageKey(locked);
  if (because.kind === 'dependency')
    return [{ package: key, by: because.by, relation: `${because.field}: ${because.relation}` }, locked];
  const wanted = JSON.stringify(because.request);
  const spec = specs.find(({ request }) => JSON.stringify(parsePackageRequest(request)) === wanted);
  return [{ package: key, request: spec?.request ?? found.name }, locked];
}

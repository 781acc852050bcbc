import { PithError } from '../../core/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { BuildTools } from '../builder.ts';
import type { ImageOptions } from '../image.ts';
import type { ImageSpec, LoadedDefinition } from '../image-spec.ts';
import { resolveImages } from '../lock.ts';
import { candidatesFor } from './candidates.ts';
import {
  type AppPackage,
  defineApplication,
  filesOf,
  type FoundApplication,
  librariesOf,
} from './definitions.ts';
import { findLacks, type Lack, wordsOf } from './evidence.ts';
import { findPackages } from './packages.ts';
import { lockedBase, type OpenLockfile } from './locked.ts';
import { unfitRelease } from './release.ts';
import { type ChosenBase, rememberChoice } from './remember.ts';

/** Packages that were added may need what is not in the image either: a library that is opened while they run. */
const MAX_ROUNDS = 4;

/**
 * Finds the smallest image that has what an application needs, on every platform: its loader, libraries and versions of
 * symbols. Where only libraries are missing, their packages are added.
 * @param own the definition; if it extends an image, this is the only candidate
 * @param open the lockfile that decides, if one does
 * @throws PithError APP_INVALID if there is none, with what each lacks
 */
export async function chooseBase(
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  platforms: readonly Platform[],
  options: ImageOptions,
  tools: BuildTools,
  open?: OpenLockfile,
): Promise<ChosenBase> {
  const names = candidateNames(own, found, tools);
  if (open) return lockedBase(own, found, names, platforms, open, options, tools);
  return await rememberChoice(own, found, names, platforms, tools, () =>
    chooseAmong(names, own, found, platforms, options, tools),
  );
}

async function chooseAmong(
  names: readonly string[],
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  platforms: readonly Platform[],
  options: ImageOptions,
  tools: BuildTools,
): Promise<ChosenBase> {
  const { archives, workspace } = tools;
  const { catalogue } = workspace;
  const title = found[0]?.application.title ?? own.definition.name;
  const wanted = librariesOf(found);
  const runtime = found[0]?.application.needs.runtime;
  const look = async (base: string, packages: readonly AppPackage[]): Promise<Looked> => {
    const image = await catalogue.imageOf(own, base, defineApplication(own, found, packages));
    const unknown = platforms.map(formatPlatform).filter((platform) => !image.platforms.includes(platform));
    if (unknown.length > 0) return { base, image, packages, lacks: [], unknown, unfit: undefined };
    const lacks: Lack[] = [];
    let unfit: string | undefined;
    for (const platform of platforms) {
      const lockfile = await resolveImages([{ image, platforms: [platform] }], archives, workspace);
      const files = filesOf(found, platform);
      lacks.push(...(await findLacks({ image, platform, lockfile }, files, wanted, options, tools)));
      if (runtime && own.definition.extends === undefined) unfit ??= unfitRelease(runtime, lockfile);
    }
    return { base, image, packages, lacks, unknown, unfit };
  };
  const looked: Looked[] = [];
  for (const name of names) {
    const one = await look(name, []);
    if (isGood(one)) return { ...one, rejected: looked.map(rejection) };
    looked.push(one);
  }
  const best = looked
    .filter(
      ({ lacks, unknown, unfit }) =>
        unknown.length === 0 && unfit === undefined && lacks.every((lack) => lack.version === undefined),
    )
    .sort((a, b) => countOf(a) - countOf(b))[0];
  if (!best) throw noBase(title, looked);
  let one = best;
  for (let round = 0; round < MAX_ROUNDS && !isGood(one); round++) {
    const more = await findPackages(one.lacks, one.image, platforms, tools);
    if (more.length === 0) break;
    one = await look(one.base, [...one.packages, ...more]);
  }
  if (!isGood(one)) {
    const isOld = one.lacks.some(({ version }) => version !== undefined);
    throw noBase(title, isOld ? looked.map((before) => (before.base === one.base ? one : before)) : [one]);
  }
  return { ...one, rejected: looked.filter(({ base }) => base !== one.base).map(rejection) };
}

interface Looked {
  readonly base: string;
  readonly image: ImageSpec;
  readonly packages: readonly AppPackage[];
  readonly lacks: readonly Lack[];
  /** Platforms that it does not exist for. */
  readonly unknown: readonly string[];
  /** What is wrong with the release of its runtime. */
  readonly unfit: string | undefined;
}

/** By their names alone: nothing is read of those that are no candidates. */
export function candidateNames(
  { definition }: LoadedDefinition,
  found: readonly FoundApplication[],
  { workspace: { catalogue } }: BuildTools,
): string[] {
  if (definition.extends !== undefined) return [definition.extends];
  const names = catalogue.names();
  const lists = found.map(({ application }) => candidatesFor(application, names));
  return (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
}

function isGood({ lacks, unknown, unfit }: Looked): boolean {
  return lacks.length + unknown.length === 0 && unfit === undefined;
}

function countOf({ lacks }: Looked): number {
  return new Set(lacks.map(({ needed }) => needed)).size;
}

function rejection({ base, lacks, unknown, unfit }: Looked): { base: string; because: string } {
  if (unknown.length > 0) return { base, because: `does not exist for ${unknown.join(', ')}` };
  if (unfit !== undefined) return { base, because: unfit };
  return { base, because: `has not ${wordsOf(lacks).join(', ')}` };
}

function noBase(title: string, looked: readonly Looked[]): PithError {
  const bases = new Map<string, string[]>();
  for (const { base, because } of looked.map(rejection))
    bases.set(because, [...(bases.get(because) ?? []), base]);
  const lines = [...bases].map(([because, names]) =>
    names.length === 1
      ? `${names.join('')} ${because}`
      : `${names.join(', ')} ${because.replace(/^has /, 'have ')}`,
  );
  const isGlibc = looked.some(({ lacks }) => lacks.some(({ version }) => version?.startsWith('GLIBC_')));
  return new PithError('APP_INVALID', `${title}: no image has what it needs: ${lines.join('; ')}`, {
    hint: isGlibc
      ? 'It was built against a newer glibc than any image has: build it on Debian 13 or older (glibc 2.41), or link it statically.'
      : 'Name an image that has it with `--base`, or packages in the `packages` of a definition.',
  });
}

import { PithError } from '../../core/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { BuildTools } from '../builder.ts';
import type { ImageOptions } from '../image.ts';
import type { ImageSpec, LoadedDefinition } from '../image-spec.ts';
import { resolveImages } from '../lock.ts';
import { candidatesFor, generationsOf } from './candidates.ts';
import {
  type AppPackage,
  defineApplication,
  filesOf,
  type FoundApplication,
  librariesOf,
} from './definitions.ts';
import { findLacks, type Lack, missingProgram, wordsOf } from './evidence.ts';
import { findPackages } from './packages.ts';
import { lockedBase, type OpenLockfile } from './locked.ts';
import { unfitRelease } from './release.ts';
import { type ChosenBase, rememberChoice } from './remember.ts';

/** Packages that were added may need what is not in the image either: a library that is opened while they run. */
const MAX_ROUNDS = 4;

const STARTED = ', which it would start';

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
  const looked: Looked[] = [];
  const look = (base: string, packages: readonly AppPackage[]): Promise<Looked> =>
    lookAt(base, packages, own, found, platforms, options, tools);
  let fault: PithError | undefined;
  for (const generation of generationsOf(names)) {
    try {
      const outcome = await chooseOfGeneration(generation, look, platforms, tools);
      looked.push(...outcome.looked);
      if (outcome.chosen) {
        const { base, image, packages } = outcome.chosen;
        const rejected = looked.filter((one) => one.base !== base).map(rejection);
        return { base, image, packages, rejected };
      }
      fault ??= noBase(titleOf(own, found), outcome.nearest);
      if (!outcome.isWithoutLibraries) break;
    } catch (error) {
      // What the newer images lack is the answer where the older ones cannot be had.
      if (!fault || !(error instanceof PithError) || error.code === 'INTERRUPTED') throw error;
      break;
    }
  }
  throw fault ?? noBase(titleOf(own, found), []);
}

type Look = (base: string, packages: readonly AppPackage[]) => Promise<Looked>;

interface Outcome {
  readonly looked: readonly Looked[];
  readonly chosen?: Looked;
  /** Those whose lacks are told, if none will do. */
  readonly nearest: readonly Looked[];
  /** Whether nothing but libraries is missing: other releases of the distribution have others. */
  readonly isWithoutLibraries: boolean;
}

/** The first image that has all, else the one that lacks least, with the packages that bring the rest. */
async function chooseOfGeneration(
  names: readonly string[],
  look: Look,
  platforms: readonly Platform[],
  tools: BuildTools,
): Promise<Outcome> {
  const looked: Looked[] = [];
  for (const name of names) {
    const one = await look(name, []);
    looked.push(one);
    if (isGood(one)) return { looked, chosen: one, nearest: [], isWithoutLibraries: false };
  }
  const best = looked
    .filter(
      ({ lacks, unknown, unfit }) =>
        unknown.length === 0 && unfit === undefined && lacks.every((lack) => lack.version === undefined),
    )
    .sort((a, b) => countOf(a) - countOf(b))[0];
  if (!best) return { looked, nearest: looked, isWithoutLibraries: false };
  let one = best;
  for (let round = 0; round < MAX_ROUNDS && !isGood(one); round++) {
    const more = await findPackages(one.lacks, one.image, platforms, tools);
    if (more.length === 0) break;
    one = await look(one.base, [...one.packages, ...more]);
  }
  if (isGood(one)) return { looked, chosen: one, nearest: [], isWithoutLibraries: false };
  const isOld = one.lacks.some(({ version }) => version !== undefined);
  const nearest = isOld ? looked.map((before) => (before.base === one.base ? one : before)) : [one];
  return { looked, nearest, isWithoutLibraries: !isOld };
}

async function lookAt(
  base: string,
  packages: readonly AppPackage[],
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  platforms: readonly Platform[],
  options: ImageOptions,
  tools: BuildTools,
): Promise<Looked> {
  const { archives, workspace } = tools;
  const { entrypoint, extends: asked } = own.definition;
  const image = await workspace.catalogue.imageOf(own, base, defineApplication(own, found, packages));
  const unknown = platforms.map(formatPlatform).filter((platform) => !image.platforms.includes(platform));
  if (unknown.length > 0) return { base, image, packages, lacks: [], unknown, unfit: undefined };
  const runtime = found[0]?.application.needs.runtime;
  const wanted = librariesOf(found);
  const lacks: Lack[] = [];
  let unfit: string | undefined;
  for (const platform of platforms) {
    const lockfile = await resolveImages([{ image, platforms: [platform] }], archives, workspace);
    const locked = { image, platform, lockfile };
    lacks.push(...(await findLacks(locked, filesOf(found, platform), wanted, options, tools)));
    if (runtime && asked === undefined) unfit ??= unfitRelease(runtime, lockfile);
    // What was found runs on the images that it is found for; what somebody said need not.
    if (asked === undefined && entrypoint === undefined) continue;
    const program = lacks.length === 0 ? await missingProgram(locked, options, tools) : undefined;
    if (program !== undefined) unfit ??= `has not ${program}${STARTED}`;
  }
  return { base, image, packages, lacks, unknown, unfit };
}

function titleOf({ definition }: LoadedDefinition, [first]: readonly FoundApplication[]): string {
  return first?.application.title ?? definition.name;
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
      : `${names.join(', ')} ${because.replace(/^has /, 'have ').replace(/^does /, 'do ')}`,
  );
  return new PithError('APP_INVALID', `${title}: no image has what it needs: ${lines.join('; ')}`, {
    hint: hintFor(looked),
  });
}

function hintFor(looked: readonly Looked[]): string {
  if (looked.some(({ lacks }) => lacks.some(({ version }) => version?.startsWith('GLIBC_'))))
    return 'It was built against a newer glibc than any image has: build it on Debian 13 or older (glibc 2.41), or link it statically.';
  if (looked.every(({ unknown }) => unknown.length > 0)) {
    const known = [
      ...new Set(looked.flatMap(({ image, unknown }) => (unknown.length > 0 ? image.platforms : []))),
    ];
    return `Pack for platforms that it exists for: \`--platform ${known.join(',')}\`.`;
  }
  if (looked.some(({ unfit }) => unfit?.endsWith(STARTED)))
    return 'Name an image that has it with `--base`, or the program with `--entrypoint`.';
  return 'Name an image that has it with `--base`, or packages in the `packages` of a definition.';
}

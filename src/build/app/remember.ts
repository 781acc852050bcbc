import { canonicalJson, type Digest, digestOf, hexOf } from '../../core/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { BuildTools } from '../builder.ts';
import type { ImageSpec, LoadedDefinition } from '../image-spec.ts';
import { resolveImages } from '../lock.ts';
import { type AppPackage, defineApplication, type FoundApplication } from './definitions.ts';

/** An application on its base. */
export interface ChosenBase {
  /** What the image extends. */
  readonly base: string;
  readonly image: ImageSpec;
  /** What is added to the base, with why. */
  readonly packages: readonly AppPackage[];
  /** Smaller images that would not do, with why. */
  readonly rejected: readonly { readonly base: string; readonly because: string }[];
}

const RECORD = 'application';
/** Changes when the same application would be put on something else. */
const CHOICE_VERSION = 3;

interface Choice extends Omit<ChosenBase, 'image'> {
  /** Digest of the packages that it was found with. */
  readonly packagesOfBase: Digest;
}

/**
 * Makes a choice, or takes the one that was made before: for the same machine code and needs, as long as the packages of
 * the base are the same.
 */
export async function rememberChoice(
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  candidates: readonly string[],
  platforms: readonly Platform[],
  tools: BuildTools,
  choose: () => Promise<ChosenBase>,
): Promise<ChosenBase> {
  const { store, catalogue } = tools.workspace;
  const key = keyOf(own, found, candidates, platforms);
  const known = store.readRecord(RECORD, key) as Choice | undefined;
  if (known) {
    const { packagesOfBase, ...choice } = known;
    const image = await catalogue.imageOf(own, choice.base, defineApplication(own, found, choice.packages));
    if ((await digestOfPackages(image, platforms, tools)) === packagesOfBase) return { ...choice, image };
  }
  const { image, base, packages, rejected } = await choose();
  const packagesOfBase = await digestOfPackages(image, platforms, tools);
  await store.writeRecord(RECORD, key, { base, packages, rejected, packagesOfBase } satisfies Choice);
  return { image, base, packages, rejected };
}

/** What a choice depends on but the packages of its base. */
export function keyOf(
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  candidates: readonly string[],
  platforms: readonly Platform[],
): string {
  const needs = found.map(({ platform, application: { kind, needs }, trees }) => [
    platform ?? '',
    kind,
    needs.libraries.map(({ soname }) => soname),
    needs.runtime?.wanted ?? '',
    trees.flatMap(({ entries }) =>
      entries.filter(({ elf }) => elf).map(({ path, digest = '' }) => [path, digest]),
    ),
  ]);
  const { entrypoint: [program] = [] } = own.definition;
  const isOwnProgram = found.some(({ trees }) =>
    trees.some(({ entries }) => entries.some(({ path }) => `/${path}` === program)),
  );
  const asked = { ...own.definition, name: '', app: '' };
  const what = [asked, isOwnProgram, needs, candidates, platforms.map(formatPlatform)];
  return hexOf(digestOf(canonicalJson([CHOICE_VERSION, ...what])));
}

async function digestOfPackages(
  image: ImageSpec,
  platforms: readonly Platform[],
  { archives, workspace }: BuildTools,
): Promise<Digest> {
  const { packages } = await resolveImages([{ image, platforms }], archives, workspace);
  return digestOf(canonicalJson(Object.keys(packages).sort()));
}

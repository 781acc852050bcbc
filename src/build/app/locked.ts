import { canonicalJson, digestOf, hexOf, PithError } from '../../core/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { LockedImage, Lockfile } from '../../resolve/index.ts';
import type { BuildTools } from '../builder.ts';
import type { ImageOptions } from '../image.ts';
import type { LoadedDefinition } from '../image-spec.ts';
import { checkLocked, inputsOf } from '../lock.ts';
import {
  type AppPackage,
  defineApplication,
  filesOf,
  type FoundApplication,
  librariesOf,
} from './definitions.ts';
import { findLacks, type Lack, wordsOf } from './evidence.ts';
import { type ChosenBase, keyOf } from './remember.ts';

/** A lockfile with the path that errors name. */
export interface OpenLockfile {
  readonly lockfile: Lockfile;
  readonly path: string;
}

const RECORD = 'application-locked';

/**
 * The base that an application was put on when its packages were locked: the candidate that the lockfile was made for. No
 * archive is asked. What the application needs now is looked for in the locked packages.
 * @throws PithError LOCKFILE_MISMATCH if it was made for none of them, or its packages lack something
 */
export async function lockedBase(
  own: LoadedDefinition,
  found: readonly FoundApplication[],
  candidates: readonly string[],
  platforms: readonly Platform[],
  { lockfile, path }: OpenLockfile,
  options: ImageOptions,
  tools: BuildTools,
): Promise<ChosenBase> {
  const { name } = own.definition;
  const locked = lockfile.images[name];
  const packages = locked ? packagesOf(locked, `${name}/packages`, path) : [];
  const { catalogue, store } = tools.workspace;
  for (const base of locked ? candidates : []) {
    const define = defineApplication(own, found, packages);
    const image = await catalogue.imageOf(own, base, define, locked?.base?.digest);
    if (locked?.inputs !== inputsOf(image)) continue;
    checkLocked(lockfile, { image, platforms }, path);
    const key = hexOf(digestOf(canonicalJson([keyOf(own, found, [base], platforms), locked])));
    if (store.readRecord(RECORD, key) === undefined) {
      const lacks: Lack[] = [];
      for (const platform of platforms) {
        const wanted = { image, platform, lockfile };
        lacks.push(
          ...(await findLacks(wanted, filesOf(found, platform), librariesOf(found), options, tools)),
        );
      }
      if (lacks.length > 0)
        throw mismatch(`${path}: the packages of ${name} have not ${wordsOf(lacks).join(', ')}`, path, own);
      await store.writeRecord(RECORD, key, true);
    }
    return { base, image, packages, rejected: [] };
  }
  const why = locked
    ? `was made for another definition of ${name}, or its application needs something else since`
    : `does not hold the image ${name}`;
  throw mismatch(`${path}: ${why}`, path, own);
}

/** What was added to the base, in the words in which it was asked for. */
function packagesOf({ platforms }: LockedImage, level: string, path: string): AppPackage[] {
  const requests = Object.values(platforms).flatMap((levels) =>
    (levels[level]?.packages ?? []).flatMap(({ request }) => request ?? []),
  );
  return [...new Set(requests)].map((name) => ({ name, because: `${path} has it` }));
}

function mismatch(message: string, path: string, own: LoadedDefinition): PithError {
  return new PithError('LOCKFILE_MISMATCH', message, {
    path,
    hint: `Bring it up to date with \`pith lock ${own.path}\`.`,
  });
}

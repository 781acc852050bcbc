import { COMPRESSOR_VERSION, type LayerCompression } from '../archive/index.ts';
import { canonicalJson, digestOf, hexOf } from '../core/index.ts';
import { identityOf } from '../resolve/index.ts';
import { SEGMENT_VERSION } from '../rootfs/index.ts';
import { namesOfUser } from './check-user.ts';
import type { Plan } from './plan.ts';
import type { PlannedFile } from './planned-file.ts';

/** Part of every image's key: changes when the same plan would give another image. */
const IMAGE_VERSION = 10;

/** What of the options the layers depend on. */
interface LayerForm {
  readonly compression: LayerCompression;
  readonly maxLayers: number;
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch: number | undefined;
}

/** Digest of everything that the layers of an image depend on, and of the names in its configuration that they have to hold. */
export function keyOfImage(plan: Plan, { compression, maxLayers, epoch = -1 }: LayerForm): string {
  const levels = plan.levels.map(({ name, files, users, groups, bytecode, packages }) => [
    name,
    bytecode,
    files.map(identityOfFile),
    users,
    groups,
    packages.map(({ locked, contents, move, applets, into = '' }) => [
      identityOf(locked),
      contents,
      move,
      applets,
      into,
    ]),
  ]);
  const versions = [IMAGE_VERSION, SEGMENT_VERSION, COMPRESSOR_VERSION[compression]];
  const base = plan.image.base ? [plan.image.base.digest] : [];
  const names = Object.entries(namesOfUser(plan.config.user)).flat();
  const more = [...base, ...(names.length > 0 ? [names] : [])];
  const key = canonicalJson([versions, levels, plan.image.mergedUsr, maxLayers, epoch, ...more]);
  return hexOf(digestOf(key));
}

/** What a file of a definition comes to: not where it lies on this machine, but what it holds. */
function identityOfFile({ tree, ...file }: PlannedFile): object {
  const digest = file.time === 'source' ? tree?.datedDigest : tree?.digest;
  return { ...file, project: '', tree: digest };
}

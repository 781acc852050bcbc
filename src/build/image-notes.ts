import type { MissingLibrary } from '../rootfs/index.ts';
import type { Plan, PlannedPackage } from './plan.ts';
import type { Segment } from './segments.ts';

/**
 * What somebody should know of an image, in words: libraries that its programs would not find, and patterns of files to drop
 * that leave nothing out of their package.
 */
export async function notesOfImage(
  { image, levels }: Plan,
  missing: readonly MissingLibrary[],
  segmentOf: (planned: PlannedPackage) => Promise<Segment>,
): Promise<string[]> {
  const notes = missing.map(({ path, needed, elsewhere }) => {
    const where =
      elsewhere === undefined
        ? 'not in the image'
        : `at /${elsewhere}, where the loader does not look for it`;
    return `${image.name}: /${path} needs ${needed}, which is ${where}`;
  });
  for (const level of levels) {
    for (const planned of level.packages.filter(({ contents }) => contents.hoped)) {
      const { unmatched = [] } = await segmentOf(planned);
      const what = `${planned.locked.name} ${planned.locked.version}`;
      for (const pattern of unmatched)
        notes.push(`${level.name}: nothing in ${what} matches the pattern ${pattern} of drop`);
    }
  }
  return notes;
}

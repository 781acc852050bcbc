import { filesOf } from '../files.ts';
import type { Rule } from '../model.ts';

/** Clocks differ a little, and so do time zones where somebody forgot one. */
const TOLERANCE = 24 * 3600;

export const TIME_RULES: readonly Rule[] = [
  {
    id: 'future-time',
    severity: 'warning',
    title: 'A time lies in the future',
    why: 'Tools that compare times (make, caches, HTTP) do the wrong thing, and so do those that look for the newest image. The clock of the build was wrong, or somebody set the time by hand.',
    mend: 'Set the clock of the machine that builds, or SOURCE_DATE_EPOCH.',
    *find({ view: { tree, image }, context: { now } }) {
      const limit = now + TOLERANCE;
      const { created, history = [] } = image.config;
      if (isLater(created, limit)) yield { message: `the image is from ${created}`, field: 'created' };
      for (const [step, { created: time }] of history.entries())
        if (isLater(time, limit))
          yield { message: `step ${step + 1} is from ${time}`, field: `history.${step}.created` };
      for (const id of filesOf(tree)) {
        const at = tree.entryNumber(id);
        const layer = tree.layer(id);
        const mtime = at === undefined ? 0 : (tree.layers[layer]?.entries.columns.mtimes[at] ?? 0);
        if (mtime > limit) yield { message: `it is from ${showTime(mtime)}`, path: tree.path(id), layer };
      }
    },
  },
];

function isLater(time: string | undefined, limit: number): time is string {
  return time !== undefined && Date.parse(time) / 1000 > limit;
}

function showTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString().replace('.000Z', 'Z');
}

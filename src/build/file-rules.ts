import { leadsOut } from '../rootfs/index.ts';
import type { FileDefinition } from './definition-types.ts';

/** What the keys of a file have to be together. */
interface FileRule {
  readonly holds: (file: FileDefinition) => boolean;
  readonly error: string;
  /** The key that is at fault. */
  readonly path?: keyof FileDefinition;
}

export const FILE_RULES: readonly FileRule[] = [
  {
    holds: ({ from, content, link, folder }) =>
      [from, content, link, folder].filter((kind) => kind !== undefined).length === 1,
    error: 'needs exactly one of from, content, link and folder',
  },
  {
    holds: ({ to, from, certificate }) => to !== undefined || (certificate === true && from !== undefined),
    error: 'needs `to`, the path in the image',
  },
  {
    holds: ({ to = '', content, link }) => (content === undefined && link === undefined) || !to.endsWith('/'),
    error: 'needs the name of the file at its end',
    path: 'to',
  },
  {
    holds: ({ certificate, from, content }) =>
      certificate === undefined || from !== undefined || content !== undefined,
    error: 'goes with from or content alone',
    path: 'certificate',
  },
  {
    holds: ({ ignore, from }) => !ignore || from !== undefined,
    error: 'goes with from alone',
    path: 'ignore',
  },
  {
    holds: ({ time, from }) => time !== 'source' || from !== undefined,
    error: 'can be `source` with from alone',
    path: 'time',
  },
  {
    holds: ({ to = '', link }) => link === undefined || !leadsOut(to.slice(1), link),
    error: 'leads out of the root',
    path: 'link',
  },
];

/** RFC 3339, section 5.6; a day alone is its first second in UTC. */
const TIME = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$/;

/** Whether a text is a time of 1970 or later, or `source`. */
export function isTime(text: string): boolean {
  if (text === 'source') return true;
  const day = text.slice(0, 10);
  const isDay = TIME.test(text) && new Date(Date.parse(day) || 0).toISOString().startsWith(day);
  return isDay && Date.parse(text) >= 0;
}

/** The time that a file gets, in seconds since 1970: of its definition, of its source where that says so, else 0. */
export function timeOf({ time }: FileDefinition, source: number): number {
  if (time === undefined) return 0;
  return time === 'source' ? source : Math.floor(Date.parse(time) / 1000);
}

import { parentsOf } from '../paths.ts';
import { configurationLines, expandSpecifiers, splitWords, unescapeText } from '../scripts/conf-words.ts';
import { isSoundPath } from '../scripts/sound-path.ts';

/** A file of usr/lib/tmpfiles.d. */
export interface TmpfilesFile {
  /** Its name without folder, by which files are ordered. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Name of the package. */
  readonly origin: string;
}

/** A line of tmpfiles.d(5). */
export interface TmpfilesLine {
  readonly origin: string;
  readonly line: string;
  /** A letter. */
  readonly type: string;
  /** `+`: what is there is replaced. */
  readonly isForced: boolean;
  /** `!`: only while a machine starts. */
  readonly isForBoot: boolean;
  /** `?`: only if the target of the link is there. */
  readonly isConditional: boolean;
  /** Absolute. */
  readonly path: string;
  readonly mode: number | undefined;
  /** Names or numbers; undefined for root where a file is made, and for no change where one is there. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly argument: string | undefined;
}

export interface UnreadLine {
  readonly origin: string;
  readonly line: string;
  readonly why: string;
}

const MAX_LINES = 5000;
/** Why a line is not followed that speaks of what only a machine knows: its IDs, its credentials. */
export const MACHINE = 'it depends on the running machine';

/** Types that change what is there; the others make something. */
const CHANGES = 'aAehHmrRtTwxXzZ';

/**
 * The lines of all files in the order in which systemd-tmpfiles follows them, and those that cannot be read. Files are taken
 * by their names; lines that make something come first, those of a folder before those of what lies in it.
 */
export function readTmpfiles(files: readonly TmpfilesFile[]): {
  lines: TmpfilesLine[];
  unread: UnreadLine[];
} {
  const unread: UnreadLine[] = [];
  const lines = [...files]
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .flatMap(({ content, origin }) => configurationLines(content).map((line) => ({ line, origin })))
    .slice(0, MAX_LINES)
    .flatMap(({ line, origin }) => {
      const parsed = parseLine(line, origin);
      if (typeof parsed !== 'string') return [parsed];
      unread.push({ origin, line, why: parsed });
      return [];
    });
  return { lines: orderLines(lines), unread };
}

function orderLines(lines: readonly TmpfilesLine[]): TmpfilesLine[] {
  const makers = lines.filter(({ type }) => !CHANGES.includes(type));
  const byPath = new Map<string, TmpfilesLine[]>();
  for (const line of makers) byPath.set(line.path, [...(byPath.get(line.path) ?? []), line]);
  const ordered = new Set<TmpfilesLine>();
  for (const { path } of makers) {
    for (const above of [...parentsOf(path).slice(1), path])
      for (const line of byPath.get(above) ?? []) ordered.add(line);
  }
  return [...ordered, ...lines.filter(({ type }) => CHANGES.includes(type))];
}

function parseLine(line: string, origin: string): TmpfilesLine | string {
  const split = splitWords(line, 6);
  const [action = '', rawPath = '', rawMode = '-', user = '-', group = '-'] = split?.words ?? [];
  const [, type = '', modifiers = ''] = /^([a-zA-Z])([-+!=~^?$]*)$/.exec(action) ?? [];
  const [, octal] = /^[:~]*(?:([0-7]{1,4})|-?)$/.exec(rawMode) ?? [];
  if (!split || type === '' || (octal === undefined && !/^[:~]*-?$/.test(rawMode)))
    return 'it cannot be read';
  const path = expandSpecifiers(rawPath);
  const isText = type === 'f' || type === 'F' || type === 'w';
  const rest = isText ? unescapeText(split.rest) : split.rest;
  const argument = split.rest === '' || split.rest === '-' ? '' : expandSpecifiers(rest);
  if (path === undefined || argument === undefined || /[\^~]/.test(modifiers)) return MACHINE;
  const parts = path.split('/').filter((part) => part !== '');
  if (
    !path.startsWith('/') ||
    path.includes('\n') ||
    !isSoundPath(path) ||
    parts.includes('..') ||
    parts.includes('.')
  )
    return 'it cannot be read';
  return {
    origin,
    line,
    type,
    isForced: modifiers.includes('+') || type === 'F',
    isForBoot: modifiers.includes('!'),
    isConditional: modifiers.includes('?'),
    path: `/${parts.join('/')}`,
    mode: octal === undefined ? undefined : Number.parseInt(octal, 8),
    user: nameOf(user),
    group: nameOf(group),
    argument: argument === '' ? undefined : argument,
  };
}

function nameOf(text: string): string | undefined {
  const name = text.replace(/^:/, '');
  return name === '-' || name === '' ? undefined : name;
}

import { isUtf8 } from 'node:buffer';
import { byText, printable } from '../../core/index.ts';
import { compareVersions } from './version.ts';

/** One upload of a source package. */
export interface ChangelogEntry {
  /** Of the source package, with its epoch. */
  readonly version: string;
  /** The suites that it was uploaded to, with a blank between them. */
  readonly distributions: string;
  /** `low`, `medium`, `high` …; empty where nothing is said. */
  readonly urgency: string;
  /** `Name <address>`; empty where the trailer is missing. */
  readonly author: string;
  /** ISO 8601 in UTC, whole seconds; absent where the trailer has no date in the form that it should have. */
  readonly date?: string;
  /** The changes as they are written, indented, without blank lines around them. */
  readonly text: string;
  /** The CVE numbers that the text names, each once, in order. */
  readonly cves: readonly string[];
}

/** Bytes of a changelog that are read: many times what the longest of Debian has. The newest entries come first. */
export const MAX_CHANGELOG = 16 << 20;
const MAX_LINES = 500_000;
/** Characters of a line that are kept. */
const MAX_LINE = 2000;

const HEADER = /^[a-z0-9][a-z0-9+.-]* \(([^()\s]+)\)([^;]*);(.*)$/i;
const TRAILER = /^ ?--(?: (.*))?$/;
const DATE = /\d{1,2} [a-z]{3,9} \d{4} \d{1,2}:\d\d:\d\d [-+]\d{4}/i;
const CVE = /\bCVE-(?:19|20)\d\d-\d{4,19}(?!\d)/gi;

/**
 * Reads a changelog, deb-changelog(5), newest entry first as it stands there. What does not follow the format is passed
 * over: an entry may lack its trailer or have an odd one, what stands between entries (editors' settings, remarks) is
 * no part of any, and a line that is not UTF-8 counts as ISO 8859-1. Text comes out without control characters. Of a
 * changelog over 16 MiB or 500,000 lines the beginning is read.
 */
export function parseChangelog(bytes: Uint8Array): ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let draft: Draft | undefined;
  const finish = (trailer: string): void => {
    if (draft) entries.push(entryOf(draft, trailer));
    draft = undefined;
  };
  for (const line of linesOf(bytes.subarray(0, MAX_CHANGELOG))) {
    const header = HEADER.exec(line);
    const trailer = TRAILER.exec(line);
    if (header) {
      finish('');
      draft = { version: header[1] ?? '', place: header[2] ?? '', metadata: header[3] ?? '', lines: [] };
    } else if (trailer) finish(trailer[1] ?? '');
    else if (!line.startsWith('#')) draft?.lines.push(line);
  }
  finish('');
  return entries;
}

interface Draft {
  readonly version: string;
  readonly place: string;
  readonly metadata: string;
  readonly lines: string[];
}

function* linesOf(bytes: Uint8Array): Generator<string> {
  const decodeAs = isUtf8(bytes) ? 'utf8' : undefined;
  let count = 0;
  for (let at = 0; at < bytes.length && count < MAX_LINES; count++) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at);
    const text = line.toString(decodeAs ?? (isUtf8(line) ? 'utf8' : 'latin1'));
    yield printable(text).slice(0, MAX_LINE).trimEnd();
    at = end + 1;
  }
}

function entryOf({ version, place, metadata, lines }: Draft, trailer: string): ChangelogEntry {
  const isBlank = (line: string | undefined): boolean => line === '';
  const first = lines.findIndex((line) => !isBlank(line));
  const last = lines.findLastIndex((line) => !isBlank(line));
  const text = first < 0 ? '' : lines.slice(first, last + 1).join('\n');
  const closing = trailer.lastIndexOf('>');
  const date = dateOf(trailer.slice(closing + 1));
  return {
    version,
    distributions: place.trim().replace(/\s+/g, ' '),
    urgency: /\burgency\s*=\s*([a-z]+)/i.exec(metadata)?.[1]?.toLowerCase() ?? '',
    author: closing < 0 ? '' : trailer.slice(0, closing + 1).trim(),
    ...(date === undefined ? {} : { date }),
    text,
    cves: cvesOf(text),
  };
}

/** The date of a trailer, RFC 5322 without what may stand before and behind it. */
function dateOf(text: string): string | undefined {
  const found = DATE.exec(text.replace(/\s+/g, ' '))?.[0];
  const time = found === undefined ? NaN : Date.parse(found);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

function cvesOf(text: string): string[] {
  return sortCves(Array.from(text.matchAll(CVE), ([name]) => name.toUpperCase()));
}

/** CVE numbers, each once, by year and number. */
export function sortCves(names: Iterable<string>): string[] {
  const key = (name: string): string =>
    name
      .split('-')
      .map((part) => part.padStart(20, '0'))
      .join('-');
  return [...new Set(names)].sort((a, b) => byText(key(a), key(b)));
}

/**
 * The entries of versions above `after` and up to `upTo`, highest version first, one a version.
 * @param after undefined for the entry of `upTo` alone
 */
export function selectEntries(
  entries: readonly ChangelogEntry[],
  after: string | undefined,
  upTo: string,
): ChangelogEntry[] {
  const isWanted = (version: string): boolean => {
    const toEnd = compareVersions(version, upTo);
    return after === undefined ? toEnd === 0 : toEnd <= 0 && compareVersions(version, after) > 0;
  };
  const byVersion = new Map<string, ChangelogEntry>();
  for (const entry of entries)
    if (isWanted(entry.version) && !byVersion.has(entry.version)) byVersion.set(entry.version, entry);
  return [...byVersion.values()].sort((a, b) => compareVersions(b.version, a.version));
}

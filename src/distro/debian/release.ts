import { digestFromHex, isDigest, PithError, type Digest } from '../../core/index.ts';
import { parseStanzas, wordsOf, type Stanza } from './deb822.ts';
import { isSafePath } from './path.ts';

/** Size and digest of one file that a Release lists. */
export interface ReleaseFile {
  size: number;
  digest: Digest;
}

/** A suite's Release file (the text that InRelease signs). */
export interface Release {
  origin: string;
  label: string;
  suite: string;
  codename: string;
  version: string;
  date: Date;
  /** After this date the archive's owner wants the file to be taken for stale. */
  validUntil?: Date;
  /** Files can also be had at `by-hash/SHA256/<hex>` beside their name. */
  acquireByHash: boolean;
  architectures: readonly string[];
  components: readonly string[];
  /** Packages of architecture `all` stand in an index of their own instead of in each architecture's. */
  separateAll: boolean;
  /** The SHA256 section: paths relative to the Release file. */
  files: ReadonlyMap<string, ReleaseFile>;
}

/**
 * Parses the text of a Release file (the Debian wiki's RepositoryFormat, "Release files").
 * Only text whose signature has been verified may come here.
 *
 * @param origin - the address it came from, for messages
 * @throws PithError RELEASE_INVALID for a missing or malformed field, a path that leaves the suite, a wrong size or digest
 */
export function parseRelease(text: string, origin: string): Release {
  const stanzas = parseStanzas(text, { origin, code: 'RELEASE_INVALID' });
  const [stanza] = stanzas;
  if (!stanza || stanzas.length > 1)
    throw invalid(origin, `${stanzas.length} stanzas where a Release has one`);
  const suite = stanza.get('suite') ?? '';
  const codename = stanza.get('codename') ?? '';
  if (suite === '' && codename === '') throw invalid(origin, 'neither Suite nor Codename');
  const architectures = wordsOf(stanza, 'architectures');
  const validUntil = stanza.get('valid-until');
  return {
    origin: stanza.get('origin') ?? '',
    label: stanza.get('label') ?? '',
    suite,
    codename,
    version: stanza.get('version') ?? '',
    date: parseDate(stanza.get('date') ?? '', 'Date', origin),
    ...(validUntil === undefined ? {} : { validUntil: parseDate(validUntil, 'Valid-Until', origin) }),
    acquireByHash: stanza.get('acquire-by-hash') === 'yes',
    architectures,
    components: wordsOf(stanza, 'components'),
    separateAll:
      architectures.includes('all') &&
      !wordsOf(stanza, 'no-support-for-architecture-all').includes('Packages'),
    files: parseFiles(stanza, origin),
  };
}

function parseFiles(stanza: Stanza, origin: string): Map<string, ReleaseFile> {
  const section = stanza.get('sha256');
  if (section === undefined) throw invalid(origin, 'no SHA256 section');
  const files = new Map<string, ReleaseFile>();
  for (const line of section.split('\n')) {
    if (line.trim() === '') continue;
    const [hex, size, path, ...rest] = line.trim().split(/\s+/);
    const digest = digestFromHex(hex ?? '');
    if (!isDigest(digest) || !/^[0-9]{1,15}$/.test(size ?? '') || rest.length > 0)
      throw invalid(origin, `not a line of the SHA256 section: ${JSON.stringify(line.slice(0, 120))}`);
    if (path === undefined || !isSafePath(path))
      throw invalid(origin, `an unsafe path: ${JSON.stringify(path ?? '')}`);
    const known = files.get(path);
    if (known && known.digest !== digest)
      throw invalid(origin, `${path} is listed twice, with different digests`);
    files.set(path, { size: Number(size), digest });
  }
  return files;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE =
  /^(?:[A-Z][a-z]{2}, +)?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) (?:UTC|GMT|Z|[+-]0000)$/;

function parseDate(text: string, field: string, origin: string): Date {
  const [, day, month, year, hour, minute, second] = DATE.exec(text) ?? [];
  const monthIndex = MONTHS.indexOf(month ?? '');
  if (monthIndex < 0) throw invalid(origin, `${field} is not a date in UTC: ${JSON.stringify(text)}`);
  const time = [Number(hour), Number(minute), Number(second)] as const;
  const date = new Date(Date.UTC(Number(year), monthIndex, Number(day), ...time));
  if (date.getUTCDate() !== Number(day) || time[0] > 23 || time[1] > 59 || time[2] > 60)
    throw invalid(origin, `${field} is not a date: ${JSON.stringify(text)}`);
  return date;
}

function invalid(origin: string, why: string): PithError {
  return new PithError('RELEASE_INVALID', `the Release file is not usable: ${why}`, {
    url: origin,
    hint: 'The signature is good but the content is not: choose another mirror, or report it to the archive.',
  });
}

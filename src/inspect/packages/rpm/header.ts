import { foundPackage } from '../found-package.ts';
import type { FoundPackage, OwnedFile } from '../model.ts';
import { PathMaker } from '../texts.ts';

/** Tags (RPM Reference Manual, "RPM Tags"). */
const TAG = {
  NAME: 1000,
  VERSION: 1001,
  RELEASE: 1002,
  EPOCH: 1003,
  SUMMARY: 1004,
  SIZE: 1009,
  LICENSE: 1014,
  ARCH: 1022,
  OLD_FILE_NAMES: 1027,
  FILE_STATES: 1029,
  FILE_MODES: 1030,
  FILE_DIGESTS: 1035,
  FILE_FLAGS: 1037,
  SOURCE_RPM: 1044,
  DIR_INDEXES: 1116,
  BASE_NAMES: 1117,
  DIR_NAMES: 1118,
  LONG_SIZE: 5009,
  FILE_DIGEST_ALGORITHM: 5011,
} as const;

/** Types of data (same manual, "Package format", "Header structure"), with the bytes of one number. */
const WIDTH: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8 };
const TEXT_TYPES: ReadonlySet<number> = new Set([6, 8, 9]);

/** Before the entries: their count and the bytes of their data. */
const START = 8;
const ENTRY = 16;
const MAX_ENTRIES = 0xffff;

const DIRECTORY = 0o040000;
const FILE_TYPE = 0o170000;
const CONFIGURATION = 1;
const INSTALLED = 0;
const NOT_INSTALLED = 2;
const SHA256 = 8;
const MD5 = 1;

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * The package that a header of RPM's database tells of: the format of packages (RPM Reference Manual, "Package format") without
 * the magic number.
 * @param paths bounds the paths of all headers of a database together
 * @returns nothing for what is no such header
 */
export function readHeader(bytes: Buffer, paths = new PathMaker()): FoundPackage | undefined {
  const header = Header.open(bytes);
  if (!header) return undefined;
  const [epoch, size] = [header.numbers(TAG.EPOCH)[0], header.numbers(TAG.LONG_SIZE)[0]];
  const release = `${header.text(TAG.VERSION) ?? ''}-${header.text(TAG.RELEASE) ?? ''}`;
  const [, name, version] =
    /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(header.text(TAG.SOURCE_RPM) ?? '') ?? [];
  const isSameRelease = version === release;
  const full = epoch === undefined ? release : `${epoch}:${release}`;
  const states = header.numbers(TAG.FILE_STATES);
  return foundPackage({
    type: 'rpm',
    name: header.text(TAG.NAME),
    version: release.startsWith('-') ? undefined : full,
    architecture: header.text(TAG.ARCH),
    source: { name, version: isSameRelease ? full : version },
    licences: [header.text(TAG.LICENSE)],
    summary: header.text(TAG.SUMMARY),
    installedSize: size ?? header.numbers(TAG.SIZE)[0],
    partial: states.includes(NOT_INSTALLED),
    files: filesOf(header, states, paths),
  });
}

function filesOf(header: Header, states: readonly number[], paths: PathMaker): OwnedFile[] {
  const [folders, indexes] = [header.texts(TAG.DIR_NAMES), header.numbers(TAG.DIR_INDEXES)];
  const names = header.texts(TAG.BASE_NAMES);
  const whole = names.length > 0 ? [] : header.texts(TAG.OLD_FILE_NAMES);
  const [modes, flags] = [header.numbers(TAG.FILE_MODES), header.numbers(TAG.FILE_FLAGS)];
  const digests = header.texts(TAG.FILE_DIGESTS);
  const algorithm = header.numbers(TAG.FILE_DIGEST_ALGORITHM)[0] ?? MD5;
  return (names.length > 0 ? names : whole).flatMap((name, at) => {
    const path = paths.of(folders[indexes[at] ?? -1] ?? '', name);
    const isFolder = ((modes[at] ?? 0) & FILE_TYPE) === DIRECTORY;
    if (path === undefined || isFolder || (states[at] ?? INSTALLED) !== INSTALLED) return [];
    const digest = digests[at] ?? '';
    return [
      {
        path,
        ...(algorithm === MD5 && /^[0-9a-f]{32}$/.test(digest) ? { md5: digest } : {}),
        ...(algorithm === SHA256 && /^[0-9a-f]{64}$/.test(digest) ? { sha256: digest } : {}),
        ...(((flags[at] ?? 0) & CONFIGURATION) !== 0 ? { configuration: true } : {}),
      },
    ];
  });
}

class Header {
  readonly #data: Buffer;
  readonly #entries: ReadonlyMap<number, Entry>;

  constructor(data: Buffer, entries: ReadonlyMap<number, Entry>) {
    this.#data = data;
    this.#entries = entries;
  }

  static open(bytes: Buffer): Header | undefined {
    if (bytes.length < START) return undefined;
    const [count, size] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
    const start = START + count * ENTRY;
    if (count > MAX_ENTRIES || start + size > bytes.length) return undefined;
    const entries = new Map<number, Entry>();
    for (let at = START; at < start; at += ENTRY) {
      const tag = bytes.readUInt32BE(at);
      const [type, offset] = [bytes.readUInt32BE(at + 4), bytes.readUInt32BE(at + 8)];
      // What was added at the installation stands behind what was signed, which holds.
      if (!entries.has(tag)) entries.set(tag, { type, offset, count: bytes.readUInt32BE(at + 12) });
    }
    return new Header(bytes.subarray(start, start + size), entries);
  }

  /** The first text of a tag, in the C locale. */
  text(tag: number): string | undefined {
    return this.texts(tag, 1)[0];
  }

  texts(tag: number, limit = Infinity): string[] {
    const entry = this.#entries.get(tag);
    const texts: string[] = [];
    if (!entry || !TEXT_TYPES.has(entry.type)) return texts;
    for (let at = entry.offset; texts.length < Math.min(entry.count, limit);) {
      const end = at > this.#data.length ? -1 : this.#data.indexOf(0, at);
      if (end < 0) break;
      texts.push(this.#data.toString('utf8', at, end));
      at = end + 1;
    }
    return texts;
  }

  /** Numbers without sign; those beyond 2^53 lose their low bits. */
  numbers(tag: number): number[] {
    const entry = this.#entries.get(tag);
    const width = WIDTH[entry?.type ?? 0];
    if (!entry || width === undefined || entry.offset + entry.count * width > this.#data.length) return [];
    return Array.from({ length: entry.count }, (_none, index) => {
      const at = entry.offset + index * width;
      return width === 8 ? Number(this.#data.readBigUInt64BE(at)) : this.#data.readUIntBE(at, width);
    });
  }
}

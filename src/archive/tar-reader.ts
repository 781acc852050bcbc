import { PithError } from '../core/index.ts';
import { decodeName } from './names.ts';
import {
  BLOCK,
  checksumOf,
  FIELD,
  type TarEntry,
  type TarEntryType,
  TYPE_FLAG,
  XATTR_KEYWORD,
} from './tar-format.ts';
import { paddingOf } from './tar-writer.ts';

/** Longest extension member (long name, pax header) that is read: far more than any path or attribute may have. */
const MAX_EXTENSION = 1 << 20;
const POSIX_MAGIC = [...Buffer.from('ustar\0')];
const SPARSE = 'sparse files are not supported in packages and layers';
const FLAG_TYPES: Readonly<Record<string, TarEntryType>> = {
  ...Object.fromEntries(Object.entries(TYPE_FLAG).map(([type, flag]) => [flag, type as TarEntryType])),
  '\0': 'file',
  '7': 'file',
};

export type TarEvent =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  /** A piece of the content of the last entry; a view of what was pushed. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** The archive's end marker was read; what follows it is not looked at. */
  | { readonly kind: 'end' };

interface Extensions {
  path?: string;
  linkName?: string;
  numbers: Partial<Record<'uid' | 'gid' | 'size' | 'mtime', number>>;
  xattrs: Record<string, Uint8Array>;
}

/**
 * Reads a tar archive that comes in pieces: push bytes, then take events until there is none.
 * Understands v7, ustar, pax and GNU archives (POSIX.1-2017 pax; GNU tar manual). Every fault is ARCHIVE_INVALID or
 * ARCHIVE_UNSUPPORTED with the name given; paths are reported as they stand in the archive, so callers check them.
 */
export class TarParser {
  readonly #name: string;
  #pending: Uint8Array[] = [];
  #available = 0;
  #content = 0;
  #padding = 0;
  #ended = false;
  #extensions: Extensions = { numbers: {}, xattrs: {} };
  #global: Extensions['numbers'] = {};
  #extension: { flag: string; size: number } | undefined;

  /** @param name what the archive is called in errors */
  constructor(name: string) {
    this.#name = name;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#ended) return;
    this.#pending.push(bytes);
    this.#available += bytes.length;
  }

  /** The next event, or undefined when more bytes are needed. */
  next(): TarEvent | undefined {
    for (;;) {
      if (this.#ended) return { kind: 'end' };
      if (this.#content > 0) return this.#takeContent();
      if (this.#padding > 0) {
        if (!this.#skipPadding()) return undefined;
        continue;
      }
      if (this.#extension) {
        if (this.#available < this.#extension.size + paddingOf(this.#extension.size)) return undefined;
        this.#readExtension(this.#extension);
        continue;
      }
      if (this.#available < BLOCK) return undefined;
      const entry = this.#readHeader(this.#take(BLOCK));
      if (entry) return { kind: 'entry', entry };
    }
  }

  /** Says that no more bytes come. */
  end(): void {
    if (this.#ended) return;
    if (this.#available > 0 || this.#content > 0 || this.#padding > 0 || this.#extension)
      this.#fail('it is cut short');
  }

  #takeContent(): TarEvent | undefined {
    const first = this.#pending[0];
    if (!first) return undefined;
    const bytes = this.#take(Math.min(first.length, this.#content));
    this.#content -= bytes.length;
    return { kind: 'data', bytes };
  }

  #skipPadding(): boolean {
    const count = Math.min(this.#padding, this.#available);
    if (count > 0) this.#take(count);
    this.#padding -= count;
    return this.#padding === 0;
  }

  /** Takes exactly `count` bytes, which must be there. */
  #take(count: number): Uint8Array {
    this.#available -= count;
    const first = this.#pending[0] ?? new Uint8Array(0);
    if (first.length > count) {
      this.#pending[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first.length === count) {
      this.#pending.shift();
      return first;
    }
    const joined = Buffer.concat(this.#pending);
    this.#pending = joined.length > count ? [joined.subarray(count)] : [];
    return joined.subarray(0, count);
  }

  #readHeader(block: Uint8Array): TarEntry | undefined {
    if (block[0] === 0 && block.every((byte) => byte === 0)) {
      this.#ended = true;
      this.#pending = [];
      return undefined;
    }
    if (this.#number(block, FIELD.checksum) !== checksumOf(block))
      this.#fail('a header has a wrong checksum');
    const flag = String.fromCharCode(block[FIELD.type[0]] ?? 0);
    const size = this.#number(block, FIELD.size);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      if (size > MAX_EXTENSION)
        this.#fail(`an extension header of ${size} bytes is over the limit of ${MAX_EXTENSION}`);
      this.#extension = { flag, size };
      return undefined;
    }
    if (flag === 'S') throw this.#unsupported(SPARSE);
    const type = FLAG_TYPES[flag];
    if (!type) throw this.#unsupported(`the member type ${JSON.stringify(flag)} is not known`);
    return this.#entryOf(block, type, size);
  }

  #entryOf(block: Uint8Array, flagType: TarEntryType, headerSize: number): TarEntry {
    const { path: longPath, linkName, numbers, xattrs } = this.#extensions;
    this.#extensions = { numbers: {}, xattrs: {} };
    const fullPath = longPath ?? this.#ustarPath(block);
    const type = flagType === 'file' && fullPath.endsWith('/') ? 'directory' : flagType;
    const path = fullPath.length > 1 ? fullPath.replace(/\/+$/, '') : fullPath;
    const declared = numbers.size ?? this.#global.size ?? headerSize;
    const device = type === 'character' || type === 'block';
    const size = type === 'file' ? declared : 0;
    this.#content = size;
    this.#padding = paddingOf(size);
    return {
      path,
      type,
      mode: this.#number(block, FIELD.mode) & 0o7777,
      uid: numbers.uid ?? this.#global.uid ?? this.#number(block, FIELD.uid),
      gid: numbers.gid ?? this.#global.gid ?? this.#number(block, FIELD.gid),
      size,
      mtime: numbers.mtime ?? this.#global.mtime ?? this.#number(block, FIELD.mtime),
      linkName:
        type === 'symlink' || type === 'hardlink'
          ? (linkName ?? decodeName(untilNul(field(block, FIELD.linkName))))
          : '',
      deviceMajor: device ? this.#number(block, FIELD.deviceMajor) : 0,
      deviceMinor: device ? this.#number(block, FIELD.deviceMinor) : 0,
      ...(Object.keys(xattrs).length > 0 ? { xattrs } : {}),
    };
  }

  #ustarPath(block: Uint8Array): string {
    const name = untilNul(field(block, FIELD.name));
    const prefix = isPosix(block) ? untilNul(field(block, FIELD.prefix)) : undefined;
    return decodeName(prefix?.length ? Buffer.concat([prefix, Buffer.from('/'), name]) : name);
  }

  #readExtension({ flag, size }: { flag: string; size: number }): void {
    const content = Buffer.from(this.#take(size));
    this.#extension = undefined;
    this.#padding = paddingOf(size);
    if (flag === 'L') this.#extensions.path = decodeName(untilNul(content));
    else if (flag === 'K') this.#extensions.linkName = decodeName(untilNul(content));
    else this.#readPax(content, flag === 'g');
  }

  #readPax(content: Buffer, global: boolean): void {
    for (let at = 0; at < content.length;) {
      const space = content.indexOf(0x20, at);
      const length = space < 0 ? NaN : Number(content.toString('latin1', at, space));
      const equals = content.indexOf(0x3d, space);
      if (
        !Number.isSafeInteger(length) ||
        length < 5 ||
        at + length > content.length ||
        equals < 0 ||
        equals >= at + length
      )
        this.#fail('a pax record is malformed');
      const keyword = content.toString('utf8', space + 1, equals);
      const value = content.subarray(equals + 1, at + length - 1);
      if (content[at + length - 1] !== 0x0a) this.#fail('a pax record is malformed');
      this.#setPax(keyword, value, global);
      at += length;
    }
  }

  #setPax(keyword: string, value: Buffer, global: boolean): void {
    const target = global ? this.#global : this.#extensions.numbers;
    if (keyword.startsWith('GNU.sparse.')) throw this.#unsupported(SPARSE);
    if (keyword === 'uid' || keyword === 'gid' || keyword === 'size' || keyword === 'mtime') {
      const number = Math.floor(Number(value.toString('latin1')));
      if (!Number.isSafeInteger(number) || (keyword !== 'mtime' && number < 0))
        this.#fail(`the pax record ${keyword} is no number`);
      target[keyword] = number;
    } else if (!global && keyword === 'path') this.#extensions.path = decodeName(value);
    else if (!global && keyword === 'linkpath') this.#extensions.linkName = decodeName(value);
    else if (!global && keyword.startsWith(XATTR_KEYWORD))
      this.#extensions.xattrs[keyword.slice(XATTR_KEYWORD.length)] = value;
  }

  /** A number in octal, or in base 256 where the first bit is set (GNU tar manual, "Extensions"). */
  #number(block: Uint8Array, range: readonly [number, number]): number {
    const bytes = field(block, range);
    const first = bytes[0] ?? 0;
    if (first & 0x80) {
      const negative = (first & 0x40) !== 0;
      let value = BigInt(first & (negative ? 0xff : 0x7f));
      for (const byte of bytes.subarray(1)) value = (value << 8n) | BigInt(byte);
      if (negative) value -= 1n << BigInt(bytes.length * 8);
      if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER))
        this.#fail('a number in a header is too large');
      return Number(value);
    }
    return this.#octal(bytes);
  }

  /** Octal digits, with blanks and NULs around them; nothing at all is 0. */
  #octal(bytes: Uint8Array): number {
    let value = 0;
    let at = 0;
    while (bytes[at] === 0x20) at++;
    for (; at < bytes.length; at++) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 7) break;
      value = value * 8 + digit;
    }
    while (bytes[at] === 0x20) at++;
    if (at < bytes.length && bytes[at] !== 0) {
      this.#fail(
        `a header holds ${JSON.stringify(Buffer.from(bytes).toString('latin1'))} where a number belongs`,
      );
    }
    return value;
  }

  #fail(why: string): never {
    throw new PithError('ARCHIVE_INVALID', `${this.#name} is not a sound tar archive: ${why}`);
  }

  #unsupported(why: string): PithError {
    return new PithError('ARCHIVE_UNSUPPORTED', `${this.#name}: ${why}`);
  }
}

/**
 * The members of an archive in their order. The body of a member is read before the next member is asked for;
 * what is not read of it is skipped.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<{ entry: TarEntry; body: AsyncIterable<Uint8Array> }> {
  const parser = new TarParser(name);
  const input = source[Symbol.asyncIterator]();
  const pull = async (): Promise<TarEvent | undefined> => {
    for (;;) {
      const event = parser.next();
      if (event) return event;
      const piece = await input.next();
      if (piece.done) {
        parser.end();
        return undefined;
      }
      parser.push(piece.value);
    }
  };
  let ahead: TarEvent | undefined;
  async function* body(): AsyncGenerator<Uint8Array> {
    for (ahead ??= await pull(); ahead?.kind === 'data'; ahead = await pull()) yield ahead.bytes;
  }
  try {
    for (;;) {
      ahead ??= await pull();
      while (ahead?.kind === 'data') ahead = await pull();
      if (ahead?.kind !== 'entry') return;
      const { entry } = ahead;
      ahead = undefined;
      yield { entry, body: body() };
    }
  } finally {
    await input.return?.(undefined);
  }
}

/** GNU archives have `ustar` and a blank as magic, and other things than a prefix in the prefix field. */
function isPosix(block: Uint8Array): boolean {
  return POSIX_MAGIC.every((byte, index) => block[FIELD.magic[0] + index] === byte);
}

function field(block: Uint8Array, [offset, length]: readonly [number, number]): Uint8Array {
  return block.subarray(offset, offset + length);
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}

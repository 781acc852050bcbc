import { type OpenElf, readSection } from './elf-file.ts';
import { ElfReader, locate, SEGMENT_TYPE } from './elf-header.ts';

/** A module of Go and its version, `(devel)` where none was known. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** The one that it stands in for; its own path may be that of a folder then. */
  readonly replaces?: GoModule;
}

/** What the Go compiler writes into a program; `go version -m` prints it. */
export interface GoBuild {
  /** Of the compiler, such as `go1.26.8`. */
  readonly version: string;
  /** The module that the program is of. */
  readonly module?: GoModule;
  /** Modules that it depends on, as they were replaced. */
  readonly dependencies: readonly GoModule[];
  /** `vcs.revision`, `CGO_ENABLED`, `GOARCH` … */
  readonly settings: ReadonlyMap<string, string>;
}

/** Format of the block (Go: src/debug/buildinfo/buildinfo.go). */
const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const ALIGNMENT = 16;
const HEAD = 32;
const FLAG = { BIG_ENDIAN: 1, INLINE: 2 } as const;
/** Those of the largest programs have 100 KiB. */
const MAX_BLOCK = 4 << 20;
const MAX_VERSION = 256;
/** Where a segment is searched if sections are gone: the block starts the writable one. */
const SEARCHED = 64 << 10;
/** Marks around the list of modules, of 16 bytes each. */
const MARK = 16;

/** @returns nothing for what was not built by Go 1.13 or later */
export async function readGoBuild(file: OpenElf): Promise<GoBuild | undefined> {
  const block = await findBlock(file);
  const flags = block?.[15] ?? 0;
  if (!block || block.length < HEAD) return undefined;
  const texts = (flags & FLAG.INLINE) !== 0 ? readInline(block) : await readPointers(file, block);
  const version = texts?.[0];
  return version !== undefined && /^(go\d|devel)/.test(version)
    ? { version, ...readModules(texts?.[1] ?? '') }
    : undefined;
}

async function findBlock(file: OpenElf): Promise<Uint8Array | undefined> {
  const section = await readSection(file, '.go.buildinfo', MAX_BLOCK);
  if (section && startsBlock(section, 0)) return section;
  for (const { type, offset, size } of file.header.segments) {
    if (type !== SEGMENT_TYPE.LOAD) continue;
    const bytes = await file.read(offset, Math.min(size, SEARCHED));
    for (let at = 0; at + HEAD <= bytes.length; at += ALIGNMENT)
      if (startsBlock(bytes, at)) return file.read(offset + at, Math.min(size - at, MAX_BLOCK));
  }
  return undefined;
}

function startsBlock(bytes: Uint8Array, at: number): boolean {
  return MAGIC.equals(bytes.subarray(at, at + MAGIC.length));
}

/** Go 1.18 and later: both texts stand behind the head, each behind its length. */
function readInline(block: Uint8Array): [string, string] | undefined {
  const version = readText(block, HEAD);
  const modules = version && readText(block, version.end);
  return modules && [version.text, modules.text];
}

function readText(bytes: Uint8Array, start: number): { text: string; end: number } | undefined {
  let length = 0;
  for (let at = start, scale = 1; at < start + 5; at++, scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * scale;
    if (byte >= 0x80) continue;
    const end = at + 1 + length;
    if (end > bytes.length) return undefined;
    return { text: Buffer.from(bytes.subarray(at + 1, end)).toString('latin1'), end };
  }
  return undefined;
}

/** Before Go 1.18: addresses of two strings of Go, each an address and a length. */
async function readPointers(file: OpenElf, block: Uint8Array): Promise<[string, string] | undefined> {
  const { header } = file;
  const width = header.class / 8;
  const isBig = ((block[15] ?? 0) & FLAG.BIG_ENDIAN) !== 0;
  if (block[14] !== width || isBig !== (header.endianness === 'big')) return undefined;
  const reader = new ElfReader(block, header);
  const bytesAt = async (address: number, length: number): Promise<Uint8Array | undefined> => {
    const place = locate(header, address);
    return place && length <= place.available ? file.read(place.offset, length) : undefined;
  };
  const textAt = async (address: number, limit: number): Promise<string | undefined> => {
    const head = await bytesAt(address, 2 * width);
    if (head?.length !== 2 * width) return undefined;
    const string = new ElfReader(head, header);
    const length = string.address(width);
    const bytes = length > limit ? undefined : await bytesAt(string.address(0), length);
    return bytes && Buffer.from(bytes).toString('latin1');
  };
  const version = await textAt(reader.address(ALIGNMENT), MAX_VERSION);
  const modules = await textAt(reader.address(ALIGNMENT + width), MAX_BLOCK);
  return version === undefined ? undefined : [version, modules ?? ''];
}

/**
 * Lines of words between tabs (Go: src/runtime/debug/mod.go).
 * @param marked a character a byte
 */
function readModules(marked: string): Omit<GoBuild, 'version'> {
  const isMarked = marked.length > 2 * MARK && marked.at(-MARK - 1) === '\n';
  const text = isMarked ? Buffer.from(marked.slice(MARK, -MARK), 'latin1').toString('utf8') : '';
  const dependencies: GoModule[] = [];
  const settings = new Map<string, string>();
  let module: GoModule | undefined;
  for (const [kind, path = '', version = ''] of text.split('\n').map((line) => line.split('\t'))) {
    if (kind === 'mod') module = { path, version };
    else if (kind === 'dep') dependencies.push({ path, version });
    else if (kind === '=>') replaceLast(dependencies, { path, version });
    else if (kind === 'build') {
      const [, key = '', value = ''] = /^("(?:[^"\\]|\\.)*"|[^=]*)=(.*)$/.exec(path) ?? [];
      settings.set(unquote(key), unquote(value));
    }
  }
  return { ...(module ? { module } : {}), dependencies, settings };
}

function replaceLast(modules: GoModule[], by: GoModule): void {
  const replaces = modules.pop();
  modules.push({ ...by, ...(replaces ? { replaces } : {}) });
}

/** Keys and values with odd characters are quoted as in Go's source. */
function unquote(text: string): string {
  const inner = /^"(.*)"$/.exec(text)?.[1];
  return inner === undefined ? text : inner.replace(/\\(["\\])/g, '$1');
}

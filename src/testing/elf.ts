/** What an ELF file of a test says; everything else in it is empty. */
export interface TestElf {
  readonly class?: 32 | 64;
  readonly endianness?: 'little' | 'big';
  /** `e_type`: 2 executable, 3 shared. */
  readonly type?: number;
  /** `e_machine`: x86-64 unless given. */
  readonly machine?: number;
  readonly flags?: number;
  readonly soname?: string;
  readonly needed?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
  readonly interpreter?: string;
  /** Kernel version of the ABI tag. */
  readonly kernel?: readonly [number, number, number];
  /** Bits of the needed x86 ISA. */
  readonly isaNeeded?: number;
  /** Versions that it needs, by library; `?` behind one says that it is needed weakly. */
  readonly versions?: Readonly<Record<string, readonly string[]>>;
  /** Versions that it defines, besides the one of the file itself; each follows the one before. */
  readonly definitions?: readonly string[];
  /** Without a dynamic section: a static program. */
  readonly isStatic?: boolean;
  /** Bytes of code between the string table and the dynamic section. */
  readonly code?: number;
  /** Puts the string table behind the dynamic section, as patchelf(1) does. */
  readonly stringsLast?: boolean;
}

interface Placed {
  readonly type: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** An ELF file of the kind that GNU ld writes, as far as loaders and ldconfig read it. Addresses are offsets plus 0x10000. */
export function makeElf(elf: TestElf = {}): Buffer {
  const encoder = new Encoder(elf);
  const { wide } = encoder;
  const headers = wide ? 64 + 8 * 56 : 52 + 8 * 32;
  const strings = new Strings();
  const blobs: { type: number; bytes: Buffer; name: string }[] = [];
  const add = (name: string, type: number, bytes: Buffer): void => void blobs.push({ name, type, bytes });
  const versions = versionTable(elf, encoder, strings);
  const definitions = definitionTable(elf, encoder, strings);
  const tags = nameTags(elf, strings);
  if (elf.interpreter !== undefined) add('interpreter', 3, Buffer.from(`${elf.interpreter}\0`));
  if (elf.kernel) add('abi', 4, encoder.note(1, encoder.words(0, ...elf.kernel), 4));
  if (elf.isaNeeded !== undefined) {
    const property = encoder.words(0xc0008002, 4, elf.isaNeeded, ...(wide ? [0] : []));
    add('property', 0x6474e553, encoder.note(5, property, wide ? 8 : 4));
  }
  const order = elf.stringsLast ? ['code', 'dynamic', 'strings'] : ['strings', 'code', 'dynamic'];
  if (versions.length > 0) add('versions', 0, versions);
  if (definitions.length > 0) add('definitions', 0, definitions);
  for (const name of order) {
    if (name === 'strings') add(name, 0, strings.concat());
    else if (name === 'code') add(name, 0, Buffer.alloc(elf.code ?? 0, 0x90));
    else if (!elf.isStatic) add(name, 2, Buffer.alloc((tags.length + 7) * (wide ? 16 : 8)));
  }
  const placed = new Map<string, Placed>();
  let end = headers;
  for (const { name, type, bytes } of blobs) {
    end = Math.ceil(end / 8) * 8;
    placed.set(name, { type, offset: end, bytes });
    end += bytes.length;
  }
  const address = (name: string): number => 0x10000 + (placed.get(name)?.offset ?? 0);
  const extra = [
    [5, address('strings')],
    [10, strings.concat().length],
    ...(versions.length > 0
      ? [
          [0x6ffffffe, address('versions')],
          [0x6fffffff, Object.keys(elf.versions ?? {}).length],
        ]
      : []),
    ...(definitions.length > 0
      ? [
          [0x6ffffffc, address('definitions')],
          [0x6ffffffd, (elf.definitions ?? []).length + 1],
        ]
      : []),
  ];
  const dynamic = placed.get('dynamic');
  dynamic?.bytes.set(
    Buffer.concat([...tags, ...extra].map(([tag = 0, value = 0]) => encoder.addresses(tag, value))),
  );
  const segments: Placed[] = [
    { type: 1, offset: 0, bytes: Buffer.alloc(end) },
    ...[...placed.values()].filter(({ type }) => type !== 0),
  ];
  const file = Buffer.alloc(end);
  file.set(encoder.header(elf, segments));
  for (const { offset, bytes } of placed.values()) file.set(bytes, offset);
  return file;
}

function nameTags(elf: TestElf, strings: Strings): [number, number][] {
  const tags: [number, number][] = (elf.needed ?? []).map((name) => [1, strings.add(name)]);
  if (elf.soname !== undefined) tags.push([14, strings.add(elf.soname)]);
  if (elf.rpath !== undefined) tags.push([15, strings.add(elf.rpath)]);
  if (elf.runpath !== undefined) tags.push([29, strings.add(elf.runpath)]);
  return tags;
}

function versionTable(elf: TestElf, encoder: Encoder, strings: Strings): Buffer {
  const libraries = Object.entries(elf.versions ?? {});
  return Buffer.concat(
    libraries.flatMap(([library, versions], index) => {
      const isLast = index === libraries.length - 1;
      const head = Buffer.concat([
        encoder.halves(1, versions.length),
        encoder.words(strings.add(library), 16, isLast ? 0 : 16 * (versions.length + 1)),
      ]);
      const rest = versions.map((version, at) =>
        Buffer.concat([
          encoder.words(0),
          encoder.halves(version.endsWith('?') ? 2 : 0, 0),
          encoder.words(strings.add(version.replace(/\?$/, '')), at === versions.length - 1 ? 0 : 16),
        ]),
      );
      return [head, ...rest];
    }),
  );
}

function definitionTable({ definitions, soname = '' }: TestElf, encoder: Encoder, strings: Strings): Buffer {
  if (!definitions) return Buffer.alloc(0);
  const names = [soname, ...definitions].map((name) => strings.add(name));
  return Buffer.concat(
    names.map((name, index) => {
      const parents = index < 2 ? [] : names.slice(index - 1, index);
      const isLast = index === names.length - 1;
      const size = 20 + 8 * (parents.length + 1);
      return Buffer.concat([
        encoder.halves(1, index === 0 ? 1 : 0, index + 1, parents.length + 1),
        encoder.words(0, 20, isLast ? 0 : size),
        encoder.words(name, parents.length > 0 ? 8 : 0),
        ...parents.map((parent) => encoder.words(parent, 0)),
      ]);
    }),
  );
}

class Strings {
  #text = '\0';

  add(text: string): number {
    const at = this.#text.length;
    this.#text += `${Buffer.from(text).toString('latin1')}\0`;
    return at;
  }

  concat(): Buffer {
    return Buffer.from(this.#text, 'latin1');
  }
}

class Encoder {
  readonly wide: boolean;
  readonly #little: boolean;

  constructor({ class: width, endianness }: TestElf) {
    this.wide = width !== 32;
    this.#little = endianness !== 'big';
  }

  halves(...values: number[]): Buffer {
    const bytes = Buffer.alloc(2 * values.length);
    for (const [index, value] of values.entries())
      if (this.#little) bytes.writeUInt16LE(value, 2 * index);
      else bytes.writeUInt16BE(value, 2 * index);
    return bytes;
  }

  words(...values: number[]): Buffer {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries())
      if (this.#little) bytes.writeUInt32LE(value >>> 0, 4 * index);
      else bytes.writeUInt32BE(value >>> 0, 4 * index);
    return bytes;
  }

  addresses(...values: number[]): Buffer {
    if (!this.wide) return this.words(...values);
    return this.words(...values.flatMap((value) => (this.#little ? [value, 0] : [0, value])));
  }

  note(type: number, content: Buffer, align: number): Buffer {
    const padding = (bytes: number): Buffer => Buffer.alloc((align - (bytes % align)) % align);
    return Buffer.concat([
      this.words(4, content.length, type),
      Buffer.from('GNU\0'),
      padding(16),
      content,
      padding(content.length),
    ]);
  }

  header(elf: TestElf, segments: readonly Placed[]): Buffer {
    const start = this.wide ? 64 : 52;
    const identity = [this.wide ? 2 : 1, this.#little ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    return Buffer.concat([
      Buffer.from('\x7fELF', 'latin1'),
      Buffer.from(identity),
      this.halves(elf.type ?? 3, elf.machine ?? 62),
      this.words(1),
      this.addresses(0, start, 0),
      this.words(elf.flags ?? 0),
      this.halves(start, this.wide ? 56 : 32, segments.length, 0, 0, 0),
      ...segments.map((segment) => this.#segment(segment)),
    ]);
  }

  #segment({ type, offset, bytes }: Placed): Buffer {
    const size = bytes.length;
    const at = 0x10000 + offset;
    const align = type === 1 ? 0x1000 : this.wide ? 8 : 4;
    return this.wide
      ? Buffer.concat([
          this.words(type, 5),
          this.addresses(offset, at, at, size, size, type === 4 ? 4 : align),
        ])
      : this.words(type, offset, at, at, size, size, 5, align);
  }
}

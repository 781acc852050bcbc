/** Class files start with this number (JVMS 21, section 4.1). */
const MAGIC = 0xcafebabe;
/** Version 45 was Java 1.1; from 49 on, N is Java N − 44 (JVMS 21, table 4.1-A). */
const BEFORE_FIRST = 44;
/** `minor_version` of a class that uses preview features (4.1): only that very Java runs it. */
const PREVIEW = 0xffff;

/** Which Java a class file is for. */
export interface ClassVersion {
  /** Major version of Java: 17, 21 … */
  readonly java: number;
  readonly isPreview: boolean;
}

/** The version of a class file, from its first eight bytes. */
export function readClassVersion(bytes: Uint8Array): ClassVersion | undefined {
  if (bytes.length < 8) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const java = view.readUInt16BE(6) - BEFORE_FIRST;
  if (view.readUInt32BE(0) !== MAGIC || java < 1) return undefined;
  return { java, isPreview: view.readUInt16BE(4) === PREVIEW };
}

/** Bytes of constants behind their tag; a text (1) has its own length (JVMS 21, table 4.4-A). */
const CONSTANT_SIZES: Readonly<Record<number, number>> = {
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 2,
  8: 2,
  9: 4,
  10: 4,
  11: 4,
  12: 4,
  15: 3,
  16: 2,
  17: 4,
  18: 4,
  19: 2,
  20: 2,
};
const TEXT = 1;
/** A long and a double take two places of the pool. */
const WIDE = [5, 6];
const PUBLIC_STATIC = 0x0009;
const MAIN = '([Ljava/lang/String;)V';

/**
 * The class that a class file defines, if it has `public static void main(String[])` and so can be started.
 * @returns its name with dots; undefined for any other and for damaged files
 */
export function readMainClass(bytes: Uint8Array): string | undefined {
  try {
    return new ClassReader(Buffer.from(bytes)).readMain();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads forward; Buffer throws a RangeError where the file ends too early. */
class ClassReader {
  readonly #bytes: Buffer;
  #at = 8;
  readonly #texts = new Map<number, string>();
  readonly #classes = new Map<number, number>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  readMain(): string | undefined {
    if (!readClassVersion(this.#bytes) || !this.#readConstants()) return undefined;
    this.#at += 2;
    const name = this.#texts.get(this.#classes.get(this.#short()) ?? 0);
    this.#at += 2;
    const interfaces = this.#short();
    this.#at += 2 * interfaces;
    this.#hasMember(() => false);
    const isMain = this.#hasMember(
      (flags, member, type) =>
        (flags & PUBLIC_STATIC) === PUBLIC_STATIC && member === 'main' && type === MAIN,
    );
    return isMain && this.#at <= this.#bytes.length ? name?.replaceAll('/', '.') : undefined;
  }

  #readConstants(): boolean {
    const count = this.#short();
    for (let index = 1; index < count; index++) {
      const tag = this.#bytes.readUInt8(this.#at++);
      if (tag === TEXT) {
        const length = this.#short();
        this.#texts.set(index, this.#bytes.toString('utf8', this.#at, this.#at + length));
        this.#at += length;
        continue;
      }
      const size = CONSTANT_SIZES[tag];
      if (size === undefined) return false;
      if (tag === 7) this.#classes.set(index, this.#bytes.readUInt16BE(this.#at));
      this.#at += size;
      if (WIDE.includes(tag)) index++;
    }
    return true;
  }

  /** Reads the table of fields or methods to its end. */
  #hasMember(matches: (flags: number, name: string, type: string) => boolean): boolean {
    let found = false;
    for (let left = this.#short(); left > 0; left--) {
      const [flags, name, type] = [this.#short(), this.#text(), this.#text()];
      found ||= matches(flags, name, type);
      for (let attributes = this.#short(); attributes > 0; attributes--) {
        this.#at += 2;
        this.#at += 4 + this.#bytes.readUInt32BE(this.#at);
      }
    }
    return found;
  }

  #short(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  #text(): string {
    return this.#texts.get(this.#short()) ?? '';
  }
}

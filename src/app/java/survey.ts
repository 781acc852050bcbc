import type { ZipArchive } from '../../archive/index.ts';
import { byText, PithError } from '../../core/index.ts';
import { architectureOf } from '../../rootfs/index.ts';
import { list } from '../common/left-out.ts';
import { baseOf } from '../common/paths.ts';
import type { RuntimeNeed } from '../model.ts';
import { readClassVersion } from './class-file.ts';
import { attributeOf, type Manifest } from './manifest.ts';

/** Classes of the application, and of a library, that are looked at. */
const OWN_SAMPLE = 32;
const LIBRARY_SAMPLE = 3;
/** Native libraries of one jar that are looked at. */
const MAX_NATIVE = 64;
const ELF_HEADER = 20;

const CLASS = /(?:^|\/)(?!module-info|package-info)[^/]+\.class$/;
const NATIVE = /\.so(?:\.\d+)*$/;
/** Builds for what is no Linux with glibc, in the folders of their libraries. */
const OTHER_SYSTEM = /(?:bsd|android|musl|alpine|sunos|solaris|aix)/i;

interface Need {
  readonly java: number;
  readonly isPreview: boolean;
  readonly where: string;
}

/** What the classes and native libraries of an application's jars say about the machine that they run on. */
export class Survey {
  #need: Need | undefined;
  readonly #platforms = new Map<string, readonly string[]>();
  readonly #unreadable: string[] = [];

  /** Notes which Java a class file needs at least. */
  addClass(bytes: Uint8Array, where: string): void {
    const version = readClassVersion(bytes);
    if (version) this.#raise({ ...version, where });
  }

  /**
   * Looks at a jar.
   * @param what names it
   * @param isOwn whether a class is the application's own: of these the newest counts. A library's oldest counts, for it may
   * hold newer ones that it only loads where it can.
   */
  async addJar(zip: ZipArchive, what: string, isOwn: (name: string) => boolean): Promise<void> {
    const names = [...zip.members.keys()];
    const classes = names.filter((name) => CLASS.test(name) && !name.startsWith('META-INF/'));
    for (const name of classes.filter(isOwn).slice(0, OWN_SAMPLE))
      this.addClass(await zip.peek(name), `${what}: ${name}`);
    const others: Need[] = [];
    for (const name of classes.filter((one) => !isOwn(one)).slice(0, LIBRARY_SAMPLE)) {
      const version = readClassVersion(await zip.peek(name));
      if (version) others.push({ ...version, where: `${what}: ${name}` });
    }
    const [oldest] = others.sort((a, b) => a.java - b.java);
    if (oldest) this.#raise({ ...oldest, isPreview: false });
    await this.#addNative(zip, what, names);
  }

  /** Looks at a library that the application could do without: one that cannot be read is said, and no more. */
  async addLibrary(open: () => Promise<ZipArchive>, what: string): Promise<void> {
    try {
      await this.addJar(await open(), what, () => false);
    } catch (error) {
      if (!(error instanceof PithError)) throw error;
      this.#unreadable.push(error.message);
    }
  }

  /** Java that runs all of it, and what the manifest says of the JDK that built it. */
  runtime(): RuntimeNeed {
    const need = this.#need;
    if (!need) return { name: 'java', wanted: 'any', accepts: () => true };
    const { java, isPreview, where } = need;
    if (isPreview)
      return {
        name: 'java',
        wanted: `${java} and no other (${where} uses its preview features)`,
        accepts: (version) => Number(version) === java,
      };
    return {
      name: 'java',
      wanted: `>=${java} (class file version of ${where})`,
      accepts: (version) => Number(version) >= java,
    };
  }

  /** Options of the JVM without which it refuses the classes. */
  options(): string[] {
    return this.#need?.isPreview ? ['--enable-preview'] : [];
  }

  get hasNative(): boolean {
    return this.#platforms.size > 0;
  }

  notes(): string[] {
    return [
      ...this.#unreadable.map((message) => `${message}; Java will not find what is in it`),
      ...[...this.#platforms].map(([what, platforms]) =>
        platforms.length === 0
          ? `${what} has native libraries for none of the platforms of Linux with glibc`
          : `${what} has native libraries for ${list(platforms, 8)} only; they are unpacked into /tmp when they are used`,
      ),
    ];
  }

  #raise(need: Need): void {
    const { java, isPreview } = need;
    if (!this.#need || java > this.#need.java || (isPreview && java === this.#need.java)) this.#need = need;
  }

  async #addNative(zip: ZipArchive, what: string, names: readonly string[]): Promise<void> {
    const native = names.filter((name) => NATIVE.test(name));
    if (native.length === 0) return;
    const found = new Set<string>();
    for (const name of native.filter((one) => !OTHER_SYSTEM.test(one)).slice(0, MAX_NATIVE)) {
      const platform = platformOf(await zip.peek(name));
      if (platform !== undefined) found.add(platform);
    }
    this.#platforms.set(baseOf(what), [...found].sort(byText));
  }
}

/** What the start of an ELF file says of its platform (gABI 4.1, "ELF Header"). */
function platformOf(header: Uint8Array): string | undefined {
  if (header.length < ELF_HEADER || !Buffer.from('\x7fELF', 'latin1').equals(header.subarray(0, 4)))
    return undefined;
  const bytes = Buffer.from(header);
  const endianness = bytes[5] === 2 ? 'big' : 'little';
  const machine = endianness === 'big' ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
  return architectureOf({ machine, class: bytes[4] === 1 ? 32 : 64, endianness, flags: 0 });
}

/** What the manifest says of the JDK that built a jar: a hint, for it may have built for older ones. */
export function builtWith(manifest: Manifest, what: string): string[] {
  const jdk = attributeOf(manifest, 'Build-Jdk-Spec') ?? attributeOf(manifest, 'Build-Jdk');
  return jdk === undefined ? [] : [`${what}: built with JDK ${jdk}`];
}

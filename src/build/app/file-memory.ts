import { digestFromHex, digestOf, hexOf } from '../../core/index.ts';
import type { ElfInfo } from '../../rootfs/index.ts';
import type { Store } from '../../store/index.ts';
import type { ReadFile } from '../digest-memory.ts';

const RECORD = 'disk-files';
/** Changes when another thing is kept of a file. */
const VERSION = 1;
/** Milliseconds for which a file that was just changed may change again without its times telling: FAT counts in 2 s. */
const UNSURE = 3000;
/** So few new files and bytes are read as fast as what is remembered of them is written. */
const FEW = 64;
const LITTLE = 1 << 20;

/** What the system says of a file: it is another one, or has changed, when any of these is another number. */
export interface FileState {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** Milliseconds since 1970, with their fractions. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** What a record holds; the parts of one file have the same place everywhere. */
interface Known {
  readonly version: number;
  readonly keys: readonly string[];
  /** {@link WIDTH} numbers of each, as the bytes of a Float64Array in base64. */
  readonly states: string;
  /** Digests without their algorithm, one behind the other. */
  readonly digests: string;
  /** What programs and libraries say of themselves, by place. */
  readonly elf: readonly (readonly [number, ElfInfo])[];
}

const WIDTH = 5;
const HEX = 64;

/**
 * Remembers what was read of the files of a folder, all in one record, as long as the system says that they are the same: by
 * device, inode, size, and the times of the last change of content and of inode, of which nobody can set the second
 * (stat(2), st_ctim).
 */
export class FileMemory {
  readonly #store: Pick<Store, 'readRecord' | 'writeRecord'>;
  readonly #record: string;
  readonly #sureBefore: number;
  readonly #kept = { keys: [] as string[], states: [] as number[], digests: [] as string[] };
  readonly #elf: (readonly [number, ElfInfo])[] = [];
  readonly #new = { files: 0, bytes: 0 };
  readonly #known: {
    places: Map<string, number>;
    states: Float64Array;
    digests: string;
    elf: Map<number, ElfInfo>;
  };

  /**
   * @param folder absolute path
   * @param now milliseconds since 1970, before the system was asked about the first file
   */
  constructor(store: Pick<Store, 'readRecord' | 'writeRecord'>, folder: string, now: number) {
    this.#store = store;
    this.#record = hexOf(digestOf(folder));
    this.#sureBefore = now - UNSURE;
    const record = store.readRecord(RECORD, this.#record) as Known | undefined;
    const { keys, states, digests, elf } = record?.version === VERSION ? record : NOTHING;
    const places = new Map<string, number>();
    for (let at = 0; at < keys.length; at++) places.set(keys[at] ?? '', at);
    this.#known = { places, states: numbersOf(states), digests, elf: new Map(elf) };
  }

  /** Whether anything is remembered. */
  get isKnown(): boolean {
    return this.#known.places.size > 0;
  }

  /** What is known of a file, and is remembered further. @param key what it is called in the folder */
  recall(key: string, state: FileState): ReadFile | undefined {
    const { places, states, digests, elf } = this.#known;
    const at = places.get(key);
    if (at === undefined || !isState(states, at * WIDTH, state)) return undefined;
    const digest = digestFromHex(digests.slice(at * HEX, (at + 1) * HEX));
    const info = elf.get(at);
    const found = info ? { digest, elf: info } : { digest };
    this.#keep(key, state, found);
    return found;
  }

  /** Remembers what was read of a file, unless that may have changed since without its times telling. */
  note(key: string, state: FileState, read: ReadFile): void {
    if (state.ctimeMs >= this.#sureBefore) return;
    this.#new.files++;
    this.#new.bytes += state.size;
    this.#keep(key, state, read);
  }

  /** Brings what is remembered to the store, if there is enough that is new. What was not asked for is forgotten. */
  async save(): Promise<void> {
    const { files, bytes } = this.#new;
    if (files < FEW && bytes < LITTLE) return;
    Object.assign(this.#new, { files: 0, bytes: 0 });
    const { keys, states, digests } = this.#kept;
    await this.#store.writeRecord(RECORD, this.#record, {
      version: VERSION,
      keys,
      states: Buffer.from(Float64Array.from(states).buffer).toString('base64'),
      digests: digests.join(''),
      elf: this.#elf,
    } satisfies Known);
  }

  #keep(key: string, { dev, ino, size, mtimeMs, ctimeMs }: FileState, { digest, elf }: ReadFile): void {
    const { keys, states, digests } = this.#kept;
    if (elf) this.#elf.push([keys.length, elf]);
    keys.push(key);
    states.push(dev, ino, size, mtimeMs, ctimeMs);
    digests.push(hexOf(digest));
  }
}

const NOTHING = { keys: [], states: '', digests: '', elf: [] } as const;

function numbersOf(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 8));
}

function isState(states: Float64Array, at: number, { dev, ino, size, mtimeMs, ctimeMs }: FileState): boolean {
  return (
    states[at] === dev &&
    states[at + 1] === ino &&
    states[at + 2] === size &&
    states[at + 3] === mtimeMs &&
    states[at + 4] === ctimeMs
  );
}

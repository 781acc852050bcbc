import type { ReadFile } from '../digest-memory.ts';
import { type FileToRead, readFacts } from '../disk-facts.ts';
import type { DiskSource } from '../disk-member.ts';
import { Turn } from '../turn.ts';
import type { FileMemory } from './file-memory.ts';
import { isMuch } from './read-many.ts';
import type { WalkedFile } from './walk.ts';

export interface FactsTools {
  readonly memory: FileMemory;
  readonly signal: AbortSignal | undefined;
  /** Reads very many files, with the help of others; results are in the order of the files. */
  readonly readMany: (files: readonly FileToRead[]) => Promise<readonly ReadFile[]>;
}

/** Digests of the files of a project, each read once at most, and not at all while it is remembered. */
export class FileFacts {
  readonly #tools: FactsTools;
  readonly #turn: Turn;
  readonly #found = new Map<WalkedFile, ReadFile>();

  constructor(tools: FactsTools) {
    this.#tools = tools;
    this.#turn = new Turn(tools.signal);
  }

  /** What is known of a file without its being read. */
  known(file: WalkedFile): ReadFile | undefined {
    const found = this.#found.get(file);
    if (found || !file.state) return found;
    const recalled = this.#tools.memory.recall(file.path, file.state);
    if (recalled) this.#found.set(file, recalled);
    return recalled;
  }

  /** @throws PithError as readSource */
  async read(file: WalkedFile, source: DiskSource): Promise<ReadFile> {
    return this.known(file) ?? this.#note(file, await readFacts(source, file.size, this.#turn));
  }

  /** Reads those of many files that are not known. @throws PithError as readSource */
  async readAll(files: readonly WalkedFile[], sourceOf: (file: WalkedFile) => DiskSource): Promise<void> {
    const unknown = files.filter((file) => file.type === 'file' && !this.known(file));
    const wanted = unknown.map((file) => ({ source: sourceOf(file), size: file.size }));
    if (!isMuch(wanted)) {
      for (const file of unknown) this.#note(file, await readFacts(sourceOf(file), file.size, this.#turn));
      return;
    }
    const facts = await this.#tools.readMany(wanted);
    for (const [index, file] of unknown.entries()) {
      const one = facts[index];
      if (one) this.#note(file, one);
    }
  }

  /** Of a member of an archive. @throws PithError as readSource */
  async readMember(archive: WalkedFile, name: string, source: DiskSource, size: number): Promise<ReadFile> {
    const { memory } = this.#tools;
    const key = `${archive.path}\0${name}`;
    const known = archive.state && memory.recall(key, archive.state);
    if (known) return known;
    const found = await readFacts(source, size, this.#turn);
    if (archive.state) memory.note(key, archive.state, found);
    return found;
  }

  /** Brings what was read to the store. */
  remember(): Promise<void> {
    return this.#tools.memory.save();
  }

  #note(file: WalkedFile, found: ReadFile): ReadFile {
    this.#found.set(file, found);
    if (file.state) this.#tools.memory.note(file.path, file.state, found);
    return found;
  }
}

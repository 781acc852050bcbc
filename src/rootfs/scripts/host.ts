import type { ImageFile } from '../files.ts';
import type { Alternatives } from '../derived/alternatives.ts';
import type { AccountBook } from './account-book.ts';
import type { ScriptTree } from './script-tree.ts';
import { isSoundPath } from './sound-path.ts';
import type { Status, Value } from './value.ts';

/** What scripts of all packages work on. */
export interface Surroundings {
  readonly tree: ScriptTree;
  readonly accounts: AccountBook;
  readonly alternatives: Alternatives;
  /** Debian's name of the architecture. */
  readonly architecture: string;
  /** Names of the packages of the image. */
  readonly packages: ReadonlySet<string>;
}

/** The package whose script is read. */
export interface ScriptOwner {
  readonly name: string;
  /** Newest time of its files, in seconds since 1970; what its scripts make has this time. */
  readonly newest: number;
  /** Whether the contents rules leave a path in the image. */
  readonly isKept: (path: string) => boolean;
  /** The same for links of alternatives, which come with their files where only some paths are taken. */
  readonly keepsLink: (path: string) => boolean;
}

/** A call of a program with its words, all of them known. */
export interface Call {
  /** Without folder. */
  readonly name: string;
  readonly args: readonly string[];
  /** Reads what is left of its standard input; undefined if that is not known. */
  readonly readInput: () => string | undefined;
  /** The current folder; undefined if it is not known. */
  readonly folder: string | undefined;
  readonly umask: number;
}

export interface Result {
  readonly status: Status;
  /** What it prints; nothing where it is left out. */
  readonly output?: Value;
  /** Why its effect is not reproduced, if it is not; may be empty. */
  readonly undone?: string;
}

/** A program as far as its effect on files and accounts goes. */
export type Tool = (call: Call, host: Host) => Result;

export const DONE: Result = { status: 0 };
export const FAILED: Result = { status: 1 };

/** Why what a call makes is not in the image. */
export const LEFT_OUT = 'the contents rules leave it out';

/** A call whose effect is not reproduced. */
export function undone(why = ''): Result {
  return { status: undefined, undone: why };
}

/** Carries out what programs change, if it is certain that they are called. */
export class Host implements Surroundings {
  readonly tree: ScriptTree;
  readonly accounts: AccountBook;
  readonly alternatives: Alternatives;
  readonly architecture: string;
  readonly packages: ReadonlySet<string>;
  readonly owner: ScriptOwner;
  /** Where files come from, for `pith show`. */
  readonly origin: string;
  /** Triggers that scripts activated. */
  readonly triggers: Set<string>;
  readonly #leftOut: Set<string>;
  /** Whether it is certain that the script comes to where it is. */
  isCertain = true;
  /** Whether the last call would change something. */
  hasChanged = false;
  /** Whether the last call made something that the contents rules leave out. */
  hasLeftOut = false;

  /** @param leftOut collects the paths that scripts make and contents rules leave out */
  constructor(
    { tree, accounts, alternatives, architecture, packages }: Surroundings,
    owner: ScriptOwner,
    script: string,
    triggers: Set<string>,
    leftOut: Set<string>,
  ) {
    this.tree = tree;
    this.accounts = accounts;
    this.alternatives = alternatives;
    this.architecture = architecture;
    this.packages = packages;
    this.owner = owner;
    this.origin = `${script} of ${owner.name}`;
    this.triggers = triggers;
    this.#leftOut = leftOut;
  }

  /** Runs a tool after what the last one left behind is forgotten. */
  run(tool: Tool, call: Call): Result {
    this.forget();
    return tool(call, this);
  }

  /** Forgets what the last call changed and made in vain. */
  forget(): void {
    this.hasChanged = false;
    this.hasLeftOut = false;
  }

  /** Whether the contents rules leave out what a call would make: the last path that it names. */
  isLeftOut(args: readonly string[]): boolean {
    const path = args.findLast((arg) => arg.startsWith('/') && isSoundPath(arg));
    return path !== undefined && !this.owner.isKept(this.tree.place(path) ?? path.replace(/^\/+/, ''));
  }

  /** Makes a change, or remembers that there would be one. */
  change(make: () => void): void {
    this.hasChanged = true;
    if (this.isCertain) make();
  }

  /** Makes or changes a file; where that is not certain, its path becomes doubtful. */
  put(file: ImageFile): void {
    const isKept = this.owner.isKept(file.path);
    this.hasChanged = true;
    this.hasLeftOut ||= !isKept;
    if (!this.isCertain) {
      this.tree.doubt(`/${file.path}`);
      return;
    }
    if (isKept) this.#leftOut.delete(file.path);
    else this.#leftOut.add(file.path);
    this.tree.put(file);
  }

  /** Takes a file, a link or an empty folder away, given by its path without links. */
  remove(at: string): void {
    this.hasChanged = true;
    if (this.isCertain) this.tree.remove(at, this.owner.name);
    else this.tree.doubt(`/${at}`);
  }
}

/** The absolute path that a word of a call means; undefined if that is not known. */
export function pathOf(word: string, { folder }: Pick<Call, 'folder'>): string | undefined {
  if (!isSoundPath(word)) return undefined;
  if (word.startsWith('/')) return word;
  return folder === undefined ? undefined : `${folder.replace(/\/+$/, '')}/${word}`;
}

import {
  type Account,
  type ElfFile,
  type Fact,
  type FileEntry,
  type FileOwners,
  type GroupsFact,
  type ImageView,
  type InstalledPackage,
  joinPackages,
  ownersOf,
  resolveElf,
} from '../inspect/index.ts';
import { formatPlatform, platformOfConfig, type RunConfig } from '../oci/index.ts';
import { DEFAULT_PATH, findProgram, type FoundProgram } from './find-program.ts';
import { mayExecute, type RunUser, runUserOf } from './run-user.ts';
import { showText } from './show.ts';

/** What is not in the image itself. */
export interface CheckContext {
  /** Seconds since 1970. */
  readonly now: number;
  /**
   * Types of what the location has about the image: artifact types of its referrers, predicate types of its attestations.
   * Undefined where the location cannot tell.
   */
  readonly attached?: readonly string[];
}

/** Programs that run nothing of their own: what they are given as an argument is the application. */
const RUNTIME =
  /^(?:node(?:js)?|java|python[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|dotnet|deno|bun|lua[\d.]*|Rscript)$/;
const SHELL = /^(?:sh|bash|dash|ash|zsh|ksh|fish|busybox)$/;

/** An image that is checked, with what several rules want to know of it. */
export class Subject {
  readonly view: ImageView;
  readonly context: CheckContext;
  readonly #programs = new Map<string, FoundProgram>();
  #user: RunUser | undefined;
  #packages: readonly InstalledPackage[] | undefined;
  #owners: FileOwners | undefined;
  #elfFiles: ReadonlyMap<number, ElfFile> | undefined;

  constructor(view: ImageView, context: CheckContext) {
    this.view = view;
    this.context = context;
  }

  get run(): RunConfig {
    return this.view.image.config.config ?? {};
  }

  /** `linux/amd64` */
  get platform(): string {
    return showText(formatPlatform(platformOfConfig(this.view.image.config)));
  }

  /** What is started. */
  get command(): readonly string[] {
    return [...(this.run.Entrypoint ?? []), ...(this.run.Cmd ?? [])];
  }

  /** The field that names the program that is started. */
  get commandField(): string {
    return (this.run.Entrypoint ?? []).length > 0 ? 'config.Entrypoint' : 'config.Cmd';
  }

  /** As whom it is started. */
  get user(): RunUser {
    return (this.#user ??= runUserOf(this.run.User ?? '', this.accounts, this.groups));
  }

  get accounts(): readonly Account[] {
    return this.factAt('etc/passwd', 'accounts')?.accounts ?? [];
  }

  get groups(): GroupsFact['groups'] {
    return this.factAt('etc/group', 'groups')?.groups ?? [];
  }

  /** What is installed, as databases and manifests in the image tell. */
  get packages(): readonly InstalledPackage[] {
    return (this.#packages ??= joinPackages(
      (['packages', 'owned-files', 'licences', 'os-release'] as const).flatMap((kind) =>
        this.view.found(kind).map(({ path, layer, fact }) => ({ path, layer, facts: [fact] })),
      ),
    ));
  }

  /** Whose files are. */
  get owners(): FileOwners {
    return (this.#owners ??= ownersOf(this.packages));
  }

  /** Programs and libraries with what the loader finds for them, by their numbers in the tree. */
  get elfFiles(): ReadonlyMap<number, ElfFile> {
    return (this.#elfFiles ??= new Map(resolveElf(this.view).map((file) => [file.id, file])));
  }

  /** The variables of the configuration; of one that is set twice the last. */
  get env(): ReadonlyMap<string, string> {
    return new Map(
      (this.run.Env ?? []).map((line) => {
        const at = line.indexOf('=');
        return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
      }),
    );
  }

  /**
   * Whether the image is there to be built on or to be looked around in: it starts nothing, or a runtime or shell that is
   * not told what to run (`java -jar`, `python3`, `bash`).
   */
  get isBase(): boolean {
    const [program, ...rest] = this.command;
    if (program === undefined) return true;
    const name = baseOf(program);
    const found = this.program(program);
    const real = 'absent' in found ? '' : baseOf(found.path);
    return (
      (SHELL.test(name) || RUNTIME.test(name) || RUNTIME.test(real)) &&
      rest.every((word) => word.startsWith('-'))
    );
  }

  /** Where the first word of a command leads. */
  program(name: string): FoundProgram {
    const known = this.#programs.get(name);
    if (known) return known;
    const found = findProgram(this.view.tree, name, {
      path: this.env.get('PATH') ?? DEFAULT_PATH,
      folder: this.run.WorkingDir ?? '/',
      mayRun: (id) => this.mayRun(id),
    });
    this.#programs.set(name, found);
    return found;
  }

  /** Whether the user of the image may execute a file. */
  mayRun(id: number): boolean {
    return mayExecute(this.user, this.fileOf(id));
  }

  /** The first folder above a file that the user of the image may not enter. */
  closedFolder(id: number): string | undefined {
    const { tree } = this.view;
    for (let at = id; at !== tree.root;) {
      at = tree.parent(at);
      if (!mayExecute(this.user, tree.file(at))) return tree.path(at);
    }
    return undefined;
  }

  /** What is said of a file; of a hard link, of the file that it repeats. */
  fileOf(id: number): FileEntry {
    const { tree } = this.view;
    return tree.file(tree.contentOf(id) ?? id);
  }

  /** What was found in the file that a path leads to. */
  factAt<Kind extends Fact['kind']>(path: string, kind: Kind): Extract<Fact, { kind: Kind }> | undefined {
    const file = this.view.file(path);
    return file && this.factOf(file.id, kind);
  }

  /** What was found in a file. */
  factOf<Kind extends Fact['kind']>(id: number, kind: Kind): Extract<Fact, { kind: Kind }> | undefined {
    return this.view.tree.facts(id).find((fact): fact is Extract<Fact, { kind: Kind }> => fact.kind === kind);
  }
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

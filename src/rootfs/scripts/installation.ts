import { type ContentsRules, contentsFilter } from '../contents.ts';
import { Alternatives } from '../derived/alternatives.ts';
import { addSysusers, type SysusersFile } from '../derived/sysusers.ts';
import { MACHINE, readTmpfiles, type TmpfilesFile } from '../derived/tmpfiles-line.ts';
import { applyTmpfilesLine } from '../derived/tmpfiles.ts';
import type { ImageFile } from '../files.ts';
import { baseOf } from '../tree-lookup.ts';
import { AccountBook } from './account-book.ts';
import { Budget, OutOfBudget } from './budget.ts';
import { Effects, type ScriptEffect } from './effect.ts';
import { isFailure } from './flow.ts';
import { Host, LEFT_OUT, type ScriptOwner } from './host.ts';
import { Interpreter } from './interpreter.ts';
import { knowTrigger } from './known-commands.ts';
import { ScriptTree, type SeenFile } from './script-tree.ts';
import type { ParseShell } from './parse-shell.ts';
import { readShellScript } from './shell-parser.ts';
import { EMPTY, known } from './value.ts';

/** A package that is in an image, with what of it its installation would use. */
export interface InstalledPackage {
  readonly name: string;
  /** Debian's name of its architecture, or `all`. */
  readonly architecture: string;
  /** Maintainer scripts and the list of triggers, by their names in the package. */
  readonly scripts: ReadonlyMap<string, Uint8Array>;
  /** Contents of its configuration of systemd and of the files that this copies, by path in the image. */
  readonly captured: ReadonlyMap<string, Uint8Array>;
  /** Newest time of its files, in seconds since 1970. */
  readonly newest: number;
  readonly contents: ContentsRules;
  /** Its files in the image. */
  readonly files: readonly { readonly path: string }[];
}

const SYSUSERS = /^usr\/lib\/sysusers\.d\/[^/]+\.conf$/;
const TMPFILES = /^usr\/lib\/tmpfiles\.d\/[^/]+\.conf$/;

/** Where accounts are; these files are made of the account book. */
const ACCOUNT_FILES = ['passwd', 'group', 'shadow', 'gshadow'].flatMap((name) => [
  `etc/${name}`,
  `etc/${name}-`,
]);

/** Packages whose scripts want to be called when a trigger is activated (deb-triggers(5)). */
interface Listener {
  readonly installed: InstalledPackage;
  readonly triggers: readonly string[];
}

/**
 * What installing packages leaves in an image besides their files: alternatives, accounts, and the files that scripts and
 * tmpfiles.d make. Packages are added level by level; what was made for the levels below stays. No script is run.
 */
export class Installation {
  readonly accounts = new AccountBook();
  readonly #alternatives = new Alternatives();
  readonly #effects = new Effects();
  readonly #architecture: string;
  readonly #parse: ParseShell;
  readonly #packages = new Set<string>();
  readonly #listeners: Listener[] = [];
  /** Paths of lines of tmpfiles.d: of two lines for one path the first counts. */
  readonly #tmpfiles = new Set<string>();

  /** @param architecture Debian's name */
  constructor(architecture: string, parse: ParseShell) {
    this.#architecture = architecture;
    this.#parse = parse;
  }

  /** What scripts would do and what is not done. */
  get effects(): readonly ScriptEffect[] {
    return this.#effects.rows;
  }

  /**
   * Adds the packages of a level, in their order.
   * @param entries the files of the image with these packages
   * @returns the files that their installation makes
   */
  install(
    packages: readonly InstalledPackage[],
    entries: Iterable<readonly [string, { readonly file: SeenFile }]>,
  ): ImageFile[] {
    const tree = new ScriptTree(entries);
    const run: LevelRun = { tree, leftOut: new Set(), triggers: new Set() };
    for (const { name } of packages) this.#packages.add(name);
    this.#addAccounts(packages, tree);
    for (const one of packages) this.#runScript(one, 'preinst', ['install'], run);
    for (const one of packages) {
      this.#runScript(one, 'config', ['configure', ''], run);
      this.#runScript(one, 'postinst', ['configure', ''], run);
    }
    this.#answerTriggers(packages, run);
    this.#makeTmpfiles(packages, run);
    for (const [path, by] of tree.removals()) {
      const why = 'what lies in layers below stays';
      this.#effects.add({ package: by, script: 'postinst', command: `rm /${path}`, isNeedless: false, why });
    }
    return tree.changes().filter(({ path }) => !run.leftOut.has(path) && !ACCOUNT_FILES.includes(path));
  }

  #addAccounts(packages: readonly InstalledPackage[], tree: ScriptTree): void {
    const skipped = addSysusers(filesOf(packages, SYSUSERS), this.accounts, (path) => tree.file(path));
    for (const { origin, line, why } of skipped)
      this.#effects.add({ package: origin, script: 'sysusers.d', command: line, isNeedless: false, why });
  }

  #runScript(installed: InstalledPackage, script: string, args: readonly string[], run: LevelRun): void {
    const bytes = installed.scripts.get(script);
    if (!bytes) return;
    const report = (command: string, isNeedless: boolean, why: string): void => {
      this.#effects.add({ package: installed.name, script, command, isNeedless, why });
    };
    const read = readShellScript(bytes, this.#parse);
    if (typeof read === 'string') {
      report(script, false, `cannot be read: ${read}`);
      return;
    }
    const interpreter = new Interpreter({
      host: this.#hostOf(installed, script, run),
      budget: new Budget(),
      parse: this.#parse,
      isBash: read.isBash,
      scriptPath: `/var/lib/dpkg/info/${installed.name}.${script}`,
    });
    this.#setUp(interpreter, installed, script, args);
    try {
      const outcome = interpreter.run(read.script, read.source);
      for (const { command, isNeedless, why } of interpreter.reports) report(command, isNeedless, why);
      if (isFailure(outcome)) report(`exit ${outcome.status ?? ''}`, false, 'it would end with an error');
    } catch (error) {
      // RangeError: a script nested so deep that the stack is used up.
      if (!(error instanceof OutOfBudget || error instanceof RangeError)) throw error;
      for (const { command, isNeedless, why } of interpreter.reports) report(command, isNeedless, why);
      report(script, false, `cannot be read to its end: ${error.message}`);
    }
  }

  /** The parameters and variables that dpkg gives a script (dpkg(1), ENVIRONMENT). */
  #setUp(
    { state }: Interpreter,
    { name, architecture }: InstalledPackage,
    script: string,
    args: readonly string[],
  ): void {
    state.positional = args.map(known);
    const variables = {
      DEBIAN_FRONTEND: 'noninteractive',
      DPKG_ADMINDIR: '/var/lib/dpkg',
      DPKG_MAINTSCRIPT_ARCH: architecture,
      DPKG_MAINTSCRIPT_NAME: script,
      DPKG_MAINTSCRIPT_PACKAGE: name,
      DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT: '1',
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    };
    for (const [variable, value] of Object.entries(variables)) state.set(variable, known(value));
    state.set('DPKG_ROOT', EMPTY);
  }

  #hostOf(installed: InstalledPackage, script: string, { tree, leftOut, triggers }: LevelRun): Host {
    const { name, newest, contents } = installed;
    const { drop, keep } = contents;
    // `only` drops everything by one pattern.
    const keepsLink = contentsFilter({ drop: drop.filter((pattern) => pattern !== '**'), keep });
    const owner: ScriptOwner = { name, newest, isKept: contentsFilter(contents), keepsLink };
    const surroundings = {
      tree,
      accounts: this.accounts,
      alternatives: this.#alternatives,
      architecture: this.#architecture,
      packages: this.#packages,
    };
    return new Host(surroundings, owner, script, triggers, leftOut);
  }

  /** Calls the scripts that listen to what was activated, as dpkg does once all packages are configured. */
  #answerTriggers(packages: readonly InstalledPackage[], run: LevelRun): void {
    const earlier = this.#listeners.length;
    for (const installed of packages) {
      const lines = configurationOf(installed);
      const listened = lines
        .filter(([directive]) => directive.startsWith('interest'))
        .map(([, trigger]) => trigger);
      if (listened.length > 0) this.#listeners.push({ installed, triggers: listened });
      for (const [, trigger] of lines.filter(([directive]) => directive.startsWith('activate')))
        run.triggers.add(trigger);
    }
    const isTouched = (trigger: string): boolean =>
      packages.some(({ files }) => files.some(({ path }) => `/${path}`.startsWith(`${trigger}/`)));
    for (const [index, { installed, triggers }] of this.#listeners.entries()) {
      const active = triggers.filter(
        (trigger) =>
          run.triggers.has(trigger) || (index < earlier && trigger.startsWith('/') && isTouched(trigger)),
      );
      if (active.length > 0) this.#runScript(installed, 'postinst', ['triggered', active.join(' ')], run);
    }
    for (const installed of packages) {
      for (const [directive, trigger] of configurationOf(installed)) {
        if (!directive.startsWith('activate')) continue;
        const isHeard = this.#listeners.some(({ triggers }) => triggers.includes(trigger));
        const why = knowTrigger(trigger) ?? (isHeard ? undefined : 'no package of the image answers it');
        if (why !== undefined)
          this.#effects.add({
            package: installed.name,
            script: 'triggers',
            command: `activate ${trigger}`,
            isNeedless: true,
            why,
          });
      }
    }
  }

  #makeTmpfiles(packages: readonly InstalledPackage[], run: LevelRun): void {
    const { lines, unread } = readTmpfiles(filesOf(packages, TMPFILES));
    const hosts = new Map(packages.map((one) => [one.name, this.#hostOf(one, 'tmpfiles.d', run)]));
    const contents = new Map(packages.flatMap(({ captured }) => [...captured]));
    const report = (origin: string, command: string, isNeedless: boolean, why: string): void => {
      this.#effects.add({ package: origin, script: 'tmpfiles.d', command, isNeedless, why });
    };
    for (const { origin, line, why } of unread) report(origin, line, why === MACHINE, why);
    for (const line of lines) {
      const host = hosts.get(line.origin);
      const makes = 'dDvqQefFLC'.includes(line.type);
      if (host === undefined || (makes && this.#tmpfiles.has(line.path))) continue;
      if (makes) this.#tmpfiles.add(line.path);
      host.forget();
      const result = applyTmpfilesLine(line, host, contents);
      if (result) report(line.origin, line.line, result.isNeedless, result.why);
      else if (host.hasLeftOut) report(line.origin, line.line, true, LEFT_OUT);
    }
  }
}

interface LevelRun {
  readonly tree: ScriptTree;
  readonly leftOut: Set<string>;
  readonly triggers: Set<string>;
}

function filesOf(packages: readonly InstalledPackage[], pattern: RegExp): (SysusersFile & TmpfilesFile)[] {
  return packages.flatMap(({ name: origin, captured }) =>
    [...captured]
      .filter(([path]) => pattern.test(path))
      .map(([path, content]) => ({ name: baseOf(path), content, origin })),
  );
}

/** The directives of a package's triggers file, with their triggers (deb-triggers(5)). */
function configurationOf({ scripts }: InstalledPackage): [directive: string, trigger: string][] {
  const text = Buffer.from(scripts.get('triggers') ?? new Uint8Array(0)).toString('utf8');
  return text
    .split('\n', 1000)
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .flatMap(([directive = '', trigger = '']) =>
      trigger === '' ? [] : [[directive, trigger] as [string, string]],
    );
}
